use crate::{
    error::{Error, ErrorKind, Result},
    header::{Header, HeaderError, Order, Shape},
    record::{Misfit, NpyRecord, dtype_of},
};

/// The header of an array of records of a shape. The axes that a record has itself come last.
pub(crate) fn array_header<R: NpyRecord>(shape: &[u64], order: Order) -> Result<Header> {
    let record = dtype_of::<R>()?;
    if record.has_objects() {
        return Err(Misfit::objects(&record).into());
    }
    record.check().map_err(HeaderError::from)?;
    let (base, own) = record.base_and_shape();
    let own = own.iter().map(|&dim| dim as u64);
    let axes: Vec<u64> = shape.iter().copied().chain(own).collect();
    // Elements of no bytes lie in every order alike.
    let order = match R::ITEMSIZE {
        0 => Order::C,
        _ => Shape::new(axes.clone(), order).saved_order(),
    };
    let is_apart = axes.iter().skip(shape.len()).any(|&dim| dim != 1);
    if order == Order::Fortran && is_apart {
        return Err(Error::new(ErrorKind::FortranRecords));
    }
    Ok(Header::new(base.clone(), order, &axes)?)
}

/// The number of elements of a shape.
pub(super) fn elements(shape: &[u64]) -> u64 {
    Shape::new(shape.to_vec(), Order::C).len()
}
