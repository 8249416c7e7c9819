use super::npy_record::NpyRecord;
use crate::{
    dtype::{Casting, DType, Difference},
    header::{Header, Order, Shape},
};

/// Why the elements of a file are not records of a type.
#[derive(Debug)]
pub(crate) enum Misfit {
    /// Its elements are pickled Python objects, or hold some in this field.
    Objects(String),
    /// It holds a single element, which has no rows.
    NoRows,
    /// Its rows are not one after another: it has more axes than one, in Fortran order.
    FortranOrder(Vec<u64>),
    /// Its dtype is another.
    DType(Vec<Difference>),
    /// Its dtype is another, which an option with this casting converts.
    Convertible(Vec<Difference>, &'static str, Casting),
    /// The record says one itemsize, and its dtype has another.
    Itemsize { record: usize, dtype: usize },
}

impl Misfit {
    /// Returns the misfit of a dtype of objects.
    pub(crate) fn objects(dtype: &DType) -> Self {
        Misfit::Objects(dtype.objects_field().unwrap_or_default())
    }
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
        return Err(Misfit::objects(header.dtype()));
    }
    let (&rows, inner) = header.shape().split_first().ok_or(Misfit::NoRows)?;
    if Shape::of(header).order() == Order::Fortran {
        return Err(Misfit::FortranOrder(header.shape().to_vec()));
    }
    Ok((rows, header.dtype().along(inner)))
}
