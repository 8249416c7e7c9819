//! Records handed to a thread that appends them.
//!
//! Each logger has a queue of its own behind a mutex that nobody else holds for longer than it takes to
//! swap two vectors, and the thread visits one queue after another.

mod guard;
mod lanes;
mod logger;
mod options;
mod queue;
mod signals;
mod start;
mod thread;

pub use self::{
    guard::Guard,
    logger::Logger,
    options::{BackgroundOptions, Overflow},
};
