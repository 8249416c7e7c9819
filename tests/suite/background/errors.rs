//! Records that are refused, callbacks, and panics of records.

use super::*;

#[test]
fn a_record_that_does_not_fit_costs_no_other_and_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ten.npy");
    for (capacity, act) in [1, 4, 100].into_iter().flat_map(|capacity| {
        [
            (capacity, (|| Act::Refuse) as fn() -> Act),
            (capacity, || Act::Panic),
        ]
    }) {
        let (errors, options) = note_errors(options().capacity(capacity));
        let (log, guard) = start(&path, options);
        for number in 0..10 {
            let act = if number == 3 { act() } else { Act::Plain };
            log.log(Acting(number, act)).unwrap();
        }
        let flushed = log.flush().unwrap_err();
        log.flush().unwrap();
        assert_eq!((log.refused(), guard.refused(), log.pending()), (1, 1, 0));
        let closed = guard.close().unwrap_err();
        for error in [&flushed, &closed] {
            assert_eq!((error.refused(), error.row()), (Some(1), Some(3)));
            assert_eq!(error.path(), Some(&*path));
        }
        assert_eq!(flushed.to_string(), closed.to_string());
        assert_eq!(errors.lock().unwrap().len(), 1);
        let rows = npyrec::read::<u64>(&path).unwrap();
        assert_eq!(rows, [0, 1, 2, 4, 5, 6, 7, 8, 9]);
    }
}

#[test]
fn each_refused_record_is_counted_and_each_logger_hears_of_those_that_are_new() {
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
    for log in [&log, &other] {
        let error = log.flush().unwrap_err();
        assert!(error.to_string().contains("panicked: "), "{error}");
        let text = error.to_string();
        let text = text.strip_prefix(path.to_str().unwrap()).unwrap();
        insta::allow_duplicates! {
            insta::assert_snapshot!(text, @": row 1: cannot encode the record: panicked: no place for 1; 2 logged records are not in the file");
        }
        log.flush().unwrap();
    }
    other.log(plain(4)).unwrap();
    other.log(Acting(5, Act::Refuse)).unwrap();
    log.log(plain(6)).unwrap();
    let error = log.flush().unwrap_err();
    let end = ": 5 is refused; 1 logged record is not in the file";
    assert!(error.to_string().ends_with(end), "{error}");
    assert_eq!(error.kind(), ErrorKind::Encode, "{error}");
    // A clone knows what its original knows.
    log.clone().flush().unwrap();
    assert_eq!(other.flush().unwrap_err().refused(), Some(1));
    // The logger of this one is gone.
    let last = log.clone();
    last.log(Acting(8, Act::Refuse)).unwrap();
    drop((last, other));
    let error = guard.close().unwrap_err();
    assert!(error.to_string().contains("panicked: "), "{error}");
    assert_eq!((error.refused(), error.row()), (Some(4), Some(1)));
    assert_eq!((log.refused(), log.pending()), (4, 0));
    assert_eq!(log.flush().unwrap_err().refused(), Some(1));
    let mut rows = npyrec::read::<u64>(&path).unwrap();
    rows.sort_unstable();
    assert_eq!(rows, [0, 2, 4, 6]);
}

#[test]
fn a_callback_that_panics_costs_no_record() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("callback.npy");
    let calls = Arc::new(AtomicU64::new(0));
    let called = Arc::clone(&calls);
    let options = options().capacity(3).on_error(move |error| {
        called.fetch_add(1, Ordering::Relaxed);
        panic!("cannot bear {error}");
    });
    let (log, guard) = start(&path, options);
    for number in 0..100 {
        let act = if number % 10 == 4 {
            Act::Refuse
        } else {
            Act::Plain
        };
        log.log(Acting(number, act)).unwrap();
    }
    assert_eq!(log.flush().unwrap_err().refused(), Some(10));
    log.log(plain(100)).unwrap();
    assert_eq!(guard.close().unwrap_err().refused(), Some(10));
    assert_eq!(calls.load(Ordering::Relaxed), 10);
    let rows = npyrec::read::<u64>(&path).unwrap();
    assert!(rows.into_iter().eq((0..=100).filter(|n| n % 10 != 4)));
}

/// The payload of a panic, whose destructor panics as well.
struct Payload;

impl Drop for Payload {
    fn drop(&mut self) {
        panic::panic_any(Payload);
    }
}

