use std::{fmt, sync::Arc, thread::JoinHandle};

use super::{
    panics::panicked,
    signals::{Signals, must_not_wait},
};
use crate::error::Result;

/// A guard that ends the thread of a [`Logger`](super::Logger).
///
/// Dropping the guard appends and commits every record that was taken, also while the program panics.
/// [`close`](LoggerGuard::close) does the same and reports errors. Both wait for the thread.
///
/// Keep the guard for as long as records are logged. If it is leaked, or the program ends by
/// [`std::process::exit`], the records in the queues are lost.
#[must_use = "dropping it ends the thread that appends"]
pub struct LoggerGuard {
    pub(super) signals: Arc<Signals>,
    pub(super) thread: Option<Thread>,
}

/// The thread, or the error of starting it.
pub(super) type Thread = Result<JoinHandle<()>>;

impl LoggerGuard {
    /// Appends and commits every record that was taken, and ends the thread. Loggers then take no more
    /// records ([`ErrorKind::Closed`](crate::ErrorKind::Closed)).
    ///
    /// # Errors
    ///
    /// If the thread ended with an error, or if appending, committing or closing fails twice. Records that
    /// are not in the file are then lost: [flush](super::Logger::flush) before, until it succeeds, to keep
    /// them. If the file was removed ([`Removed`](crate::ErrorKind::Removed)), all records are lost.
    ///
    /// Also if a record was refused at any time, whether [`flush`](super::Logger::flush) reported it or
    /// not. The error is the first one, unless the thread ended with another; that one then contains the
    /// text of the first.
    ///
    /// Also if writing failed for a while, or a destructor panicked, and it was never reported: by a
    /// `flush`, or by a [callback](super::BackgroundOptions::on_error). No record is lost by that. If there
    /// is another error, it contains the text of this one.
    ///
    /// [`Error::refused`](crate::Error::refused) returns the number of records that are not in the file.
    pub fn close(mut self) -> Result<()> {
        self.join()?;
        self.signals.report()
    }

    /// Returns the number of records that were taken and never will be committed, as
    /// [`Logger::refused`](super::Logger::refused) does.
    pub fn refused(&self) -> u64 {
        self.signals.refused()
    }

    fn join(&mut self) -> Result<()> {
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        self.signals.close();
        must_not_wait("wait for the thread of a background logger")?;
        let joined = thread?.join();
        joined.map_err(|payload| panicked("end the thread", payload))
    }
}

impl Drop for LoggerGuard {
    fn drop(&mut self) {
        // Nobody receives the error; `close` returns it.
        let _ = self.join();
    }
}

impl fmt::Debug for LoggerGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggerGuard")
            .field("refused", &self.refused())
            .finish_non_exhaustive()
    }
}
