use std::{error, fmt};

/// A record that [`Logger::try_log`](super::Logger::try_log) did not take, and the reason.
///
/// It does not need `R: Debug`, and prints the reason only.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TryLogError<R> {
    /// The queue is full. There may be room later.
    Full(R),
    /// The thread that appends has ended, and takes no more records.
    /// [`Logger::log`](super::Logger::log) returns the error that ended it.
    Closed(R),
}

impl<R> TryLogError<R> {
    /// Returns the record.
    pub fn into_record(self) -> R {
        match self {
            TryLogError::Full(record) | TryLogError::Closed(record) => record,
        }
    }

    /// Returns true if the queue was full, and false if the thread has ended.
    pub fn is_full(&self) -> bool {
        matches!(self, TryLogError::Full(_))
    }
}

impl<R> fmt::Display for TryLogError<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryLogError::Full(_) => {
                "the queue of the background logger is full; try again later, or wait for room with `log`"
            }
            TryLogError::Closed(_) => {
                "the thread of the background logger has ended and takes no more records; `log` says why"
            }
        })
    }
}

impl<R> fmt::Debug for TryLogError<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryLogError::Full(_) => "Full(..)",
            TryLogError::Closed(_) => "Closed(..)",
        })
    }
}

impl<R> error::Error for TryLogError<R> {}
