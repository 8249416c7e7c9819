use ndarray::{Dimension, IxDyn, ShapeBuilder, StrideShape};

use crate::{
    error::{Error, ErrorKind, Result},
    header::{Header, Order},
    record::{Misfit, NpyRecord, dtype_of},
};

/// The shape of an array in memory, laid out as in a file.
///
/// # Errors
///
/// If `ndarray` has no array of that shape: axes of no length do not make up for the others there.
pub(super) fn in_memory(shape: &[u64], order: Order) -> Result<StrideShape<IxDyn>> {
    let too_large = || Error::new(ErrorKind::ArrayTooLarge(shape.to_vec()));
    let dims: Option<Vec<usize>> = shape.iter().map(|&dim| dim.try_into().ok()).collect();
    let dims = dims.ok_or_else(too_large)?;
    let mut others = dims.iter().filter(|&&dim| dim > 0);
    let len = others.try_fold(1_usize, |len, &dim| len.checked_mul(dim));
    match len.map(isize::try_from) {
        Some(Ok(_)) => Ok(IxDyn(&dims).set_f(order == Order::Fortran).into()),
        _ => Err(too_large()),
    }
}

/// The header of an array of records. The axes that a record has itself come last.
pub(super) fn header<T: NpyRecord, D: Dimension>(dim: &D, order: Order) -> Result<Header> {
    let record = dtype_of::<T>()?;
    if record.has_objects() {
        return Err(Misfit::objects(&record).into());
    }
    let (base, own) = record.base_and_shape();
    let axes = dim.slice().iter().chain(&own).map(|&dim| dim as u64);
    Ok(Header::new(base.clone(), order, &axes.collect::<Vec<_>>())?)
}
