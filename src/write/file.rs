use std::path::Path;

use super::whole_array::WholeArray;
use crate::{
    error::Result,
    header::Header,
    record::{Element, NpyRecord},
};

/// Writes `records` to a new file, or in the place of an old one, as `np.save` would.
///
/// The file gets its name when it is whole. Until then, and if writing fails, an old file is still there.
/// Programs that read or map the old file go on doing so. (Where the folder takes no new file, or the path
/// is a mount, the file itself is written, once all records were found to fit.)
///
/// # Errors
///
/// If the file cannot be written, a record cannot be encoded, or an [`Appender`](crate::Appender) has the
/// file open ([`ErrorKind::Locked`](crate::ErrorKind::Locked)).
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("points.npy");
/// npyrec::write(&path, &[(1.0_f32, 2.0_f32), (3.0, 4.0)])?;
/// assert_eq!(npyrec::read::<(f32, f32)>(&path)?, [(1.0, 2.0), (3.0, 4.0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write<R: NpyRecord>(path: impl AsRef<Path>, records: &[R]) -> Result<()> {
    write_file(path.as_ref(), WholeArray::of_records(records))
}

/// Writes the array of a header, as [`write`](crate::write()) does with records.
///
/// The elements come in the order of the header. Records have its dtype, and records that are arrays have its
/// last axes: a header of shape `(2, 3)` has six elements `f64`, or two `[f64; 3]`.
/// [`Value`](crate::Value)s have the dtype of the header. As in `np.save`, an array that is in both orders is
/// saved in C order.
///
/// # Errors
///
/// As [`write`](crate::write()), or if:
///
/// - the elements have another dtype than the header, or it contains Python objects
///   ([`ErrorKind::DType`](crate::ErrorKind::DType))
/// - the header has another number of elements ([`ErrorKind::Shape`](crate::ErrorKind::Shape))
/// - the elements are arrays, and the header is in Fortran order (also `Shape`)
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("levels.npy");
/// use npyrec::{Header, Order, Value};
///
/// let header = Header::new("<f4".parse()?, Order::C, &[2, 2])?;
/// npyrec::write_with(&path, &header, &[0.5_f32, 1.5, 2.5, 3.5])?;
/// assert_eq!(npyrec::read::<[f32; 2]>(&path)?, [[0.5, 1.5], [2.5, 3.5]]);
///
/// // The same, where the dtype is known only when the program runs.
/// npyrec::write_with(&path, &header, &[0.5, 1.5, 2.5, 3.5].map(Value::from))?;
///
/// let error = npyrec::write_with(&path, &header, &[0.5_f32]).unwrap_err();
/// assert!(error.to_string().ends_with("the number of elements is 1, which does not match the shape (2, 2)"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_with<E: Element>(
    path: impl AsRef<Path>,
    header: &Header,
    elements: &[E],
) -> Result<()> {
    write_file(path.as_ref(), WholeArray::with_header(header, elements))
}

/// Writes a file whole, and names it in errors.
pub(crate) fn write_file<'a, E: Element>(
    path: &Path,
    array: Result<WholeArray<'a, E, impl Iterator<Item = &'a E> + Clone>>,
) -> Result<()> {
    let written = array.and_then(|array| array.write_file(path));
    written.map_err(|error| error.at_path(path))
}
