//! Records that a thread appends.

use std::{
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use npyrec::{
    Appender, BackgroundOptions, DType, DecodeError, EncodeError, ErrorKind, Guard, Header, Logger,
    NpyRecord, Overflow,
};
use serde_json::json;

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

/// Waits until so many rows are committed.
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
        assert_eq!((log.accepted(), log.dropped()), (u64::from(4 * each), 0));
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
fn what_is_dropped_is_the_newest_and_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dropped.npy");
    let options = options().capacity(5).overflow(Overflow::DropNewest);
    let (log, guard) = start(&path, options);
    let leave = keep_busy(&log, 0);
    (1..=12).for_each(|number| log.log(plain(number)).unwrap());
    let other = log.clone();
    (13..=15).for_each(|number| other.log(plain(number)).unwrap());
    assert_eq!((log.accepted(), log.dropped(), log.pending()), (9, 7, 9));
    leave.send(()).unwrap();
    log.flush().unwrap();
    assert_eq!((log.dropped(), log.pending()), (7, 0));
    log.log(plain(16)).unwrap();
    drop((log, other));
    guard.close().unwrap();
    let rows = npyrec::read::<u64>(&path).unwrap();
    let (of_other, rows): (Vec<u64>, _) = rows.iter().partition(|row| (13..16).contains(*row));
    assert_eq!(
        (rows, of_other),
        (vec![0, 1, 2, 3, 4, 5, 16], vec![13, 14, 15])
    );
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
    assert_eq!((log.accepted(), log.dropped()), (16, 0));
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
fn a_record_that_cannot_be_encoded_is_told_once_and_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("refused.npy");
    let (log, guard) = start(&path, options());
    let other = log.clone();
    for (number, act) in [Act::Plain, Act::Panic, Act::Plain, Act::Refuse]
        .into_iter()
        .enumerate()
    {
        log.log(Acting(number as u64, act)).unwrap();
    }
    other.flush().unwrap();
    assert_eq!((log.refused(), log.pending()), (2, 0));
    // Each error is of what the logger itself logged.
    other.log(plain(4)).unwrap();
    other.flush().unwrap();
    let error = log.log(plain(5)).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("refused.npy: row ") && matches!(error.kind(), ErrorKind::Panicked(_)));
    assert!(text.ends_with("panicked: no place for 1"), "{text}");
    log.log(Acting(6, Act::Refuse)).unwrap();
    let error = log.flush().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Encode(_)), "{error}");
    log.log(plain(7)).unwrap();
    log.flush().unwrap();
    // Nobody is told of this one but who closes.
    other.log(Acting(8, Act::Refuse)).unwrap();
    drop(other);
    log.flush().unwrap();
    let error = guard.close().unwrap_err();
    assert!(error.to_string().ends_with("8 is refused"), "{error}");
    assert_eq!((log.refused(), log.pending()), (4, 0));
    assert_eq!(npyrec::read::<u64>(&path).unwrap(), [0, 2, 4, 7]);
}

/// Its destructor panics, once it was appended.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(thread::current().name() != Some("npyrec"), "boom");
    }
}

impl NpyRecord for Bomb {
    const ITEMSIZE: usize = 1;

    fn dtype() -> DType {
        u8::dtype()
    }

    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        7_u8.encode(out)
    }

    fn decode(_: &[u8]) -> Result<Self, DecodeError> {
        Ok(Bomb)
    }
}

#[test]
fn a_thread_that_panics_keeps_nobody_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bomb.npy");
    let (log, guard) = start(&path, options().capacity(1));
    log.log(Bomb).unwrap();
    log.flush().unwrap_err();
    let error = (0..10).find_map(|_| log.log(Bomb).err()).unwrap();
    assert!(
        matches!(error.kind(), ErrorKind::Panicked(_) | ErrorKind::Closed),
        "{error}"
    );
    let error = log.log(Bomb).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Closed), "{error}");
    assert!(log.clone().log(Bomb).is_err());
    let error = guard.close().unwrap_err();
    assert!(error.to_string().ends_with("boom"), "{error}");
    assert_eq!(npyrec::read::<u8>(&path).unwrap(), [7]);
}

#[test]
fn a_logger_whose_guard_is_gone_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("closed.npy");
    let (log, guard) = start(&path, options());
    log.log(1_u8).unwrap();
    guard.close().unwrap();
    insta::assert_snapshot!(log.log(2).unwrap_err().kind(), @"no more records are taken, as the guard of the background logger was closed or dropped; keep it for as long as records are logged");
    for log in [log.clone(), log] {
        let error = log.log(2).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Closed), "{error}");
        assert_eq!(error.path(), Some(&*path));
        log.flush().unwrap();
        assert_eq!((log.accepted(), log.pending()), (1, 0));
    }
    assert_eq!(npyrec::read::<u8>(&path).unwrap(), [1]);
    Appender::<u8>::open(&path).expect("it is locked no more");
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

