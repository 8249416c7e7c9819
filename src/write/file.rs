use std::path::Path;

use super::whole_array::WholeArray;
use crate::{
    dtype::DType,
    error::Result,
    header::Order,
    record::{Element, NpyRecord},
    value::Value,
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
    write_file(
        path.as_ref(),
        WholeArray::of_records(records, &[records.len() as u64], Order::C),
    )
}

/// Writes [`Value`]s of a dtype as an array of a shape, as [`write`](crate::write()) does with records.
///
/// # Errors
///
/// As [`write`](crate::write()), or if the dtype contains Python objects, or the shape has another number of
/// elements.
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("levels.npy");
/// use npyrec::{Order, Value};
///
/// let values = [0.5, 1.5, 2.5, 3.5].map(Value::from);
/// npyrec::write_with_dtype(&path, &"<f4".parse()?, &values, &[2, 2], Order::C)?;
/// assert_eq!(npyrec::read::<[f32; 2]>(&path)?, [[0.5, 1.5], [2.5, 3.5]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_with_dtype(
    path: impl AsRef<Path>,
    dtype: &DType,
    values: &[Value],
    shape: &[u64],
    order: Order,
) -> Result<()> {
    write_file(
        path.as_ref(),
        WholeArray::of_slice(dtype, values, shape, order),
    )
}

/// Writes a file whole, and names it in errors.
pub(crate) fn write_file<'a, E: Element>(
    path: &Path,
    array: Result<WholeArray<'a, E, impl Iterator<Item = &'a E> + Clone>>,
) -> Result<()> {
    let written = array.and_then(|array| array.write_file(path));
    written.map_err(|error| error.at_path(path))
}
