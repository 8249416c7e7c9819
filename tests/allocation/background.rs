//! Loggers.

use npyrec::{Appender, EncodeAs, NpyRecord};

use crate::{CALLS, calls, peak};

/// A record that notes what the thread that encodes it had allocated.
struct Noting(std::sync::Arc<std::sync::atomic::AtomicUsize>);

impl EncodeAs<Noting> for Noting {
    fn encode_as(&self, (): &(), out: &mut [u8]) -> Result<(), npyrec::EncodeError> {
        self.encode(out)
    }
}

impl NpyRecord for Noting {
    const ITEMSIZE: usize = 5;

    fn dtype() -> npyrec::DType {
        <(u8, f32)>::dtype()
    }

    fn encode(&self, out: &mut [u8]) -> Result<(), npyrec::EncodeError> {
        self.0
            .store(CALLS.get(), std::sync::atomic::Ordering::Relaxed);
        (1_u8, 2.0_f32).encode(out)
    }

    fn decode(_: &[u8]) -> Result<Self, npyrec::DecodeError> {
        unimplemented!("it is not read")
    }
}

#[test]
fn logging_in_the_background_allocates_nothing_after_the_start() {
    use std::sync::{Arc, atomic::Ordering};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("logged.npy");
    let options = npyrec::BackgroundOptions::new().capacity(100);
    let appender = Appender::<Noting>::create(&path).unwrap();
    let (log, guard) = appender.into_background(options.commit_every(77));
    let made = Arc::default();
    let notes: Vec<_> = (0..10_001).map(|_| Noting(Arc::clone(&made))).collect();
    let mut notes = notes.into_iter();
    // The first flush allocates room for an answer.
    for _ in 0..2 {
        log.log(notes.next().unwrap()).unwrap();
        log.flush().unwrap();
    }
    let of_thread = made.load(Ordering::Relaxed);
    let of_loggers = calls(|| notes.try_for_each(|record| log.log(record)).unwrap());
    log.flush().unwrap();
    let of_thread = made.load(Ordering::Relaxed) - of_thread;
    assert_eq!((of_loggers, of_thread), (0, 0));
    guard.close().unwrap();
    assert_eq!(npyrec::read::<(u8, f32)>(&path).unwrap().len(), 10_001);
}

#[test]
fn a_full_queue_takes_no_more_memory() {
    let dir = tempfile::tempdir().unwrap();
    let options = npyrec::BackgroundOptions::new();
    let appender = Appender::<[u64; 4]>::create(dir.path().join("full.npy")).unwrap();
    let took = peak(|| {
        let (log, guard) = appender.into_background(options.capacity(1_000));
        let refused = (0..1_000_000).filter(|&n| log.try_log([n; 4]).is_err());
        let refused = refused.count() as u64;
        assert_eq!(log.accepted() + refused, 1_000_000);
        guard.close().unwrap();
        assert_eq!(log.pending(), 0);
    });
    // Two vectors of records, and the memory of a thread.
    assert!(took < 3 * 32_000, "{took}");
}