#[cfg(target_os = "linux")]
mod limits {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::*;
    use crate::process::inside;

    /// Lets files, or the memory, grow no longer than that; `None` for as ever.
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
    fn a_full_disk_is_told_and_what_was_taken_is_written_when_there_is_room() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("full.npy");
        run("fill in background", &path);
        let rows = npyrec::read::<Numbered>(&path).unwrap();
        assert!(rows.into_iter().eq((0..4_000).map(Numbered::new)));
    }

    #[test]
    fn a_full_disk_is_told_as_long_as_records_are_dropped() {
        let dir = tempfile::tempdir().unwrap();
        run("fill and drop in background", &dir.path().join("drop.npy"));
    }

    #[test]
    fn that_there_is_no_thread_is_told() {
        let dir = tempfile::tempdir().unwrap();
        run("lack a thread", &dir.path().join("no_thread.npy"));
    }

    fn assert_full(error: &npyrec::Error) {
        let ErrorKind::Io(io) = error.kind() else {
            panic!("{error}");
        };
        assert_eq!(io.kind(), std::io::ErrorKind::FileTooLarge);
    }

    /// The child of the first test.
    pub fn fill(path: &Path, say: fn(u64)) {
        limit(Resource::Fsize, Some(100_000));
        let (log, guard) = Appender::options()
            .buffer_capacity(1_000)
            .create_new(path)
            .unwrap()
            .into_background(options().capacity(64));
        let other = log.clone();
        let (mut number, mut errors) = (0, 0);
        while number < 4_000 {
            match log.log(Numbered::new(number)) {
                Ok(()) => number += 1,
                Err(error) => {
                    errors += 1;
                    assert_full(&error);
                    assert_full(&log.flush().unwrap_err());
                    // Each is told once.
                    assert_full(&other.log(Numbered::new(number)).unwrap_err());
                    let rows = npyrec::read::<Numbered>(path).unwrap();
                    assert_eq!(log.accepted(), number);
                    assert_eq!(rows.len() as u64 + log.pending(), number);
                    assert!(
                        rows.into_iter()
                            .zip(0..)
                            .all(|(row, n)| row == Numbered::new(n))
                    );
                    while let Ok(()) = log.log(Numbered::new(number)) {
                        number += 1;
                    }
                    limit(Resource::Fsize, None);
                    log.flush().unwrap();
                    assert_eq!((committed(path), log.pending()), (number, 0));
                }
            }
        }
        assert_eq!(errors, 1);
        log.flush().unwrap();
        limit(Resource::Fsize, Some(committed(path)));
        (0..10).for_each(|_| log.log(Numbered::new(0)).unwrap());
        assert_full(&guard.close().unwrap_err());
        assert_eq!((committed(path), log.pending()), (4_000, 10));
        assert!(log.flush().is_err());
        say(1);
    }

    /// The child of the second test: who drops what has no room is told again and again.
    pub fn fill_and_drop(path: &Path, say: fn(u64)) {
        let appender = Appender::options().buffer_capacity(8).create(path).unwrap();
        limit(Resource::Fsize, Some(200));
        let options = options().capacity(4).overflow(Overflow::DropNewest);
        let (log, guard) = appender.into_background(options.commit_every(1));
        let (mut number, mut told) = (0_u64, 0);
        while told < 3 || log.dropped() == 0 {
            match log.log(number) {
                Ok(()) => number += 1,
                Err(error) => {
                    assert_full(&error);
                    told += 1;
                }
            }
            thread::yield_now();
        }
        limit(Resource::Fsize, None);
        log.flush().unwrap();
        assert_eq!(log.accepted() + log.dropped(), number);
        guard.close().unwrap();
        assert_eq!(committed(path), log.accepted());
        say(1);
    }

    /// The child of the third test.
    pub fn lack_thread(path: &Path, say: fn(u64)) {
        let appender = Appender::<u8>::create(path).unwrap();
        limit(Resource::As, Some(0));
        let (log, guard) = appender.into_background(options().capacity(10));
        limit(Resource::As, None);
        let error = log.log(1).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("no_thread.npy: cannot start the thread"),
            "{error}"
        );
        assert!(matches!(log.log(1).unwrap_err().kind(), ErrorKind::Closed));
        assert!(matches!(log.flush().unwrap_err().kind(), ErrorKind::Closed));
        assert!(matches!(
            log.clone().log(1).unwrap_err().kind(),
            ErrorKind::Closed
        ));
        assert!(matches!(
            guard.close().unwrap_err().kind(),
            ErrorKind::Io(_)
        ));
        say(1);
    }
}

#[cfg(target_os = "linux")]
pub use limits::{fill, fill_and_drop, lack_thread};
