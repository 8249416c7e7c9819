use crate::{
    dtype::DType,
    header::{Header, Order},
    record::Misfit,
};

/// An array taken as one record after another.
#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    /// The number of records.
    pub(crate) len: u64,
    /// What a record is in the file.
    pub(crate) dtype: DType,
    /// The axes along which the records lie.
    pub(crate) shape: Vec<u64>,
    /// How they lie there.
    pub(crate) order: Order,
}

impl Sequence {
    /// The array of a header, the last axes of which are those that a record has itself: an array of
    /// shape `(4, 3)` is twelve `f64` or four `[f64; 3]`. With `in_c_order`, as it is once its elements
    /// are in C order.
    pub(crate) fn of(header: &Header, record: &DType, in_c_order: bool) -> Result<Self, Misfit> {
        if header.dtype().has_objects() {
            return Err(Misfit::objects(header.dtype()));
        }
        let (base, axes) = axes(header);
        let own = record.base_and_shape().1.len();
        let (shape, record_axes) = axes.split_at(axes.len().saturating_sub(own));
        let order = match axes.len() {
            2.. if !in_c_order => header.order(),
            _ => Order::C,
        };
        // Axes of length 1 are the same in any order.
        if order == Order::Fortran && record_axes.iter().any(|&dim| dim != 1) {
            return Err(Misfit::FortranOrder(header.shape().to_vec()));
        }
        let len = match shape.contains(&0) {
            true => 0,
            false => shape
                .iter()
                .fold(1_u64, |len, &dim| len.saturating_mul(dim)),
        };
        Ok(Sequence {
            len,
            dtype: base.along(record_axes),
            shape: shape.to_vec(),
            order,
        })
    }
}

/// What the elements of an array are, and all its axes: those of a dtype that is a subarray are the
/// last ones, as NumPy makes them.
pub(crate) fn axes(header: &Header) -> (&DType, Vec<u64>) {
    let (base, inner) = header.dtype().base_and_shape();
    let inner = inner.iter().map(|&dim| dim as u64);
    (base, header.shape().iter().copied().chain(inner).collect())
}
