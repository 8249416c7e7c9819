//! Appending records to a file.

mod appender;
mod durability;
mod existing;
mod open_file;
mod options;
mod rows;
mod settings;
mod write;

pub use self::{appender::Appender, durability::Durability, options::AppendOptions, write::write};
