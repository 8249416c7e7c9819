#![allow(unsafe_code)] // The caller of `open` vouches for the file.

use std::{
    fmt,
    fs::File,
    ops::{Bound, Range, RangeBounds},
    path::Path,
};

use super::{
    iter::{Indexed, Iter},
    layout_mismatch::LayoutMismatch,
    mapped_rows::MappedRows,
    options::ReadOptions,
};
use crate::{
    error::{Cause, Error, ErrorContext, Result},
    header::{Header, Order, Shape},
    record::{Element, Layout},
    storage::{Map, read_header_with_limit},
};

/// A file mapped into memory: any row by its index. Only rows that are used are read.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("squares.npy");
/// use npyrec::Mapped;
///
/// npyrec::write(&path, &[0_u64, 1, 4, 9])?;
/// // SAFETY: nothing cuts or overwrites the file while it is mapped.
/// let squares = unsafe { Mapped::<u64>::open(&path)? };
/// assert_eq!(squares.get(3).transpose()?, Some(9));
/// assert_eq!(squares.as_slice(), Some(&[0, 1, 4, 9][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Threads can share it, and iterate over a [range](Self::range) each. It has rows, or elements with
/// [`ReadOptions::flat`], as a [`Reader`](crate::Reader) has. Rows of an array of several axes in Fortran order
/// are not contiguous: map its elements, and take its [`view`](Self::view) with the feature `ndarray`.
pub struct Mapped<E: Element> {
    pub(super) map: Map,
    pub(super) rows: MappedRows<E>,
    file: File,
    pub(super) context: ErrorContext,
    pub(super) options: ReadOptions,
    data_start: u64,
    /// The byte at which the array ends if it is a part of the file, and so does not grow.
    end: Option<u64>,
}

/// An array that is a file or a part of one.
struct ArrayInFile {
    header: Header,
    data_start: u64,
    /// The byte at which it ends if it is a part of the file.
    end: Option<u64>,
}

impl<E: Element> Mapped<E> {
    /// Maps the rows that the header counts. An appender may continue to add rows.
    ///
    /// # Safety
    ///
    /// For as long as the `Mapped` or anything borrowed from it lives, no process cuts the file shorter
    /// than the rows that are mapped, or overwrites or moves these rows. Reading them would otherwise be
    /// undefined behaviour, or end the program with `SIGBUS`. The promise covers the rows that the file
    /// has now, and those that each later [`refresh`](Self::refresh) maps.
    ///
    /// An [`Appender`](crate::Appender) that continues the file keeps the promise. These calls may break it:
    ///
    /// - [`recover`](crate::recover()) may truncate the file, and so may [`create`](crate::Appender::create) if
    ///   it cannot replace the file.
    /// - [`make_appendable`](crate::make_appendable) and
    ///   [`AppendOptions::make_appendable`](crate::AppendOptions::make_appendable) may move its rows.
    ///
    /// # Errors
    ///
    /// If the file cannot be mapped, is not an `.npy` file, or its rows cannot be read as `E`; or if it is
    /// shorter than its header says.
    pub unsafe fn open(path: impl AsRef<Path>) -> Result<Self> {
        let () = E::READABLE;
        // SAFETY: the caller vouches for the file.
        unsafe { ReadOptions::new().map(path) }
    }

    /// # Safety
    ///
    /// As for [`open`](Self::open).
    unsafe fn map_path(path: &Path, options: ReadOptions) -> Result<Self> {
        // SAFETY: the caller vouches for the file.
        let mapped = File::open(path)
            .map_err(|e| Error::io("open the file", e))
            .and_then(|file| unsafe { Self::map_file(file, path, options, false) });
        mapped.map_err(|e| e.at_path(path))
    }

    /// # Safety
    ///
    /// As for [`open`](Self::open).
    pub(super) unsafe fn map_file(
        file: File,
        path: &Path,
        options: ReadOptions,
        is_writable: bool,
    ) -> Result<Self> {
        let (header, bytes) = read_header_with_limit(&file, 0, options.max_header_size);
        let data_start = bytes.len() as u64;
        let context = ErrorContext::of_file(Some(path));
        let array = ArrayInFile {
            header: header?,
            data_start,
            end: None,
        };
        // SAFETY: the caller vouches for the file.
        unsafe { Self::map_array(file, context, array, options, is_writable) }
    }

