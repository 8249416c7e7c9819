//! Writing arrays, whole or record by record: elements go through one block encoder to a file, a pipe or a
//! member of an archive.

mod append;
mod array_writer;
mod block_encoder;
mod file;
mod new_array;
mod record_writer_methods;
mod whole_array;

#[cfg(feature = "background")]
pub use self::append::{BackgroundOptions, Logger, LoggerGuard, TryLogError};
#[cfg(feature = "ndarray")]
pub(crate) use self::file::write_file;
pub use self::{
    append::{AppendOptions, Appender, ArrayAppender, CloseError, Durability},
    file::{write, write_with},
};
pub(crate) use self::{
    array_writer::{ArraySink, ArrayWriter},
    block_encoder::failed,
    new_array::NewArray,
    record_writer_methods::record_writer_methods,
    whole_array::WholeArray,
};
