use std::{io::Write, path::Path};

use ndarray::{ArrayRef, Dimension, iter::Iter};

use crate::{
    dtype::DType,
    error::Result,
    header::Order,
    record::{NpyRecord, dtype_of},
    write::{NewArray, WholeArray, failed, write_file},
};

/// Writes an array to a new file, or in the place of an old one, as `np.save` would: in the order of
/// [`write_array_to`](crate::write_array_to), Fortran order included.
///
/// The file gets its name when it is complete. Until then, and if writing fails, an old file is still there.
/// Programs that read or map the old file continue to do so. (Where the folder takes no new file, or the path is a
/// mount, the file itself is written, after a check that all elements fit.)
///
/// # Errors
///
/// As [`write_array_to`](crate::write_array_to), or if an [`Appender`](crate::Appender) has the file open
/// ([`ErrorKind::Locked`](crate::ErrorKind::Locked)).
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("matrix.npy");
/// use ndarray::array;
///
/// let matrix = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
/// npyrec::write_array(&path, &matrix.t())?;
/// assert_eq!(npyrec::read_array::<f64>(&path)?, matrix.t().into_dyn());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_array<T: NpyRecord, D: Dimension>(
    path: impl AsRef<Path>,
    array: &ArrayRef<T, D>,
) -> Result<()> {
    write_file(path.as_ref(), whole_array(array))
}

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
    whole_array(array)?.write(&mut writer)?;
    writer.flush().map_err(failed)
}

/// Returns an array with its elements in the order in which NumPy saves it.
pub(crate) fn whole_array<T: NpyRecord, D: Dimension>(
    array: &ArrayRef<T, D>,
) -> Result<WholeArray<'_, T, Iter<'_, T, D>>> {
    let dtype = dtype_of::<T>()?;
    let shape: Vec<u64> = array.shape().iter().map(|&dim| dim as u64).collect();
    let order = order_of(&dtype, array);
    let elements = match order {
        Order::C => array.view(),
        Order::Fortran => array.t(),
    };
    let slice = elements.to_slice();
    let array = NewArray::of_shape(&dtype, &shape, order)?;
    Ok(WholeArray::new(array, slice, elements.into_iter()))
}

/// Returns the order in which NumPy saves an array.
fn order_of<E, D: Dimension>(dtype: &DType, array: &ArrayRef<E, D>) -> Order {
    // An array of zero-sized elements is always in C order.
    if array.is_standard_layout() || dtype.itemsize() == 0 {
        return Order::C;
    }
    // The axes of an element would be the last ones, and contiguous.
    let is_scalar = dtype.base_and_shape().1.iter().all(|&dim| dim == 1);
    match is_scalar && array.t().is_standard_layout() {
        true => Order::Fortran,
        false => Order::C,
    }
}
