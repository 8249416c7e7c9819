use std::{
    fmt,
    fs::File,
    path::{Path, PathBuf},
};

use super::{decoder::BLOCK, first_axis::FirstAxis, npy_rows::Strided};
use crate::{
    dtype::DType,
    error::{Error, ErrorKind, Result},
    header::{Header, Shape},
    storage::{FileStorage, read_header_with_limit},
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
    pub(super) storage: FileStorage,
    pub(super) path: PathBuf,
    pub(super) header: Header,
    pub(super) data_start: u64,
    pub(super) len: u64,
    /// What a row is.
    pub(super) row: DType,
    pub(super) codec: Codec,
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
    pub fn rows(&self) -> impl Iterator<Item = Result<Value>> + fmt::Debug + '_ {
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
        if row >= self.len {
            let rows = self.len;
            return Err(Error::new(ErrorKind::NoRow { row, rows }).at_path(&self.path));
        }
        let bytes = self.read_rows(&Strided::of(row..row + 1))?;
        self.decode(row, &bytes)
    }

    /// The error, with the row along the growth axis of a row along the first one.
    pub(super) fn at_row(&self, error: Error, row: u64) -> Error {
        let index = match self.header.shape() {
            [] => Vec::new(),
            _ => vec![row],
        };
        error.at_index(index, &Shape::of(&self.header))
    }

    pub(super) fn decode(&self, row: u64, bytes: &[u8]) -> Result<Value> {
        let value = self.codec.decode(bytes);
        value.map_err(|e| self.at_row(e.into(), row).at_path(&self.path))
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
            let block = match self.file.is_scattered() {
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
            self.block = self
                .file
                .read_rows(&Strided::of(self.next..self.next + rows))?;
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

    /// One item for each row, unless an error ends them early.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.file.len.saturating_sub(self.next);
        (usize::from(left > 0), usize::try_from(left).ok())
    }
}

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
