//! Appending records to a file.

mod appender;
#[cfg(feature = "background")]
mod background;
mod durability;
mod existing;
mod open_file;
mod options;
mod rows;
mod settings;
mod value_appender;
mod write;

#[cfg(feature = "background")]
pub use self::background::{BackgroundOptions, Guard, Logger, Overflow};

pub use self::{
    appender::Appender, durability::Durability, options::AppendOptions,
    value_appender::ValueAppender, write::write,
};
