use std::path::Path;

use super::{
    appender_methods::appender_methods, mode::Mode, options::AppendOptions, rows::Rows,
    target::Target,
};
use crate::{
    dtype::DType,
    error::{Cause, Error, Result},
    header::Order,
    record::{Element, Layout, NpyRecord, dtype_of},
    value::Value,
};

/// An appender of rows to an array of any number of axes, which grows along its first axis or, in Fortran
/// order, its last axis.
///
/// An element is a number, any other [`NpyRecord`], or a [`Value`]. Otherwise it works as an
/// [`Appender`](crate::Appender): rows go to a buffer, a commit makes them visible, and a killed program loses
/// no row that was written.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("frames.npy");
/// use npyrec::ArrayAppender;
///
/// let mut frames = ArrayAppender::<u8>::create(&path, &[2, 3])?;
/// frames.append_rows(&[1, 2, 3, 4, 5, 6])?;
/// frames.append_rows(&[0; 12])?;
/// assert_eq!(frames.shape(), [3, 2, 3]);
/// frames.close()?;
///
/// let frames = npyrec::NpyFile::open(&path)?;
/// assert_eq!(frames.row(0)?.to_string(), "[[1 2 3]\n [4 5 6]]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ArrayAppender<E: Element> {
    pub(super) rows: Rows,
    pub(super) codec: E::Codec,
}

impl<T: NpyRecord> ArrayAppender<T> {
    /// Creates an array without rows in C order, also in the place of an old file. The axes of a row are all
    /// axes but the first: `&[64, 128]` is for an array of shape `(rows, 64, 128)`. Use [`AppendOptions::order`]
    /// for an array in Fortran order.
    ///
    /// # Errors
    ///
    /// If the file cannot be created, another appender has it open, or no header can describe the array.
    pub fn create(path: impl AsRef<Path>, row_shape: &[u64]) -> Result<Self> {
        AppendOptions::new().create_array(path, row_shape)
    }

    /// Creates an array in a file that must not exist.
    ///
    /// # Errors
    ///
    /// If the file exists or cannot be created, or no header can describe the array.
    pub fn create_new(path: impl AsRef<Path>, row_shape: &[u64]) -> Result<Self> {
        AppendOptions::new().create_new_array(path, row_shape)
    }

    /// Continues an array, also an array of NumPy, in C or Fortran order.
    ///
    /// # Errors
    ///
    /// The [kind](crate::Error::kind) of the error is:
    ///
    /// - [`Io`](crate::ErrorKind::Io) if the file does not exist or cannot be opened.
    /// - [`Shape`](crate::ErrorKind::Shape) if it is a single element, or `T` is an array itself and the file is in
    ///   Fortran order.
    /// - [`DType`](crate::ErrorKind::DType) if its dtype is not the dtype of `T`.
    ///
    /// For other errors see [`Appender::open`](crate::Appender::open).
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        AppendOptions::new().open_array(path)
    }

    /// Continues an array of rows of a shape, or creates it if the file does not exist.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), if there is a file; also if its rows have another shape, or it is in another
    /// order than [`AppendOptions::order`] says ([`Shape`](crate::ErrorKind::Shape)).
    pub fn open_or_create(path: impl AsRef<Path>, row_shape: &[u64]) -> Result<Self> {
        AppendOptions::new().open_or_create_array(path, row_shape)
    }
}

impl ArrayAppender<Value> {
    /// Creates an array without rows, whose elements are of a dtype, as [`ArrayAppender::create`].
    ///
    /// # Errors
    ///
    /// As [`ArrayAppender::create`], or if the dtype contains Python objects.
    pub fn create_with_dtype(
        path: impl AsRef<Path>,
        dtype: &DType,
        row_shape: &[u64],
    ) -> Result<Self> {
        AppendOptions::new().create_array_with_dtype(path, dtype, row_shape)
    }

    /// Continues an array whose elements are of a dtype, as [`ArrayAppender::open`].
    ///
    /// # Errors
    ///
    /// As [`ArrayAppender::open`].
    pub fn open_with_dtype(path: impl AsRef<Path>, dtype: &DType) -> Result<Self> {
        AppendOptions::new().open_array_with_dtype(path, dtype)
    }
}

impl AppendOptions {
    /// Creates an array without rows, also in the place of an old file.
    ///
    /// # Errors
    ///
    /// As [`ArrayAppender::create`].
    pub fn create_array<T: NpyRecord>(
        &self,
        path: impl AsRef<Path>,
        row_shape: &[u64],
    ) -> Result<ArrayAppender<T>> {
        self.open_typed(Mode::Create, path.as_ref(), Some(row_shape))
    }

    /// Creates an array in a file that must not exist.
    ///
    /// # Errors
    ///
    /// As [`ArrayAppender::create_new`].
    pub fn create_new_array<T: NpyRecord>(
        &self,
        path: impl AsRef<Path>,
        row_shape: &[u64],
    ) -> Result<ArrayAppender<T>> {
        self.open_typed(Mode::CreateNew, path.as_ref(), Some(row_shape))
    }

    /// Continues an array, of any row shape and order.
    ///
    /// # Errors
    ///
    /// As [`ArrayAppender::open`].
    pub fn open_array<T: NpyRecord>(&self, path: impl AsRef<Path>) -> Result<ArrayAppender<T>> {
        self.open_typed(Mode::Open, path.as_ref(), None)
    }

