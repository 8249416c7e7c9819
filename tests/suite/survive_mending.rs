//! Programs that are stopped while they give a header room, or start a file.

use crate::{
    process::{Numbered, command, strace},
    recover::names,
    room_to_grow::inserting_folder,
    survive::{FTRUNCATE, disturbed},
};
use std::fs;

/// Returns the bytes of a file of numbers whose header has no room to grow.
fn narrow(rows: u64) -> Vec<u8> {
    let data: Vec<u8> = (0..rows).flat_map(u64::to_le_bytes).collect();
    let text = format!("{{'descr': '<u8', 'fortran_order': False, 'shape': ({rows},), }}");
    crate::format::file(1, &text, 16, &data)
}

/// Killed before each of its system calls, by name and number.
#[test]
fn make_appendable_killed_at_any_step_leaves_what_can_be_completed() {
    if !cfg!(target_os = "linux") || !strace() {
        return;
    }
    let calls = [
        "openat",
        "write",
        "pwrite64",
        "fsync",
        "fallocate",
        "copy_file_range",
        FTRUNCATE,
        "fchmod",
        "fchown",
        "/^rename",
    ];
    let dir = inserting_folder().unwrap_or_else(|| tempfile::tempdir().unwrap());
    let path = dir.path().join("narrow.npy");
    let mut killed = 0;
    for rows in [1_000, 200_000] {
        let (bytes, numbers) = (narrow(rows), Vec::from_iter(0..rows));
        for call in calls {
            for nth in 1.. {
                fs::write(&path, &bytes).unwrap();
                let kill = format!("signal=SIGKILL:when={nth}");
                let child = command("make_appendable", &path, "");
                let (is_done, _) = disturbed(&child, &[(call, &kill)]);
                let after = fs::read(&path).unwrap();
                if npyrec::read::<u64>(&path).is_err() {
                    assert!(!npyrec::check(&path).unwrap().is_sound());
                    npyrec::recover(&path, npyrec::Recovery::Adopt).unwrap();
                }
                assert_eq!(npyrec::read::<u64>(&path).unwrap(), numbers, "{call} {nth}");
                npyrec::make_appendable(&path).unwrap();
                assert_eq!(npyrec::read::<u64>(&path).unwrap(), numbers, "{call} {nth}");
                if is_done {
                    assert!(after != bytes);
                    break;
                }
                killed += 1;
                assert!(nth < 100, "{call}");
            }
        }
    }
    assert!(killed > 20, "{killed}");
}

/// A failure at any step leaves the file as it was.
#[test]
fn make_appendable_that_finds_no_space_leaves_the_file_readable() {
    if !cfg!(target_os = "linux") || !strace() {
        return;
    }
    let calls = [
        "write",
        "pwrite64",
        "copy_file_range",
        FTRUNCATE,
        "fsync",
        "fallocate",
        "fchmod",
        "/^rename",
    ];
    let inserting = inserting_folder();
    let can_insert = inserting.is_some();
    let dir = inserting.unwrap_or_else(|| tempfile::tempdir().unwrap());
    let folder = fs::canonicalize(dir.path()).unwrap();
    let path = folder.join("narrow.npy");
    for rows in [1_000, 200_000] {
        let bytes = narrow(rows);
        let is_moved = can_insert && rows > 1_000;
        for call in calls {
            let mut failed = 0;
            for nth in 1.. {
                fs::write(&path, &bytes).unwrap();
                let fail = format!("error=ENOSPC:when={nth}");
                let child = command("make_appendable", &path, "");
                let (is_done, injected) = disturbed(&child, &[(call, &fail)]);
                let after = fs::read(&path).unwrap();
                assert!(is_done || after == bytes || call == "fsync", "{call} {nth}");
                assert!(npyrec::check(&path).unwrap().is_sound());
                assert_eq!(npyrec::read::<u64>(&path).unwrap(), Vec::from_iter(0..rows));
                assert_eq!(names(&folder), ["narrow.npy"]);
                if injected.is_empty() {
                    break;
                }
                assert!(nth < 100, "{call}");
                // Others are of the program that runs the tests.
                let folder = &*folder.to_string_lossy();
                failed += injected.iter().filter(|call| call.contains(folder)).count();
            }
            // Which calls there are, where a block is inserted and where the file is written anew.
            let is_called = match call {
                "fsync" => true,
                "fallocate" => rows > 1_000,
                "pwrite64" => is_moved,
                _ => !is_moved,
            };
            assert_eq!(failed > 0, is_called, "{rows} rows, {call}");
        }
    }
}

/// A file system that cannot give a new file its name later, as some that run in user space: the file is
/// written in its place.
#[test]
fn a_file_that_is_started_in_its_place_is_not_left_there_empty() {
    if !cfg!(target_os = "linux") || !strace() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("started.npy");
    let refused = ("linkat", "error=EPERM");
    for durability in ["cached", "synced"] {
        let child = command("commit", &path, &format!("{durability} 2"));
        let full = ("pwrite64", "error=ENOSPC:when=1");
        let (is_done, injected) = disturbed(&child, &[refused, full]);
        assert!(!is_done && injected.len() == 2, "{injected:?}");
        assert!(names(dir.path()).is_empty());
        let (is_done, injected) = disturbed(&child, &[refused]);
        assert!(is_done && injected.len() == 1, "{injected:?}");
        assert_eq!(npyrec::read::<Numbered>(&path).unwrap().len(), 2);
        fs::remove_file(&path).unwrap();
    }
    let child = command("commit", &path, "synced 2");
    let (is_done, injected) = disturbed(&child, &[refused, ("fsync", "error=EIO:when=2")]);
    assert!(!is_done && injected.len() == 2, "{injected:?}");
    assert!(names(dir.path()).is_empty());
}
