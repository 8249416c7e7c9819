use ndarray::{ArrayView, Axis, Dimension};

use super::{
    array_appender::ArrayAppender,
    gather::{gather, rows_at_once},
    target::row_mismatch,
};
use crate::{
    error::Result,
    header::{Order, Shape},
    record::{Element, Layout},
};

impl<T: Element> ArrayAppender<T> {
    /// Appends the rows of an array of any memory layout. It has the axes of the file; the growth axis may have
    /// any length. Elements that lie in memory as in the file are written without a copy.
    ///
    /// # Errors
    ///
    /// If its other axes differ from the axes of the file ([`ErrorKind::Shape`](crate::ErrorKind::Shape));
    /// nothing is then appended. Otherwise as [`append_rows`](Self::append_rows).
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("pairs.npy");
    /// use ndarray::array;
    /// use npyrec::ArrayAppender;
    ///
    /// let mut pairs = ArrayAppender::<i32>::create(&path, &[2])?;
    /// pairs.append_array(&array![[1, 2], [3, 4]])?;
    /// pairs.append_array(array![[5, 7], [6, 8]].t())?;
    /// let error = pairs.append_array(&array![[1, 2, 3]]).unwrap_err();
    /// assert!(error.to_string().ends_with("expected (_, 2), got (1, 3)"));
    /// pairs.close()?;
    /// assert_eq!(npyrec::read::<[i32; 2]>(&path)?, [[1, 2], [3, 4], [5, 6], [7, 8]]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn append_array<'a, D: Dimension>(
        &mut self,
        array: impl Into<ArrayView<'a, T, D>>,
    ) -> Result<()>
    where
        T: 'a,
    {
        let array = array.into();
        let shape: Vec<u64> = array.shape().iter().map(|&dim| dim as u64).collect();
        let expected = self.rows.shape();
        let order = expected.order();
        let shape = Shape::new(shape, order);
        let rows = match shape.rows() {
            Some(rows) if shape.has_rows_of(expected) => rows,
            _ => return Err(row_mismatch(expected, shape.dims()).at_path(self.path())),
        };
        if expected.row_len() == 0 {
            return self.rows.append_bytes(&[], rows);
        }
        // An array in Fortran order is in C order once its axes are reversed.
        let in_order = match order {
            Order::C => array,
            Order::Fortran => array.reversed_axes(),
        };
        match in_order.to_slice() {
            Some(elements) => self.append_whole_rows(elements),
            None if is_whole::<T>() && self.rows.takes_records() => self.append_gathered(in_order),
            None => self.rows.append_each(&self.codec, &in_order),
        }
    }

    /// Appends elements that lie in memory in another order, and each as in the file.
    fn append_gathered<D: Dimension>(&mut self, array: ArrayView<'_, T, D>) -> Result<()> {
        let (len, row_len) = (array.len(), array.len() / array.len_of(Axis(0)).max(1));
        let at_once = rows_at_once(row_len * size_of::<T>());
        self.rows.append_together(len as u64, |rows| {
            let mut block = Vec::new();
            let mut blocks = array.axis_chunks_iter(Axis(0), at_once);
            blocks.try_for_each(|elements| {
                gather(&elements, &mut block);
                rows.append_bytes(&block, elements.len() as u64)
            })
        })
    }
}

/// Returns true if the memory of an element is its form in the file.
fn is_whole<T: Element>() -> bool {
    Layout::<T>::bytes_of(&[]).is_some()
}
