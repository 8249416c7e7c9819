#![allow(unsafe_code)] // The caller of `open` vouches for the file.

use std::{
    fmt,
    marker::PhantomData,
    path::{Path, PathBuf},
};

use memmap2::{MmapMut, MmapOptions};

use super::{layout_mismatch::LayoutMismatch, mapped::View, options::Settings};
use crate::{
    convert::Plan,
    error::{Error, ErrorKind, Result},
    header::{Header, Order},
    record::{Layout, Misfit, NpyRecord, dtype_of},
    storage::{FileStorage, read_header_with_limit, zeroed},
};

/// A file mapped into memory to change its values in place, as `np.load(path, mmap_mode="r+")` maps it.
///
/// Neither the header nor the length of the file ever changes: to add rows there is
/// [`Appender`](crate::Appender), and [`create_zeroed`](crate::create_zeroed()) for a file that is filled
/// by index. While it is mapped it is locked as by an appender, where the file system has locks.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("squares.npy");
/// use npyrec::MappedMut;
///
/// npyrec::write(&path, &[0_u64, 1, 0, 9])?;
/// // SAFETY: nobody else reads or writes the file while it is mapped.
/// let mut squares = unsafe { MappedMut::<u64>::open(&path)? };
/// squares.set(2, &4)?;
/// if let Some(squares) = squares.as_mut_slice() {
///     squares[3] += 7;
/// }
/// squares.flush()?;
/// assert_eq!(npyrec::read::<u64>(&path)?, [0, 1, 4, 16]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// An array of several axes is one record after another, as for a [`Reader`](crate::Reader).
pub struct MappedMut<R> {
    map: MmapMut,
    /// Locked as long as it is mapped.
    _storage: FileStorage,
    path: PathBuf,
    data_start: u64,
    view: View,
    /// How a record becomes an element, if it is none as it is.
    plan: Option<Plan>,
    /// A record, and the element that it becomes.
    record: Vec<u8>,
    element: Vec<u8>,
    records: PhantomData<fn(R) -> R>,
}

impl<R: NpyRecord> MappedMut<R> {
    /// Maps all records of a file, whose fields must be those of `R`, in whatever order and byte order.
    ///
    /// # Safety
    ///
    /// As long as it is mapped, nobody else writes the rows that the header counts now, cuts the file
    /// shorter, or holds what is borrowed of a [`Mapped`](crate::Mapped) of it, in this process or another:
    /// it would be undefined behaviour, or end the program with `SIGBUS`. Rows that are added to the file
    /// later are never mapped. The lock keeps only those out that ask for it, as appenders do.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened to write it or mapped, an appender or another `MappedMut` has it open
    /// ([`ErrorKind::Locked`]), it is not an `.npy` file of the dtype of `R`, or is shorter than its header
    /// says: it is never extended.
    pub unsafe fn open(path: impl AsRef<Path>) -> Result<Self> {
        // SAFETY: the caller vouches for the file.
        unsafe { Self::open_with_limit(path, Header::DEFAULT_LIMIT) }
    }

