//! Records that a thread appends.

mod arrays;
mod errors;
#[cfg(target_os = "linux")]
mod limits;

use std::{
    fs::File,
    panic::{self, AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use npyrec::{
    AppendOptions, Appender, ArrayAppender, BackgroundOptions, DType, DecodeError, EncodeAs,
    EncodeError, Error, ErrorKind, Guard, Header, Logger, NpyFile, NpyRecord, Order, TryLogError,
    Value,
};
use serde_json::json;

#[cfg(target_os = "linux")]
pub use self::limits::{close_when_full, fill, fill_and_try, fill_arrays, lack_thread};
use crate::{
    numpy::numpy,
    process::{CHECK, LONG, Numbered, Running, command},
};

/// No commit but those that are asked for.
fn options() -> BackgroundOptions {
    BackgroundOptions::new().commit_interval(Duration::MAX)
}

fn start<R: NpyRecord + Send + 'static>(
    path: &Path,
    options: BackgroundOptions,
) -> (Logger<R>, Guard) {
    Appender::create(path).unwrap().into_background(options)
}

fn committed(path: &Path) -> u64 {
    let header = Header::read_from(&mut File::open(path).unwrap()).unwrap();
    header.rows().unwrap()
}

/// Waits until `rows` rows are committed.
fn wait_for_rows(path: &Path, rows: u64) {
    let end = Instant::now() + LONG;
    while committed(path) < rows {
        assert!(Instant::now() < end, "{} of {rows} rows", committed(path));
        thread::sleep(Duration::from_millis(1));
    }
}

/// A number, and what happens when it is encoded.
struct Acting(u64, Act);

enum Act {
    Plain,
    Refuse,
    Panic,
    /// Says that it is being encoded, and waits.
    Wait(Sender<()>, Receiver<()>),
}

impl EncodeAs<Acting> for Acting {
    fn encode_as(&self, (): &(), out: &mut [u8]) -> Result<(), EncodeError> {
        self.encode(out)
    }
}

impl NpyRecord for Acting {
    const ITEMSIZE: usize = 8;

    fn dtype() -> DType {
        u64::dtype()
    }

    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        match &self.1 {
            Act::Plain => {}
            Act::Refuse => return Err(EncodeError::new(self.0, "is refused")),
            Act::Panic => panic!("no place for {}", self.0),
            Act::Wait(entered, leave) => {
                entered.send(()).unwrap();
                leave.recv().unwrap();
            }
        }
        self.0.encode(out)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        Ok(Acting(u64::decode(bytes)?, Act::Plain))
    }
}

fn plain(number: u64) -> Acting {
    Acting(number, Act::Plain)
}

/// Logs a record that keeps the thread busy until the sender is used.
fn keep_busy(log: &Logger<Acting>, number: u64) -> Sender<()> {
    let (entered, is_entered) = channel();
    let (leave, leaves) = channel();
    log.log(Acting(number, Act::Wait(entered, leaves))).unwrap();
    is_entered.recv().unwrap();
    leave
}

/// Options with a callback that notes each error.
fn note_errors(options: BackgroundOptions) -> (Arc<Mutex<Vec<String>>>, BackgroundOptions) {
    let errors = Arc::<Mutex<Vec<String>>>::default();
    let noted = Arc::clone(&errors);
    let options = options.on_error(move |error| {
        assert_eq!(error.refused(), None);
        noted.lock().unwrap().push(error.to_string());
    });
    (errors, options)
}

#[test]
fn records_of_one_thread_stay_in_order_and_none_is_lost() {
    const EACH: u32 = 30_000;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("order.npy");
    for capacity in [1, 7, 1_000, usize::MAX] {
        let (log, guard) = start(&path, options().capacity(capacity));
        let each = if capacity == 1 { EACH / 100 } else { EACH };
        thread::scope(|scope| {
            for number in 0..4_u32 {
                // Two have a logger of their own, two share one.
                let own = (number < 2).then(|| log.clone());
                let shared = &log;
                scope.spawn(move || {
                    let log = own.as_ref().unwrap_or(shared);
                    (0..each).for_each(|nth| log.log((number, nth)).unwrap());
                });
            }
        });
        assert_eq!(log.accepted(), u64::from(4 * each));
        guard.close().unwrap();
        assert_eq!(log.pending(), 0);
        let mut next = [0; 4];
        for (number, nth) in npyrec::read::<(u32, u32)>(&path).unwrap() {
            assert_eq!(next[number as usize], nth);
            next[number as usize] += 1;
        }
        assert_eq!(next, [each; 4]);
    }
}

