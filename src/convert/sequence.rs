use crate::{
    dtype::DType,
    header::{Header, Order, Shape},
    record::Misfit,
};

/// An array taken as one record after another.
#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    /// The number of records.
    pub(crate) len: u64,
    /// The dtype of a record in the file.
    pub(crate) dtype: DType,
    /// The axes along which the records lie, in the order in which they come.
    pub(crate) records: Shape,
    /// All axes of the array, in the order of the file.
    pub(crate) array: Shape,
}

impl Sequence {
    /// The array of a header, the last axes of which are those that a record has itself: an array of
    /// shape `(4, 3)` is twelve `f64` or four `[f64; 3]`. With `in_c_order`, as it is once its elements
    /// are in C order.
    pub(crate) fn of(header: &Header, record: &DType, in_c_order: bool) -> Result<Self, Misfit> {
        if header.dtype().has_objects() {
            return Err(Misfit::objects(header.dtype()));
        }
        let array = Shape::of(header);
        let (base, _) = header.dtype().base_and_shape();
        let own = record.base_and_shape().1.len();
        let dims = array.dims();
        let (records, record_axes) = dims.split_at(dims.len().saturating_sub(own));
        let order = match in_c_order {
            true => Order::C,
            false => array.order(),
        };
        // Axes of length 1 are the same in any order.
        if order == Order::Fortran && record_axes.iter().any(|&dim| dim != 1) {
            return Err(Misfit::FortranOrder(header.shape().to_vec()));
        }
        let records = Shape::new(records.to_vec(), order);
        Ok(Sequence {
            len: records.len(),
            dtype: base.along(record_axes),
            records,
            array,
        })
    }

    /// Returns the index of a record along its axes.
    pub(crate) fn index_of(&self, record: u64) -> Vec<u64> {
        self.records.index_of(record)
    }
}

/// Returns the dtype of the elements, and all axes. The axes of a dtype that is a subarray come last, as in
/// NumPy.
pub(crate) fn axes(header: &Header) -> (&DType, Vec<u64>) {
    let (base, inner) = header.dtype().base_and_shape();
    let inner = inner.iter().map(|&dim| dim as u64);
    (base, header.shape().iter().copied().chain(inner).collect())
}
