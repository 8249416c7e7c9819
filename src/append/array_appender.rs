use std::{marker::PhantomData, path::Path};

use super::{appender_methods::appender_methods, options::AppendOptions, rows::Rows};
use crate::{
    error::{Error, ErrorKind, Result},
    header::Order,
    record::{Layout, NpyRecord},
};

/// Appends rows to an array of any number of axes, which grows along its first axis or, in Fortran
/// order, its last.
///
/// An element is a `T`: a number, or any other [`NpyRecord`]. In all else it is an
/// [`Appender`](crate::Appender): rows go to a buffer, a commit makes them visible, a killed program
/// loses no row that was written.
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
pub struct ArrayAppender<T: NpyRecord> {
    pub(super) rows: Rows,
    elements: PhantomData<fn(&T)>,
}

impl<T: NpyRecord> ArrayAppender<T> {
    /// Creates an array without rows in C order, also in the place of a file that exists. The axes of a
    /// row are all but the first, so that `&[64, 128]` is for an array of shape `(rows, 64, 128)`.
    /// [`AppendOptions::order`] is for one in Fortran order.
    ///
    /// # Errors
    ///
    /// If the file cannot be created, another appender has it open, or there is no header for such an
    /// array.
    pub fn create(path: impl AsRef<Path>, row_shape: &[u64]) -> Result<Self> {
        Self::options().create(path, row_shape)
    }

    /// Creates an array where there is no file.
    ///
    /// # Errors
    ///
    /// If there is a file already, it cannot be created, or there is no header for such an array.
    pub fn create_new(path: impl AsRef<Path>, row_shape: &[u64]) -> Result<Self> {
        Self::options().create_new(path, row_shape)
    }

    /// Continues an array, one of NumPy's as well, in C or Fortran order.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, as where there is none ([`ErrorKind::Io`]), or another appender has
    /// it open ([`Locked`](ErrorKind::Locked)). If it is no `.npy` file ([`Header`](ErrorKind::Header)) of
    /// rows ([`NoRows`](ErrorKind::NoRows)) of the dtype of `T` ([`DType`](ErrorKind::DType),
    /// [`Objects`](ErrorKind::Objects)); or if `T` has axes of its own and the file is in Fortran order
    /// ([`FortranOrder`](ErrorKind::FortranOrder)). All else is as for
    /// [`Appender::open`](crate::Appender::open).
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::options().open(path)
    }

    /// Continues an array of rows of that shape, or creates one where there is no file.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), if there is a file; also if its rows have another shape
    /// ([`ErrorKind::Shape`]), or it is in another order than [`AppendOptions::order`] says
    /// ([`ErrorKind::Order`]).
    pub fn open_or_create(path: impl AsRef<Path>, row_shape: &[u64]) -> Result<Self> {
        Self::options().open_or_create(path, row_shape)
    }

    /// How to open it, in which order, and when to write.
    pub fn options() -> AppendOptions<T, Order> {
        AppendOptions::with_order(Order::C)
    }

    pub(super) fn from_rows(rows: Rows) -> Self {
        ArrayAppender {
            rows,
            elements: PhantomData,
        }
    }

    /// Appends a whole number of rows, whose elements are in the order of the array. Where their memory
    /// is their form in the file, they are copied at once, and many of them written without passing
    /// through the buffer.
    ///
    /// # Errors
    ///
    /// If the elements are not a whole number of rows ([`ErrorKind::PartialRow`]), of which none is then
    /// appended. If an element has no place in the dtype, or writing fails; [`rows`](Self::rows) says how
    /// many rows were appended.
    pub fn append_rows(&mut self, elements: &[T]) -> Result<()> {
        let row_len = match self.rows.row().is_empty() {
            true => 0,
            false => self.rows.row().len,
        };
        if elements.is_empty() {
            return Ok(());
        }
        if (elements.len() as u64).checked_rem(row_len) != Some(0) {
            let elements = elements.len();
            let error = Error::new(ErrorKind::PartialRow { elements, row_len });
            return Err(error.at_path(self.path()));
        }
        self.append_whole_rows(elements)
    }

    /// Appends elements that are whole rows.
    pub(super) fn append_whole_rows(&mut self, elements: &[T]) -> Result<()> {
        match Layout::bytes_of(elements).filter(|_| self.rows.takes_records()) {
            Some(bytes) => self.rows.append_bytes(bytes, elements.len() as u64),
            None => self.rows.append_each(elements),
        }
    }

    /// The length of each axis, the rows that are not yet committed included.
    pub fn shape(&self) -> Vec<u64> {
        let shape = self.rows.row().shape_with(Some(self.rows()));
        shape.into_iter().flatten().collect()
    }

    /// The length of each axis of a row; empty where a row is one element.
    pub fn row_shape(&self) -> &[u64] {
        &self.rows.row().shape
    }

    /// The order of the elements, which tells along which axis the array grows.
    pub fn order(&self) -> Order {
        self.rows.row().order
    }
}

appender_methods!(impl[T: NpyRecord] ArrayAppender<T>, "ArrayAppender");
