use std::{io::Read, path::Path};

use ndarray::{Array, ArrayD, Dimension, IxDyn, StrideShape};

use super::shape;
use crate::{
    error::{Cause, Error, Result},
    read::{ReadOptions, Reader},
    record::Element,
};

/// Reads a file as an array, with all its axes, laid out in the order of the file.
///
/// # Errors
///
/// As [`read`](crate::read()), or if `ndarray` has no array of that shape.
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("grid.npy");
/// npyrec::write_array(&path, &ndarray::Array3::<f32>::zeros((4, 3, 2)))?;
/// let grid = npyrec::read_array::<f32>(&path)?;
/// assert_eq!(grid.shape(), [4, 3, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_array<T: Element>(path: impl AsRef<Path>) -> Result<ArrayD<T>> {
    let () = T::READABLE;
    ReadOptions::new().read_array(path)
}

/// Reads a file as an array with a fixed number of axes, laid out in the order of the file.
///
/// # Errors
///
/// As [`read_array`]; or if it has another number of axes
/// ([`ErrorKind::Shape`](crate::ErrorKind::Shape)), before anything is read.
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("matrix.npy");
/// use ndarray::{Ix1, Ix2, array};
///
/// npyrec::write_array(&path, &array![[1_u8, 2], [3, 4]])?;
/// let matrix = npyrec::read_array_dim::<u8, Ix2>(&path)?;
/// assert_eq!(matrix.row(1), array![3, 4]);
/// let error = npyrec::read_array_dim::<u8, Ix1>(&path).unwrap_err();
/// assert!(error.to_string().ends_with("the number of axes of the shape (2, 2) is 2, expected 1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_array_dim<T: Element, D: Dimension>(path: impl AsRef<Path>) -> Result<Array<T, D>> {
    let () = T::READABLE;
    let reader = ReadOptions::new().flat(true).open(path)?;
    let (expected, shape) = (
        D::NDIM.unwrap_or(reader.shape().len()),
        reader.shape().to_vec(),
    );
    let is_other = expected != shape.len();
    let error = reader.at_path(Error::new(Cause::Axes { expected, shape }));
    if is_other {
        return Err(error);
    }
    reader
        .read_array()?
        .into_dimensionality()
        .map_err(|_| error)
}

impl ReadOptions {
    /// Reads a file as an array, as [`read_array`].
    ///
    /// # Errors
    ///
    /// As [`read_array`].
    pub fn read_array<T: Element>(&self, path: impl AsRef<Path>) -> Result<ArrayD<T>> {
        let () = T::READABLE;
        self.flat(true).open(path)?.read_array()
    }
}

impl<T: Element, S: Read> Reader<T, S> {
    /// Reads the whole array, of the [shape](Reader::shape) and in the [order](Reader::order) of the
    /// file: one in Fortran order is laid out so in memory.
    ///
    /// # Errors
    ///
    /// As [`read_all`](Reader::read_all); or if items were read before, or `ndarray` has no array of that shape.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::array;
    /// use npyrec::{Header, ReadOptions, Reader};
    ///
    /// let mut bytes = Header::for_record::<[u8; 3]>(2).to_bytes();
    /// bytes.extend([1, 2, 3, 4, 5, 6]);
    /// let elements = ReadOptions::new().flat(true);
    /// let matrix = elements.from_reader::<u8>(&bytes[..])?.read_array()?;
    /// assert_eq!(matrix, array![[1, 2, 3], [4, 5, 6]].into_dyn());
    /// let rows = Reader::<[u8; 3]>::new(&bytes[..])?.read_array()?;
    /// assert_eq!((rows.shape(), rows[1]), (&[2][..], [4, 5, 6]));
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    pub fn read_array(self) -> Result<ArrayD<T>> {
        let shape = self.shape_in_memory().map_err(|e| self.at_path(e))?;
        let failed = self.at_path(Error::new(Cause::ArrayTooLarge(self.shape().to_vec())));
        ArrayD::from_shape_vec(shape, self.read_all()?).map_err(|_| failed)
    }

    fn shape_in_memory(&self) -> Result<StrideShape<IxDyn>> {
        match self.next_row() {
            0 => shape::in_memory(self.shape(), self.order()),
            read => Err(Error::new(Cause::AlreadyRead(read))),
        }
    }
}
