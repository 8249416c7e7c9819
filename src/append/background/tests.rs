//! Storage that fails under the thread of a logger.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use super::{BackgroundOptions, Guard, Logger, TryLogError};
use crate::{
    append::{
        Appender, ArrayAppender,
        durability::Durability,
        rows::tests::{open_target, rows_in_header, settings},
        target::Target,
    },
    error::{Error, ErrorKind},
    header::{Header, Order},
    record::NpyRecord,
    storage::{Call, Disk, Fault},
};

/// The size of the header of these files.
const HEADER: usize = 128;

/// What the callback received.
type Reported = Arc<Mutex<Vec<Error>>>;

/// Logs numbers to a disk, and commits only when it is told.
fn start(disk: &Arc<Disk>, durability: Durability) -> (Logger<u16>, Guard, Reported) {
    let target = Target::rows(&u16::dtype()).unwrap();
    let rows = open_target(disk, &target, settings(4, u64::MAX, durability)).unwrap();
    let reported = Reported::default();
    let noted = Arc::clone(&reported);
    let options = BackgroundOptions::new()
        .capacity(4)
        .commit_interval(Duration::MAX)
        .on_error(move |error| noted.lock().unwrap().push(error.again()));
    let (log, guard) = Appender::<u16>::from_rows(rows).into_background(options);
    (log, guard, reported)
}

fn numbers(disk: &Disk) -> Vec<u16> {
    let rows = usize::try_from(rows_in_header(disk)).unwrap();
    disk.bytes()[HEADER..]
        .chunks_exact(2)
        .take(rows)
        .map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
        .collect()
}

/// Waits until the thread has ended.
fn wait_for_end(log: &Logger<u16>) {
    while !matches!(log.try_log(99), Err(TryLogError::Closed(_))) {
        std::thread::yield_now();
    }
}

#[test]
fn a_failed_sync_ends_the_thread_and_every_later_call_says_so() {
    for flushes in [true, false] {
        let disk = Disk::new(Vec::new());
        let (log, guard, reported) = start(&disk, Durability::Synced);
        (0..3).for_each(|number| log.log(number).unwrap());
        log.flush().unwrap();
        disk.fail(|_, call| match call {
            Call::Sync => Fault::Error(io::ErrorKind::Other),
            _ => Fault::None,
        });
        let is_io = |error: &Error| matches!(error.kind(), ErrorKind::Io(_));
        log.log(3).unwrap();
        let closed = if flushes {
            assert!(is_io(&log.flush().unwrap_err()));
            // There may be room, but nothing that would be written.
            disk.heal();
            wait_for_end(&log);
            assert!(is_io(&log.log(5).unwrap_err()));
            assert!(is_io(&log.log(6).unwrap_err()));
            assert_eq!(log.try_log(7), Err(TryLogError::Closed(7)));
            assert!(is_io(&log.clone().log(8).unwrap_err()));
            assert!(is_io(&log.flush().unwrap_err()));
            guard.close().unwrap_err()
        } else {
            guard.close().unwrap_err()
        };
        assert!(is_io(&closed), "{closed}");
        let lost = log.accepted() - 3;
        assert!(lost > 0);
        assert_eq!(closed.refused(), Some(lost));
        assert_eq!((log.refused(), log.pending()), (lost, 0));
        assert_eq!(reported.lock().unwrap().len(), 1);
        assert_eq!(numbers(&disk), [0, 1, 2]);
    }
}