#[test]
fn a_panic_whose_payload_panics_when_it_is_dropped_costs_no_record() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("payload.npy");
    let options = options().on_error(|_| panic::panic_any(Payload));
    let (log, guard) = start(&path, options);
    for number in 0..10 {
        let act = if number == 4 { Act::Refuse } else { Act::Plain };
        log.log(Acting(number, act)).unwrap();
    }
    assert_eq!(log.flush().unwrap_err().refused(), Some(1));
    log.log(plain(10)).unwrap();
    assert_eq!(guard.close().unwrap_err().refused(), Some(1));
    let rows = npyrec::read::<u64>(&path).unwrap();
    assert!(rows.into_iter().eq((0..=10).filter(|n| *n != 4)));
}

#[test]
fn a_callback_that_uses_its_own_logger_waits_for_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("own.npy");
    let own = Arc::new(OnceLock::<(
        Mutex<Option<Logger<Acting>>>,
        Mutex<Option<Guard>>,
    )>::new());
    let of_callback = Arc::clone(&own);
    let options = options().capacity(1).on_error(move |error| {
        let (log, guard) = of_callback.get().unwrap();
        let mut log = log.lock().unwrap();
        let Some(own) = log.take() else { return };
        // The queue has room for one.
        (100..110).for_each(|number| own.log(plain(number)).unwrap());
        assert!(own.try_log(plain(0)).unwrap_err().is_full());
        let clone = own.clone();
        clone.log(plain(110)).unwrap();
        drop(clone);
        let waits = [own.flush(), guard.lock().unwrap().take().unwrap().close()];
        for wait in waits {
            let error = wait.unwrap_err();
            let Some(io) = error.io_error() else {
                panic!("{error}");
            };
            assert_eq!(io.kind(), std::io::ErrorKind::Deadlock);
        }
        assert_eq!(error.row(), Some(1));
        assert_eq!((own.refused(), own.accepted()), (0, 13));
        drop(own);
    });
    let (log, guard) = start(&path, options);
    let set = own.set((Mutex::new(Some(log.clone())), Mutex::new(Some(guard))));
    assert!(set.is_ok());
    log.log(plain(0)).unwrap();
    log.log(Acting(1, Act::Refuse)).unwrap();
    // It ends as the callback closed the guard.
    let error = (0..).find_map(|_| log.try_log(plain(2)).err().filter(|e| !e.is_full()));
    assert!(matches!(error, Some(TryLogError::Closed(_))));
    while log.pending() > 0 {
        thread::yield_now();
    }
    assert_eq!(log.flush().unwrap_err().refused(), Some(1));
    let rows = npyrec::read::<u64>(&path).unwrap();
    let own = rows.iter().filter(|row| **row >= 100);
    assert!(own.copied().eq(100..=110), "{rows:?}");
    assert_eq!(rows.len() as u64, log.accepted() - 1);
}

/// Its destructor panics, once it was appended.
struct Bomb(u8);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(thread::current().name() != Some("npyrec"), "boom");
    }
}

impl EncodeAs<Bomb> for Bomb {
    fn encode_as(&self, (): &(), out: &mut [u8]) -> Result<(), EncodeError> {
        self.encode(out)
    }
}

impl NpyRecord for Bomb {
    const ITEMSIZE: usize = 1;

    fn dtype() -> DType {
        u8::dtype()
    }

    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        self.0.encode(out)
    }

    fn decode(_: &[u8]) -> Result<Self, DecodeError> {
        Ok(Bomb(0))
    }
}

#[test]
fn a_destructor_that_panics_costs_no_record() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bomb.npy");
    for capacity in [1, 100] {
        let (log, guard) = start(&path, options().capacity(capacity));
        (0..50).for_each(|number| log.log(Bomb(number)).unwrap());
        let error = log.flush().unwrap_err();
        assert!(error.to_string().contains("panicked: "), "{error}");
        assert_eq!(error.refused(), Some(0));
        let text = error.to_string();
        let text = text.strip_prefix(path.to_str().unwrap()).unwrap();
        insta::allow_duplicates! {
            insta::assert_snapshot!(text, @": cannot drop a record: panicked: boom; no record was lost");
        }
        log.log(Bomb(50)).unwrap();
        assert_eq!(guard.close().unwrap_err().refused(), Some(0));
        assert_eq!((log.refused(), log.pending()), (0, 0));
        assert!(npyrec::read::<u8>(&path).unwrap().into_iter().eq(0..=50));
    }
}
