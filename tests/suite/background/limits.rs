//! Loggers near the limits of the system.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::*;
use crate::{
    process::{inside, is_emulated},
    python::skipped,
};

/// Limits the size of files, or of memory; `None` removes the limit.
fn limit(resource: Resource, current: Option<u64>) {
    let all = getrlimit(resource);
    let current = current.or(all.maximum);
    setrlimit(resource, Rlimit { current, ..all }).unwrap();
}

fn run(role: &str, path: &Path) {
    let child = command(role, path, "");
    // A file that grows too large ends a program, unless it does not mind.
    let mut shell = inside("sh", &["-c", "trap '' XFSZ; exec \"$0\" \"$@\""], &child);
    let (last, status) = Running::start(&mut shell).last_number();
    assert!(status.success());
    assert_eq!(last, Some(1), "it came to its end");
}

#[test]
fn a_disk_that_is_full_for_a_moment_costs_no_record_and_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    for role in ["fill in background", "fill in background and call back"] {
        let path = dir.path().join("full.npy");
        run(role, &path);
        let rows = npyrec::read::<(u32, u32)>(&path).unwrap();
        assert_eq!(rows.len(), 4_000);
        let mut next = [0; 4];
        for (number, nth) in rows {
            assert_eq!(next[number as usize], nth);
            next[number as usize] += 1;
        }
    }
}

#[test]
fn arrays_on_a_disk_that_is_full_for_a_moment_are_whole() {
    let dir = tempfile::tempdir().unwrap();
    run("fill arrays in background", &dir.path().join("arrays.npy"));
}

#[test]
fn records_that_a_full_disk_has_no_room_for_are_given_back() {
    let dir = tempfile::tempdir().unwrap();
    run("fill and try in background", &dir.path().join("try.npy"));
}

#[test]
fn what_a_full_disk_keeps_from_being_closed_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    run(
        "close a logger on a full disk",
        &dir.path().join("closed.npy"),
    );
}

#[test]
fn that_there_is_no_thread_is_told() {
    if is_emulated() {
        skipped("a logger without a thread, as an emulator does not limit the memory of a program");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    run("lack a thread", &dir.path().join("no_thread.npy"));
}

fn assert_full(error: &Error) {
    let Some(io) = error.io_error() else {
        panic!("{error}");
    };
    assert_eq!(io.kind(), std::io::ErrorKind::FileTooLarge);
}

/// Four threads log 4,000 records to a disk with room for 109.
pub fn fill(path: &Path, say: fn(u64), calls_back: bool) {
    let appender = AppendOptions::new()
        .buffer_capacity(64)
        .create::<(u32, u32)>(path);
    let (failed, fails) = channel();
    let mut options = options().capacity(16);
    if calls_back {
        options = options.on_error(move |error| {
            assert_full(error);
            failed.send(()).unwrap();
        });
    }
    limit(Resource::Fsize, Some(1_000));
    let (log, guard) = appender.unwrap().into_background(options);
    thread::scope(|scope| {
        for number in 0..4_u32 {
            let log = log.clone();
            scope.spawn(move || (0..1_000_u32).for_each(|nth| log.log((number, nth)).unwrap()));
        }
        if calls_back {
            fails.recv().unwrap();
        } else {
            let error = (0..).find_map(|_| log.flush().err());
            assert_full(&error.unwrap());
            assert_full(&log.clone().flush().unwrap_err());
        }
        let rows = npyrec::read::<(u32, u32)>(path).unwrap().len();
        assert!(rows < 125 && log.accepted() < 500);
        limit(Resource::Fsize, None);
    });
    assert_eq!(log.accepted(), 4_000);
    // It is known already, and cost nothing.
    log.flush().unwrap();
    assert_eq!(
        (committed(path), log.pending(), log.refused()),
        (4_000, 0, 0)
    );
    guard.close().unwrap();
    assert!(fails.try_recv().is_err(), "it is reported once");
    say(1);
}

/// Items of one to four rows, while the disk has room for 72 rows.
pub fn fill_arrays(path: &Path, say: fn(u64)) {
    let appender = AppendOptions::new().buffer_capacity(64);
    let appender = appender.create_array::<u32>(path, &[3]).unwrap();
    limit(Resource::Fsize, Some(1_000));
    let (failed, fails) = channel();
    let options = options().capacity(4).on_error(move |error| {
        assert_full(error);
        failed.send(()).unwrap();
    });
    let (log, guard) = appender.into_background(options);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut rows = (0..1_000_u32).map(|row| [row; 3]);
            for items in (1..=4).cycle() {
                let item: Vec<u32> = rows.by_ref().take(items).flatten().collect();
                if item.is_empty() {
                    break;
                }
                log.log(item).unwrap();
            }
        });
        fails.recv().unwrap();
        assert!(committed(path) < 73);
        limit(Resource::Fsize, None);
    });
    log.flush().unwrap();
    assert_eq!((log.pending(), log.refused()), (0, 0));
    guard.close().unwrap();
    let rows = npyrec::read::<[u32; 3]>(path).unwrap();
    assert!(rows.into_iter().eq((0..1_000).map(|row| [row; 3])));
    say(1);
}

