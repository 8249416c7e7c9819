#![allow(unsafe_code)] // The caller of `open` vouches for the file.

use std::{
    fmt,
    fs::File,
    marker::PhantomData,
    ops::{Bound, RangeBounds},
    path::Path,
};

use memmap2::{Mmap, MmapOptions};

use super::{
    by_index::ByIndex,
    column::Column,
    decoder::Decoder,
    layout_mismatch::LayoutMismatch,
    options::{ReadOptions, Settings},
    place::Place,
};
use crate::{
    convert::Sequence,
    error::{Error, ErrorKind, Result},
    header::{Header, Order, Shape},
    record::{Layout, NpyRecord, dtype_of},
    storage::read_header_with_limit,
};

/// A file mapped into memory: any row by its index, and no reading of what is not looked at.
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
/// It can be shared between threads, each of which goes through a [range](Self::range). An array of
/// several axes is one record after another, as for a [`Reader`](crate::Reader).
pub struct Mapped<R> {
    map: Mmap,
    file: File,
    place: Place,
    settings: Settings,
    data_start: u64,
    /// Where the array ends that is a part of the file, and so does not grow.
    end: Option<u64>,
    view: View,
    records: PhantomData<fn() -> R>,
}

/// The records that are mapped.
pub(super) struct View {
    pub(super) header: Header,
    pub(super) sequence: Sequence,
    pub(super) decoder: Decoder,
    pub(super) rows: usize,
}

impl<R: NpyRecord> Mapped<R> {
    /// Maps the rows that the header counts; an appender may go on adding others.
    ///
    /// # Safety
    ///
    /// For as long as the `Mapped` or anything borrowed from it lives, no process cuts the file shorter
    /// than the rows that are mapped, or overwrites or moves these rows. Reading them would otherwise be
    /// undefined behaviour, or end the program with `SIGBUS`. The promise covers the rows that the file
    /// has now, and those that each later [`refresh`](Self::refresh) maps.
    ///
    /// An [`Appender`](crate::Appender) that continues the file keeps the promise. It is broken by
    /// truncating the file, which [`recover`](crate::recover()) may do, and
    /// [`create`](crate::Appender::create) where it cannot replace the file; and by moving its rows, which
    /// [`make_appendable`](crate::make_appendable) and
    /// [`AppendOptions::make_appendable`](crate::AppendOptions::make_appendable) may do.
    ///
    /// # Errors
    ///
    /// If the file cannot be mapped, is not an `.npy` file whose dtype can be read as that of `R`, or
    /// is shorter than its header says.
    pub unsafe fn open(path: impl AsRef<Path>) -> Result<Self> {
        // SAFETY: the caller vouches for the file.
        unsafe { ReadOptions::new().map(path) }
    }

    /// # Safety
    ///
    /// As for [`open`](Self::open).
    pub(super) unsafe fn map_path(path: &Path, settings: Settings) -> Result<Self> {
        // SAFETY: the caller vouches for the file.
        let mapped = File::open(path)
            .map_err(|e| Error::io("open the file", e))
            .and_then(|file| unsafe { Self::map_file(file, path, settings) });
        mapped.map_err(|e| e.at_path(path))
    }

    /// # Safety
    ///
    /// As for [`open`](Self::open).
    unsafe fn map_file(file: File, path: &Path, settings: Settings) -> Result<Self> {
        let (header, bytes) = read_header_with_limit(&file, 0, settings.max_header_size);
        let data_start = bytes.len() as u64;
        let place = Place {
            path: Some(path.to_owned()),
            ..Place::default()
        };
        // SAFETY: the caller vouches for the file.
        unsafe { Self::map_array(file, place, header?, data_start, None, settings) }
    }

    /// Maps the array whose data start at a byte of a file, and end by another if they are a part of it.
    ///
    /// # Safety
    ///
    /// As for [`open`](Self::open).
    pub(super) unsafe fn map_array(
        file: File,
        place: Place,
        header: Header,
        data_start: u64,
        end: Option<u64>,
        settings: Settings,
    ) -> Result<Self> {
        let view = View::of::<R>(&file, header, data_start, end, settings)?;
        // SAFETY: the caller vouches for the file.
        let map = unsafe { map_data(&file, data_start, &view) }?;
        Ok(Mapped {
            map,
            file,
            place,
            settings,
            data_start,
            end,
            view,
            records: PhantomData,
        })
    }

