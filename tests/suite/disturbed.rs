//! What an appender does when its file is cut, appended to, renamed, replaced or removed.

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::Path,
};

use npyrec::{AppendOptions, Appender, ErrorKind, Recovery};
use serde_json::json;

use crate::{
    logs::{KINDS, Kind, Log, Setup, setups},
    mapped::HAS_SLICES,
    numpy::numpy,
};

/// Rows that are committed before something happens to the file.
const ROWS: u16 = 1_000;

/// A log of committed rows.
fn log(setup: Setup, path: &Path) -> Log {
    let mut log = setup.open(path).unwrap();
    (0..ROWS).for_each(|row| log.append(row).unwrap());
    log.commit().unwrap();
    log
}

fn plain() -> impl Iterator<Item = Setup> {
    setups().into_iter().filter(|setup| !setup.mapped)
}

fn cut(path: &Path, len: usize) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_len(len as u64).unwrap();
}

fn loads(path: &Path) -> Option<serde_json::Value> {
    let code = "a = np.load(path)\nanswer = max(a.shape)";
    Some(numpy()?.python(path, code))
}

#[test]
fn an_emptied_or_cut_file_is_an_error_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut.npy");
    type Act = fn(&mut Log) -> npyrec::Result<()>;
    let acts: [Act; 5] = [
        Log::commit,
        Log::sync,
        |log| (0..5_000).try_for_each(|row| log.append(row)),
        |log| log.append_slice(&[7; 50_000]),
        |log| log.append_slice(&[7; 100]).and_then(|()| log.commit()),
    ];
    for setup in plain() {
        let whole = setup.file(ROWS);
        let header = setup.file(0).len();
        for len in [0, 60, header, header + 1, header + 500 * setup.row_size()] {
            for act in acts {
                let _ = fs::remove_file(&path);
                let mut log = log(setup, &path);
                log.append(1).unwrap();
                cut(&path, len);
                let error = act(&mut log).unwrap_err();
                let found = (len.saturating_sub(header) / setup.row_size()) as u64;
                assert_eq!(
                    (error.kind(), error.expected_rows(), error.found_rows()),
                    (ErrorKind::CutShort, Some(1_000), Some(found)),
                    "{setup:?}: {error}"
                );
                assert_eq!(error.path(), Some(&*path));
                // Later calls write nothing.
                act(&mut log).unwrap_err();
                log.append_slice(&[7; 50_000]).unwrap_err();
                log.append(1).unwrap_err();
                log.commit().unwrap_err();
                log.sync().unwrap_err();
                let (_, log) = *log.try_close().unwrap_err();
                drop(log);
                assert!(fs::read(&path).unwrap() == whole[..len], "{setup:?}");
            }
        }
    }
}

/// After it, only the rows that were cut off are lost.
#[test]
fn what_the_error_of_a_cut_file_advises_works() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut.npy");
    for setup in plain() {
        let header = setup.file(0).len();
        let size = setup.row_size();
        let cases = [
            (0, "open the file anew, which starts it again"),
            (60, "create the file anew"),
            (
                header + 500 * size,
                "let `npyrec::recover` make the header count what is there",
            ),
            (
                header + 1_500 * size,
                "open the file anew to go on with the rows that are there",
            ),
        ];
        for (len, advice) in cases {
            let _ = fs::remove_file(&path);
            let mut log = log(setup, &path);
            // These are in the file, and not yet counted.
            log.append_slice(&Vec::from_iter(ROWS..3_000)).unwrap();
            assert!(fs::metadata(&path).unwrap().len() > len as u64);
            cut(&path, len);
            let error = log.commit().unwrap_err();
            assert!(error.to_string().contains(advice), "{error}");
            drop(log);
            let kept = match len {
                60 => {
                    fs::remove_file(&path).unwrap();
                    0
                }
                len if len == header + 500 * size => {
                    npyrec::recover(&path, Recovery::Adopt).unwrap();
                    500
                }
                0 => 0,
                // What was not synced is cut off.
                _ if setup.durability == npyrec::Durability::Synced => ROWS,
                _ => 1_500,
            };
            let mut log = setup.open(&path).unwrap();
            assert_eq!(log.rows(), u64::from(kept), "{setup:?}, {len}");
            (kept..2_000).for_each(|row| log.append(row).unwrap());
            log.close().unwrap();
            assert!(fs::read(&path).unwrap() == setup.file(2_000));
        }
    }
    if let Some(rows) = loads(&path) {
        assert_eq!(rows, json!(2_000));
    }
}