#[test]
fn the_file_is_numpys() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("numbered.npy");
    let (log, guard) = start(&path, BackgroundOptions::new());
    (0..1_000).for_each(|number| log.log(Numbered::new(number)).unwrap());
    guard.close().unwrap();
    let Some(mut numpy) = numpy() else { return };
    let code = format!("{CHECK}\na = np.load(path)\ncheck(a)\nanswer = len(a)");
    assert_eq!(numpy.python(&path, &code), json!(1_000));
    assert_eq!(std::fs::read(&path).unwrap(), numpy.resave(&path));
}

#[test]
fn what_was_appended_before_comes_first_and_is_committed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("before.npy");
    let mut appender = Appender::<u32>::create(&path).unwrap();
    appender.extend([0, 1]).unwrap();
    let interval = Duration::from_millis(1);
    let options = BackgroundOptions::new().commit_interval(interval);
    let (log, guard) = appender.into_background(options);
    wait_for_rows(&path, 2);
    log.log(2).unwrap();
    log.flush().unwrap();
    assert_eq!((log.accepted(), log.pending()), (1, 0));
    guard.close().unwrap();
    assert_eq!(npyrec::read::<u32>(&path).unwrap(), [0, 1, 2]);
}

#[test]
fn after_a_flush_all_that_this_thread_logged_is_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("flush.npy");
    let (log, guard) = start::<(u32, u32)>(&path, options().capacity(100));
    thread::scope(|scope| {
        for number in 0..3 {
            let (log, path) = (log.clone(), &path);
            scope.spawn(move || {
                for flush in 1..=30 {
                    let of_flush = (flush - 1) * 50..flush * 50;
                    of_flush.for_each(|nth| log.log((number, nth)).unwrap());
                    log.flush().unwrap();
                    let rows = npyrec::read::<(u32, u32)>(path).unwrap();
                    let own = rows.into_iter().filter(|row| row.0 == number);
                    assert!(own.map(|row| row.1).eq(0..flush * 50));
                }
            });
        }
    });
    assert_eq!(log.pending(), 0);
    drop(guard);
    assert_eq!(committed(&path), 3 * 30 * 50);
    log.flush().unwrap();
}

#[test]
fn a_full_queue_gives_the_record_back_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("full.npy");
    let (log, guard) = start(&path, options().capacity(5));
    let leave = keep_busy(&log, 0);
    (1..=5).for_each(|number| log.try_log(plain(number)).unwrap());
    // The thread makes no room before `leave` is used: a call that waited would hang.
    for number in 6..10 {
        let error = log.try_log(plain(number)).unwrap_err();
        assert!(error.is_full() && matches!(error, TryLogError::Full(_)));
        assert_eq!(error.into_record().0, number);
    }
    insta::assert_snapshot!(log.try_log(plain(9)).unwrap_err(), @"the queue of the background logger is full; try again later, or wait for room with `log`");
    let other = log.clone();
    (10..=12).for_each(|number| other.try_log(plain(number)).unwrap());
    assert_eq!((log.accepted(), log.refused(), log.pending()), (9, 0, 9));
    leave.send(()).unwrap();
    log.flush().unwrap();
    log.try_log(plain(13)).unwrap();
    drop(other);
    guard.close().unwrap();
    let error = log.try_log(plain(14)).unwrap_err();
    assert!(!error.is_full() && matches!(error, TryLogError::Closed(_)));
    insta::assert_snapshot!(error, @"the thread of the background logger has ended and takes no more records; `log` says why");
    assert_eq!(error.into_record().0, 14);
    let rows = npyrec::read::<u64>(&path).unwrap();
    let (of_other, rows): (Vec<u64>, _) = rows.iter().partition(|row| (10..13).contains(*row));
    assert_eq!(rows, [0, 1, 2, 3, 4, 5, 13]);
    assert_eq!(of_other, [10, 11, 12]);
}

