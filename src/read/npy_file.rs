use std::{
    fmt,
    fs::File,
    ops::Range,
    path::{Path, PathBuf},
};

use super::{
    decoder::{BLOCK, Decoder},
    first_axis::FirstAxis,
    rearrange::is_scattered,
};
use crate::{
    convert::axes,
    dtype::{Casting, DType},
    error::{Error, ErrorKind, Result},
    header::Header,
    record::{NpyRecord, dtype_of},
    storage::{FileStorage, Storage, read_header_with_limit},
    value::{Codec, Value},
};

/// A file whose dtype is known only when the program runs.
///
/// A row is what NumPy gives for `array[i]`: an element, or an array of those along the other axes. A
/// single element of shape `()` is one row.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("points.npy");
/// use npyrec::{NpyFile, Value};
///
/// npyrec::write(&path, &[(1_u8, 2.5_f32), (3, 4.5)])?;
/// let file = NpyFile::open(&path)?;
/// assert_eq!(file.dtype().to_string(), "[('f0', '|u1'), ('f1', '<f4')]");
/// assert_eq!(file.row(1)?.get("f1"), Some(&Value::Float32(4.5)));
/// for row in file.rows() {
///     println!("{}", row?); // (1, 2.5)
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Rows are read from the file when they are asked for, by their place, from as many threads as there
/// are; nothing is promised to it, as it is to map a file. Of an array of several axes in Fortran order
/// the elements of a row are apart, and each is read by itself.
pub struct NpyFile {
    storage: FileStorage,
    path: PathBuf,
    header: Header,
    data_start: u64,
    len: u64,
    /// What a row is.
    row: DType,
    codec: Codec,
}

/// How much of an array in Fortran order is read for a number of rows, whose elements are apart.
const FORTRAN_BLOCK: usize = 16 << 20;

