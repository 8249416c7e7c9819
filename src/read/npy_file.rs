use std::{
    fmt,
    fs::File,
    iter::FusedIterator,
    path::{Path, PathBuf},
};

use super::{
    decoder::{BLOCK, Decoder},
    options::ReadOptions,
    strided::EveryNth,
};
use crate::{
    dtype::DType,
    error::{Cause, Error, Result},
    header::{Header, Shape},
    storage::{FileStorage, read_header_with_limit},
    value::Value,
};

/// A file with random access to its rows, without a map.
///
/// A row is `array[i]` in NumPy: an element, or an array of the elements along the other axes. A single
/// element of shape `()` is one row.
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
/// Each call reads its rows from the file, and several threads may call at once. Nothing needs to be promised, in
/// contrast to a [`Mapped`](crate::Mapped) file. In an array of several axes in Fortran order the elements of a
/// row are not contiguous, and each of them is read by itself.
pub struct NpyFile {
    pub(super) storage: FileStorage,
    pub(super) path: PathBuf,
    pub(super) header: Header,
    pub(super) data_start: u64,
    pub(super) shape: Shape,
    /// Decodes rows as values.
    pub(super) values: Decoder<Value>,
    /// The dtype of the selected parts of a row.
    pub(super) selected: Option<DType>,
    pub(super) options: ReadOptions,
}

/// The number of bytes per read of an array in Fortran order.
const FORTRAN_BLOCK: usize = 16 << 20;

impl NpyFile {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, is not an `.npy` file, or its elements are pickled Python objects.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        ReadOptions::new().npy_file(path)
    }

    pub(super) fn open_with(path: &Path, options: ReadOptions) -> Result<Self> {
        Self::open_path(path, options).map_err(|e| e.at_path(path))
    }

    fn open_path(path: &Path, options: ReadOptions) -> Result<Self> {
        options.check_rows()?;
        let storage = FileStorage::open(File::options().read(true), path)?;
        let (header, bytes) = read_header_with_limit(&storage, 0, options.max_header_size);
        let header = header?;
        let (shape, values) = Decoder::of_rows(&header, options.casting)?;
        values.check_len(shape.len())?;
        Ok(NpyFile {
            storage,
            path: path.to_owned(),
            data_start: bytes.len() as u64,
            shape,
            values,
            selected: None,
            options,
            header,
        })
    }

    /// Returns the header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the dtype of an element.
    pub fn dtype(&self) -> &DType {
        self.header.dtype()
    }

    /// Returns the length of each axis; empty for a single element.
    pub fn shape(&self) -> &[u64] {
        self.header.shape()
    }

    /// Returns the number of rows: the length of the first axis.
    pub fn len(&self) -> u64 {
        self.shape.len()
    }

    /// Returns true if the file has no rows.
    pub fn is_empty(&self) -> bool {
        self.shape.len() == 0
    }

    /// Returns an iterator of all rows, as values.
    pub fn rows(&self) -> NpyRows<'_> {
        NpyRows {
            file: self,
            next: 0,
            block: Vec::new(),
            block_start: 0,
        }
    }

    /// Reads one row, counted from 0.
    ///
    /// # Errors
    ///
    /// If the row is out of range, it cannot be read, or it has a text with a lone surrogate, which a `String`
    /// cannot have.
    pub fn row(&self, row: u64) -> Result<Value> {
        if row >= self.shape.len() {
            let rows = self.shape.len();
            return Err(Error::new(Cause::NoRow { row, rows }).at_path(&self.path));
        }
        self.with_row(row, |bytes| self.decode(row, bytes))
    }

    fn decode(&self, row: u64, bytes: &[u8]) -> Result<Value> {
        self.values.decode(bytes).map_err(|e| {
            let error = Error::from(e).at_element(row, &self.shape);
            error.at_path(&self.path)
        })
    }
}

impl ReadOptions {
    /// Opens a file for random access, as [`NpyFile::open`].
    ///
    /// # Errors
    ///
    /// As [`NpyFile::open`].
    pub fn npy_file(&self, path: impl AsRef<Path>) -> Result<NpyFile> {
        NpyFile::open_with(path.as_ref(), *self)
    }
}

/// An iterator of the rows of an [`NpyFile`], as [`Value`]s. It reads several rows at once.
///
/// It ends after an error of the file, and continues after a row that has no value.
#[derive(Clone)]
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct NpyRows<'a> {
    file: &'a NpyFile,
    next: u64,
    block: Vec<u8>,
    block_start: u64,
}

impl NpyRows<'_> {
    fn read_next(&mut self) -> Result<Value> {
        let row_size = self.file.values.itemsize();
        let nth = usize::try_from(self.next - self.block_start).unwrap_or(usize::MAX);
        let mut start = nth.saturating_mul(row_size);
        if start >= self.block.len() && row_size > 0 {
            let block = match self.file.is_scattered() {
                true => FORTRAN_BLOCK,
                false => BLOCK,
            };
            let left = self
                .file
                .present()?
                .min(self.file.shape.len())
                .saturating_sub(self.next)
                .max(1);
            let rows = left.min((block / row_size).max(1) as u64);
            self.block = self
                .file
                .read_rows(&EveryNth::of(self.next..self.next + rows))?;
            (self.block_start, start) = (self.next, 0);
        }
        let bytes = self.block.get(start..start + row_size).unwrap_or_default();
        self.file.decode(self.next, bytes)
    }
}

impl Iterator for NpyRows<'_> {
    type Item = Result<Value>;

    fn next(&mut self) -> Option<Result<Value>> {
        if self.next >= self.file.shape.len() {
            return None;
        }
        let value = self.read_next();
        self.next = match &value {
            Err(error) if !matches!(error.cause(), Cause::Decode(_)) => self.file.shape.len(),
            _ => self.next + 1,
        };
        Some(value)
    }

    fn nth(&mut self, n: usize) -> Option<Result<Value>> {
        self.next = self
            .next
            .saturating_add(n as u64)
            .min(self.file.shape.len());
        self.next()
    }

    /// Returns one item for each row, unless an error ends them early.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.file.shape.len().saturating_sub(self.next);
        (usize::from(left > 0), usize::try_from(left).ok())
    }
}

impl FusedIterator for NpyRows<'_> {}

impl fmt::Debug for NpyRows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NpyRows")
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