#[test]
fn records_that_are_tried_until_there_is_room_are_all_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tried.npy");
    for capacity in [1, 3, 1_000] {
        let (log, guard) = start(&path, options().capacity(capacity));
        thread::scope(|scope| {
            for number in 0..3_u32 {
                let own = (number < 2).then(|| log.clone());
                let shared = &log;
                scope.spawn(move || {
                    let log = own.as_ref().unwrap_or(shared);
                    for nth in 0..300_u32 {
                        let mut record = (number, nth);
                        while let Err(error) = log.try_log(record) {
                            assert!(error.is_full());
                            record = error.into_record();
                            thread::yield_now();
                        }
                    }
                });
            }
        });
        guard.close().unwrap();
        let mut next = [0; 3];
        for (number, nth) in npyrec::read::<(u32, u32)>(&path).unwrap() {
            assert_eq!(next[number as usize], nth);
            next[number as usize] += 1;
        }
        assert_eq!(next, [300; 3]);
    }
}

#[test]
fn who_logs_to_a_full_queue_waits_for_room() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("waits.npy");
    let (log, guard) = start(&path, options().capacity(2));
    let leave = keep_busy(&log, 0);
    thread::scope(|scope| {
        let threads = [1, 11, 21].map(|first| {
            let log = &log;
            scope.spawn(move || {
                (first..first + 5).for_each(|number| log.log(plain(number)).unwrap());
            })
        });
        while log.accepted() < 3 {
            thread::yield_now();
        }
        // Nothing makes room.
        assert!(threads.iter().any(|thread| !thread.is_finished()));
        assert_eq!(log.accepted(), 3);
        leave.send(()).unwrap();
    });
    guard.close().unwrap();
    assert_eq!(log.accepted(), 16);
    let mut rows = npyrec::read::<u64>(&path).unwrap();
    rows.sort_unstable();
    let logged = [1, 11, 21].into_iter().flat_map(|first| first..first + 5);
    assert!(rows.into_iter().eq([0].into_iter().chain(logged)));
}

#[test]
fn closing_wakes_who_waits_for_room() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("closed.npy");
    let (log, guard) = start(&path, options().capacity(1));
    let leave = keep_busy(&log, 0);
    log.log(plain(1)).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| log.log(plain(2)));
        let closing = scope.spawn(|| guard.close());
        leave.send(()).unwrap();
        closing.join().unwrap().unwrap();
        let accepted = waiting.join().unwrap().is_ok();
        assert_eq!(committed(&path), 2 + u64::from(accepted));
    });
}

#[test]
fn a_panic_of_the_program_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("panic.npy");
    let (log, guard) = start(&path, options());
    let panic = catch_unwind(AssertUnwindSafe(move || {
        let _guard = guard;
        (0..500_u64).for_each(|number| log.log(number).unwrap());
        panic!("such is life");
    }));
    assert!(panic.is_err());
    assert!(npyrec::read::<u64>(&path).unwrap().into_iter().eq(0..500));
}

#[test]
fn a_logger_whose_guard_is_gone_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("closed.npy");
    let (log, guard) = start(&path, options());
    log.log(1_u8).unwrap();
    guard.close().unwrap();
    let error = log.log(2).unwrap_err().to_string();
    let text = error.strip_prefix(&format!("{}: ", path.display()));
    insta::assert_snapshot!(text.unwrap(), @"no more records are accepted, because the guard of the background logger was closed or dropped; keep it while records are logged");
    for log in [log.clone(), log] {
        let error = log.log(2).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
        assert_eq!(error.path(), Some(&*path));
        log.flush().unwrap();
        assert_eq!((log.accepted(), log.pending()), (1, 0));
    }
    assert_eq!(npyrec::read::<u8>(&path).unwrap(), [1]);
    Appender::<u8>::open(&path).expect("it is locked no more");
}

