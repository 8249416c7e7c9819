use std::io::Write;

use ndarray::{ArrayRef, ArrayView, Dimension};

use super::shape;
use crate::{
    append::{write_elements, write_slice},
    error::{Error, Result},
    header::{Header, Order, Shape},
    record::NpyRecord,
};

/// Writes an array to a pipe, a compressor or any other [`Write`], as `np.save` would.
///
/// An array whose transpose is in standard layout is written in Fortran order, any other array in C order.
/// Contiguous elements that have the same form in memory as in the file are written without a copy. Records that
/// are arrays themselves add axes at the end, as in [`Header::for_record`](crate::Header::for_record), and are
/// written in C order.
///
/// # Errors
///
/// If writing fails, the shape has no header, or an element cannot be encoded: the error gives its row
/// along the growth axis and its index within the row. Part of the array may have been written.
///
/// # Examples
///
/// ```
/// use ndarray::array;
/// use npyrec::ReadOptions;
///
/// let matrix = array![[1, 2, 3], [4, 5, 6]];
/// let mut bytes = Vec::new();
/// npyrec::write_array_to(&mut bytes, &matrix)?;
/// let elements = ReadOptions::new().flat(true).from_reader::<i32>(&bytes[..])?;
/// assert_eq!(elements.read_array()?, matrix.into_dyn());
/// # Ok::<(), npyrec::Error>(())
/// ```
pub fn write_array_to<T: NpyRecord, D: Dimension>(
    mut writer: impl Write,
    array: &ArrayRef<T, D>,
) -> Result<()> {
    let header = header_of(array)?.to_bytes();
    writer.write_all(&header).map_err(failed)?;
    write_data(&mut writer, array)?;
    writer.flush().map_err(failed)
}

pub(super) fn header_of<T: NpyRecord, D: Dimension>(array: &ArrayRef<T, D>) -> Result<Header> {
    shape::header::<T, D>(&array.raw_dim(), order_of(array))
}

/// Writes the elements of an array, in the order of its [header](header_of).
pub(super) fn write_data<T: NpyRecord, D: Dimension>(
    writer: &mut impl Write,
    array: &ArrayRef<T, D>,
) -> Result<()> {
    let (order, elements) = in_order(array);
    let written = match elements.to_slice() {
        Some(slice) => write_slice(writer, slice),
        None => write_elements(writer, elements.iter()),
    };
    written.map_err(|error| at_element(error, array, order))
}

/// Gives the row and the index of the element whose number an error has.
pub(super) fn at_element<T, D: Dimension>(
    error: Error,
    array: &ArrayRef<T, D>,
    order: Order,
) -> Error {
    let Some(element) = error.row() else {
        return error;
    };
    let dims = array.shape().iter().map(|&dim| dim as u64).collect();
    error.at_element(element, &Shape::new(dims, order))
}

/// Returns the order in which NumPy saves an array, and its elements in this order.
pub(crate) fn in_order<T: NpyRecord, D: Dimension>(
    array: &ArrayRef<T, D>,
) -> (Order, ArrayView<'_, T, D>) {
    match order_of(array) {
        Order::C => (Order::C, array.view()),
        Order::Fortran => (Order::Fortran, array.t()),
    }
}

/// Returns the order in which NumPy saves an array.
fn order_of<T: NpyRecord, D: Dimension>(array: &ArrayRef<T, D>) -> Order {
    // Every array of zero-sized elements is in C order.
    if array.is_standard_layout() || T::ITEMSIZE == 0 {
        return Order::C;
    }
    // An axis that the elements have themselves would be the last, and contiguous.
    let is_scalar = T::dtype().base_and_shape().1.iter().all(|&dim| dim == 1);
    match is_scalar && array.t().is_standard_layout() {
        true => Order::Fortran,
        false => Order::C,
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::io("write the array", error)
}
