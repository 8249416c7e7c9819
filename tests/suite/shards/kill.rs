//! A program that rotates often, killed at any moment, and at each of its system calls.

use std::{fs, path::Path, process::Stdio};

use npyrec::{AppendOptions, Durability, Shards};

use super::{assert_listed, listed};
use crate::{
    process::{Numbered, Running, command, inside, is_full, say, strace},
    survive::FTRUNCATE,
};

/// The rows of a shard.
const PER_SHARD: u64 = 7;

fn options(seed: u64) -> AppendOptions {
    let durability = match seed % 4 {
        3 => Durability::Synced,
        _ => Durability::Cached,
    };
    AppendOptions::new()
        .rows_per_shard(PER_SHARD)
        .durability(durability)
        .buffer_capacity([0, 100, 1 << 16][seed as usize % 3])
        .mapped(seed.is_multiple_of(5))
}

/// Continues a directory for ever, and says the number of committed rows.
pub fn log(dir: &Path, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut log = options(seed).open_dir::<Numbered>(dir).unwrap();
    say(log.committed_rows());
    loop {
        let rows = random.u64(..20);
        let new = (log.rows()..log.rows() + rows).map(Numbered::new);
        match random.bool() {
            true => log.append_slice(&Vec::from_iter(new)).unwrap(),
            false => log.extend(new).unwrap(),
        }
        match random.u64(..4) {
            0 => log.commit().unwrap(),
            1 => log.rotate().unwrap(),
            _ => {}
        }
        say(log.committed_rows());
    }
}

/// Appends rows, rotates twice, closes, opens again and closes. Says the number of committed rows.
pub fn seal(dir: &Path, more: &str) {
    let durability = match more {
        "synced" => Durability::Synced,
        _ => Durability::Cached,
    };
    let options = AppendOptions::new()
        .rows_per_shard(3)
        .durability(durability)
        .mapped(more == "mapped");
    for rows in [0..8, 8..10] {
        let mut log = options.open_dir::<Numbered>(dir).unwrap();
        for row in rows.start.max(log.rows())..rows.end {
            log.append(&Numbered::new(row)).unwrap();
            log.commit().unwrap();
            say(log.committed_rows());
        }
        log.close().unwrap();
    }
}

/// Opens what was left, checks it, and appends a row. Returns the number of rows.
fn check(dir: &Path, committed: u64, options: AppendOptions) -> u64 {
    let is_numbered = |rows: &[Numbered]| {
        let numbers = (0..rows.len() as u64).map(Numbered::new);
        rows.iter().copied().eq(numbers)
    };
    if !dir.join("0.npy").exists() {
        assert_eq!(committed, 0);
        return 0;
    }
    // Before it is opened for appending, what is listed is there.
    match dir.join("info").exists() {
        true => drop(listed(dir)),
        false => assert_eq!(committed, 0, "the first list follows the first shard"),
    }
    let rows = npyrec::read::<Numbered>(dir).unwrap();
    assert!(
        rows.len() as u64 >= committed,
        "{} of {committed}",
        rows.len()
    );
    assert!(is_numbered(&rows));
    let mut log = options.open_dir::<Numbered>(dir).unwrap();
    assert!(log.rows() >= committed);
    if let Some(listed) = listed(dir) {
        assert_eq!(listed.len() as u64, log.shards() - 1);
    }
    log.append(&Numbered::new(log.rows())).unwrap();
    log.close().unwrap();
    let shards = Shards::<Numbered>::open(dir).unwrap();
    let rows = shards.read_range(0..shards.len()).unwrap();
    assert!(is_numbered(&rows));
    let counts: Vec<u64> = shards
        .shards()
        .map(|shard| shard.rows().end - shard.rows().start)
        .collect();
    assert_listed(dir, &counts);
    rows.len() as u64
}

#[test]
fn a_program_that_is_killed_while_it_rotates_loses_no_committed_row() {
    let kills = if is_full() { 500 } else { 30 };
    let dir = tempfile::tempdir().unwrap();
    let mut random = fastrand::Rng::with_seed(16);
    let mut log = dir.path().join("0");
    for kill in 0..kills {
        if kill % 10 == 0 {
            log = dir.path().join(kill.to_string());
        }
        let child = Running::start(&mut command("log shards", &log, &kill.to_string()));
        let (committed, status) = child.kill_after_some(&mut random);
        assert!(!status.success());
        check(&log, committed, options(kill));
    }
}

/// Runs [`seal`] while `strace` disturbs one of its system calls. Returns the number of committed rows that it said,
/// and whether it came to its end.
fn seal_disturbed(log: &Path, way: &str, call: &str, what: &str) -> (u64, bool) {
    let (trace, inject) = (format!("trace={call}"), format!("inject={call}:{what}"));
    let options = ["-f", "-o", "/dev/null", "-e", &trace, "-e", &inject];
    let mut child = inside("strace", &options, &command("seal shards", log, way));
    let (committed, status) = Running::start(child.stderr(Stdio::null())).last_number();
    (committed.unwrap_or_default(), status.success())
}

/// Disturbs each of some system calls, by name and number. Checks after each that no committed row is lost.
fn disturb_each(calls: &[&str], what: impl Fn(u64) -> String) -> u64 {
    let dir = tempfile::tempdir().unwrap();
    let mut disturbed = 0;
    let ways: &[&str] = match is_full() {
        true => &["cached", "synced", "mapped"],
        false => &["synced"],
    };
    for way in ways {
        for call in calls {
            let step = if is_full() { 1 } else { 5 };
            for nth in (1..).step_by(step) {
                let log = dir.path().join("log");
                let (committed, is_done) = seal_disturbed(&log, way, call, &what(nth));
                let rows = check(&log, committed, AppendOptions::new());
                if log.exists() {
                    fs::remove_dir_all(&log).unwrap();
                }
                if is_done {
                    assert_eq!(rows, 11);
                    break;
                }
                disturbed += 1;
                assert!(nth < 1_000, "{call}");
            }
        }
    }
    disturbed
}

#[test]
fn a_program_that_is_killed_at_any_step_of_sealing_loses_no_committed_row() {
    if !cfg!(target_os = "linux") || !strace() {
        return;
    }
    let calls = [
        "openat",
        "pwrite64",
        "write",
        "fsync",
        "fdatasync",
        FTRUNCATE,
        "mkdir",
        "linkat",
        "/^rename",
        "flock",
        "fallocate",
        "fchmod",
    ];
    let killed = disturb_each(&calls, |nth| format!("signal=SIGKILL:when={nth}"));
    eprintln!("killed {killed} times");
    assert!(killed > 20, "{killed}");
}

/// From one call on, each of its kind finds no space. The program ends with the first error.
#[test]
fn a_disk_that_is_full_at_any_step_of_sealing_loses_no_committed_row() {
    if !cfg!(target_os = "linux") || !strace() {
        return;
    }
    let calls = [
        "openat",
        "pwrite64",
        "write",
        "mkdir",
        "linkat",
        "/^rename",
        "fallocate",
    ];
    let failed = disturb_each(&calls, |nth| format!("error=ENOSPC:when={nth}+"));
    eprintln!("failed {failed} times");
    assert!(failed > 10, "{failed}");
}
