//! Appending records to a file.

mod appender;
mod existing;
mod options;
mod rows;
mod write;

pub use self::{appender::Appender, options::AppendOptions, write::write};
