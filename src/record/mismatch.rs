use super::{element::Element, npy_record::NpyRecord};
use crate::{
    dtype::{Casting, DType, Difference},
    header::{Header, Order, Shape},
};

/// A reason why the elements of a file are not records of a type.
#[derive(Debug)]
pub(crate) enum Mismatch {
    /// The elements are pickled Python objects, or have such objects in this field.
    Objects(String),
    /// The file has a single element and no rows.
    NoRows,
    /// The rows are not contiguous: the file has several axes, in Fortran order.
    FortranOrder(Vec<u64>),
    /// The elements are arrays that are not contiguous: the file has several axes, in Fortran order.
    FortranRecords,
    /// The dtypes differ.
    DType(Vec<Difference>),
    /// The dtypes differ, and an option with this casting converts the elements.
    Convertible(Vec<Difference>, &'static str, Casting),
    /// Another mismatch, and what to do about it.
    Advised(Box<Mismatch>, &'static str),
    /// `NpyRecord::ITEMSIZE` differs from the itemsize of the record's dtype.
    Itemsize { record: usize, dtype: usize },
}

impl Mismatch {
    /// Adds advice, in the form `to do this, do that`.
    pub(crate) fn with_advice(self, advice: &'static str) -> Self {
        Mismatch::Advised(Box::new(self), advice)
    }

    /// Returns the mismatch of a dtype with Python objects.
    pub(crate) fn objects(dtype: &DType) -> Self {
        Mismatch::Objects(dtype.objects_field().unwrap_or_default())
    }
}

/// Returns the dtype of a record, if its itemsize is `ITEMSIZE`.
pub(crate) fn dtype_of<R: NpyRecord>() -> Result<DType, Mismatch> {
    let dtype = R::dtype();
    match dtype.itemsize() == R::ITEMSIZE {
        true => Ok(dtype),
        false => Err(Mismatch::Itemsize {
            record: R::ITEMSIZE,
            dtype: dtype.itemsize(),
        }),
    }
}

/// Returns the dtype of the elements, checked as by [`dtype_of`], or `None` for values.
pub(crate) fn fixed_dtype<E: Element>() -> Result<Option<DType>, Mismatch> {
    let Some(dtype) = E::fixed_dtype() else {
        return Ok(None);
    };
    let itemsize = E::itemsize_of(&E::codec_of(&dtype));
    match dtype.itemsize() == itemsize {
        true => Ok(Some(dtype)),
        false => Err(Mismatch::Itemsize {
            record: itemsize,
            dtype: dtype.itemsize(),
        }),
    }
}

/// Returns the shape of the array of a header whose elements have the axes of `record`: an array of shape
/// `(4, 3)` is twelve `f64` or four `[f64; 3]`. The elements are counted in C order if that is asked for.
pub(crate) fn elements(
    header: &Header,
    record: &DType,
    in_c_order: bool,
) -> Result<Shape, Mismatch> {
    if header.dtype().has_objects() {
        return Err(Mismatch::objects(header.dtype()));
    }
    let shape = header
        .array_shape()
        .with_element_axes(record.base_and_shape().1.len());
    let shape = match in_c_order {
        true => shape.counted_in_c_order(),
        false => shape,
    };
    // Axes of length 1 are the same in any order.
    if shape.order() == Order::Fortran && shape.element_axes().iter().any(|&dim| dim != 1) {
        return Err(Mismatch::FortranRecords);
    }
    Ok(shape)
}

/// Returns the shape of the array of a header whose elements are `array[i]`: one for each index of the first
/// axis. A single element is the only one.
pub(crate) fn items(header: &Header) -> Result<Shape, Mismatch> {
    if header.dtype().has_objects() {
        return Err(Mismatch::objects(header.dtype()));
    }
    let array = header.array_shape();
    let first = header.shape().len().min(1);
    let item_axes = array.axes().len().saturating_sub(first);
    Ok(array.with_element_axes(item_axes))
}

/// Returns the number of rows of a file, and the dtype of a row.
pub(crate) fn rows(header: &Header) -> Result<(u64, DType), Mismatch> {
    if header.dtype().has_objects() {
        return Err(Mismatch::objects(header.dtype()));
    }
    let (&rows, inner) = header.shape().split_first().ok_or(Mismatch::NoRows)?;
    if header.array_shape().order() == Order::Fortran {
        return Err(Mismatch::FortranOrder(header.shape().to_vec()));
    }
    Ok((rows, header.dtype().along(inner)))
}