#[test]
fn a_cut_is_an_error_of_closing_though_all_rows_were_committed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut.npy");
    for setup in setups() {
        let _ = fs::remove_file(&path);
        let log = log(setup, &path);
        cut(&path, 0);
        let error = log.close().unwrap_err();
        assert_eq!(
            (error.kind(), error.expected_rows(), error.found_rows()),
            (ErrorKind::CutShort, Some(1_000), Some(0)),
            "{setup:?}: {error}"
        );
        assert_eq!(fs::metadata(&path).unwrap().len(), 0, "{setup:?}");
    }
}

/// The length is checked when the file is extended, and when many rows are written at once.
#[test]
fn a_cut_of_a_mapped_file_is_noticed_where_it_costs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut.npy");
    for setup in setups().into_iter().filter(|setup| setup.mapped) {
        // One by one, rows are stored where the file has room already.
        let is_copied = HAS_SLICES && !matches!(setup.kind, Kind::Encoded | Kind::Values);
        for is_extended in [false, true].into_iter().take(1 + usize::from(is_copied)) {
            let _ = fs::remove_file(&path);
            let mut log = setup.open(&path).unwrap();
            if is_extended {
                log.append_slice(&[7; 50_000]).unwrap();
                log.append_slice(&[7; 50_000]).unwrap();
                log.commit().unwrap();
            }
            let len = setup.file(0).len() - 1;
            cut(&path, len);
            let error = log.append_slice(&[7; 50_000]).unwrap_err();
            assert_eq!(
                (error.kind(), error.found_rows()),
                (ErrorKind::CutShort, Some(0)),
                "{setup:?}: {error}"
            );
            log.commit().unwrap_err();
            drop(log);
            assert_eq!(fs::metadata(&path).unwrap().len(), len as u64, "{setup:?}");
        }
    }
}

#[test]
fn rows_that_another_program_appended_are_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("grown.npy");
    for setup in plain() {
        let _ = fs::remove_file(&path);
        let mut log = log(setup, &path);
        log.append(7).unwrap();
        let mut other = File::options().append(true).open(&path).unwrap();
        other.write_all(&vec![b'1'; 2 * setup.row_size()]).unwrap();
        let left = fs::read(&path).unwrap();
        let error = log.commit().unwrap_err();
        assert_eq!(
            (
                error.kind(),
                error.expected_rows(),
                error.found_rows(),
                error.torn_bytes()
            ),
            (ErrorKind::NeedsRecovery, Some(1_000), Some(1_002), Some(0)),
            "{error}"
        );
        assert!(log.close().is_err());
        assert!(fs::read(&path).unwrap() == left, "{setup:?}");
        if let Some(rows) = loads(&path) {
            assert_eq!(rows, json!(ROWS));
        }
    }
}

#[test]
fn a_device_is_not_a_file_that_was_cut() {
    let mut log = AppendOptions::new()
        .lock(false)
        .buffer_capacity(100)
        .open::<u16>("/dev/null")
        .unwrap();
    log.extend(0..1_000_u16).unwrap();
    log.commit().unwrap();
    assert_eq!(log.committed_rows(), 1_000);
    log.close().unwrap();
}

