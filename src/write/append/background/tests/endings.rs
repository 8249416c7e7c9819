//! Errors that end the thread, and that a failed close reports.

use super::*;
use crate::storage::Change;

/// A number that is encoded unless it is [`REFUSED`].
struct Picky(u16);

const REFUSED: u16 = 99;

crate::record::encode_as::encode_as_itself!(impl[] Picky);

impl NpyRecord for Picky {
    const ITEMSIZE: usize = 2;

    fn dtype() -> DType {
        u16::dtype()
    }

    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        match self.0 {
            REFUSED => Err(EncodeError::new(self.0, "is refused")),
            number => number.encode(out),
        }
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        u16::decode(bytes).map(Picky)
    }
}

/// Logs numbers to a disk, without a callback. Only a flush commits.
fn start_quietly(disk: &Arc<Disk>, durability: Durability) -> (Logger<Picky>, LoggerGuard) {
    let target = Target::rows(&u16::dtype()).unwrap();
    let rows = open_target(disk, &target, settings(4, u64::MAX, durability)).unwrap();
    let options = BackgroundOptions::new().commit_interval(Duration::MAX);
    Appender::<Picky>::from_rows(rows, ()).into_background(options)
}

fn log_all(log: &Logger<Picky>, numbers: impl IntoIterator<Item = u16>) {
    numbers
        .into_iter()
        .for_each(|number| log.log(Picky(number)).unwrap());
}

/// Fails the first `count` writes to the header.
fn fail_header_writes(disk: &Disk, mut count: u64) {
    disk.fail(move |_, call| match call {
        Call::Write { offset, .. } if *offset < HEADER && count > 0 => {
            count -= 1;
            Fault::Error(io::ErrorKind::StorageFull)
        }
        _ => Fault::None,
    });
}

fn assert_io(error: &Error) {
    assert!(matches!(error.cause(), Cause::Io(_)), "{error}");
}

#[test]
fn a_header_write_of_the_close_that_fails_once_costs_no_record_and_is_reported() {
    let disk = Disk::new(Vec::new());
    let (log, guard) = start_quietly(&disk, Durability::Cached);
    log_all(&log, 0..10);
    fail_header_writes(&disk, 1);
    let error = guard.close().unwrap_err();
    assert_io(&error);
    assert_eq!((error.refused(), log.refused()), (Some(0), 0));
    assert!(numbers(&disk).into_iter().eq(0..10));
    log.flush().unwrap();
}

#[test]
fn a_failed_close_reports_exactly_the_records_that_are_not_in_the_file() {
    let mut losses = 0;
    for count in 0..8 {
        let disk = Disk::new(Vec::new());
        let (log, guard) = start_quietly(&disk, Durability::Cached);
        log_all(&log, 0..4);
        log.flush().unwrap();
        log_all(&log, 4..14);
        fail_header_writes(&disk, count);
        let closed = guard.close();
        assert_eq!(closed.is_ok(), count == 0, "{count}");
        let lost = closed.map_or_else(|error| error.refused().unwrap(), |()| 0);
        assert_eq!(14 - lost, rows_in_header(&disk), "{count}");
        assert_eq!((log.refused(), log.pending()), (lost, 0));
        losses += u64::from(lost > 0);
    }
    assert!(losses > 0);
}

#[test]
fn the_error_that_ends_the_thread_names_the_first_record_that_was_refused() {
    for flushes in [true, false] {
        let disk = Disk::new(Vec::new());
        let (log, guard) = start_quietly(&disk, Durability::Synced);
        disk.fail(|_, call| match call {
            Call::Sync => Fault::Error(io::ErrorKind::Other),
            _ => Fault::None,
        });
        log_all(&log, [0, 1, REFUSED, 2]);
        let mut errors = Vec::new();
        if flushes {
            errors.extend([log.flush(), log.flush(), log.clone().flush()]);
        }
        errors.push(guard.close());
        errors.push(log.flush());
        for error in errors.into_iter().map(Result::unwrap_err) {
            assert_io(&error);
            let end = "; 4 logged records are not in the file. Also: row 2: 99 is refused";
            assert!(error.to_string().ends_with(end), "{error}");
            assert_eq!(error.refused(), Some(4));
        }
        assert_eq!((log.refused(), log.pending()), (4, 0));
    }
}

#[test]
fn a_file_that_is_cut_ends_the_thread_and_every_call_says_so() {
    for (rows, flushes) in [(0, true), (4, true), (4, false), (9, true)] {
        let disk = Disk::new(Vec::new());
        let (log, guard, reported) = start(&disk, Durability::Cached);
        (0..2).for_each(|number| log.log(number).unwrap());
        log.flush().unwrap();
        (2..10).for_each(|number| log.log(number).unwrap());
        log.flush().unwrap();
        disk.change(Change::SetLen(HEADER + 2 * rows));
        let before = disk.bytes();
        (10..13).for_each(|number| log.log(number).unwrap());
        let mut errors = Vec::new();
        if flushes {
            errors.push(log.flush());
            wait_for_end(&log);
            errors.extend([log.log(13), log.clone().log(13), log.flush()]);
        }
        errors.extend([guard.close(), log.flush()]);
        for error in errors.into_iter().map(Result::unwrap_err) {
            let found = match *error.cause() {
                Cause::CutShort {
                    expected: 10,
                    found,
                } => found,
                _ => panic!("{error}"),
            };
            assert_eq!(found, rows as u64);
        }
        // The rows that were cut off are not in the file either.
        assert_eq!(log.refused(), log.accepted() - rows as u64);
        assert_eq!(log.pending(), 0);
        assert_eq!(reported.lock().unwrap().len(), 1);
        assert!(disk.bytes() == before, "nothing more is written");
    }
}

#[test]
fn a_cut_is_reported_by_the_close_also_when_nothing_is_left_to_write() {
    let disk = Disk::new(Vec::new());
    let (log, guard, _) = start(&disk, Durability::Cached);
    (0..10).for_each(|number| log.log(number).unwrap());
    log.flush().unwrap();
    disk.change(Change::SetLen(HEADER + 6));
    let error = guard.close().unwrap_err();
    assert!(
        matches!(error.cause(), Cause::CutShort { found: 3, .. }),
        "{error}"
    );
    assert_eq!((error.refused(), log.refused()), (Some(7), 7));
}

#[test]
fn rows_of_another_program_end_the_thread_and_stay() {
    let disk = Disk::new(Vec::new());
    let (log, guard, reported) = start(&disk, Durability::Cached);
    (0..8).for_each(|number| log.log(number).unwrap());
    log.flush().unwrap();
    let (offset, bytes) = (disk.bytes().len(), vec![7; 4]);
    disk.change(Change::Write { offset, bytes });
    let before = disk.bytes();
    log.log(8).unwrap();
    let flushed = log.flush();
    wait_for_end(&log);
    for error in [flushed, log.log(9), log.flush(), guard.close()] {
        let error = error.unwrap_err();
        let is_grown = matches!(error.cause(), Cause::NeedsRecovery { found: 10, .. });
        assert!(is_grown, "{error}");
    }
    assert_eq!((log.refused(), log.pending()), (log.accepted() - 8, 0));
    assert_eq!(reported.lock().unwrap().len(), 1);
    assert!(disk.bytes() == before);
}
