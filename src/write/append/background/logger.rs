use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{lanes::Lanes, queue::Queue, signals::Signals, try_log_error::TryLogError};
use crate::error::Result;

/// A logger that hands records to a thread that appends them. [`Appender::into_background`] returns it.
///
/// A clone has its own queue. Give each thread a clone: the lock of the queue is then free, except for the
/// moment in which the queue is emptied. Several threads may also share one logger. Records that one thread
/// logs with one logger stay in order.
///
/// # Which call waits
///
/// | call | waits |
/// | --- | --- |
/// | [`log`](Logger::log) | for room, when the queue is full: the disk is full, or the disk, encoding or the [callback](crate::BackgroundOptions::on_error) is slower than the program |
/// | [`try_log`](Logger::try_log) | never: it returns the record |
/// | [`flush`](Logger::flush), [`rotate`](Logger::rotate), [`LoggerGuard::close`], dropping the guard | until all records are written |
/// | every other call | never |
///
/// # Errors
///
/// [`BackgroundOptions::on_error`] receives errors at once, [`flush`](Logger::flush) and [`LoggerGuard::close`]
/// return them later, and [`refused`](Logger::refused) counts the records that they cost.
///
/// | error | records |
/// | --- | --- |
/// | a record does not fit its dtype, or encoding it panics | it is refused, all others are appended |
/// | writing fails, as on a full disk | they are kept and written when writing succeeds; meanwhile the queue fills, and `log` waits |
/// | a sync failed, the header has no room for more rows, the file was cut, or another program appended to it | the thread ends: records that are not committed are lost, and `log` returns the error |
/// | writing still fails at [`LoggerGuard::close`] | records that are not committed are lost |
/// | the file was removed | all in it are lost, which only `LoggerGuard::close` reports |
///
/// # From async code
///
/// A task must not wait for a disk. It logs by [`try_log`](Logger::try_log), and when the queue is full it
/// drops the record, yields and tries again, or calls `log` on a thread that may wait: Tokio's
/// `spawn_blocking` has such threads. `flush` and `LoggerGuard::close` belong there too. Drop the guard outside of
/// the runtime, for example at the end of `main`.
///
/// [`Appender::into_background`]: crate::Appender::into_background
/// [`BackgroundOptions::on_error`]: crate::BackgroundOptions::on_error
/// [`LoggerGuard::close`]: crate::LoggerGuard::close
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("requests.npy");
/// use npyrec::{Appender, BackgroundOptions, Logger, TryLogError};
/// # use std::{future::{Future, poll_fn}, pin::pin, task::{Context, Poll, Waker}};
///
/// async fn handle(request: u64, log: &Logger<(u64, f32)>) -> Result<(), TryLogError<(u64, f32)>> {
///     let mut record = (request, 0.5);
///     loop {
///         match log.try_log(record) {
///             Err(TryLogError::Full(back)) => record = back,
///             result => return result,
///         }
///         yield_now().await; // the runtime's, or a `sleep`
///     }
/// }
///
/// let requests = Appender::<(u64, f32)>::create(&path)?;
/// let (log, guard) = requests.into_background(BackgroundOptions::new().capacity(10));
/// block_on(async {
///     for request in 0..1_000 {
///         handle(request, &log).await?;
///     }
///     Ok::<(), TryLogError<_>>(())
/// })?;
/// // In a task: `spawn_blocking(move || log.flush()).await`.
/// std::thread::spawn(move || log.flush()).join().unwrap()?;
/// guard.close()?;
/// assert_eq!(npyrec::read::<(u64, f32)>(&path)?.len(), 1_000);
/// #
/// # async fn yield_now() {
/// #     let mut is_second = false;
/// #     poll_fn(|_| match std::mem::replace(&mut is_second, true) {
/// #         true => Poll::Ready(()),
/// #         false => Poll::Pending,
/// #     }).await
/// # }
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     let mut future = pin!(future);
/// #     loop {
/// #         if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
/// #             return output;
/// #         }
/// #         std::thread::yield_now();
/// #     }
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Logger<R> {
    queue: Arc<Queue<R>>,
    lanes: Arc<Lanes<R>>,
    signals: Arc<Signals>,
    /// The number of refused records that a flush of this logger has reported.
    known: AtomicU64,
}

impl<R> Logger<R> {
    pub(super) fn new(lanes: Arc<Lanes<R>>, signals: Arc<Signals>, known: u64) -> Self {
        Logger {
            queue: lanes.add(),
            lanes,
            signals,
            known: AtomicU64::new(known),
        }
    }

