use std::{fmt, sync::Arc, time::Duration};

use crate::error::Error;

/// Options of a [`Logger`](super::Logger) and of the thread that appends what it logs.
///
/// ```
/// use std::time::Duration;
/// use npyrec::BackgroundOptions;
///
/// let options = BackgroundOptions::new()
///     .capacity(1_000)
///     .commit_interval(Duration::from_millis(100))
///     .on_error(|error| eprintln!("{error}"));
/// ```
#[derive(Clone, Debug)]
pub struct BackgroundOptions {
    pub(super) capacity: usize,
    pub(super) commit_every: u64,
    pub(super) commit_interval: Duration,
    pub(super) on_error: Option<Callback>,
}

/// A function that receives errors.
#[derive(Clone)]
pub(super) struct Callback(pub(super) Arc<dyn Fn(&Error) + Send + Sync>);

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

impl Default for BackgroundOptions {
    fn default() -> Self {
        BackgroundOptions::new()
    }
}

impl BackgroundOptions {
    /// Returns options with room for 16,384 records a logger, a commit after a second at the latest, and
    /// no callback.
    pub fn new() -> Self {
        BackgroundOptions {
            capacity: 16 * 1024,
            commit_every: u64::MAX,
            commit_interval: Duration::from_secs(1),
            on_error: None,
        }
    }

    /// Sets the number of records of each logger that may wait in its queue; 1 if it is 0. Records that
    /// the thread is appending do not count.
    ///
    /// A queue grows when it has to, up to this number of records. The thread needs the same again.
    #[must_use]
    pub fn capacity(mut self, records: usize) -> Self {
        self.capacity = records.max(1);
        self
    }

    /// Commits also when the thread has appended this number of rows or more; 0 for never. The thread
    /// appends all that waits in a queue at once, so that a commit may be of more rows.
    #[must_use]
    pub fn commit_every(mut self, rows: u64) -> Self {
        self.commit_every = if rows > 0 { rows } else { u64::MAX };
        self
    }

    /// Sets the longest time between logging a record and committing it, also when no more records come.
    /// While none come, the thread sleeps.
    #[must_use]
    pub fn commit_interval(mut self, interval: Duration) -> Self {
        self.commit_interval = interval;
        self
    }

    /// Calls `callback` with each error, on the thread that appends: once for each record that is refused,
    /// once when writing begins to fail, once when destructors of appended records panic, and once when the
    /// thread ends with an error.
    ///
    /// No lock is held meanwhile, but the thread appends nothing until the callback returns. A panic in
    /// the callback costs no record, and the thread continues.
    ///
    /// Nothing in the callback waits for a logger, as the thread would wait for itself.
    /// [`log`](super::Logger::log) takes a record also when the queue is full.
    /// [`flush`](super::Logger::flush) and [`LoggerGuard::close`](super::LoggerGuard::close) return an error of
    /// [`io::ErrorKind::Deadlock`](std::io::ErrorKind::Deadlock); after `close`, the thread ends when the
    /// callback has returned. The same holds for other code that the thread runs, such as
    /// [`NpyRecord::encode`](crate::NpyRecord::encode).
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("names.npy");
    /// use std::sync::mpsc;
    /// use npyrec::{Appender, BackgroundOptions, NpyRecord};
    ///
    /// #[derive(NpyRecord)]
    /// struct Name(#[npy(dtype = "S4")] String);
    ///
    /// let (sender, errors) = mpsc::channel();
    /// let options = BackgroundOptions::new().on_error(move |error| {
    ///     let _ = sender.send(error.to_string());
    /// });
    /// let (log, guard) = Appender::<Name>::create(&path)?.into_background(options);
    /// for name in ["Ann", "Barbara", "Cleo"] {
    ///     log.log(Name(name.to_owned()))?;
    /// }
    /// assert_eq!(guard.close().unwrap_err().refused(), Some(1));
    /// assert!(errors.recv()?.contains("row 1"));
    /// assert_eq!(npyrec::read::<Name>(&path)?.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_error(mut self, callback: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Callback(Arc::new(callback)));
        self
    }
}
