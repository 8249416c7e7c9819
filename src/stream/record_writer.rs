use std::io::{Seek, Write};

use super::seekable_record_writer::SeekableRecordWriter;
use crate::{
    dtype::DType,
    error::{ErrorContext, Result},
    header::{Header, Order, Shape},
    record::{Element, NpyRecord, dtype_of},
    value::Value,
    write::{ArraySink, ArrayWriter, array_header, failed, record_writer_methods},
};

/// A writer of a known number of records to a pipe, a socket, a compressor or any other [`Write`].
///
/// The header is written first, with their number. If the number is not known, and the writer can [`Seek`],
/// there is [`seekable`](Self::seekable), which writes the header again at the end.
///
/// ```
/// use npyrec::{Header, stream::RecordWriter};
///
/// let mut records = RecordWriter::<u16, _>::new(Vec::new(), 3)?;
/// records.append(&1_u16)?;
/// records.append_slice(&[2, 3])?;
/// let bytes = records.finish()?;
/// assert!(bytes.starts_with(&Header::for_record::<u16>(3).to_bytes()));
/// assert!(bytes.ends_with(&[1, 0, 2, 0, 3, 0]));
/// # Ok::<(), npyrec::Error>(())
/// ```
///
/// Records go to a block of 64 KiB; the writer need not be buffered.
///
/// Dropping it writes the block and flushes the writer, but swallows errors;
/// [`finish`](Self::finish) returns them. If records are missing, readers see an array that is too short.
pub struct RecordWriter<E: Element, W: Write>(ArrayWriter<E, Stream<W>>);

/// A writer of which nothing but the header tells where an array ends.
struct Stream<W>(W);

impl<R: NpyRecord, W: Write> RecordWriter<R, W> {
    /// Writes the header of an array of one axis.
    ///
    /// # Errors
    ///
    /// If writing fails, or the number of rows is too large for a header.
    pub fn new(writer: W, rows: u64) -> Result<Self> {
        Self::with_shape(writer, &[rows], Order::C)
    }

    /// Writes the header of an array of a shape. Its elements, each one a record, are then appended in
    /// this order. The axes that a record has itself are not part of the shape.
    ///
    /// # Errors
    ///
    /// If writing fails, the shape has no header, or the order is Fortran's and the records are arrays.
    ///
    /// # Examples
    ///
    /// ```
    /// use npyrec::{Order, stream::RecordWriter};
    ///
    /// let mut matrix = RecordWriter::<f64, _>::with_shape(Vec::new(), &[2, 3], Order::C)?;
    /// for element in 0..6 {
    ///     matrix.append(&f64::from(element))?;
    /// }
    /// let bytes = matrix.finish()?;
    /// let rows = npyrec::Reader::<[f64; 3]>::new(&bytes[..])?.read_all()?;
    /// assert_eq!(rows, [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]);
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    pub fn with_shape(writer: W, shape: &[u64], order: Order) -> Result<Self> {
        Self::start(writer, &dtype_of::<R>()?, shape, order)
    }

    /// Returns a writer of records whose number is not known before. Its
    /// [`finish`](SeekableRecordWriter::finish) seeks back, and writes their number into the header.
    ///
    /// # Errors
    ///
    /// As [`SeekableRecordWriter::new`].
    pub fn seekable(writer: W) -> Result<SeekableRecordWriter<R, W>>
    where
        W: Seek,
    {
        SeekableRecordWriter::new(writer)
    }
}

impl<W: Write> RecordWriter<Value, W> {
    /// Writes the header of an array of [`Value`]s of a dtype, as [`RecordWriter::with_shape`].
    ///
    /// # Errors
    ///
    /// As [`RecordWriter::with_shape`], or if the dtype contains Python objects.
    pub fn new_with_dtype(writer: W, dtype: &DType, shape: &[u64], order: Order) -> Result<Self> {
        Self::start(writer, dtype, shape, order)
    }
}

impl<E: Element, W: Write> RecordWriter<E, W> {
    fn start(writer: W, dtype: &DType, shape: &[u64], order: Order) -> Result<Self> {
        let header = array_header(dtype, shape, order)?;
        let mut records = Self::unwritten(writer, &header, dtype, shape, ErrorContext::default());
        records.0.write_out()?;
        Ok(records)
    }

    /// Returns a writer that writes the header with the first block.
    pub(super) fn unwritten(
        writer: W,
        header: &Header,
        dtype: &DType,
        shape: &[u64],
        context: ErrorContext,
    ) -> Self {
        let shape = Shape::new(shape.to_vec(), header.order());
        let (sink, header) = (Stream(writer), header.to_bytes());
        RecordWriter(ArrayWriter::new(sink, header, dtype, shape, context))
    }

    /// Writes the block, flushes the writer and gives it back.
    ///
    /// # Errors
    ///
    /// If writing fails, or there are fewer records than the header counts.
    pub fn finish(self) -> Result<W> {
        self.0.finish().map(|sink| sink.0)
    }

    /// Returns the number of rows that the header counts.
    pub fn expected_rows(&self) -> u64 {
        self.0.promised_rows().unwrap_or_default()
    }
}

record_writer_methods!(impl[E: Element, W: Write] RecordWriter<E, W>, "RecordWriter");

impl<W: Write> ArraySink for Stream<W> {
    fn writer(&mut self) -> &mut impl Write {
        &mut self.0
    }

    fn end(&mut self, _: u64, written: Result<()>) -> Result<()> {
        let flushed = self.0.flush().map_err(failed);
        written.and(flushed)
    }
}