impl NpyFile {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, is not an `.npy` file, or its elements are pickled Python objects.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with_limit(path, Header::DEFAULT_LIMIT)
    }

    /// Opens a file with a header of at most so many bytes, as the `max_header_size` of `np.load`.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), or if the header is longer.
    pub fn open_with_limit(path: impl AsRef<Path>, max_header_size: u32) -> Result<Self> {
        let path = path.as_ref();
        Self::open_path(path, max_header_size).map_err(|e| e.at_path(path))
    }

    fn open_path(path: &Path, max_header_size: u32) -> Result<Self> {
        let storage = FileStorage::open(File::options().read(true), path)?;
        let (header, bytes) = read_header_with_limit(&storage, 0, max_header_size);
        let header = header?;
        let FirstAxis { len, row, codec } = FirstAxis::of(&header)?;
        Ok(NpyFile {
            storage,
            path: path.to_owned(),
            data_start: bytes.len() as u64,
            len,
            codec,
            row,
            header,
        })
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What an element is.
    pub fn dtype(&self) -> &DType {
        self.header.dtype()
    }

    /// The length of each axis; empty for a single element.
    pub fn shape(&self) -> &[u64] {
        self.header.shape()
    }

    /// The number of rows: the length of the first axis.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All rows, one after another.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Result<Value>> + fmt::Debug + '_ {
        Rows {
            file: self,
            next: 0,
            block: Vec::new(),
            block_start: 0,
        }
    }

    /// One row, counted from 0.
    ///
    /// # Errors
    ///
    /// If there are not that many, it cannot be read, or it holds a text with a lone surrogate, which no
    /// text of Rust has.
    pub fn row(&self, row: u64) -> Result<Value> {
        let bytes = self.read_rows(row..row.saturating_add(1))?;
        self.decode(row, &bytes)
    }

    /// The rows of a range, counted from 0.
    ///
    /// # Errors
    ///
    /// As [`row`](Self::row).
    pub fn read_range(&self, rows: Range<u64>) -> Result<Vec<Value>> {
        let count = rows.end.saturating_sub(rows.start);
        if !usize::try_from(count).is_ok_and(|count| self.codec.vouches_for(count)) {
            return Err(Error::new(ErrorKind::TooManyRows(count)).at_path(&self.path));
        }
        let bytes = self.read_rows(rows.clone())?;
        let itemsize = self.codec.itemsize();
        let values = rows.enumerate().map(|(nth, row)| {
            let place = bytes.get(nth * itemsize..(nth + 1) * itemsize);
            self.decode(row, place.unwrap_or_default())
        });
        values.collect()
    }

    /// The rows of a range, counted from 0, as records: the way to read any rows for those who do not
    /// promise what a [`Mapped`](crate::Mapped) file needs. A record is all of a row. Fields are matched
    /// as [`Casting::Equiv`] has it; for another casting there is [`Reader`](crate::Reader).
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("points.npy");
    /// npyrec::write(&path, &[[1_i32, 2], [3, 4], [5, 6]])?;
    /// let file = npyrec::NpyFile::open(&path)?;
    /// assert_eq!(file.read_range_as::<[i32; 2]>(1..3)?, [[3, 4], [5, 6]]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If there are not that many, they cannot be read, their dtype cannot be read as that of `R`, or
    /// one is no value of `R`.
    pub fn read_range_as<R: NpyRecord>(&self, rows: Range<u64>) -> Result<Vec<R>> {
        let read = || -> Result<Vec<R>> {
            let decoder = Decoder::new::<R>(&self.row, &dtype_of::<R>()?, Casting::Equiv)?;
            decoder.check_len::<R>(rows.end.saturating_sub(rows.start))?;
            let bytes = self.read_rows(rows.clone())?;
            let records = rows.enumerate().map(|(nth, row)| {
                let record = decoder.decode_nth(&bytes, nth);
                record.map_err(|e| Error::from(e).at_row(row))
            });
            records.collect()
        };
        read().map_err(|e| e.at_path(&self.path))
    }

    fn decode(&self, row: u64, bytes: &[u8]) -> Result<Value> {
        let value = self.codec.decode(bytes);
        value.map_err(|e| Error::from(e).at_row(row).at_path(&self.path))
    }

    /// The bytes of rows, with the elements of each in C order.
    fn read_rows(&self, rows: Range<u64>) -> Result<Vec<u8>> {
        self.try_read_rows(rows).map_err(|e| e.at_path(&self.path))
    }

    fn try_read_rows(&self, rows: Range<u64>) -> Result<Vec<u8>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        if rows.end > self.len {
            let row = rows.start.max(self.len);
            return Err(Error::new(ErrorKind::NoRow {
                row,
                rows: self.len,
            }));
        }
        let row_size = self.codec.itemsize();
        // Before memory is taken for them.
        let present = self.present()?;
        if present < rows.end {
            let (expected, found) = (self.len, present);
            return Err(Error::new(ErrorKind::Truncated { expected, found }));
        }
        let count = usize::try_from(rows.end - rows.start).ok();
        let len = count.and_then(|count| count.checked_mul(row_size));
        let len = len.ok_or_else(|| Error::new(ErrorKind::TooManyRows(rows.end - rows.start)))?;
        let mut bytes = vec![0; len];
        match is_scattered(&self.header) {
            true => self.gather(rows, &mut bytes)?,
            false => self.read_at(&mut bytes, rows.start * row_size as u64)?,
        }
        Ok(bytes)
    }

    /// The rows that the file holds.
    fn present(&self) -> Result<u64> {
        let length = self.storage.len();
        let length = length.map_err(|e| Error::io("read the file's length", e))?;
        let data = length.saturating_sub(self.data_start);
        if !is_scattered(&self.header) {
            let rows = data.checked_div(self.codec.itemsize() as u64);
            return Ok(rows.unwrap_or(self.len));
        }
        // Every row has an element near the end.
        let is_whole = self.header.data_len().is_some_and(|len| len <= data);
        Ok(if is_whole { self.len } else { 0 })
    }

    /// Reads the elements of rows that are apart: those of all the rows at one place along the other
    /// axes lie together.
    fn gather(&self, rows: Range<u64>, bytes: &mut [u8]) -> Result<()> {
        let (element, axes) = axes(&self.header);
        let itemsize = element.itemsize();
        let row_size = self.codec.itemsize();
        if row_size == 0 {
            return Ok(());
        }
        let count = bytes.len() / row_size;
        let mut run = vec![0; count * itemsize];
        // The strides in C order of the other axes, which are gone through in Fortran order.
        // A single element is a row of all axes.
        let others = axes.get(self.header.shape().len().min(1)..);
        let others = others.unwrap_or_default();
        let dims: Vec<usize> = others
            .iter()
            .map(|&dim| usize::try_from(dim).unwrap_or(usize::MAX))
            .collect();
        let mut strides = vec![itemsize; dims.len()];
        for axis in (1..dims.len()).rev() {
            let stride = strides.get(axis).zip(dims.get(axis)).map(|(s, d)| s * d);
            if let (Some(place), Some(stride)) = (strides.get_mut(axis - 1), stride) {
                *place = stride;
            }
        }
        let mut index = vec![0; dims.len()];
        for nth in 0..(row_size / itemsize) as u64 {
            self.read_at(&mut run, (nth * self.len + rows.start) * itemsize as u64)?;
            let within: usize = index
                .iter()
                .zip(&strides)
                .map(|(i, stride)| i * stride)
                .sum();
            let places = bytes.chunks_exact_mut(row_size);
            for (place, element) in places.zip(run.chunks_exact(itemsize)) {
                if let Some(place) = place.get_mut(within..within + itemsize) {
                    place.copy_from_slice(element);
                }
            }
            for (i, dim) in index.iter_mut().zip(&dims) {
                *i += 1;
                if *i < *dim {
                    break;
                }
                *i = 0;
            }
        }
        Ok(())
    }

    /// Fills `bytes` with data from an offset in it.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> Result<()> {
        let read = self.storage.read_all_at(bytes, self.data_start + offset);
        match read.map_err(|e| Error::io("read rows", e))? {
            read if read < bytes.len() => {
                let (expected, found) = (self.len, self.present()?);
                Err(Error::new(ErrorKind::Truncated { expected, found }))
            }
            _ => Ok(()),
        }
    }
}