/// `try_log` gives records back while the disk is full, and does not wait.
pub fn fill_and_try(path: &Path, say: fn(u64)) {
    let appender = AppendOptions::new()
        .buffer_capacity(8)
        .create::<u64>(path)
        .unwrap();
    limit(Resource::Fsize, Some(200));
    let (log, guard) = appender.into_background(options().capacity(4).commit_every(1));
    let mut number = 0_u64;
    // 9 rows fit, and some more into the buffer, the batch and the queue.
    let mut fill = || {
        let error = loop {
            match log.try_log(number) {
                Ok(()) => number += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(error.into_record(), number);
        number
    };
    let error = loop {
        fill();
        match log.flush() {
            Ok(()) => {}
            Err(error) => break error,
        }
    };
    assert_full(&error);
    let number = fill();
    assert_eq!(log.accepted(), number);
    assert!(number < 30, "{number}");
    limit(Resource::Fsize, None);
    log.flush().unwrap();
    guard.close().unwrap();
    assert!(npyrec::read::<u64>(path).unwrap().into_iter().eq(0..number));
    say(1);
}

pub fn close_when_full(path: &Path, say: fn(u64)) {
    let (errors, options) = note_errors(options());
    let (log, guard) = start(path, options);
    (0..100).for_each(|number| log.log(plain(number)).unwrap());
    log.flush().unwrap();
    limit(Resource::Fsize, Some(128 + 100 * 8));
    (0..10).for_each(|number| log.log(plain(number)).unwrap());
    log.log(Acting(10, Act::Refuse)).unwrap();
    let error = guard.close().unwrap_err();
    assert_full(&error);
    assert_eq!(error.refused(), Some(11));
    let end = "; 11 logged records are not in the file. Also: row 110: 10 is refused";
    assert!(error.to_string().ends_with(end), "{error}");
    assert_eq!(
        (committed(path), log.pending(), log.refused()),
        (100, 0, 11)
    );
    assert_full(&log.flush().unwrap_err());
    let error = log.log(plain(0)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    assert_eq!(errors.lock().unwrap().len(), 2);
    say(1);
}

pub fn lack_thread(path: &Path, say: fn(u64)) {
    let appender = Appender::<u8>::create(path).unwrap();
    limit(Resource::As, Some(0));
    let (log, guard) = appender.into_background(options().capacity(10));
    limit(Resource::As, None);
    for log in [&log, &log.clone()] {
        for error in [log.log(1), log.flush(), log.log(1)].map(Result::unwrap_err) {
            let text = error.to_string();
            assert!(
                text.contains("no_thread.npy: cannot start the thread"),
                "{text}"
            );
            assert_eq!(error.kind(), ErrorKind::Io);
        }
        assert_eq!(log.try_log(1), Err(TryLogError::Closed(1)));
    }
    assert_eq!(guard.close().unwrap_err().kind(), ErrorKind::Io);
    say(1);
}
