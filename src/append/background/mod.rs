//! Records handed to a thread that appends them.
//!
//! Each logger has a queue of its own behind a mutex that nobody else holds for longer than it takes to
//! swap two vectors, and the thread visits one queue after another. No lock is held while code of the
//! user runs: encoding, destructors, the callback for errors.

mod failures;
mod guard;
mod lanes;
mod logger;
mod options;
mod queue;
mod signals;
mod sink;
mod start;
mod thread;
mod try_log_error;

#[cfg(test)]
mod tests;

pub use self::{
    guard::Guard, logger::Logger, options::BackgroundOptions, try_log_error::TryLogError,
};
