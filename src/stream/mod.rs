//! Arrays to and from pipes, and many arrays one after another.
//!
//! A program that calls `np.save` again and again on one open handle makes a file of several arrays,
//! each with its own header; `np.load` on that handle gives one after another. [`Writer`] and
//! [`Reader`] are those two for any [`Write`](std::io::Write) and [`Read`](std::io::Read), and their
//! bytes are NumPy's.
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
//!     } // What is not read of an array is passed over.
//! }
//! # Ok::<(), npyrec::Error>(())
//! ```
//!
//! | to | use |
//! | --- | --- |
//! | write one array to a pipe, a socket, a compressor, as its records come | [`RecordWriter`] |
//! | the same, when it is not known how many records come | [`SeekableRecordWriter`] |
//! | write several arrays | [`Writer`] |
//! | go on with a file of several arrays | [`Writer::append`] |
//! | read them one after another | [`Reader`] |
//! | read any of them | [`Index`] |
//! | make one array of them | [`concatenate`] |
//! | take off an array that is not whole | [`cut_torn`] |
//!
//! One array that grows is better off with an [`Appender`](crate::Appender): such a file can be mapped,
//! and is valid at any instant. In a file of several arrays each header is written before its data, so
//! that a program that is killed in between leaves a torn array at its end.

mod append_file;
mod concatenate;
mod index;
mod reader;
mod record_writer;
mod seekable_record_writer;
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
    seekable_record_writer::SeekableRecordWriter,
    source::Data,
    writer::{Part, Writer},
};
