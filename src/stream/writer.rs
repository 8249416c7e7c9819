use std::{
    fmt,
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{
    array_header::{array_header, elements},
    record_writer::RecordWriter,
};
use crate::{
    error::{Cause, Error, ErrorContext, Result},
    header::{Header, Order, Shape},
    record::{Layout, NpyRecord},
};

/// Writes arrays one after another, as `np.save` on one open handle does.
///
/// ```
/// use npyrec::{Order, stream::Writer};
///
/// let mut arrays = Writer::new(Vec::new());
/// arrays.write(&[1_i64, 2, 3])?;
/// arrays.write_shaped(&[1.0_f32, 2.0, 3.0, 4.0], &[2, 2], Order::Fortran)?;
/// let mut records = arrays.records::<(u8, f64)>(2)?;
/// records.append(&(1, 0.5))?;
/// records.append(&(2, 1.5))?;
/// records.finish()?;
/// # Ok::<(), npyrec::Error>(())
/// ```
///
/// Nothing can follow an array that is not whole, as after a failed write: that is an error then. A
/// file that was opened to [append](Writer::append) to is cut back to the arrays before it, and takes
/// the next one.
pub struct Writer<W> {
    inner: W,
    path: Option<PathBuf>,
    /// The number of the last array, where it starts, how long it is, and how many of its bytes were not
    /// written.
    number: u64,
    offset: u64,
    len: u64,
    missing: u64,
    cut_back: Option<CutBack<W>>,
}

/// Takes away so many bytes that were written last.
type CutBack<W> = fn(&mut W, u64) -> io::Result<()>;

impl<W: Write> Writer<W> {
    /// Writes to whatever is [`Write`]. It need not be buffered.
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

    /// Writes to a file behind so many arrays, which end at an offset.
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
    /// If a record cannot be encoded: nothing is written then. If writing fails, or the array before is
    /// not whole.
    pub fn write<R: NpyRecord>(&mut self, records: &[R]) -> Result<()> {
        self.write_shaped(records, &[records.len() as u64], Order::C)
    }

    /// Writes the elements of an array of a shape, which are in the order that is given. The axes that a
    /// record has itself are not part of the shape; a single element has the shape `&[]`.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write); or if the shape is not one of as many elements, or the order is
    /// Fortran's and the records are arrays.
    pub fn write_shaped<T: NpyRecord>(
        &mut self,
        records: &[T],
        shape: &[u64],
        order: Order,
    ) -> Result<()> {
        self.end_last()?;
        let header = check(records, shape, order).map_err(|e| self.context().add_to(e))?;
        let mut writer = self.start::<T>(&header, shape);
        let written = match writer.append_slice(records) {
            Ok(()) => writer.finish().map(drop),
            Err(error) => {
                writer.give_up();
                Err(error)
            }
        };
        if written.is_err() {
            // The next array tries again, should it fail.
            let _ = self.end_last();
        }
        written
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
        self.end_last()?;
        let shape = array.shape().iter().map(|&dim| dim as u64).collect();
        let in_order = crate::interop::ndarray::in_order(array);
        let shape = Shape::new(shape, in_order.0);
        check_encoding(in_order.1.iter(), &shape).map_err(|e| self.context().add_to(e))?;
        // Until all is written, there is more to come.
        (self.len, self.missing) = (u64::MAX, u64::MAX);
        let written = crate::interop::ndarray::write_array_to(self.part(), array);
        let written = written.map_err(|e| self.context().add_to(e));
        if written.is_ok() {
            (self.len, self.missing) = (self.len - self.missing, 0);
        }
        // The next array tries again, should it fail.
        let _ = self.end_last();
        written
    }

    /// Writes so many records as they come, as an array of one axis. It is whole when all were appended.
    ///
    /// # Errors
    ///
    /// If writing fails, or the array before is not whole.
    pub fn records<R: NpyRecord>(&mut self, rows: u64) -> Result<RecordWriter<R, Part<'_, W>>> {
        self.records_with_shape(&[rows], Order::C)
    }

    /// Writes the elements of an array of a shape as they come, as [`RecordWriter::with_shape`].
    ///
    /// # Errors
    ///
    /// As [`records`](Self::records) and [`RecordWriter::with_shape`].
    pub fn records_with_shape<R: NpyRecord>(
        &mut self,
        shape: &[u64],
        order: Order,
    ) -> Result<RecordWriter<R, Part<'_, W>>> {
        self.end_last()?;
        let header = array_header::<R>(shape, order).map_err(|e| self.context().add_to(e))?;
        Ok(self.start(&header, shape))
    }

    /// Starts an array behind the last one, which has ended.
    fn start<R: NpyRecord>(
        &mut self,
        header: &Header,
        shape: &[u64],
    ) -> RecordWriter<R, Part<'_, W>> {
        let bytes = header.to_bytes();
        let data = header.data_len().unwrap_or(u64::MAX);
        self.len = data.saturating_add(bytes.len() as u64);
        self.missing = self.len;
        let shape = Shape::new(shape.to_vec(), header.order());
        let context = self.context();
        RecordWriter::of(self.part(), bytes, shape, context)
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

    /// Passes on behind the last array. If that is not whole, it is taken away, if that can be done.
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

/// Checks that there is an array of a shape of all these records; its header.
fn check<R: NpyRecord>(records: &[R], shape: &[u64], order: Order) -> Result<Header> {
    let header = array_header::<R>(shape, order)?;
    if elements(shape) != records.len() as u64 {
        let (shape, elements) = (shape.to_vec(), records.len() as u64);
        return Err(Error::new(Cause::Elements { shape, elements }));
    }
    let shape = Shape::new(shape.to_vec(), header.order());
    check_encoding(records.iter(), &shape)?;
    Ok(header)
}

/// Checks that all records can be encoded, before a header promises them.
fn check_encoding<'a, R: NpyRecord + 'a>(
    records: impl Iterator<Item = &'a R>,
    shape: &Shape,
) -> Result<()> {
    if Layout::<R>::bytes_of(&[]).is_some() {
        return Ok(());
    }
    let mut place = vec![0; R::ITEMSIZE];
    records.enumerate().try_for_each(|(nth, record)| {
        let encoded = record.encode(&mut place);
        encoded.map_err(|e| Error::from(e).at_element(nth as u64, shape))
    })
}

impl<W> Writer<W> {
    /// What is written to.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// Gives back what is written to.
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

/// Where the records of one array of a [`Writer`] go.
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