    /// Continues an array of rows of a shape, or creates it if the file does not exist.
    ///
    /// # Errors
    ///
    /// As [`ArrayAppender::open_or_create`].
    pub fn open_or_create_array<T: NpyRecord>(
        &self,
        path: impl AsRef<Path>,
        row_shape: &[u64],
    ) -> Result<ArrayAppender<T>> {
        self.open_typed(Mode::Open, path.as_ref(), Some(row_shape))
    }

    fn open_typed<T: NpyRecord>(
        &self,
        mode: Mode,
        path: &Path,
        row_shape: Option<&[u64]>,
    ) -> Result<ArrayAppender<T>> {
        let dtype = dtype_of::<T>().map_err(|mismatch| Error::from(mismatch).at_path(path))?;
        self.open_array_of(mode, path, &dtype, row_shape)
    }

    /// Creates an array of [`Value`]s of a dtype.
    ///
    /// # Errors
    ///
    /// As [`ArrayAppender::create_with_dtype`].
    pub fn create_array_with_dtype(
        &self,
        path: impl AsRef<Path>,
        dtype: &DType,
        row_shape: &[u64],
    ) -> Result<ArrayAppender<Value>> {
        self.open_array_of(Mode::Create, path.as_ref(), dtype, Some(row_shape))
    }

    /// Continues an array with [`Value`]s of a dtype.
    ///
    /// # Errors
    ///
    /// As [`ArrayAppender::open_with_dtype`].
    pub fn open_array_with_dtype(
        &self,
        path: impl AsRef<Path>,
        dtype: &DType,
    ) -> Result<ArrayAppender<Value>> {
        self.open_array_of(Mode::Open, path.as_ref(), dtype, None)
    }

    /// Continues a directory of shards of an array, or creates it, as [`open_dir`](Self::open_dir). The axes of a
    /// row are all axes but the first. The array is in C order.
    ///
    /// # Errors
    ///
    /// As [`open_dir`](Self::open_dir), or if the rows of the shards have another shape.
    pub fn open_array_dir<T: NpyRecord>(
        &self,
        dir: impl AsRef<Path>,
        row_shape: &[u64],
    ) -> Result<ArrayAppender<T>> {
        let dir = dir.as_ref();
        let dtype = dtype_of::<T>().map_err(|mismatch| Error::from(mismatch).at_path(dir))?;
        self.open_array_dir_of(dir, &dtype, row_shape)
    }

    /// Continues a directory of shards of an array with [`Value`]s of a dtype, or creates it, as
    /// [`open_array_dir`](Self::open_array_dir).
    ///
    /// # Errors
    ///
    /// As [`open_array_dir`](Self::open_array_dir).
    pub fn open_array_dir_with_dtype(
        &self,
        dir: impl AsRef<Path>,
        dtype: &DType,
        row_shape: &[u64],
    ) -> Result<ArrayAppender<Value>> {
        self.open_array_dir_of(dir.as_ref(), dtype, row_shape)
    }

    fn open_array_dir_of<E: Element>(
        &self,
        dir: &Path,
        dtype: &DType,
        row_shape: &[u64],
    ) -> Result<ArrayAppender<E>> {
        let target = Target::array(dtype.clone(), Some(row_shape), self.order);
        let rows = Rows::open_dir(dir, target, *self)?;
        Ok(ArrayAppender::from_rows(rows, E::codec_of(dtype)))
    }

    fn open_array_of<E: Element>(
        &self,
        mode: Mode,
        path: &Path,
        dtype: &DType,
        row_shape: Option<&[u64]>,
    ) -> Result<ArrayAppender<E>> {
        let target = Target::array(dtype.clone(), row_shape, self.order);
        let rows = Rows::open(path, mode, target, *self)?;
        Ok(ArrayAppender::from_rows(rows, E::codec_of(dtype)))
    }
}

impl<E: Element> ArrayAppender<E> {
    pub(super) fn from_rows(rows: Rows, codec: E::Codec) -> Self {
        ArrayAppender { rows, codec }
    }

    /// Appends a whole number of rows, whose elements are in the order of the array.
    ///
    /// Elements that have the same form in memory as in the file are copied at once. Many of them are written
    /// without the buffer.
    ///
    /// # Errors
    ///
    /// - [`Shape`](crate::ErrorKind::Shape) if the elements are not a whole number of rows. No row is appended.
    /// - If an element does not fit the dtype, or writing fails. [`rows`](Self::rows) returns the number of rows
    ///   that were appended.
    pub fn append_rows(&mut self, elements: &[E]) -> Result<()> {
        let row_len = self.rows.shape().row_len();
        if elements.is_empty() {
            return Ok(());
        }
        if (elements.len() as u64).checked_rem(row_len) != Some(0) {
            let elements = elements.len();
            let error = Error::new(Cause::PartialRow { elements, row_len });
            return Err(error.at_path(self.path()));
        }
        self.append_whole_rows(elements)
    }

    /// Appends elements that are whole rows.
    pub(super) fn append_whole_rows(&mut self, elements: &[E]) -> Result<()> {
        match Layout::bytes_of(elements).filter(|_| self.rows.takes_records()) {
            Some(bytes) => self.rows.append_bytes(bytes, elements.len() as u64),
            None => self.rows.append_each(&self.codec, elements),
        }
    }

    /// Returns the length of each axis. Uncommitted rows are counted.
    pub fn shape(&self) -> Vec<u64> {
        let shape = self.rows.shape().with_rows(self.rows());
        shape.dims().to_vec()
    }

    /// Returns the order of the elements, which determines the growth axis.
    pub fn order(&self) -> Order {
        self.rows.shape().order()
    }
}

appender_methods!(impl[E: Element] ArrayAppender<E>, "ArrayAppender");
