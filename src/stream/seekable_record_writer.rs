use std::io::{Seek, SeekFrom, Write};

use crate::{
    dtype::DType,
    error::{Error, ErrorContext, Result},
    header::{GrowingHeader, Order},
    record::{Element, Mismatch, NpyRecord, dtype_of},
    value::Value,
    write::{ArraySink, ArrayWriter, array_header, failed, record_writer_methods},
};

/// Writes any number of records to what is [`Write`] and [`Seek`].
///
/// The header counts no rows until [`finish`](Self::finish) writes their number, after the rows.
/// The writer need not be at its start, but nothing may follow its position. For a writer that cannot seek
/// there is [`RecordWriter`](super::RecordWriter). For a file that is read meanwhile there is
/// [`Appender`](crate::Appender).
///
/// ```
/// use std::io::Cursor;
/// use npyrec::stream::SeekableRecordWriter;
///
/// let mut records = SeekableRecordWriter::<u32, _>::new(Cursor::new(Vec::new()))?;
/// records.extend((1_u32..).take_while(|n| n * n < 50))?;
/// let bytes = records.finish()?.into_inner();
/// assert_eq!(npyrec::Reader::<u32>::new(&bytes[..])?.remaining(), 7);
/// # Ok::<(), npyrec::Error>(())
/// ```
///
/// A pipe cannot seek, so this does not compile:
///
/// ```compile_fail
/// # use npyrec::stream::SeekableRecordWriter;
/// let records = SeekableRecordWriter::<u32, _>::new(std::io::stdout())?; // `Stdout` is not `Seek`.
/// # Ok::<(), npyrec::Error>(())
/// ```
///
/// Dropping it finishes it too, but swallows errors. If not all rows can be written, the header counts the
/// rows that were.
pub struct SeekableRecordWriter<E: Element, W: Write + Seek>(ArrayWriter<E, Counted<W>>);

/// A writer with a header that is written again when the number of rows is known.
struct Counted<W> {
    writer: W,
    header: GrowingHeader,
    /// The position of the header.
    start: u64,
    row_size: u64,
}

impl<R: NpyRecord, W: Write + Seek> SeekableRecordWriter<R, W> {
    /// Writes the header of no rows at the position of the writer.
    ///
    /// # Errors
    ///
    /// If writing or seeking fails, or the dtype of `R` has no header.
    pub fn new(writer: W) -> Result<Self> {
        Self::start(writer, &dtype_of::<R>()?)
    }
}

impl<W: Write + Seek> SeekableRecordWriter<Value, W> {
    /// Writes the header of no [`Value`]s of a dtype, as [`SeekableRecordWriter::new`].
    ///
    /// # Errors
    ///
    /// As [`SeekableRecordWriter::new`], or if the dtype contains Python objects.
    pub fn new_with_dtype(writer: W, dtype: &DType) -> Result<Self> {
        Self::start(writer, dtype)
    }
}

impl<E: Element, W: Write + Seek> SeekableRecordWriter<E, W> {
    fn start(mut writer: W, dtype: &DType) -> Result<Self> {
        let header = array_header(dtype, &[0], Order::C)?;
        let header = GrowingHeader::new(&header).ok_or(Mismatch::NoRows)?;
        let start = writer.stream_position();
        let start = start.map_err(|e| Error::io("seek", e))?;
        writer.write_all(header.bytes()).map_err(failed)?;
        let sink = Counted {
            writer,
            header,
            start,
            row_size: dtype.itemsize() as u64,
        };
        let records = ArrayWriter::counting(sink, dtype, ErrorContext::default());
        Ok(SeekableRecordWriter(records))
    }

    /// Writes the block, and the number of rows into the header. Gives the writer back, positioned after the
    /// last row.
    ///
    /// # Errors
    ///
    /// If writing or seeking fails. The header then counts the rows that were written, if that is possible.
    pub fn finish(self) -> Result<W> {
        self.0.finish().map(|sink| sink.writer)
    }
}

record_writer_methods!(impl[E: Element, W: Write + Seek] SeekableRecordWriter<E, W>, "SeekableRecordWriter");

impl<W: Write + Seek> Counted<W> {
    /// Writes a number of rows into the header, after the rows.
    fn count(&mut self, rows: u64) -> Result<()> {
        self.writer.flush().map_err(failed)?;
        let Some(rewrite) = self.header.set_rows(rows) else {
            return Ok(());
        };
        let data_start = self.start + self.header.bytes().len() as u64;
        let end = data_start.saturating_add(rows.saturating_mul(self.row_size));
        let mut write = || {
            for (at, bytes) in self.header.writes(&rewrite) {
                self.writer.seek(SeekFrom::Start(self.start + at as u64))?;
                self.writer.write_all(bytes)?;
            }
            self.writer.seek(SeekFrom::Start(end))?;
            self.writer.flush()
        };
        write().map_err(failed)
    }
}

impl<W: Write + Seek> ArraySink for Counted<W> {
    fn writer(&mut self) -> &mut impl Write {
        &mut self.writer
    }

    fn end(&mut self, rows: u64, written: Result<()>) -> Result<()> {
        let counted = self.count(rows);
        written.and(counted)
    }
}
