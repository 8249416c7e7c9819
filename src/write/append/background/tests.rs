//! Storage that fails under the thread of a logger.

mod endings;

use std::{
    io,
    sync::{Arc, Mutex, mpsc::channel},
    thread,
    time::Duration,
};

use super::{BackgroundOptions, Logger, LoggerGuard, TryLogError};
use crate::{
    dtype::DType,
    error::{Cause, Error},
    header::{Header, Order},
    record::{DecodeError, EncodeError, NpyRecord},
    storage::{Call, Disk, Fault},
    write::append::{
        Appender, ArrayAppender,
        durability::Durability,
        options::AppendOptions,
        rows::tests::{open_target, rows_in_header, settings},
        target::Target,
    },
};

/// The size of the header of these files.
const HEADER: usize = 128;

/// The errors that the callback received.
type Reported = Arc<Mutex<Vec<Error>>>;

/// Logs numbers to a disk. Only a flush commits.
fn start(disk: &Arc<Disk>, durability: Durability) -> (Logger<u16>, LoggerGuard, Reported) {
    let target = Target::rows(&u16::dtype()).unwrap();
    let settings = AppendOptions {
        accept_little_room: true,
        ..settings(4, u64::MAX, durability)
    };
    let rows = open_target(disk, &target, settings).unwrap();
    let reported = Reported::default();
    let noted = Arc::clone(&reported);
    let options = BackgroundOptions::new()
        .capacity(8)
        .commit_interval(Duration::MAX)
        .on_error(move |error| noted.lock().unwrap().push(error.clone()));
    let (log, guard) = Appender::<u16>::from_rows(rows, ()).into_background(options);
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
        thread::yield_now();
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
        let is_io = |error: &Error| matches!(error.cause(), Cause::Io(_));
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
    // The thread is busy with the first record until the others wait, so that it takes them all at once.
    let (entered, is_entered) = channel();
    let (leave, leaves) = channel::<()>();
    disk.fail(move |nth, _| {
        if nth == 0 {
            entered.send(()).unwrap();
            leaves.recv().unwrap();
        }
        Fault::None
    });
    log.log(0).unwrap();
    thread::scope(|scope| {
        let flush = scope.spawn(|| log.flush());
        is_entered.recv().unwrap();
        (1..=8).for_each(|number| log.log(number).unwrap());
        leave.send(()).unwrap();
        flush.join().unwrap().unwrap();
    });
    let errors = [log.flush(), log.log(9), log.clone().log(9), guard.close()];
    for error in errors.map(Result::unwrap_err) {
        let is_full = matches!(error.cause(), Cause::NoGrowthRoom { max_rows: 99 });
        assert!(is_full, "{error}");
    }
    assert_eq!((log.accepted(), log.refused(), log.pending()), (9, 5, 0));
    assert_eq!(reported.lock().unwrap().len(), 1);
    assert_eq!(rows_in_header(&disk), 99);
    let data = &disk.bytes()[data_start + 95 * 2..];
    assert_eq!(data, [0, 0, 1, 0, 2, 0, 3, 0]);
}

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
        disk.heal();
        guard.close().unwrap();
        let reported = reported.lock().unwrap().len();
        assert_eq!(reported > 0, *failed.lock().unwrap() > 0, "{first} {count}");
        failures += reported;
    }
    assert!(failures >= 15, "{failures}");
}

#[test]
fn a_failure_that_passed_is_reported_once_if_nobody_knows() {
    for closes in [true, false] {
        let disk = Disk::new(Vec::new());
        let target = Target::rows(&u16::dtype()).unwrap();
        let settings = settings(4, u64::MAX, Durability::Cached);
        let rows = open_target(&disk, &target, settings).unwrap();
        let options = BackgroundOptions::new().commit_interval(Duration::ZERO);
        let (failed, fails) = channel();
        disk.fail(move |_, call| match call {
            Call::Write { .. } => {
                let _ = failed.send(());
                Fault::Error(io::ErrorKind::StorageFull)
            }
            _ => Fault::None,
        });
        let (log, guard) = Appender::<u16>::from_rows(rows, ()).into_background(options);
        (0..10).for_each(|number| log.log(number).unwrap());
        // The first failure is noted before the second attempt.
        (0..2).for_each(|_| fails.recv().unwrap());
        disk.heal();
        while log.pending() > 0 {
            thread::yield_now();
        }
        let error = if closes {
            guard.close().unwrap_err()
        } else {
            let error = log.flush().unwrap_err();
            log.flush().unwrap();
            log.clone().flush().unwrap();
            guard.close().unwrap();
            error
        };
        assert!(matches!(error.cause(), Cause::Io(_)), "{error}");
        assert!(
            error.to_string().ends_with("; no record was lost"),
            "{error}"
        );
        assert_eq!((error.refused(), log.refused()), (Some(0), 0));
        assert!(numbers(&disk).into_iter().eq(0..10));
    }
}

/// A number that is encoded, and not copied.
struct Encoded(u16);

impl From<u16> for Encoded {
    fn from(number: u16) -> Self {
        Encoded(number)
    }
}

crate::record::encode_as::encode_as_itself!(impl[] Encoded);

impl NpyRecord for Encoded {
    const ITEMSIZE: usize = 2;

    fn dtype() -> DType {
        u16::dtype()
    }

    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        self.0.encode(out)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        u16::decode(bytes).map(Encoded)
    }
}

#[test]
fn each_row_of_an_item_is_appended_once_whichever_call_fails() {
    for commit_every in [1, 3, u64::MAX] {
        for first in 0..30 {
            log_rows::<u16>(first, commit_every);
            log_rows::<Encoded>(first, commit_every);
        }
    }
}

/// Logs items of one to five rows, while the calls from the nth on fail.
fn log_rows<T: NpyRecord + From<u16> + Send + 'static>(first: u64, commit_every: u64) {
    let disk = Disk::new(Vec::new());
    let target = Target::array("<u2".parse().unwrap(), Some(&[3]), Some(Order::C)).unwrap();
    let settings = settings(16, commit_every, Durability::Cached);
    let rows = open_target(&disk, &target, settings).unwrap();
    let options = BackgroundOptions::new()
        .capacity(3)
        .commit_interval(Duration::MAX);
    let (log, guard) = ArrayAppender::<T>::from_rows(rows, ()).into_background(options);
    disk.fail(move |nth, call| match call {
        Call::Write { .. } if (first..first + 3).contains(&nth) => {
            Fault::Error(io::ErrorKind::StorageFull)
        }
        _ => Fault::None,
    });
    let mut rows = (0..60).map(|row| [row; 3]);
    for items in (1..=5).cycle() {
        let item = Vec::from_iter(rows.by_ref().take(items).flatten().map(T::from));
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
    let expected = (0..60_u16).flat_map(|row| [row; 3]);
    assert!(
        data.iter().copied().eq(expected.flat_map(u16::to_le_bytes)),
        "{first}"
    );
}
