use std::io::{Seek, Write};

use super::counted_header::CountedHeader;
use crate::{
    dtype::DType,
    error::{ErrorContext, Result},
    header::{Header, Order},
    record::{Element, NpyRecord},
    value::Value,
    write::{ArraySink, ArrayWriter, NewArray, failed, record_writer_methods},
};

/// A writer of one array to a pipe, a socket, a compressor or any other [`Write`], record by record.
///
/// The header is written first, with the number of records. If their number is not known, and the writer can
/// [`Seek`], use [`seekable`](Self::seekable), which writes the header again at the end. For a file that is read
/// meanwhile, use an [`Appender`](crate::Appender).
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
/// [`finish`](Self::finish) returns them. If records are missing, readers see an array that is too short. The
/// header of a [`seekable`](Self::seekable) writer counts the rows that were written.
pub struct RecordWriter<E: Element, W: Write>(ArrayWriter<E, Stream<W>>);

/// A writer of an array.
struct Stream<W> {
    writer: W,
    /// The header, if it is written again when the number of rows is known.
    counted: Option<CountedHeader<W>>,
}

impl<R: NpyRecord, W: Write> RecordWriter<R, W> {
    /// Writes the header of an array of one axis.
    ///
    /// # Errors
    ///
    /// If writing fails, or the number of rows is too large for a header.
    pub fn new(writer: W, rows: u64) -> Result<Self> {
        Self::start(writer, &NewArray::of_records::<R>(rows)?)
    }

    /// Writes the header of no rows at the position of the writer, for any number of records.
    ///
    /// [`finish`](Self::finish) writes their number into the header, after the rows. The writer need not be at
    /// its start, but nothing may follow its position.
    ///
    /// # Errors
    ///
    /// If writing or seeking fails, or the dtype of `R` has no header.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::Cursor;
    /// use npyrec::stream::RecordWriter;
    ///
    /// let mut records = RecordWriter::<u32, _>::seekable(Cursor::new(Vec::new()))?;
    /// records.extend((1_u32..).take_while(|n| n * n < 50))?;
    /// let bytes = records.finish()?.into_inner();
    /// assert_eq!(npyrec::Reader::<u32>::new(&bytes[..])?.remaining(), 7);
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    ///
    /// A pipe cannot seek, so this does not compile:
    ///
    /// ```compile_fail
    /// # use npyrec::stream::RecordWriter;
    /// let records = RecordWriter::<u32, _>::seekable(std::io::stdout())?; // `Stdout` is not `Seek`.
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    pub fn seekable(writer: W) -> Result<Self>
    where
        W: Seek,
    {
        Self::start_counting(writer, &NewArray::of_records::<R>(0)?)
    }
}

impl<W: Write + Seek> RecordWriter<Value, W> {
    /// Writes the header of no [`Value`]s of a dtype, as [`RecordWriter::seekable`].
    ///
    /// # Errors
    ///
    /// As [`RecordWriter::seekable`], or if the dtype contains Python objects.
    pub fn seekable_with_dtype(writer: W, dtype: &DType) -> Result<Self> {
        Self::start_counting(writer, &NewArray::of_shape(dtype, &[0], Order::C)?)
    }
}

impl<E: Element, W: Write> RecordWriter<E, W> {
    /// Writes a header. All elements of its array are then appended, in the order of the header: records, of
    /// which each may have the last axes, or [`Value`]s. See [`write_with`](crate::write_with).
    ///
    /// # Errors
    ///
    /// If writing fails, or the header is not one of elements of type `E`, as for
    /// [`write_with`](crate::write_with).
    ///
    /// # Examples
    ///
    /// ```
    /// use npyrec::{Header, Order, stream::RecordWriter};
    ///
    /// let header = Header::new("<f8".parse()?, Order::C, &[2, 3])?;
    /// let mut matrix = RecordWriter::<f64, _>::with_header(Vec::new(), &header)?;
    /// for element in 0..6 {
    ///     matrix.append(&f64::from(element))?;
    /// }
    /// let bytes = matrix.finish()?;
    /// let rows = npyrec::Reader::<[f64; 3]>::new(&bytes[..])?.read_all()?;
    /// assert_eq!(rows, [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]);
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    pub fn with_header(writer: W, header: &Header) -> Result<Self> {
        Self::start(writer, &NewArray::with_header::<E>(header)?)
    }

    fn start(writer: W, array: &NewArray) -> Result<Self> {
        let mut records = Self::unwritten(writer, array, ErrorContext::default());
        records.0.write_out()?;
        Ok(records)
    }

    /// Returns a writer that writes the header with the first block.
    pub(super) fn unwritten(writer: W, array: &NewArray, context: ErrorContext) -> Self {
        let counted = None;
        let (sink, header) = (Stream { writer, counted }, array.header().to_bytes());
        RecordWriter(ArrayWriter::new(sink, array, header, context))
    }

    fn start_counting(mut writer: W, array: &NewArray) -> Result<Self>
    where
        W: Seek,
    {
        let counted = Some(CountedHeader::write(&mut writer, array.header())?);
        let sink = Stream { writer, counted };
        let records = ArrayWriter::counting(sink, array, ErrorContext::default());
        Ok(RecordWriter(records))
    }

    /// Writes the block, flushes the writer and gives it back, positioned after the last row.
    ///
    /// # Errors
    ///
    /// If writing or seeking fails, or there are fewer records than the header counts. The header of a
    /// [`seekable`](RecordWriter::seekable) writer then counts the rows that were written, if that is possible.
    pub fn finish(self) -> Result<W> {
        self.0.finish().map(|sink| sink.writer)
    }

    /// Returns the number of rows that the header counts; `None` if it is written at the end.
    pub fn expected_rows(&self) -> Option<u64> {
        self.0.promised_rows()
    }
}

record_writer_methods!(impl[E: Element, W: Write] RecordWriter<E, W>, "RecordWriter");

impl<W: Write> ArraySink for Stream<W> {
    fn writer(&mut self) -> &mut impl Write {
        &mut self.writer
    }

    fn end(&mut self, rows: u64, written: Result<()>) -> Result<()> {
        let flushed = self.writer.flush().map_err(failed);
        let ended = match &mut self.counted {
            Some(header) => flushed.and_then(|()| header.count(rows, &mut self.writer)),
            None => flushed,
        };
        written.and(ended)
    }
}
