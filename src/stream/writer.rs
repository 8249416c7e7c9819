use std::{
    fmt,
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::record_writer::RecordWriter;
use crate::{
    error::{Cause, Error, ErrorContext, Result},
    header::Header,
    record::{Element, NpyRecord},
    write::{NewArray, WholeArray, failed},
};

/// A writer of arrays one after another, as `np.save` writes them to one open handle.
///
/// ```
/// use npyrec::{Header, Order, stream::Writer};
///
/// let mut arrays = Writer::new(Vec::new());
/// arrays.write(&[1_i64, 2, 3])?;
/// let matrix = Header::new("<f4".parse()?, Order::Fortran, &[2, 2])?;
/// arrays.write_with(&matrix, &[1.0_f32, 2.0, 3.0, 4.0])?;
/// let mut records = arrays.records::<(u8, f64)>(2)?;
/// records.append(&(1, 0.5))?;
/// records.append(&(2, 1.5))?;
/// records.finish()?;
/// # Ok::<(), npyrec::Error>(())
/// ```
///
/// After an array that is incomplete, for example after a failed write, the next array is an error. A file
/// that was opened with [`open`](Writer::open) is cut back to the complete arrays, and takes the next one.
pub struct Writer<W> {
    inner: W,
    path: Option<PathBuf>,
    /// The number of the last array, its offset, its length in bytes, and the bytes that were not written.
    number: u64,
    offset: u64,
    len: u64,
    missing: u64,
    cut_back: Option<CutBack<W>>,
}

/// A function that removes a number of bytes at the end.
type CutBack<W> = fn(&mut W, u64) -> io::Result<()>;

impl<W: Write> Writer<W> {
    /// Returns a writer of arrays to any [`Write`], which need not be buffered.
    pub fn new(writer: W) -> Self {
        Writer {
            inner: writer,
            path: None,
            number: 0,
            offset: 0,
            len: 0,
            missing: 0,
            cut_back: None,
        }
    }

    /// Returns a writer to a file after a number of arrays, which end at an offset.
    pub(super) fn behind(
        writer: W,
        path: &Path,
        arrays: u64,
        offset: u64,
        cut_back: CutBack<W>,
    ) -> Self {
        Writer {
            path: Some(path.to_owned()),
            number: arrays,
            offset,
            cut_back: Some(cut_back),
            ..Writer::new(writer)
        }
    }

    /// Writes records as an array of one axis.
    ///
    /// # Errors
    ///
    /// If a record cannot be encoded, writing fails, or the array before is incomplete. Nothing is written if a
    /// record cannot be encoded.
    pub fn write<R: NpyRecord>(&mut self, records: &[R]) -> Result<()> {
        self.write_whole(WholeArray::of_records(records))
    }

    /// Writes the array of a header, as [`write_with`](crate::write_with) does to a file.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write) and [`write_with`](crate::write_with).
    pub fn write_with<E: Element>(&mut self, header: &Header, elements: &[E]) -> Result<()> {
        self.write_whole(WholeArray::with_header(header, elements))
    }

    /// Writes an array of `ndarray`, as [`write_array_to`](crate::write_array_to).
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    #[cfg(feature = "ndarray")]
    pub fn write_array<T, D>(&mut self, array: &ndarray::ArrayRef<T, D>) -> Result<()>
    where
        T: NpyRecord,
        D: ndarray::Dimension,
    {
        self.write_whole(crate::array::whole_array(array))
    }

    /// Writes an array in memory, after a check that all its elements fit.
    fn write_whole<'a, E: Element>(
        &mut self,
        array: Result<WholeArray<'a, E, impl Iterator<Item = &'a E> + Clone>>,
    ) -> Result<()> {
        self.end_last()?;
        let checked = array.and_then(|array| array.check().map(|()| array));
        let array = checked.map_err(|e| self.context().add_to(e))?;
        self.start(array.header());
        let mut part = self.part();
        let written = array
            .write(&mut part)
            .and_then(|()| part.flush().map_err(failed));
        let written = written.map_err(|e| self.context().add_to(e));
        if written.is_err() {
            // If that fails, the next array tries again.
            let _ = self.end_last();
        }
        written
    }

    /// Starts an array of a known number of records.
    ///
    /// # Errors
    ///
    /// If writing fails, or the array before is incomplete.
    pub fn records<R: NpyRecord>(&mut self, rows: u64) -> Result<RecordWriter<R, Part<'_, W>>> {
        self.start_records(NewArray::of_records::<R>(rows))
    }

    /// Starts the array of a header, as [`RecordWriter::with_header`].
    ///
    /// # Errors
    ///
    /// As [`records`](Self::records) and [`RecordWriter::with_header`].
    pub fn records_with<E: Element>(
        &mut self,
        header: &Header,
    ) -> Result<RecordWriter<E, Part<'_, W>>> {
        self.start_records(NewArray::with_header::<E>(header))
    }

    fn start_records<E: Element>(
        &mut self,
        array: Result<NewArray>,
    ) -> Result<RecordWriter<E, Part<'_, W>>> {
        self.end_last()?;
        let context = self.context();
        let array = array.map_err(|e| context.add_to(e))?;
        self.start(array.header());
        Ok(RecordWriter::unwritten(self.part(), &array, context))
    }

    /// Starts an array after the last one, which has ended.
    fn start(&mut self, header: &Header) {
        let data = header.data_len().unwrap_or(u64::MAX);
        self.len = data.saturating_add(header.to_bytes().len() as u64);
        self.missing = self.len;
    }

    fn part(&mut self) -> Part<'_, W> {
        Part {
            writer: &mut self.inner,
            missing: &mut self.missing,
        }
    }

    /// Returns the context of the last array.
    fn context(&self) -> ErrorContext {
        let mut context = ErrorContext::of_file(self.path.as_deref());
        context.array = Some((self.number, self.offset));
        context
    }

    /// Moves on to the position after the last array. Removes an incomplete array, if that is possible.
    fn end_last(&mut self) -> Result<()> {
        let written = self.len - self.missing;
        match self.cut_back {
            _ if written == 0 => {}
            _ if self.missing == 0 => {
                self.number += 1;
                self.offset = self.offset.saturating_add(self.len);
            }
            Some(cut_back) => {
                let cut = cut_back(&mut self.inner, written);
                let failed = |e| Error::io("cut off an array that is not whole", e);
                cut.map_err(|e| self.context().add_to(failed(e)))?;
            }
            None => return Err(self.context().add_to(Error::new(Cause::Unfinished))),
        }
        (self.len, self.missing) = (0, 0);
        Ok(())
    }
}

impl<W> Writer<W> {
    /// Returns the underlying writer.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// Returns the underlying writer.
    ///
    /// Nothing is written or checked. An array whose record writer was dropped before it was complete stays
    /// incomplete, and readers report it as truncated.
    pub fn into_inner(self) -> W {
        self.inner
    }
}

impl<W: fmt::Debug> fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("inner", &self.inner)
            .field("missing", &self.missing)
            .finish_non_exhaustive()
    }
}

/// The writer of one array of a [`Writer`].
pub struct Part<'a, W> {
    writer: &'a mut W,
    missing: &'a mut u64,
}

impl<W: Write> Write for Part<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.write(bytes)?;
        *self.missing = self.missing.saturating_sub(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl<W> fmt::Debug for Part<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("missing", &self.missing)
            .finish_non_exhaustive()
    }
}
