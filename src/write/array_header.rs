use crate::{
    dtype::DType,
    error::{Cause, Error, Result},
    header::{Header, HeaderError, Order},
    record::Mismatch,
};

/// Returns the header of an array of elements of a dtype. The axes of a dtype that is a subarray are added
/// after `shape`.
pub(crate) fn array_header(element: &DType, shape: &[u64], order: Order) -> Result<Header> {
    if element.has_objects() {
        return Err(Mismatch::objects(element).into());
    }
    element.check().map_err(HeaderError::from)?;
    // Zero-sized elements lie in the same places in both orders.
    let order = match element.itemsize() {
        0 => Order::C,
        _ => order,
    };
    let has_axes = element.base_and_shape().1.iter().any(|&dim| dim != 1);
    let header = Header::for_elements(element, shape, order)?;
    match header.order() == Order::Fortran && has_axes {
        true => Err(Error::new(Cause::FortranRecords)),
        false => Ok(header),
    }
}