#[test]
fn a_header_without_room_ends_the_thread_after_the_last_row_that_fits() {
    // Room for two digits.
    let header = Header::for_record::<u16>(95);
    let mut bytes = header.to_bytes();
    let end = bytes.windows(3).position(|bytes| bytes == b", }").unwrap();
    bytes.truncate(end + 3);
    bytes.push(b'\n');
    let len = u16::try_from(bytes.len() - 10).unwrap().to_le_bytes();
    bytes[8..10].copy_from_slice(&len);
    let data_start = bytes.len();
    bytes.resize(data_start + 95 * 2, 0);
    let disk = Disk::new(bytes);
    let (log, guard, reported) = start(&disk, Durability::Cached);
    let mut logged = 0;
    let error = loop {
        match log.log(logged) {
            Ok(()) => logged += 1,
            Err(error) => break error,
        }
    };
    assert!(
        matches!(error.kind(), ErrorKind::NoGrowthRoom { max_rows: 99 }),
        "{error}"
    );
    let error = log.log(logged).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NoGrowthRoom { max_rows: 99 }),
        "{error}"
    );
    let closed = guard.close().unwrap_err();
    assert!(
        matches!(closed.kind(), ErrorKind::NoGrowthRoom { max_rows: 99 }),
        "{closed}"
    );
    assert_eq!(closed.refused(), Some(log.accepted() - 4));
    assert_eq!(
        (log.accepted(), log.refused()),
        (u64::from(logged), u64::from(logged) - 4)
    );
    assert_eq!(reported.lock().unwrap().len(), 1);
    assert_eq!(rows_in_header(&disk), 99);
    let data = &disk.bytes()[data_start + 95 * 2..];
    assert_eq!(data, [0, 0, 1, 0, 2, 0, 3, 0]);
}

/// Whichever calls fail, what is in the file is what was logged, and no error is kept quiet.
#[test]
fn calls_that_fail_cost_no_record_and_are_reported() {
    let mut failures = 0;
    for (first, count) in (0..40).flat_map(|first| [(first, 1), (first, 2), (first, 7)]) {
        let disk = Disk::new(Vec::new());
        let (log, guard, reported) = start(&disk, Durability::Cached);
        let failed = Arc::new(Mutex::new(0));
        let fails = Arc::clone(&failed);
        disk.fail(move |nth, call| match call {
            Call::Write { .. } if (first..first + count).contains(&nth) => {
                *fails.lock().unwrap() += 1;
                Fault::Error(io::ErrorKind::StorageFull)
            }
            Call::SetLen if nth % 3 == 0 => Fault::Error(io::ErrorKind::Other),
            _ => Fault::None,
        });
        for number in 0..20 {
            log.log(number).unwrap();
            if number % 7 == 6 {
                let _ = log.flush();
            }
        }
        while log.flush().is_err() {}
        assert!(numbers(&disk).into_iter().eq(0..20), "{first} {count}");
        assert_eq!((log.pending(), log.refused()), (0, 0));
        guard.close().unwrap();
        let reported = reported.lock().unwrap().len();
        assert_eq!(reported > 0, *failed.lock().unwrap() > 0, "{first} {count}");
        failures += reported;
    }
    assert!(failures > 20, "{failures}");
}

#[test]
fn a_row_of_several_elements_is_appended_once_whichever_call_fails() {
    for first in 0..30 {
        let disk = Disk::new(Vec::new());
        let target = Target::array("<u2".parse().unwrap(), Some(&[3]), Order::C).unwrap();
        let rows = open_target(&disk, &target, settings(8, u64::MAX, Durability::Cached)).unwrap();
        let options = BackgroundOptions::new()
            .capacity(3)
            .commit_every(2)
            .commit_interval(Duration::MAX);
        let (log, guard) = ArrayAppender::<u16>::from_rows(rows).into_background(options);
        disk.fail(move |nth, call| match call {
            Call::Write { .. } if (first..first + 3).contains(&nth) => {
                Fault::Error(io::ErrorKind::StorageFull)
            }
            _ => Fault::None,
        });
        let mut rows = (0..60_u16).map(|row| [row; 3]);
        for items in (1..=5).cycle() {
            let item: Vec<u16> = rows.by_ref().take(items).flatten().collect();
            if item.is_empty() {
                break;
            }
            log.log(item).unwrap();
        }
        while log.flush().is_err() {}
        assert_eq!((log.pending(), log.refused()), (0, 0));
        let _ = guard.close();
        assert_eq!(rows_in_header(&disk), 60);
        let data = &disk.bytes()[HEADER..];
        let expected = (0..60_u16)
            .flat_map(|row| [row; 3])
            .flat_map(u16::to_le_bytes);
        assert!(data.iter().copied().eq(expected), "{first}");
    }
}
