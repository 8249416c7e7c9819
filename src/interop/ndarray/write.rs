use std::path::Path;

use ndarray::{ArrayRef, Dimension};

use super::encode::write_array_to;
use crate::{error::Result, record::NpyRecord, storage::write_whole};

/// Writes an array to a new file, or in the place of an old one, as `np.save` would: in the order of
/// [`write_array_to`], Fortran order included.
///
/// The file gets its name when it is whole. Until then an old one is still there, and whoever reads or maps
/// that one goes on doing so. (Where the folder takes no new file, or the path is that of a mount, the
/// file itself is written.)
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
///
/// # Errors
///
/// As [`write_array_to`], or if an [`Appender`](crate::Appender) has the file open
/// ([`ErrorKind::Locked`](crate::ErrorKind::Locked)).
pub fn write_array<T: NpyRecord, D: Dimension>(
    path: impl AsRef<Path>,
    array: &ArrayRef<T, D>,
) -> Result<()> {
    let path = path.as_ref();
    write_whole(path, &|file| write_array_to(file, array)).map_err(|e| e.at_path(path))
}
