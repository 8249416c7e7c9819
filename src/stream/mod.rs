//! Arrays to and from pipes, and many arrays one after another.
//!
//! A program that calls `np.save` several times on one open file writes several arrays, each with its own
//! header. `np.load` on an open file reads one array per call. [`Writer`] and [`Reader`] do the same for any
//! [`Write`](std::io::Write) and [`Read`](std::io::Read), with the same bytes.
//!
//! ```
//! use npyrec::stream::{Reader, Writer};
//!
//! let mut writer = Writer::new(Vec::new());
//! writer.write(&[1.5_f32, 2.5])?;
//! writer.write(&[(7_u8, -1_i16)])?;
//! let bytes = writer.into_inner();
//!
//! let mut arrays = Reader::new(&bytes[..]);
//! while let Some(array) = arrays.next_array() {
//!     let array = array?;
//!     if array.header().dtype().fields().is_empty() {
//!         assert_eq!(array.read::<f32>()?, [1.5, 2.5]);
//!     } // The unread rest of an array is skipped.
//! }
//! # Ok::<(), npyrec::Error>(())
//! ```
//!
//! | to | use |
//! | --- | --- |
//! | write one array to a pipe, a socket or a compressor, record by record | [`RecordWriter`] |
//! | the same, if the number of records is not known at the start | [`RecordWriter::seekable`] |
//! | write several arrays | [`Writer`] |
//! | continue a file of several arrays | [`Writer::open`] |
//! | read them one after another | [`Reader`] |
//! | read any of them, by number | [`Index`] |
//! | join them into one array | [`concatenate`] |
//! | cut off an incomplete array | [`cut_torn`] |
//!
//! For one array that grows, use an [`Appender`](crate::Appender): such a file can be mapped, and is valid at
//! any instant. In a file of several arrays, each header is written before its data. A program that is killed
//! between them leaves a torn array at the end.

mod append_file;
mod concatenate;
mod counted_header;
mod index;
mod reader;
mod record_writer;
mod source;
#[cfg(test)]
mod sweep;
mod writer;

pub use self::{
    append_file::{AppendFile, cut_torn},
    concatenate::concatenate,
    index::{Entry, Index},
    reader::Reader,
    record_writer::RecordWriter,
    source::Data,
    writer::{Part, Writer},
};
