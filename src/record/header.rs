use super::npy_record::NpyRecord;
use crate::{
    dtype::DType,
    header::{Header, Order, Shape},
};

impl Header {
    /// Returns the header of a file of `rows` records in C order.
    ///
    /// Records that are arrays have further axes: the shape for `[f32; 3]` is `(rows, 3)`.
    pub fn for_record<R: NpyRecord>(rows: u64) -> Self {
        Header::of_rows(&R::dtype(), rows)
    }

    /// Returns the header of a file of `rows` rows of a dtype.
    pub(crate) fn of_rows(dtype: &DType, rows: u64) -> Self {
        Header::of_elements(dtype, Shape::new(vec![rows], Order::C))
    }
}
