use std::io::Write;

use ndarray::{ArrayRef, ArrayView, Dimension};

use super::shape;
use crate::{
    error::{Error, Result},
    header::{Order, Shape},
    record::{Layout, NpyRecord},
};

/// How many bytes are encoded at once, one element at the least.
const BLOCK: usize = 64 * 1024;

/// Writes an array to a pipe, a compressor or whatever else is [`Write`], as `np.save` would.
///
/// An array in standard layout is written in C order, one whose transpose is in Fortran order, any other
/// one in C order again. Elements whose memory is their form in the file are then written without a copy.
/// A record that is an array itself makes further axes, the last ones, as in
/// [`Header::for_record`](crate::Header::for_record), and is written in C order.
///
/// ```
/// use ndarray::array;
/// use npyrec::Reader;
///
/// let matrix = array![[1, 2, 3], [4, 5, 6]];
/// let mut bytes = Vec::new();
/// npyrec::write_array_to(&mut bytes, &matrix)?;
/// assert_eq!(Reader::<i32, _>::new(&bytes[..])?.read_array()?, matrix.into_dyn());
/// # Ok::<(), npyrec::Error>(())
/// ```
///
/// # Errors
///
/// If writing fails, the shape has no header, or an element cannot be encoded: the error gives its row
/// along the growth axis and its index within the row. Part of the array may have been written.
pub fn write_array_to<T: NpyRecord, D: Dimension>(
    mut writer: impl Write,
    array: &ArrayRef<T, D>,
) -> Result<()> {
    let writer = &mut writer;
    let (order, elements) = in_order(array);
    let header = shape::header::<T, D>(&array.raw_dim(), order)?;
    write_all(writer, &header.to_bytes())?;
    let shape = array.shape().iter().map(|&dim| dim as u64).collect();
    let shape = Shape::new(shape, order);
    match elements.to_slice() {
        Some(slice) => match Layout::bytes_of(slice) {
            Some(bytes) => write_all(writer, bytes)?,
            None => encode(writer, slice.iter(), &shape)?,
        },
        None => encode(writer, elements.iter(), &shape)?,
    }
    writer.flush().map_err(failed)
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

/// The order in which NumPy saves an array.
fn order_of<T: NpyRecord, D: Dimension>(array: &ArrayRef<T, D>) -> Order {
    // Of elements of no bytes every array is one in C order.
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

/// Writes elements in their form in the file, a block at once.
fn encode<'a, T: NpyRecord + 'a>(
    writer: &mut impl Write,
    elements: impl Iterator<Item = &'a T>,
    shape: &Shape,
) -> Result<()> {
    let capacity = (BLOCK / T::ITEMSIZE.max(1)).max(1) * T::ITEMSIZE;
    let mut block = Vec::with_capacity(capacity);
    for (nth, element) in elements.enumerate() {
        let start = block.len();
        block.resize(start + T::ITEMSIZE, 0);
        let place = block.get_mut(start..).unwrap_or_default();
        let encoded = element.encode(place);
        encoded.map_err(|e| Error::from(e).at_index(shape.index_of(nth as u64), shape))?;
        if block.len() >= capacity {
            write_all(writer, &block)?;
            block.clear();
        }
    }
    write_all(writer, &block)
}

fn write_all(writer: &mut impl Write, bytes: &[u8]) -> Result<()> {
    writer.write_all(bytes).map_err(failed)
}

fn failed(error: std::io::Error) -> Error {
    Error::io("write the array", error)
}