#[cfg(target_os = "linux")]
#[test]
fn a_removed_file_is_reported_by_the_close_with_all_its_records() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("removed.npy");
    for calls_back in [true, false] {
        let (errors, noting) = note_errors(options());
        let options = if calls_back { noting } else { options() };
        let (log, guard) = start(&path, options);
        (0..5_u64).for_each(|number| log.log(number).unwrap());
        log.flush().unwrap();
        std::fs::remove_file(&path).unwrap();
        (5..8).for_each(|number| log.log(number).unwrap());
        log.flush().unwrap();
        let error = guard.close().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Removed, "{error}");
        assert_eq!(error.path(), Some(&*path));
        let end = "; 8 logged records are not in the file";
        assert!(error.to_string().ends_with(end), "{error}");
        assert_eq!((error.refused(), log.refused()), (Some(8), 8));
        assert_eq!(log.pending(), 0);
        let error = log.flush().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Removed, "{error}");
        assert_eq!(errors.lock().unwrap().len(), usize::from(calls_back));
        assert!(!path.exists());
    }
}

#[test]
fn records_are_committed_in_time_also_when_no_more_come() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("interval.npy");
    for interval in [Duration::ZERO, Duration::from_millis(5)] {
        let options = BackgroundOptions::new().commit_interval(interval);
        let (log, guard) = start(&path, options);
        for rows in 1..20 {
            log.log(rows).unwrap();
            wait_for_rows(&path, rows);
        }
        log.log(20).unwrap();
        log.log(21).unwrap();
        wait_for_rows(&path, 21);
        let other = log.clone();
        other.log(22).unwrap();
        drop(other);
        wait_for_rows(&path, 22);
        guard.close().unwrap();
    }
}

#[test]
fn so_many_records_are_committed_without_waiting_for_the_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("every.npy");
    let (log, guard) = start(&path, options().commit_every(10));
    let other = log.clone();
    for rows in 1..=100_u64 {
        match rows % 3 {
            0 => other.log(rows).unwrap(),
            _ => log.log(rows).unwrap(),
        }
        wait_for_rows(&path, (rows + 1).saturating_sub(10));
    }
    guard.close().unwrap();
    assert_eq!(committed(&path), 100);
}

#[test]
fn loggers_come_and_go_without_a_loss() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("loggers.npy");
    let (log, guard) = start(&path, options().commit_every(50));
    for number in 0..2_000_u32 {
        let log = log.clone();
        thread::spawn(move || log.log(number).unwrap())
            .join()
            .unwrap();
    }
    assert_eq!(log.accepted(), 2_000);
    drop(log);
    guard.close().unwrap();
    let mut rows = npyrec::read::<u32>(&path).unwrap();
    rows.sort_unstable();
    assert!(rows.into_iter().eq(0..2_000));
}

#[test]
fn rows_of_no_bytes_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("nothing.npy");
    let (log, guard) = start(&path, options().capacity(10));
    (0..100).for_each(|_| log.log([0_u64; 0]).unwrap());
    guard.close().unwrap();
    assert_eq!(committed(&path), 100);
}

#[test]
fn a_killed_process_loses_no_more_than_its_queue() {
    let dir = tempfile::tempdir().unwrap();
    let mut random = fastrand::Rng::with_seed(3);
    for round in 0..8 {
        let path = dir.path().join(format!("{round}.npy"));
        let mut child = Running::start(&mut command("log in background", &path, ""));
        let mut flushed = 0;
        for _ in 0..random.u64(1..40) {
            flushed = child.number().unwrap();
        }
        child.process.kill().unwrap();
        flushed = child.last_number().0.unwrap_or(flushed);
        assert!(npyrec::check(&path).unwrap().numpy_loads());
        let rows = npyrec::read::<Numbered>(&path).unwrap();
        assert!(rows.len() as u64 >= flushed, "{} of {flushed}", rows.len());
        assert!(
            rows.into_iter()
                .zip(0..)
                .all(|(row, n)| row == Numbered::new(n))
        );
    }
}

/// The child of the test before: logs for ever, and tells `say` how much is flushed.
pub fn log_for_ever(path: &Path, say: fn(u64)) {
    let (log, _guard) = start(path, options().capacity(100));
    for number in 0.. {
        log.log(Numbered::new(number)).unwrap();
        if number % 150 == 0 {
            log.flush().unwrap();
            say(number + 1);
        }
    }
}