/// The bytes of a file that may have no name left.
fn bytes_of(mut file: &File) -> Vec<u8> {
    use std::io::Seek;
    file.rewind().unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_file_without_a_name_left_is_an_error_once_all_rows_are_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let (path, other) = (dir.path().join("log.npy"), dir.path().join("other.npy"));
    for setup in setups() {
        for is_replaced in [false, true] {
            let _ = fs::remove_file(&path);
            let mut log = log(setup, &path);
            let nameless = File::open(&path).unwrap();
            assert!(log.is_current().unwrap());
            match is_replaced {
                true => {
                    npyrec::write(&other, &[1_u8]).unwrap();
                    fs::rename(&other, &path).unwrap();
                }
                false => fs::remove_file(&path).unwrap(),
            }
            assert!(!log.is_current().unwrap());
            log.append(ROWS).unwrap();
            log.commit().unwrap();
            log.append(ROWS + 1).unwrap();
            let error = log.sync().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Removed, "{error}");
            assert_eq!(error.path(), Some(&*path));
            assert!(
                error.to_string().contains("create the path anew"),
                "{error}"
            );
            assert_eq!(log.committed_rows(), u64::from(ROWS) + 2);
            log.append(ROWS + 2).unwrap();
            let error = log.close().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Removed, "{error}");
            assert!(bytes_of(&nameless) == setup.file(ROWS + 3), "{setup:?}");
            assert_eq!(path.exists(), is_replaced, "nothing took the name");
        }
    }
}

#[test]
fn a_file_that_was_renamed_or_linked_is_closed_as_any_other() {
    let dir = tempfile::tempdir().unwrap();
    let (path, other) = (dir.path().join("log.npy"), dir.path().join("other.npy"));
    for setup in setups() {
        for is_linked in [false, true] {
            let _ = fs::remove_file(&path);
            let _ = fs::remove_file(&other);
            let mut log = setup.open(&path).unwrap();
            log.append(0).unwrap();
            match is_linked {
                true => {
                    fs::hard_link(&path, &other).unwrap();
                    assert!(log.is_current().unwrap());
                    fs::remove_file(&path).unwrap();
                }
                false => fs::rename(&path, &other).unwrap(),
            }
            assert!(!log.is_current().unwrap());
            log.sync().unwrap();
            // The log is turned over: a new file has the name.
            let mut new = setup.open(&path).unwrap();
            assert!(!log.is_current().unwrap() && new.is_current().unwrap());
            log.append(1).unwrap();
            log.close().unwrap();
            new.append(0).unwrap();
            new.close().unwrap();
            assert!(fs::read(&other).unwrap() == setup.file(2), "{setup:?}");
            assert!(fs::read(&path).unwrap() == setup.file(1), "{setup:?}");
            fs::rename(&other, &path).unwrap();
        }
    }
}

#[test]
fn a_file_is_known_by_a_link_to_it_and_by_a_path_through_a_link() {
    let dir = tempfile::tempdir().unwrap();
    let (path, link) = (dir.path().join("log.npy"), dir.path().join("current.npy"));
    std::os::unix::fs::symlink(&path, &link).unwrap();
    fs::write(&path, []).unwrap();
    let log = Appender::<u16>::open(&link).unwrap();
    assert!(log.is_current().unwrap());
    let next = dir.path().join("next.npy");
    fs::write(&next, []).unwrap();
    fs::remove_file(&link).unwrap();
    assert!(!log.is_current().unwrap());
    std::os::unix::fs::symlink(&next, &link).unwrap();
    assert!(!log.is_current().unwrap());
    log.close().unwrap();
}