    /// Maps the rows that were committed since, and says how many these are. The caller of
    /// [`open`](Self::open) vouched for them as well. What was borrowed of the
    /// rows has to be given back before. It goes on with the file that was opened, also where another
    /// has taken its path since.
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
    ///
    /// # Errors
    ///
    /// If the header cannot be read or is another than before, or the file is shorter than it says. The
    /// rows of before stay mapped.
    pub fn refresh(&mut self) -> Result<usize> {
        self.try_refresh().map_err(|e| self.place.of(e))
    }

    fn try_refresh(&mut self) -> Result<usize> {
        if self.end.is_some() {
            return Ok(0);
        }
        let limit = self.settings.max_header_size;
        let mut before = Vec::new();
        let view = loop {
            let (header, bytes) = read_header_with_limit(&self.file, 0, limit);
            let header = header.map_err(Error::from);
            match header.and_then(|header| self.view_of(header, bytes.len() as u64)) {
                // One that is read while an appender writes it may mix two numbers.
                Err(_) if bytes != before => before = bytes,
                view => break view?,
            }
        };
        // SAFETY: who opened it vouched for all rows that are ever mapped, these included.
        self.map = unsafe { map_data(&self.file, self.data_start, &view) }?;
        let more = view.rows - self.view.rows;
        self.view = view;
        Ok(more)
    }

    /// The records that a header counts, if it is that of this file.
    fn view_of(&self, header: Header, data_start: u64) -> Result<View> {
        let is_same = data_start == self.data_start
            && header.dtype() == self.view.header.dtype()
            && Shape::of(&header).order() == self.view.sequence.array.order()
            && Shape::of(&header).row_len() == self.view.sequence.array.row_len();
        if is_same {
            let view = View::of::<R>(&self.file, header, data_start, None, self.settings)?;
            if view.rows >= self.view.rows {
                return Ok(view);
            }
        }
        Err(Error::new(ErrorKind::HeaderChanged))
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.view.header
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.view.rows
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.view.rows == 0
    }

    /// The axes along which the records lie, as [`Reader::shape`](crate::Reader::shape).
    pub fn shape(&self) -> &[u64] {
        self.view.sequence.records.dims()
    }

    /// The order in which the records lie.
    pub fn order(&self) -> Order {
        self.view.sequence.records.order()
    }

    /// One record, or `None` if there are not that many.
    #[inline]
    pub fn get(&self, row: usize) -> Option<Result<R>> {
        (row < self.view.rows).then(|| self.row(row))
    }

