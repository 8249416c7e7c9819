use std::{
    borrow::Borrow,
    fmt,
    io::{Seek, SeekFrom, Write},
    marker::PhantomData,
};

use super::{
    array_header::array_header,
    sink::{Sink, failed},
};
use crate::{
    error::{Error, ErrorContext, Result},
    header::{GrowingHeader, Order, Shape},
    record::{Mismatch, NpyRecord},
};

/// Writes records, as many as come, to what is [`Write`] and [`Seek`].
///
/// The header counts no rows until [`finish`](Self::finish) writes their number, after the rows.
/// Nothing may stand behind them; a writer need not be at its start. Where it cannot seek, there is
/// [`RecordWriter`](super::RecordWriter); a file that others read meanwhile is for an
/// [`Appender`](crate::Appender).
///
/// ```
/// use std::io::Cursor;
/// use npyrec::stream::SeekableRecordWriter;
///
/// let mut records = SeekableRecordWriter::new(Cursor::new(Vec::new()))?;
/// records.extend((1_u32..).take_while(|n| n * n < 50))?;
/// let bytes = records.finish()?.into_inner();
/// assert_eq!(npyrec::Reader::<u32>::new(&bytes[..])?.remaining(), 7);
/// # Ok::<(), npyrec::Error>(())
/// ```
///
/// That a pipe cannot seek is said when the program is compiled:
///
/// ```compile_fail
/// # use npyrec::stream::SeekableRecordWriter;
/// let records = SeekableRecordWriter::<u32, _>::new(std::io::stdout())?; // `Stdout` is not `Seek`.
/// # Ok::<(), npyrec::Error>(())
/// ```
///
/// Dropping it finishes it too, but cannot say whether that failed.
pub struct SeekableRecordWriter<R: NpyRecord, W: Write + Seek> {
    sink: Sink<W>,
    header: GrowingHeader,
    /// Where the header is.
    start: u64,
    records: PhantomData<fn(R)>,
}

impl<R: NpyRecord, W: Write + Seek> SeekableRecordWriter<R, W> {
    /// Writes the header of no rows, where the writer stands.
    ///
    /// # Errors
    ///
    /// If writing or seeking fails, or the dtype of `R` has no header.
    pub fn new(mut writer: W) -> Result<Self> {
        let header = array_header::<R>(&[0], Order::C)?;
        let header = GrowingHeader::new(&header).ok_or(Mismatch::NoRows)?;
        let start = writer.stream_position().map_err(seek_failed)?;
        let mut sink = Sink::new(
            writer,
            header.bytes().to_vec(),
            R::ITEMSIZE,
            Shape::new(vec![0], Order::C),
            ErrorContext::default(),
        );
        sink.write_out()?;
        Ok(SeekableRecordWriter {
            sink,
            header,
            start,
            records: PhantomData,
        })
    }

    /// Appends one record.
    ///
    /// # Errors
    ///
    /// If a value has no place in its field's dtype, or the block is full and cannot be written. The
    /// record is then not appended, those before it are kept, and the next one may succeed.
    #[inline]
    pub fn append(&mut self, record: &R) -> Result<()> {
        self.sink.append(record)
    }

    /// Appends records. Where their memory is their form in the file, many of them are written at once,
    /// without a copy.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append); the records before the one at fault are appended, and when writing
    /// fails, as many as [`rows`](Self::rows) says.
    pub fn append_slice(&mut self, records: &[R]) -> Result<()> {
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

    /// The number of records that were appended.
    pub fn rows(&self) -> u64 {
        self.sink.rows()
    }

    /// Writes what is in the block, then the number of rows into the header. The writer is given back
    /// behind the last row.
    ///
    /// # Errors
    ///
    /// If writing or seeking fails.
    pub fn finish(mut self) -> Result<W> {
        self.write_rows()?;
        self.sink.take()
    }

    fn write_rows(&mut self) -> Result<()> {
        let rows = self.sink.rows();
        let data = rows.saturating_mul(R::ITEMSIZE as u64);
        // The rows are to be there before they are counted.
        let writer = self.sink.flushed()?;
        let data_start = self.start.saturating_add(self.header.bytes().len() as u64);
        let end = data_start.saturating_add(data);
        let Some(rewrite) = self.header.set_rows(rows) else {
            return Ok(());
        };
        let mut write = || {
            for (at, bytes) in self.header.writes(&rewrite) {
                writer.seek(SeekFrom::Start(self.start + at as u64))?;
                writer.write_all(bytes)?;
            }
            writer.seek(SeekFrom::Start(end))?;
            Ok(())
        };
        let written = write();
        if written.is_err() {
            self.header.not_written(&rewrite);
        }
        written.map_err(failed)
    }
}

impl<R: NpyRecord, W: Write + Seek> Drop for SeekableRecordWriter<R, W> {
    fn drop(&mut self) {
        // Nobody is left to tell; `finish` is for those who want to know.
        if self.sink.is_open() {
            let _ = self.write_rows();
        }
    }
}

fn seek_failed(error: std::io::Error) -> Error {
    Error::io("seek", error)
}

impl<R: NpyRecord, W: Write + Seek> fmt::Debug for SeekableRecordWriter<R, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeekableRecordWriter")
            .field("rows", &self.rows())
            .finish_non_exhaustive()
    }
}
