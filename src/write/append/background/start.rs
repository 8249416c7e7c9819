use std::{sync::Arc, thread::Builder};

use super::{
    lanes::Lanes,
    logger::Logger,
    logger_guard::LoggerGuard,
    options::BackgroundOptions,
    signals::Signals,
    sink::{LogTarget, WholeRows},
    thread::AppendingThread,
};
use crate::{
    error::Error,
    record::Element,
    write::append::{Appender, ArrayAppender},
};

impl<E: Element + Send + 'static> Appender<E> {
    /// Hands the appender to a thread. Returns the logger, and a guard that ends the thread.
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
    /// If the system has no thread to give, [`Logger::log`] and [`LoggerGuard::close`] return the error.
    #[must_use = "without its guard the thread ends at once"]
    pub fn into_background(self, options: BackgroundOptions) -> (Logger<E>, LoggerGuard) {
        start(self, options)
    }
}

impl<T: Element + Send + 'static> ArrayAppender<T> {
    /// Hands the appender to a thread. Returns the logger, and a guard that ends the thread.
    ///
    /// A logged `Vec` is the elements of one row, or of several whole rows, as
    /// [`append_rows`](Self::append_rows) takes them.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("frames.npy");
    /// use npyrec::{ArrayAppender, BackgroundOptions};
    ///
    /// let frames = ArrayAppender::<u8>::create(&path, &[2, 3])?;
    /// let (log, guard) = frames.into_background(BackgroundOptions::new().capacity(16));
    /// log.log(vec![1, 2, 3, 4, 5, 6])?;
    /// log.log(vec![0; 12])?;
    /// guard.close()?;
    /// assert_eq!(npyrec::NpyFile::open(&path)?.shape(), [3, 2, 3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// A `Vec` that is not a whole number of rows is refused
    /// ([`ErrorKind::Shape`](crate::ErrorKind::Shape)), and counted as one. So is one with an
    /// element that does not fit: the rows before that element's row are in the file, and the rest of the
    /// `Vec` is not. The numbers of a [`Logger`] count `Vec`s.
    #[must_use = "without its guard the thread ends at once"]
    pub fn into_background(self, options: BackgroundOptions) -> (Logger<Vec<T>>, LoggerGuard) {
        start(WholeRows::new(self), options)
    }
}

fn start<S>(mut sink: S, options: BackgroundOptions) -> (Logger<S::Item>, LoggerGuard)
where
    S: LogTarget + Send + 'static,
    S::Item: Send,
{
    let lanes = Arc::new(Lanes::new(options.capacity, sink.rows().log_path()));
    let signals = Arc::new(Signals::default());
    let log = Logger::new(Arc::clone(&lanes), Arc::clone(&signals), 0);
    let writer = AppendingThread::new(sink, options, Arc::clone(&lanes), Arc::clone(&signals));
    let builder = Builder::new().name("npyrec".to_owned());
    let thread = builder.spawn(|| writer.work()).map_err(|e| {
        let error = Error::io("start the thread that appends", e).at_path(lanes.path());
        lanes.close(Some(error.clone()));
        signals.end(0, Some(&error));
        error
    });
    let guard = LoggerGuard {
        signals,
        thread: Some(thread),
    };
    (log, guard)
}
