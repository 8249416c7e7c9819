use super::npy_record::NpyRecord;
use crate::{
    dtype::{DType, Difference},
    header::{Header, Order, Shape},
};

/// Why the elements of a file are not records of a type.
#[derive(Debug)]
pub(crate) enum Misfit {
    /// Its elements are pickled Python objects, or hold some.
    Objects,
    /// It holds a single element, which has no rows.
    NoRows,
    /// Its rows are not one after another: it has more axes than one, in Fortran order.
    FortranOrder(Vec<u64>),
    /// Its dtype is another.
    DType(Vec<Difference>),
    /// The record says one itemsize, and its dtype has another.
    Itemsize { record: usize, dtype: usize },
}

/// The dtype of a record, if it agrees with the record's itemsize.
pub(crate) fn dtype_of<R: NpyRecord>() -> Result<DType, Misfit> {
    let dtype = R::dtype();
    match dtype.itemsize() == R::ITEMSIZE {
        true => Ok(dtype),
        false => Err(Misfit::Itemsize {
            record: R::ITEMSIZE,
            dtype: dtype.itemsize(),
        }),
    }
}

/// The number of rows of a file, and the dtype of a row.
pub(crate) fn rows(header: &Header) -> Result<(u64, DType), Misfit> {
    if header.dtype().has_objects() {
        return Err(Misfit::Objects);
    }
    let (&rows, inner) = header.shape().split_first().ok_or(Misfit::NoRows)?;
    if Shape::of(header).order() == Order::Fortran {
        return Err(Misfit::FortranOrder(header.shape().to_vec()));
    }
    Ok((rows, header.dtype().along(inner)))
}
