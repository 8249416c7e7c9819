//! Appending records to a file.

mod appender;
mod durability;
mod existing;
mod open_file;
mod options;
mod rows;
mod settings;
mod value_appender;
mod write;

pub use self::{
    appender::Appender, durability::Durability, options::AppendOptions,
    value_appender::ValueAppender, write::write,
};
