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
mod elements;
mod open_file;
mod opened_file;
mod options;
mod rows;
mod settings;
mod target;
mod write;

#[cfg(feature = "ndarray")]
pub(crate) use self::elements::{check_elements, write_elements, write_slice};

#[cfg(feature = "background")]
pub use self::background::{BackgroundOptions, Logger, LoggerGuard, TryLogError};

pub use self::{
    appender::Appender, array_appender::ArrayAppender, close_error::CloseError,
    durability::Durability, options::AppendOptions, write::write,
};
