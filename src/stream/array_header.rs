use crate::{
    error::{Cause, Error, Result},
    header::{Header, HeaderError, Order, Shape},
    record::{Mismatch, NpyRecord, dtype_of},
};

/// The header of an array of records of a shape. The axes that a record has itself come last.
pub(crate) fn array_header<R: NpyRecord>(shape: &[u64], order: Order) -> Result<Header> {
    let record = dtype_of::<R>()?;
    if record.has_objects() {
        return Err(Mismatch::objects(&record).into());
    }
    record.check().map_err(HeaderError::from)?;
    // Zero-sized elements lie in the same places in every order.
    let order = match R::ITEMSIZE {
        0 => Order::C,
        _ => order,
    };
    let has_axes = record.base_and_shape().1.iter().any(|&dim| dim != 1);
    let header = Header::for_elements(&record, shape, order)?;
    match header.order() == Order::Fortran && has_axes {
        true => Err(Error::new(Cause::FortranRecords)),
        false => Ok(header),
    }
}

/// The number of elements of a shape.
pub(super) fn elements(shape: &[u64]) -> u64 {
    Shape::new(shape.to_vec(), Order::C).len()
}
