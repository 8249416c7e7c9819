use ndarray::{ArrayViewD, ArrayViewMutD};

use super::shape;
use crate::{
    header::Order,
    read::{LayoutMismatch, Mapped, MappedMut},
    record::Element,
};

impl<R: Element> Mapped<R> {
    /// Returns the array in place, with the [shape](Self::shape) and in the [order](Self::order) of the file. Only
    /// elements that are used are read.
    ///
    /// # Errors
    ///
    /// If [`as_slice`](Self::as_slice) returns `None`, or `ndarray` has no array of that shape.
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("grid.npy");
    /// use ndarray::{Array, Ix2, s};
    /// use npyrec::ReadOptions;
    ///
    /// npyrec::write_array(&path, &Array::from_shape_fn((20, 30), |(i, j)| (100 * i + j) as u64))?;
    /// // SAFETY: nothing cuts or overwrites the file while it is mapped.
    /// let mapped = unsafe { ReadOptions::new().flat(true).map::<u64>(&path)? };
    /// let grid = mapped.view()?.into_dimensionality::<Ix2>()?;
    /// let part = grid.slice(s![1..10, 2..20;5]);
    /// assert_eq!(part.row(0).to_vec(), [102, 107, 112, 117]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

impl<R: Element> MappedMut<R> {
    /// Returns the array in place, to change it.
    ///
    /// # Errors
    ///
    /// As [`Mapped::view`].
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("grid.npy");
    /// use ndarray::s;
    /// use npyrec::{Header, Order, ReadOptions};
    ///
    /// let header = Header::new("<f8".parse()?, Order::C, &[20, 30])?;
    /// npyrec::create_zeroed(&path, &header)?;
    /// // SAFETY: nobody else reads or writes the file while it is mapped.
    /// let mut mapped = unsafe { ReadOptions::new().flat(true).map_mut::<f64>(&path)? };
    /// mapped.view_mut()?.slice_mut(s![1..10, 2..20]).fill(1.5);
    /// assert_eq!(npyrec::read_array::<f64>(&path)?.sum(), 9.0 * 18.0 * 1.5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
