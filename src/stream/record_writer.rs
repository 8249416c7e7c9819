use std::{
    borrow::Borrow,
    fmt,
    io::{Seek, Write},
    marker::PhantomData,
};

use super::{array_header::array_header, seekable_record_writer::SeekableRecordWriter, sink::Sink};
use crate::{
    error::{Cause, Error, ErrorContext, Result},
    header::{Order, Shape},
    record::NpyRecord,
};

/// Writes a known number of records, as they come, to whatever is [`Write`]: a pipe, a socket, a
/// compressor.
///
/// The header is written first, so it must count them. Where their number is not known before, the
/// header is written again at the end, for which the writer must [`Seek`]: see
/// [`seekable`](Self::seekable).
///
/// ```
/// use npyrec::{Header, stream::RecordWriter};
///
/// let mut records = RecordWriter::new(Vec::new(), 3)?;
/// records.append(&1_u16)?;
/// records.append_slice(&[2, 3])?;
/// let bytes = records.finish()?;
/// assert!(bytes.starts_with(&Header::for_record::<u16>(3).to_bytes()));
/// assert!(bytes.ends_with(&[1, 0, 2, 0, 3, 0]));
/// # Ok::<(), npyrec::Error>(())
/// ```
///
/// Records go to a block of 64 KiB; the writer need not be buffered. Dropping it writes what is in the
/// block, but cannot say whether that failed, or that records are missing; [`finish`](Self::finish)
/// can.
pub struct RecordWriter<R, W: Write> {
    sink: Sink<W>,
    expected: u64,
    records: PhantomData<fn(R)>,
}

impl<R: NpyRecord, W: Write> RecordWriter<R, W> {
    /// Writes the header of so many rows.
    ///
    /// # Errors
    ///
    /// If writing fails, or so many rows have no header.
    pub fn new(writer: W, rows: u64) -> Result<Self> {
        Self::with_shape(writer, &[rows], Order::C)
    }

    /// Writes the header of an array of a shape. Its elements, each one a record, are then written in
    /// the order that is given. The axes that a record has itself are not part of the shape.
    ///
    /// ```
    /// use npyrec::{Order, stream::RecordWriter};
    ///
    /// let mut matrix = RecordWriter::with_shape(Vec::new(), &[2, 3], Order::C)?;
    /// for element in 0..6 {
    ///     matrix.append(&f64::from(element))?;
    /// }
    /// let bytes = matrix.finish()?;
    /// let rows = npyrec::Reader::<[f64; 3]>::new(&bytes[..])?.read_all()?;
    /// assert_eq!(rows, [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]);
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If writing fails, the shape has no header, or the order is Fortran's and the records are arrays.
    pub fn with_shape(writer: W, shape: &[u64], order: Order) -> Result<Self> {
        let header = array_header::<R>(shape, order)?;
        let shape = Shape::new(shape.to_vec(), header.order());
        let mut records = Self::of(writer, header.to_bytes(), shape, ErrorContext::default());
        records.sink.write_out()?;
        Ok(records)
    }

    /// A writer of records behind a header, which is not yet written.
    pub(super) fn of(writer: W, header: Vec<u8>, shape: Shape, context: ErrorContext) -> Self {
        RecordWriter {
            expected: shape.len(),
            sink: Sink::new(writer, header, R::ITEMSIZE, shape, context),
            records: PhantomData,
        }
    }

    /// A writer of records whose number is not known before. Its
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

    /// Appends one record.
    ///
    /// # Errors
    ///
    /// If the header counts no more records, a value has no place in its field's dtype, or the block is
    /// full and cannot be written. The record is then not appended, those before it are kept, and the
    /// next one may succeed.
    #[inline]
    pub fn append(&mut self, record: &R) -> Result<()> {
        self.check_room(1)?;
        self.sink.append(record)
    }

    /// Appends records. Where their memory is their form in the file, many of them are written at once,
    /// without a copy.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append). If the header does not count that many, none is appended; otherwise
    /// the records before the one at fault are, and when writing fails, as many as [`rows`](Self::rows)
    /// says.
    pub fn append_slice(&mut self, records: &[R]) -> Result<()> {
        self.check_room(records.len() as u64)?;
        self.sink.append_slice(records)
    }

    /// Appends the records of an iterator, owned or borrowed.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append); the records before the one at fault are appended.
    pub fn extend<I>(&mut self, records: I) -> Result<()>
    where
        I: IntoIterator,
        I::Item: Borrow<R>,
    {
        let mut records = records.into_iter();
        records.try_for_each(|record| self.append(record.borrow()))
    }

    #[inline]
    fn check_room(&self, more: u64) -> Result<()> {
        match more <= self.expected - self.sink.rows() {
            true => Ok(()),
            false => Err(self.promised(self.sink.rows().saturating_add(more))),
        }
    }

    #[cold]
    fn promised(&self, rows: u64) -> Error {
        let promised = self.expected;
        let kind = Cause::RowsPromised { promised, rows };
        self.sink.in_context(Error::new(kind))
    }

    /// Writes what is in the block, flushes the writer and gives it back.
    ///
    /// # Errors
    ///
    /// If writing fails, or records are missing that the header counts. After a failed write nothing more is
    /// written, so that an array whose error was reported is not completed.
    pub fn finish(mut self) -> Result<W> {
        if self.sink.rows() < self.expected {
            return Err(self.promised(self.sink.rows()));
        }
        let finished = self.sink.take();
        if finished.is_err() {
            self.sink.give_up();
        }
        finished
    }

    /// Drops it without writing more.
    pub(super) fn give_up(mut self) {
        self.sink.give_up();
    }
}

impl<R, W: Write> RecordWriter<R, W> {
    /// The number of records that were appended.
    pub fn rows(&self) -> u64 {
        self.sink.rows()
    }

    /// The number of records that the header counts: of an array of several axes, its elements.
    pub fn expected_rows(&self) -> u64 {
        self.expected
    }
}

impl<R, W: Write> fmt::Debug for RecordWriter<R, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordWriter")
            .field("rows", &self.rows())
            .field("expected_rows", &self.expected)
            .finish_non_exhaustive()
    }
}