    /// Maps a file with a header of at most so many bytes, as the `max_header_size` of `np.load`.
    ///
    /// # Safety
    ///
    /// As for [`open`](Self::open).
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), or if the header is longer.
    pub unsafe fn open_with_limit(path: impl AsRef<Path>, max_header_size: u32) -> Result<Self> {
        let path = path.as_ref();
        // SAFETY: the caller vouches for the file.
        let mapped = unsafe { Self::map(path, max_header_size) };
        // It has no options to convert with.
        mapped.map_err(|e| e.without_casting().at_path(path))
    }

    /// # Safety
    ///
    /// As for [`open`](Self::open).
    unsafe fn map(path: &Path, max_header_size: u32) -> Result<Self> {
        let settings = Settings {
            max_header_size,
            ..Settings::default()
        };
        let storage = FileStorage::open_to_mend(path)?;
        let (header, bytes) = read_header_with_limit(&storage, 0, max_header_size);
        let data_start = bytes.len() as u64;
        let view = View::of::<R>(storage.file(), header?, data_start, None, settings)?;
        let plan = Plan::writing(&dtype_of::<R>()?, &view.sequence.dtype, settings.casting)
            .map_err(Misfit::DType)?;
        let itemsize = view.decoder.itemsize();
        // A record that is an element as it is needs no other memory.
        let element = if plan.is_some() { itemsize } else { 0 };
        let mut options = MmapOptions::new();
        let options = options.offset(data_start).len(view.rows * itemsize);
        // SAFETY: the caller vouches for the records, all of which are there.
        let map = unsafe { options.map_mut(storage.file()) };
        Ok(MappedMut {
            map: map.map_err(|e| Error::io("map the file", e))?,
            _storage: storage,
            path: path.to_owned(),
            data_start,
            record: vec![0; R::ITEMSIZE],
            element: zeroed(element)?,
            view,
            plan,
            records: PhantomData,
        })
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
        (row < self.view.rows).then(|| {
            let record = self.view.decoder.decode_nth(&self.map, row);
            record.map_err(|e| self.failed(e.into(), row))
        })
    }

    /// Puts a record in the place of another.
    ///
    /// # Errors
    ///
    /// If there are not that many, or a value has no place in the dtype of its field. The old record is
    /// then still there.
    pub fn set(&mut self, row: usize, record: &R) -> Result<()> {
        if row >= self.view.rows {
            let (row, rows) = (row as u64, self.view.rows as u64);
            return Err(Error::new(ErrorKind::NoRow { row, rows }).at_path(&self.path));
        }
        let encoded = record
            .encode(&mut self.record)
            .and_then(|()| match &self.plan {
                None => Ok(&self.record),
                Some(plan) => {
                    plan.convert(&self.record, &mut self.element)?;
                    Ok(&self.element)
                }
            });
        match encoded {
            Ok(element) => {
                let start = row * element.len();
                if let Some(place) = self.map.get_mut(start..start + element.len()) {
                    place.copy_from_slice(element);
                }
                Ok(())
            }
            Err(error) => Err(self.failed(error.into(), row)),
        }
    }

    #[cold]
    fn failed(&self, error: Error, row: usize) -> Error {
        self.view.at_row(error, row).at_path(&self.path)
    }

    /// The records in place, where [`Mapped::as_slice`](crate::Mapped::as_slice) would give them.
    pub fn as_slice(&self) -> Option<&[R]> {
        match self.view.decoder.needs_no_conversion() {
            true => Layout::cast(&self.map),
            false => None,
        }
    }

    /// The records in place, to be changed, where there is a [slice](Self::as_slice) of them. Otherwise
    /// [`layout_mismatch`](Self::layout_mismatch) tells why not, and there is [`set`](Self::set).
    pub fn as_mut_slice(&mut self) -> Option<&mut [R]> {
        match self.view.decoder.needs_no_conversion() {
            true => Layout::cast_mut(&mut self.map),
            false => None,
        }
    }

    /// Why there is no [slice](Self::as_slice) of the records.
    pub fn layout_mismatch(&self) -> Option<LayoutMismatch> {
        match self.as_slice() {
            Some(_) => None,
            None => Some(LayoutMismatch::of::<R>(
                &self.view.sequence.dtype,
                self.data_start,
            )),
        }
    }

    /// Waits until all that was changed is on the device. Without it, and when it is dropped, the system
    /// writes it in its own time: it survives the program, but not a power cut.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn flush(&self) -> Result<()> {
        let flushed = self.map.flush();
        flushed.map_err(|e| Error::io("sync the file", e).at_path(&self.path))
    }
}

impl<R> fmt::Debug for MappedMut<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MappedMut")
            .field("path", &self.path)
            .field("header", &self.view.header)
            .field("rows", &self.view.rows)
            .finish_non_exhaustive()
    }
}
