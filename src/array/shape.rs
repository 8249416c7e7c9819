use ndarray::{IxDyn, ShapeBuilder, StrideShape};

use crate::{
    error::{Cause, Error, Result},
    header::Order,
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
