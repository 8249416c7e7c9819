use super::npy_record::NpyRecord;
use crate::{
    dtype::DType,
    header::{Header, Order},
};

impl Header {
    /// The header of so many records, one after another in C order. Records that are arrays make
    /// further axes: that of `[f32; 3]` has the shape `(rows, 3)`.
    pub fn for_record<R: NpyRecord>(rows: u64) -> Self {
        Header::of_rows(&R::dtype(), rows)
    }

    /// The header of so many rows of a dtype.
    pub(crate) fn of_rows(dtype: &DType, rows: u64) -> Self {
        let (base, inner) = dtype.base_and_shape();
        let inner = inner.iter().map(|&dim| dim as u64);
        let shape: Vec<u64> = [rows].into_iter().chain(inner).collect();
        Header::unchecked(base.clone(), Order::C, &shape)
    }
}
