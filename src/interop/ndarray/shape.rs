use ndarray::{Dimension, IxDyn, ShapeBuilder, StrideShape};

use crate::{
    error::{Cause, Error, Result},
    header::{Header, Order},
    record::{Mismatch, NpyRecord, dtype_of},
};

/// Returns the shape of an array in memory, laid out as in a file.
///
/// # Errors
///
/// If `ndarray` has no array of that shape: there, an axis of length 0 does not make up for long axes.
pub(super) fn in_memory(shape: &[u64], order: Order) -> Result<StrideShape<IxDyn>> {
    let too_large = || Error::new(Cause::ArrayTooLarge(shape.to_vec()));
    let dims: Option<Vec<usize>> = shape.iter().map(|&dim| dim.try_into().ok()).collect();
    let dims = dims.ok_or_else(too_large)?;
    let mut others = dims.iter().filter(|&&dim| dim > 0);
    let len = others.try_fold(1_usize, |len, &dim| len.checked_mul(dim));
    match len.map(isize::try_from) {
        Some(Ok(_)) => Ok(IxDyn(&dims).set_f(order == Order::Fortran).into()),
        _ => Err(too_large()),
    }
}

/// Returns the header of an array of records. The axes that a record has itself come last.
pub(super) fn header<T: NpyRecord, D: Dimension>(dim: &D, order: Order) -> Result<Header> {
    let record = dtype_of::<T>()?;
    if record.has_objects() {
        return Err(Mismatch::objects(&record).into());
    }
    let axes: Vec<u64> = dim.slice().iter().map(|&dim| dim as u64).collect();
    Ok(Header::for_elements(&record, &axes, order)?)
}