/// The rows of an [`NpyFile`], read some at once.
struct Rows<'a> {
    file: &'a NpyFile,
    next: u64,
    block: Vec<u8>,
    block_start: u64,
}

impl Rows<'_> {
    fn read_next(&mut self) -> Result<Value> {
        let row_size = self.file.codec.itemsize();
        let nth = usize::try_from(self.next - self.block_start).unwrap_or(usize::MAX);
        let mut start = nth.saturating_mul(row_size);
        if start >= self.block.len() && row_size > 0 {
            let block = match is_scattered(&self.file.header) {
                true => FORTRAN_BLOCK,
                false => BLOCK,
            };
            let left = self
                .file
                .present()?
                .min(self.file.len)
                .saturating_sub(self.next)
                .max(1);
            let rows = left.min((block / row_size).max(1) as u64);
            self.block = self.file.read_rows(self.next..self.next + rows)?;
            (self.block_start, start) = (self.next, 0);
        }
        let bytes = self.block.get(start..start + row_size).unwrap_or_default();
        self.file.decode(self.next, bytes)
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Value>;

    fn next(&mut self) -> Option<Result<Value>> {
        if self.next >= self.file.len {
            return None;
        }
        let value = self.read_next();
        self.next = match &value {
            Err(error) if !matches!(error.kind(), ErrorKind::Decode(_)) => self.file.len,
            _ => self.next + 1,
        };
        Some(value)
    }

    fn nth(&mut self, n: usize) -> Option<Result<Value>> {
        self.next = self.next.saturating_add(n as u64).min(self.file.len);
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // One that is missing is an error, the last item.
        let present = self.file.present().unwrap_or_default().saturating_add(1);
        let left = self.file.len.min(present).saturating_sub(self.next);
        let left = usize::try_from(left);
        (left.unwrap_or(usize::MAX), left.ok())
    }
}

impl ExactSizeIterator for Rows<'_> {}

impl fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("file", &self.file)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for NpyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NpyFile")
            .field("path", &self.path)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}
