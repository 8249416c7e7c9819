//! Records handed to a thread that appends them.
//!
//! Each logger has its own queue, guarded by a mutex. The thread visits one queue after another, and holds its
//! mutex for as long as it takes to swap two vectors. No lock is held while code of the
//! user runs: encoding, destructors, the callback for errors.

mod failures;
mod lanes;
mod logger;
mod logger_guard;
mod options;
mod panics;
mod queue;
mod signals;
mod sink;
mod start;
mod thread;
mod try_log_error;

#[cfg(test)]
mod tests;

pub use self::{
    logger::Logger, logger_guard::LoggerGuard, options::BackgroundOptions,
    try_log_error::TryLogError,
};