#[test]
fn another_current_folder_changes_nothing() {
    use crate::process::{Running, command};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("relative.npy");
    let (last, status) = Running::start(&mut command("leave the folder", &path, "")).last_number();
    assert!(status.success());
    assert_eq!(last, Some(2));
    assert_eq!(npyrec::read::<u16>(&path).unwrap(), [1, 2]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_close_that_fails_on_a_full_disk_gives_the_appender_back_and_loses_no_row() {
    use crate::process::{Running, command, inside};
    let dir = tempfile::tempdir().unwrap();
    for (nth, setup) in setups().into_iter().enumerate() {
        let path = dir.path().join(format!("{nth}.npy"));
        let child = command("close on a full disk", &path, &nth.to_string());
        let mut shell = inside("sh", &["-c", "trap '' XFSZ; exec \"$0\" \"$@\""], &child);
        let (last, status) = Running::start(&mut shell).last_number();
        assert!(status.success(), "{setup:?}");
        assert_eq!(last, Some(FULL.into()));
        assert!(fs::read(&path).unwrap() == setup.file(FULL), "{setup:?}");
        if let Some(rows) = loads(&path) {
            assert_eq!(rows, json!(FULL));
        }
    }
}

/// The rows of a log that meets a full disk.
#[cfg(target_os = "linux")]
const FULL: u16 = 9_000;

/// Closes a log where no file may grow longer, and again when it may.
#[cfg(target_os = "linux")]
pub fn close_on_a_full_disk(path: &Path, nth: usize, say: fn(u64)) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let all = getrlimit(Resource::Fsize);
    let limit = |current| {
        let limit = Rlimit { current, ..all };
        setrlimit(Resource::Fsize, limit).unwrap();
    };
    let setup = Setup {
        buffer: 1 << 20,
        ..setups()[nth]
    };
    let mut log = setup.open(path).unwrap();
    (0..10).for_each(|row| log.append(row).unwrap());
    if !setup.mapped {
        // A map takes room for many more with the first of them.
        log.commit().unwrap();
    }
    (10..FULL).for_each(|row| log.append(row).unwrap());
    limit(Some(200));
    for _ in 0..2 {
        match log.try_close() {
            Ok(()) => panic!("there is no room"),
            Err(failed) => {
                let (error, given_back) = *failed;
                let Some(io) = error.io_error() else {
                    panic!("{error}");
                };
                assert_eq!(io.kind(), std::io::ErrorKind::FileTooLarge);
                log = given_back;
                assert_eq!(log.rows(), u64::from(FULL));
            }
        }
    }
    limit(all.current);
    log.close().unwrap();
    say(FULL.into());
}

/// Appends to a file by a path that starts at the current folder, and goes elsewhere.
pub fn leave_the_folder(path: &Path, say: fn(u64)) {
    std::env::set_current_dir(path.parent().unwrap()).unwrap();
    let mut log = Appender::<u16>::create(path.file_name().unwrap()).unwrap();
    log.append(&1).unwrap();
    std::env::set_current_dir("/").unwrap();
    assert!(log.is_current().unwrap());
    log.append(&2).unwrap();
    // Its folder is synced, and not the one that is the current one now.
    log.sync().unwrap();
    say(log.committed_rows());
    assert!(log.is_current().unwrap());
    log.close().unwrap();
}

#[test]
fn rows_of_a_slice_are_committed_together_by_every_appender() {
    let dir = tempfile::tempdir().unwrap();
    for mapped in [false, true] {
        let seen = KINDS.map(|kind| {
            let path = dir.path().join(format!("{kind:?}.npy"));
            let _ = fs::remove_file(&path);
            let setup = Setup {
                kind,
                mapped,
                commit_every: 10,
                ..setups()[0]
            };
            let mut log = setup.open(&path).unwrap();
            let seen = [3, 6, 4, 25, 9, 1, 100, 0, 5_000].map(|len| {
                log.append_slice(&vec![7; len]).unwrap();
                (log.rows(), log.committed_rows())
            });
            (kind, seen)
        });
        // Values come from an iterator, and each is committed as soon as it is due.
        for (_, other) in seen.iter().filter(|(kind, _)| *kind != Kind::Values) {
            assert_eq!(*other, seen[0].1);
        }
        let expected = [
            (3, 0),
            (9, 0),
            (13, 13),
            (38, 38),
            (47, 38),
            (48, 48),
            (148, 148),
            (148, 148),
            (5_148, 5_148),
        ];
        assert_eq!(seen[0].1, expected);
    }
}
