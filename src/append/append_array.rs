use ndarray::{ArrayView, Dimension};

use super::array_appender::ArrayAppender;
use crate::{error::Result, header::Order, record::NpyRecord};

impl<T: NpyRecord> ArrayAppender<T> {
    /// Appends the rows of an array of any memory layout. It has the axes of the file, of which the
    /// growth axis may have any length. One whose elements lie in memory as they are to lie in the file
    /// is written without a copy.
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
    ///
    /// # Errors
    ///
    /// If its other axes are not those of the file ([`ErrorKind::Shape`](crate::ErrorKind::Shape)), of
    /// which none is then appended; else as [`append_rows`](Self::append_rows).
    pub fn append_array<'a, D: Dimension>(
        &mut self,
        array: impl Into<ArrayView<'a, T, D>>,
    ) -> Result<()>
    where
        T: 'a,
    {
        let array = array.into();
        let shape: Vec<u64> = array.shape().iter().map(|&dim| dim as u64).collect();
        let row = self.rows.row();
        let order = row.order;
        let rows = match order.split(&shape) {
            Some((&rows, inner)) if *inner == row.shape => rows,
            _ => return Err(row.mismatch(&shape).at_path(self.path())),
        };
        if row.is_empty() {
            return self.rows.append_bytes(&[], rows);
        }
        // What is in C order once its axes are reversed is in Fortran order.
        let in_order = match order {
            Order::C => array,
            Order::Fortran => array.reversed_axes(),
        };
        match in_order.to_slice() {
            Some(elements) => self.append_whole_rows(elements),
            None => self.rows.append_each(&in_order),
        }
    }
}
