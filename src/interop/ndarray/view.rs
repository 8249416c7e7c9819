use ndarray::{ArrayViewD, ArrayViewMutD};

use super::shape;
use crate::{
    header::Order,
    read::{LayoutMismatch, Mapped, MappedMut},
    record::NpyRecord,
};

impl<R: NpyRecord> Mapped<R> {
    /// The array in place, of the [shape](Self::shape) and in the [order](Self::order) of the file. What is
    /// sliced of it is read when it is looked at, and nothing else.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("grid.npy");
    /// use ndarray::{Array, Ix2, s};
    /// use npyrec::Mapped;
    ///
    /// npyrec::write_array(&path, &Array::from_shape_fn((20, 30), |(i, j)| (100 * i + j) as u64))?;
    /// // SAFETY: nothing cuts or overwrites the file while it is mapped.
    /// let mapped = unsafe { Mapped::<u64>::open(&path)? };
    /// let grid = mapped.view()?.into_dimensionality::<Ix2>()?;
    /// let part = grid.slice(s![1..10, 2..20;5]);
    /// assert_eq!(part.row(0).to_vec(), [102, 107, 112, 117]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If there is no [slice](Self::as_slice) of the records, or `ndarray` has no array of that shape.
    pub fn view(&self) -> Result<ArrayViewD<'_, R>, LayoutMismatch> {
        match self.layout_mismatch() {
            None => view(
                self.shape(),
                self.order(),
                self.as_slice().unwrap_or_default(),
            ),
            Some(mismatch) => Err(mismatch),
        }
    }
}

impl<R: NpyRecord> MappedMut<R> {
    /// The array in place, as [`Mapped::view`].
    ///
    /// # Errors
    ///
    /// As [`Mapped::view`].
    pub fn view(&self) -> Result<ArrayViewD<'_, R>, LayoutMismatch> {
        match self.layout_mismatch() {
            None => view(
                self.shape(),
                self.order(),
                self.as_slice().unwrap_or_default(),
            ),
            Some(mismatch) => Err(mismatch),
        }
    }

    /// The array in place, to be changed.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("grid.npy");
    /// use ndarray::s;
    /// use npyrec::MappedMut;
    ///
    /// npyrec::create_zeroed(&path, &"<f8".parse()?, &[20, 30])?;
    /// // SAFETY: nobody else reads or writes the file while it is mapped.
    /// let mut mapped = unsafe { MappedMut::<f64>::open(&path)? };
    /// mapped.view_mut()?.slice_mut(s![1..10, 2..20]).fill(1.5);
    /// assert_eq!(npyrec::read_array::<f64>(&path)?.sum(), 9.0 * 18.0 * 1.5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Mapped::view`].
    pub fn view_mut(&mut self) -> Result<ArrayViewMutD<'_, R>, LayoutMismatch> {
        if let Some(mismatch) = self.layout_mismatch() {
            return Err(mismatch);
        }
        let too_large = LayoutMismatch::Shape(self.shape().to_vec());
        let shape = shape::in_memory(self.shape(), self.order());
        let records = self.as_mut_slice().unwrap_or_default();
        match shape.map(|shape| ArrayViewMutD::from_shape(shape, records)) {
            Ok(Ok(view)) => Ok(view),
            _ => Err(too_large),
        }
    }
}

fn view<'a, R>(
    shape: &[u64],
    order: Order,
    records: &'a [R],
) -> Result<ArrayViewD<'a, R>, LayoutMismatch> {
    let view = shape::in_memory(shape, order).map(|shape| ArrayViewD::from_shape(shape, records));
    match view {
        Ok(Ok(view)) => Ok(view),
        _ => Err(LayoutMismatch::Shape(shape.to_vec())),
    }
}
