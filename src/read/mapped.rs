#![allow(unsafe_code)] // The caller of `open` vouches for the file.

use std::{fmt, fs::File, marker::PhantomData, path::Path};

use memmap2::{Mmap, MmapOptions};

use crate::{
    error::{Error, ErrorKind, Result},
    header::Header,
    record::{Layout, NpyRecord, dtype_of, fit},
    storage::read_header,
};

/// A file mapped into memory: any row at once, and no reading of what is not looked at.
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
pub struct Mapped<R> {
    map: Mmap,
    header: Header,
    rows: usize,
    records: PhantomData<fn() -> R>,
}

impl<R: NpyRecord> Mapped<R> {
    /// Maps the rows that the header counts; an appender may go on adding others.
    ///
    /// # Safety
    ///
    /// While it is mapped, nobody cuts the file shorter or overwrites these rows, in this process or
    /// another: reading them would be undefined behaviour, or end the program with `SIGBUS`.
    ///
    /// # Errors
    ///
    /// If the file cannot be mapped, is not an `.npy` file of the dtype of `R`, or is shorter than
    /// its header says.
    pub unsafe fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        // SAFETY: the caller vouches for the file.
        unsafe { Self::map(path) }.map_err(|e| e.at_path(path))
    }

    /// # Safety
    ///
    /// As for [`open`](Self::open).
    unsafe fn map(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|e| Error::io("open the file", e))?;
        let (header, bytes) = read_header(&file, 0);
        let header = header?;
        let expected = fit(&header, &dtype_of::<R>()?)?;
        let data_start = bytes.len() as u64;
        let length = file
            .metadata()
            .map_err(|e| Error::io("read the file's length", e))?
            .len();
        let data = length.saturating_sub(data_start);
        if let Some(found) = data
            .checked_div(R::ITEMSIZE as u64)
            .filter(|&n| n < expected)
        {
            return Err(Error::new(ErrorKind::Truncated { expected, found }));
        }
        let too_many = || Error::new(ErrorKind::TooManyRows(expected));
        let rows = usize::try_from(expected).map_err(|_| too_many())?;
        let len = rows.checked_mul(R::ITEMSIZE).ok_or_else(too_many)?;
        let mut options = MmapOptions::new();
        let options = options.offset(data_start).len(len);
        // SAFETY: the caller vouches for the file; the header, which an appender rewrites, is not
        // mapped.
        let map = unsafe { options.map(&file) }.map_err(|e| Error::io("map the file", e))?;
        Ok(Mapped {
            map,
            header,
            rows,
            records: PhantomData,
        })
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// One row, or `None` if there are not that many.
    pub fn get(&self, row: usize) -> Option<Result<R>> {
        (row < self.rows).then(|| self.row(row))
    }

    /// All rows, one after another.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Result<R>> + '_ {
        (0..self.rows).map(|row| self.row(row))
    }

    fn row(&self, row: usize) -> Result<R> {
        let start = row * R::ITEMSIZE;
        let bytes = self
            .map
            .get(start..)
            .and_then(|data| data.get(..R::ITEMSIZE));
        R::decode(bytes.unwrap_or_default()).map_err(|e| Error::from(e).at_row(row as u64))
    }

    /// The rows in place, if their form in the file is that of `R` in memory and any bytes are an
    /// `R`: numbers without padding between them, in the order of this machine.
    pub fn as_slice(&self) -> Option<&[R]> {
        Layout::cast(&self.map)
    }
}

impl<R> fmt::Debug for Mapped<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mapped")
            .field("header", &self.header)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}