    /// Maps an array that is a file or a part of one.
    ///
    /// # Safety
    ///
    /// As for [`open`](Self::open); if it is writable, as for [`MappedMut::open`](super::MappedMut::open).
    unsafe fn map_array(
        file: File,
        context: ErrorContext,
        array: ArrayInFile,
        options: ReadOptions,
        is_writable: bool,
    ) -> Result<Self> {
        let ArrayInFile {
            header,
            data_start,
            end,
        } = array;
        let rows = MappedRows::new(&file, header, data_start, end, options)?;
        // SAFETY: the caller vouches for the elements. The header, which an appender rewrites, is not mapped.
        let map = unsafe { Map::new(&file, data_start, rows.bytes(), is_writable) };
        let map = map.map_err(|e| Error::io("map the file", e))?;
        Ok(Mapped {
            map,
            file,
            context,
            options,
            data_start,
            end,
            rows,
        })
    }

    /// Maps the rows that were committed since the file was mapped, and returns their number.
    ///
    /// The safety conditions of [`open`](Self::open) cover them as well. Borrows of rows must end first. The map
    /// stays on the file that was opened, even if another file has taken its path.
    ///
    /// # Errors
    ///
    /// If the header cannot be read or has another dtype or shape than before, or the file is shorter than it
    /// says. The earlier rows stay mapped.
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("ticks.npy");
    /// use npyrec::{Appender, Mapped};
    ///
    /// let mut ticks = Appender::<u64>::create(&path)?;
    /// // SAFETY: nothing cuts or overwrites the file while it is mapped.
    /// let mut mapped = unsafe { Mapped::<u64>::open(&path)? };
    /// ticks.append(&7)?;
    /// ticks.commit()?;
    /// assert_eq!(mapped.refresh()?, 1);
    /// assert_eq!(mapped.as_slice(), Some(&[7][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn refresh(&mut self) -> Result<usize> {
        self.try_refresh().map_err(|e| self.context.add_to(e))
    }

    fn try_refresh(&mut self) -> Result<usize> {
        if self.end.is_some() {
            return Ok(0);
        }
        let limit = self.options.max_header_size;
        let mut before = Vec::new();
        let rows = loop {
            let (header, bytes) = read_header_with_limit(&self.file, 0, limit);
            let header = header.map_err(Error::from);
            match header.and_then(|header| self.rows_of(header, bytes.len() as u64)) {
                // A header that is read while an appender writes it may mix two numbers.
                Err(_) if bytes != before => before = bytes,
                rows => break rows?,
            }
        };
        // SAFETY: the caller of `open` vouched for all rows that are ever mapped. `MappedMut` does not refresh.
        let map = unsafe { Map::new(&self.file, self.data_start, rows.bytes(), false) };
        self.map = map.map_err(|e| Error::io("map the file", e))?;
        let more = rows.len - self.rows.len;
        self.rows = rows;
        Ok(more)
    }

    /// Returns the rows that a header counts, if it is the header of this file.
    fn rows_of(&self, header: Header, data_start: u64) -> Result<MappedRows<E>> {
        // An array that was in both orders may grow along either axis.
        let (old, new) = (self.rows.header.array_shape(), header.array_shape());
        let old_rows = Shape::new(old.axes().to_vec(), new.order()).rows();
        let is_same = data_start == self.data_start
            && header.dtype() == self.rows.header.dtype()
            && (old.order() == new.order() || old.is_in_both_orders())
            && old_rows.is_none_or(|rows| new.with_rows(rows).axes() == old.axes());
        if is_same {
            let rows = MappedRows::new(&self.file, header, data_start, None, self.options)?;
            if rows.len >= self.rows.len {
                return Ok(rows);
            }
        }
        Err(Error::new(Cause::HeaderChanged))
    }

    /// Returns the header.
    pub fn header(&self) -> &Header {
        &self.rows.header
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.rows.len
    }

    /// Returns true if the file has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.len == 0
    }

    /// Returns the axes along which the rows or elements lie, as [`Reader::shape`](crate::Reader::shape).
    pub fn shape(&self) -> &[u64] {
        self.rows.shape.dims()
    }

    /// Returns the order in which the rows or elements lie.
    pub fn order(&self) -> Order {
        self.rows.shape.order()
    }

    /// Returns a row, or `None` if it is out of range.
    #[inline]
    pub fn get(&self, row: usize) -> Option<Result<E>> {
        // A slice is checked once for many calls, so that each takes fewer instructions.
        if let Some(rows) = self.as_slice() {
            return rows.get(row).and_then(Layout::copy_of).map(Ok);
        }
        (row < self.rows.len).then(|| self.item(row))
    }

    /// Returns a row in place, or `None` if it is out of range or the file has no [slice](Self::as_slice) of rows.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("squares.npy");
    /// # npyrec::write(&path, &[0_u64, 1, 4, 9])?;
    /// # // SAFETY: nothing cuts or overwrites the file while it is mapped.
    /// # let squares = unsafe { npyrec::Mapped::<u64>::open(&path)? };
    /// assert_eq!(squares.get_ref(3), Some(&9));
    /// assert_eq!(squares.get_ref(4), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn get_ref(&self, row: usize) -> Option<&E> {
        self.as_slice()?.get(row)
    }

    /// Returns an iterator of all rows.
    pub fn iter(&self) -> Iter<'_, Self> {
        self.range(..)
    }

    /// Returns an iterator of a range of rows, cut off at the last row: a part for one of several threads.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("squares.npy");
    /// # npyrec::write(&path, &[0_u64, 1, 4, 9])?;
    /// # // SAFETY: nothing cuts or overwrites the file while it is mapped.
    /// # let squares = unsafe { npyrec::Mapped::<u64>::open(&path)? };
    /// let sum = |rows| squares.range(rows).sum::<npyrec::Result<u64>>();
    /// let (left, right) = std::thread::scope(|scope| {
    ///     let left = scope.spawn(|| sum(0..2));
    ///     (left.join().unwrap(), sum(2..4))
    /// });
    /// assert_eq!((left?, right?), (1, 13));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn range(&self, rows: impl RangeBounds<usize>) -> Iter<'_, Self> {
        let start = match rows.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match rows.end_bound() {
            Bound::Included(&last) => last.saturating_add(1),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => self.rows.len,
        };
        Iter::new(self, start..end.min(self.rows.len))
    }

    #[cold]
    pub(super) fn failed(&self, error: Error, row: usize) -> Error {
        self.context.add_to(self.rows.at_row(error, row))
    }

    /// Returns the rows in place, if they have the same form in the file as in memory and any bytes are a valid
    /// `E`: numbers without padding between them, on a little-endian machine (on a big-endian machine, single
    /// bytes). Otherwise [`layout_mismatch`](Self::layout_mismatch) gives the reason.
    #[inline]
    pub fn as_slice(&self) -> Option<&[E]> {
        match self.rows.decoder.needs_no_conversion() {
            true => Layout::cast(self.map.bytes()),
            false => None,
        }
    }

    /// Returns the reason why [`as_slice`](Self::as_slice) returns `None`.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("flags.npy");
    /// # npyrec::write(&path, &[true, false])?;
    /// # // SAFETY: nothing cuts or overwrites the file while it is mapped.
    /// let flags = unsafe { npyrec::Mapped::<bool>::open(&path)? };
    /// assert!(flags.as_slice().is_none());
    /// assert!(flags.layout_mismatch().unwrap().to_string().starts_with("the memory of the record"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn layout_mismatch(&self) -> Option<LayoutMismatch> {
        match self.as_slice() {
            Some(_) => None,
            None => Some(LayoutMismatch::of::<E>(
                &self.rows.element_dtype(),
                self.data_start,
            )),
        }
    }
}

