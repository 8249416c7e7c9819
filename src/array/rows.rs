use std::ops::Range;

use ndarray::ArrayD;

use super::shape;
use crate::{
    error::{Cause, Error, Result},
    header::Order,
    read::NpyFile,
    record::Element,
};

impl NpyFile {
    /// Reads a range of rows, counted from 0, as an array in C order: `array[start:end]`. `T` is an element. A row
    /// is a step along the first axis, as in [`read_range`](Self::read_range).
    ///
    /// # Errors
    ///
    /// As [`read_range`](Self::read_range), or if `ndarray` has no array of that shape.
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("grid.npy");
    /// use ndarray::{Array, s};
    ///
    /// let grid = Array::from_shape_fn((20, 30), |(i, j)| (100 * i + j) as f64);
    /// npyrec::write_array(&path, &grid)?;
    /// let file = npyrec::NpyFile::open(&path)?;
    /// assert_eq!(file.read_array::<f64>(1..10)?, grid.slice(s![1..10, ..]).into_dyn());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_array<T: Element>(&self, rows: Range<u64>) -> Result<ArrayD<T>> {
        let () = T::READABLE;
        let read = self.read_elements(rows, |shape| {
            let too_large = Error::new(Cause::ArrayTooLarge(shape.to_vec()));
            Ok((shape::in_memory(shape, Order::C)?, too_large))
        });
        let ((shape, too_large), elements) = read?;
        ArrayD::from_shape_vec(shape, elements).map_err(|_| too_large)
    }
}