    /// Takes a record, which the thread appends. If the queue is full, this call waits until the thread has made
    /// room.
    ///
    /// # Errors
    ///
    /// Only if the thread has ended. The record is dropped. The error is the one that ended the
    /// thread, or [`ErrorKind::Closed`](crate::ErrorKind::Closed) if the guard did.
    #[inline]
    pub fn log(&self, record: R) -> Result<()> {
        match self.queue.push(record) {
            Ok(false) => Ok(()),
            Ok(true) => {
                self.signals.call();
                Ok(())
            }
            Err(_) => Err(self.lanes.closed()),
        }
    }

    /// Takes a record if there is room for it. It never waits for the thread or the disk.
    ///
    /// # Errors
    ///
    /// If the queue is full, or the thread has ended. The error gives the record back.
    #[inline]
    pub fn try_log(&self, record: R) -> Result<(), TryLogError<R>> {
        if self.queue.try_push(record)? {
            self.signals.call();
        }
        Ok(())
    }

    /// Waits until every record that was taken before is committed, including records of other loggers.
    ///
    /// # Errors
    ///
    /// If appending or committing fails: the records are kept and it is tried again, so that the next call
    /// may succeed.
    ///
    /// Also if records were refused since the last `flush` of this logger, no matter which logger took
    /// them. All other records are then committed. The first such `flush` returns the first error, a later
    /// one the latest. [`Error::refused`](crate::Error::refused) returns the number of these records.
    ///
    /// Also if writing failed for a while, or a destructor panicked, and it was never reported: by a `flush`,
    /// or by a [callback](crate::BackgroundOptions::on_error). All records are then committed, and
    /// `Error::refused` is 0. If there is another error, it contains the text of this one.
    ///
    /// If an error ended the thread, each `flush` returns it, and [`LoggerGuard::close`](crate::LoggerGuard::close) does.
    /// It contains the text of the first error of a refused record, and `Error::refused` returns the number
    /// of all records that are not in the file.
    pub fn flush(&self) -> Result<()> {
        self.flush_and(false)
    }

    /// Waits until every record that was taken before is committed, and then seals the last shard of a
    /// [directory](crate::AppendOptions::open_dir), as [`Appender::rotate`](crate::Appender::rotate) does. Other calls
    /// of [`log`](Logger::log) do not wait for this.
    ///
    /// # Errors
    ///
    /// As [`flush`](Logger::flush), or if the next shard cannot be started. No record is lost: the next call, or the
    /// next record, tries again. Also if this is a single file.
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let dir = dir.path().join("ticks");
    /// use npyrec::{AppendOptions, BackgroundOptions};
    ///
    /// let ticks = AppendOptions::new().open_dir::<u64>(&dir)?;
    /// let (ticks, guard) = ticks.into_background(BackgroundOptions::new());
    /// ticks.log(1)?;
    /// ticks.rotate()?;
    /// assert_eq!(npyrec::read::<u64>(dir.join("0.npy"))?, [1]); // it is listed, and never changes
    /// ticks.log(2)?;
    /// guard.close()?;
    /// assert_eq!(npyrec::read::<u64>(dir.join("1.npy"))?, [2]);
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    pub fn rotate(&self) -> Result<()> {
        self.flush_and(true)
    }

    fn flush_and(&self, rotates: bool) -> Result<()> {
        let mut known = self.known.load(Ordering::Relaxed);
        let result = self.signals.flush(&mut known, rotates);
        self.known.fetch_max(known, Ordering::Relaxed);
        result.map_err(|e| e.at_path_if_unknown(self.lanes.path()))
    }

    /// Returns the number of records that were taken. It counts all clones together, as all of these
    /// numbers do.
    pub fn accepted(&self) -> u64 {
        self.lanes.accepted()
    }

    /// Returns the number of records that were taken, and are not in the file and never will be: they did
    /// not fit, encoding them panicked, or the thread ended before it could write them. Once the thread has
    /// ended, rows that were cut off and rows in a removed file count too.
    pub fn refused(&self) -> u64 {
        self.signals.refused()
    }

    /// Returns the number of records that were taken, and are neither committed nor refused.
    ///
    /// Where an item is several rows of an array and a write has failed, it may count items that are
    /// committed.
    pub fn pending(&self) -> u64 {
        // Asked for before what is accepted, which only grows.
        let done = self.signals.done();
        self.accepted().saturating_sub(done)
    }
}

impl<R> Clone for Logger<R> {
    /// Returns a logger of the same file, with its own queue.
    fn clone(&self) -> Self {
        let known = self.known.load(Ordering::Relaxed);
        Logger::new(Arc::clone(&self.lanes), Arc::clone(&self.signals), known)
    }
}

impl<R> Drop for Logger<R> {
    fn drop(&mut self) {
        self.queue.leave();
        self.signals.call();
    }
}

impl<R> fmt::Debug for Logger<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logger")
            .field("accepted", &self.accepted())
            .field("refused", &self.refused())
            .field("pending", &self.pending())
            .finish_non_exhaustive()
    }
}
