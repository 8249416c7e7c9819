use std::{fmt, sync::Arc};

use super::{lanes::Lanes, queue::Queue, signals::Signals};
use crate::error::Result;

/// Hands records to a thread that appends them; what
/// [`Appender::into_background`](crate::Appender::into_background) gives.
///
/// A clone has a queue of its own. Give each thread one: records are taken with a lock that is then free
/// whenever it is wanted, but for the moment in which the queue is emptied. One logger may be shared as
/// well. The records of a logger, and so those that one thread logs with it, stay in order.
pub struct Logger<R> {
    queue: Arc<Queue<R>>,
    lanes: Arc<Lanes<R>>,
    signals: Arc<Signals>,
}

impl<R> Logger<R> {
    pub(super) fn new(lanes: Arc<Lanes<R>>, signals: Arc<Signals>) -> Self {
        Logger {
            queue: lanes.add(),
            lanes,
            signals,
        }
    }

    /// Takes a record, to be appended. It never waits for the file; when the queue is full, it waits for
    /// room or drops the record, as [`Overflow`](crate::Overflow) has it.
    ///
    /// # Errors
    ///
    /// An error means that this record was not taken, and that the next one may be. It tells what happened
    /// to those before: one could not be encoded and was left out
    /// ([`ErrorKind::Encode`](crate::ErrorKind::Encode), [`Panicked`](crate::ErrorKind::Panicked)), or
    /// writing failed ([`Io`](crate::ErrorKind::Io)); what was taken then stays in the queue until writing
    /// succeeds again. Each logger is told once, and again when there is no room left. Or the thread has
    /// ended ([`Closed`](crate::ErrorKind::Closed)).
    #[inline]
    pub fn log(&self, record: R) -> Result<()> {
        match self.queue.push(record) {
            Ok(false) => Ok(()),
            Ok(true) => {
                self.signals.call();
                Ok(())
            }
            Err(error) => Err(error.at_path(self.lanes.path())),
        }
    }

    /// Waits until every record that was taken before is committed, those of other loggers included.
    ///
    /// # Errors
    ///
    /// If appending or committing fails: the records are kept and it is tried again, so that the next call
    /// may succeed. Also if a record of this logger could not be encoded and was left out, unless
    /// [`log`](Logger::log) told so; all others are then committed.
    pub fn flush(&self) -> Result<()> {
        let result = match self.signals.flush() {
            Ok(()) => self.queue.take_error().map_or(Ok(()), Err),
            Err(error) => {
                self.queue.forget_error_of_writing();
                Err(error)
            }
        };
        result.map_err(|e| e.at_path(self.lanes.path()))
    }

    /// The number of records that were taken, of all clones together, as in all of these numbers.
    pub fn accepted(&self) -> u64 {
        self.lanes.counts().accepted
    }

    /// The number of records that were dropped as there was no room, with
    /// [`Overflow::DropNewest`](crate::Overflow::DropNewest).
    pub fn dropped(&self) -> u64 {
        self.lanes.counts().dropped
    }

    /// The number of records that were taken, but could not be encoded and were left out.
    pub fn refused(&self) -> u64 {
        self.signals.progress().refused
    }

    /// The number of records that were taken and are not yet committed.
    pub fn pending(&self) -> u64 {
        // Asked for before what is accepted, which only grows.
        let done = self.signals.progress();
        self.accepted()
            .saturating_sub(done.committed + done.refused)
    }
}

impl<R> Clone for Logger<R> {
    /// A logger of the same file, with a queue of its own.
    fn clone(&self) -> Self {
        Logger::new(Arc::clone(&self.lanes), Arc::clone(&self.signals))
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
            .field("dropped", &self.dropped())
            .field("refused", &self.refused())
            .field("pending", &self.pending())
            .finish_non_exhaustive()
    }
}
