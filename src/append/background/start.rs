use std::{sync::Arc, thread::Builder};

use super::{
    guard::Guard, lanes::Lanes, logger::Logger, options::BackgroundOptions, signals::Signals,
    thread::Writer,
};
use crate::{append::Appender, error::Error, record::NpyRecord};

impl<R: NpyRecord + Send + 'static> Appender<R> {
    /// Hands the appender to a thread, and gives what records are logged with, and what ends the thread.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("events.npy");
    /// use npyrec::{Appender, BackgroundOptions};
    ///
    /// let events = Appender::<(u64, f32)>::create(&path)?;
    /// let (log, guard) = events.into_background(BackgroundOptions::new());
    /// std::thread::scope(|scope| {
    ///     for worker in 0..2 {
    ///         let log = log.clone();
    ///         scope.spawn(move || log.log((worker, 0.5)));
    ///     }
    /// });
    /// guard.close()?;
    /// assert_eq!(npyrec::read::<(u64, f32)>(&path)?.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Should there be no thread to be had, the first [`log`](Logger::log) and [`Guard::close`] say so.
    #[must_use = "without its guard the thread ends at once"]
    pub fn into_background(self, options: BackgroundOptions) -> (Logger<R>, Guard) {
        let lanes = Arc::new(Lanes::new(options.clone(), self.path()));
        let signals = Arc::new(Signals::default());
        let log = Logger::new(Arc::clone(&lanes), Arc::clone(&signals));
        let writer = Writer::new(self, options, Arc::clone(&lanes), Arc::clone(&signals));
        let builder = Builder::new().name("npyrec".to_owned());
        let thread = builder.spawn(|| writer.work()).map_err(|e| {
            let error = Error::io("start the thread that appends", e);
            lanes.close_with(&error);
            signals.end(false);
            error
        });
        let guard = Guard {
            signals,
            thread: Some(thread),
        };
        (log, guard)
    }
}