    /// All records, one after another.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Result<R>> + ExactSizeIterator + '_ {
        self.range(..)
    }

    /// The records of a range of rows, or as many of it as there are: a part for one of several
    /// threads.
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
    pub fn range(
        &self,
        rows: impl RangeBounds<usize>,
    ) -> impl DoubleEndedIterator<Item = Result<R>> + ExactSizeIterator + '_ {
        let start = match rows.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match rows.end_bound() {
            Bound::Included(&last) => last.saturating_add(1),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => self.view.rows,
        };
        ByIndex::new(start..end.min(self.view.rows), |row| self.row(row))
    }

    #[inline]
    fn row(&self, row: usize) -> Result<R> {
        let record = self.view.decoder.decode_nth(&self.map, row);
        record.map_err(|e| self.failed(e.into(), row))
    }

    #[cold]
    fn failed(&self, error: Error, row: usize) -> Error {
        self.place.of(self.view.at_row(error, row))
    }

    /// The records in place, if their form in the file is that of `R` in memory and any bytes are an
    /// `R`: numbers without padding between them, on a little-endian machine (on a big-endian one, bytes
    /// alone). Otherwise [`layout_mismatch`](Self::layout_mismatch) says why not.
    pub fn as_slice(&self) -> Option<&[R]> {
        match self.view.decoder.needs_no_conversion() {
            true => Layout::cast(&self.map),
            false => None,
        }
    }

    /// Why there is no [slice](Self::as_slice) of the records.
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
            None => Some(LayoutMismatch::of::<R>(
                &self.view.sequence.dtype,
                self.data_start,
            )),
        }
    }

    /// One field of all records, by its name in the file; `a.b` is the field `b` of the field `a`.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("ticks.npy");
    /// use npyrec::{Mapped, NpyRecord};
    ///
    /// #[derive(NpyRecord)]
    /// struct Tick {
    ///     size: u16,
    ///     price: f64,
    /// }
    ///
    /// npyrec::write(&path, &[Tick { size: 5, price: 1.5 }, Tick { size: 7, price: 2.5 }])?;
    /// // SAFETY: nothing cuts or overwrites the file while it is mapped.
    /// let ticks = unsafe { Mapped::<Tick>::open(&path)? };
    /// let prices = ticks.column::<f64>("price")?;
    /// assert_eq!(prices.iter().sum::<npyrec::Result<f64>>()?, 4.0);
    /// assert_eq!(prices.to_vec()?, [1.5, 2.5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If there is no such field, or its dtype cannot be read as that of `T`.
    pub fn column<T: NpyRecord>(&self, field: &str) -> Result<Column<'_, T>> {
        self.find_column(field).map_err(|e| self.place.of(e))
    }

    fn find_column<T: NpyRecord>(&self, field: &str) -> Result<Column<'_, T>> {
        let row = &self.view.sequence.dtype;
        let (offset, dtype) = row.find(field).ok_or_else(|| {
            let has = row.fields().iter().map(|field| field.name().to_owned());
            Error::new(ErrorKind::NoField {
                name: field.to_owned(),
                has: has.collect(),
            })
        })?;
        let decoder = Decoder::new::<T>(dtype, &dtype_of::<T>()?, self.settings.casting)?;
        Ok(Column::new(
            &self.map,
            row.itemsize(),
            &self.view.sequence,
            (field, offset),
            decoder,
            &self.place,
        ))
    }
}

impl View {
    /// The error, with the row that a record is in.
    pub(super) fn at_row(&self, error: Error, record: usize) -> Error {
        let index = self.sequence.index_of(record as u64);
        error.at_index(index, &self.sequence.array)
    }

    /// The records that a header counts, if they are all there.
    pub(super) fn of<R: NpyRecord>(
        file: &File,
        header: Header,
        data_start: u64,
        end: Option<u64>,
        settings: Settings,
    ) -> Result<Self> {
        // What is mapped stays where it is.
        let (sequence, decoder) = Decoder::of_sequence::<R>(&header, settings.casting, false)?;
        let length = file.metadata();
        let length = length.map_err(|e| Error::io("read the file's length", e))?;
        let end = end.unwrap_or(u64::MAX).min(length.len());
        let data = end.saturating_sub(data_start);
        let (expected, itemsize) = (sequence.len, decoder.itemsize());
        let present = data.checked_div(itemsize as u64);
        if present.is_some_and(|found| found < expected) {
            return Err(Error::truncated(&header, data).recoverable(header.rows().is_some()));
        }
        decoder.check_len::<R>(expected)?;
        // Of so many bytes that an address names each.
        let rows = usize::try_from(expected).ok();
        let rows = rows.filter(|rows| rows.checked_mul(itemsize).is_some());
        Ok(View {
            rows: rows.ok_or_else(|| Error::new(ErrorKind::TooManyRows(expected)))?,
            header,
            sequence,
            decoder,
        })
    }
}

/// # Safety
///
/// While it is mapped, nobody cuts the file shorter than these records or overwrites them.
unsafe fn map_data(file: &File, data_start: u64, view: &View) -> Result<Mmap> {
    let mut options = MmapOptions::new();
    let options = options
        .offset(data_start)
        .len(view.rows * view.decoder.itemsize());
    // SAFETY: the caller vouches for the records; the header, which an appender rewrites, is not among
    // these bytes.
    unsafe { options.map(file) }.map_err(|e| Error::io("map the file", e))
}

impl<R> fmt::Debug for Mapped<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mapped")
            .field("path", &self.place.path)
            .field("header", &self.view.header)
            .field("rows", &self.view.rows)
            .finish_non_exhaustive()
    }
}
