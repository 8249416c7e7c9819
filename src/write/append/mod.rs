//! Appending records to a file.

#[cfg(feature = "ndarray")]
mod append_array;
mod appender;
mod appender_methods;
mod array_appender;
#[cfg(feature = "background")]
mod background;
mod close_error;
mod durability;
#[cfg(feature = "ndarray")]
mod gather;
mod mode;
mod open_file;
mod opened_file;
mod options;
mod rows;
mod shard_folder;
mod target;

#[cfg(feature = "background")]
pub use self::background::{BackgroundOptions, Logger, LoggerGuard, TryLogError};

pub use self::{
    appender::Appender, array_appender::ArrayAppender, close_error::CloseError,
    durability::Durability, options::AppendOptions,
};