impl ReadOptions {
    /// Maps a file into memory, as [`Mapped::open`](crate::Mapped::open).
    ///
    /// # Safety
    ///
    /// As for [`Mapped::open`](crate::Mapped::open).
    ///
    /// # Errors
    ///
    /// As [`Mapped::open`](crate::Mapped::open).
    pub unsafe fn map<E: Element>(&self, path: impl AsRef<Path>) -> Result<Mapped<E>> {
        let () = E::READABLE;
        // SAFETY: the caller vouches for the file.
        unsafe { Mapped::map_path(path.as_ref(), *self) }
    }

    /// Maps an array whose data is a range of bytes of a file.
    ///
    /// # Safety
    ///
    /// As for [`Mapped::open`](crate::Mapped::open).
    pub(super) unsafe fn map_array<E: Element>(
        &self,
        file: File,
        context: ErrorContext,
        header: Header,
        data: Range<u64>,
    ) -> Result<Mapped<E>> {
        let array = ArrayInFile {
            header,
            data_start: data.start,
            end: Some(data.end),
        };
        // SAFETY: the caller vouches for the file.
        unsafe { Mapped::map_array(file, context, array, *self, false) }
    }
}

impl<E: Element> Indexed for Mapped<E> {
    type Item = E;

    #[inline]
    fn item(&self, index: usize) -> Result<E> {
        let row = self.rows.decoder.decode_nth(self.map.bytes(), index, None);
        row.map_err(|e| self.failed(e.into(), index))
    }
}

impl<'a, E: Element> IntoIterator for &'a Mapped<E> {
    type Item = Result<E>;
    type IntoIter = Iter<'a, Mapped<E>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<E: Element> fmt::Debug for Mapped<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mapped")
            .field("path", &self.context.path)
            .field("header", &self.rows.header)
            .field("rows", &self.rows.len)
            .finish_non_exhaustive()
    }
}
