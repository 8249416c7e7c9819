use std::{sync::Arc, thread::JoinHandle};

use super::{signals::Signals, thread::panicked};
use crate::error::Result;

/// Ends the thread of a [`Logger`](super::Logger): dropping it appends and commits every record that was
/// accepted, also while the program panics. [`close`](Guard::close) says whether that failed.
///
/// It has to live as long as records are logged. A guard that is leaked, or a program that ends by
/// [`std::process::exit`], leaves behind what is in the queues.
#[derive(Debug)]
#[must_use = "dropping it ends the thread that appends"]
pub struct Guard {
    pub(super) signals: Arc<Signals>,
    pub(super) thread: Option<Thread>,
}

/// The thread, or why there is none.
pub(super) type Thread = Result<JoinHandle<Result<()>>>;

impl Guard {
    /// Appends and commits every record that was accepted, and ends the thread. From then on loggers
    /// take no more ([`ErrorKind::Closed`](crate::ErrorKind::Closed)).
    ///
    /// # Errors
    ///
    /// If appending or committing fails; [`Logger::pending`](super::Logger::pending) then says how many
    /// records are lost. To try again instead, [flush](super::Logger::flush) before. Also if a record could
    /// not be encoded and nobody was told; all others are then committed.
    pub fn close(mut self) -> Result<()> {
        self.join()
    }

    fn join(&mut self) -> Result<()> {
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        self.signals.close();
        let joined = thread?.join();
        joined.unwrap_or_else(|payload| Err(panicked(&*payload)))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Nobody is left to tell; `close` is for those who want to know.
        let _ = self.join();
    }
}
