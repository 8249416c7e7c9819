use std::{fs::File, path::Path};

use ndarray::{ArrayRef, Dimension};

use super::encode::{at_element, header_of, in_order, write_data};
use crate::{
    append::check_elements,
    error::Result,
    record::NpyRecord,
    storage::{Content, Options, write_whole},
};

/// Writes an array to a new file, or in the place of an old one, as `np.save` would: in the order of
/// [`write_array_to`](crate::write_array_to), Fortran order included.
///
/// The file gets its name when it is complete. Until then, and if writing fails, an old file is still there.
/// Programs that read or map the old file continue to do so. (Where the folder takes no new file, or the path is a
/// mount, the file itself is written, after a check that all elements fit.)
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
/// As [`write_array_to`](crate::write_array_to), or if an [`Appender`](crate::Appender) has the file open
/// ([`ErrorKind::Locked`](crate::ErrorKind::Locked)).
pub fn write_array<T: NpyRecord, D: Dimension>(
    path: impl AsRef<Path>,
    array: &ArrayRef<T, D>,
) -> Result<()> {
    let path = path.as_ref();
    let written = || {
        let header = header_of(array)?.to_bytes();
        let data = |mut file: &File| write_data(&mut file, array);
        let check = |_: &File| {
            let (order, elements) = in_order(array);
            check_elements(elements.iter()).map_err(|error| at_element(error, array, order))
        };
        let content = Content::new(&header, &data).checked(&check);
        write_whole(path, Options::USUAL, &content).map(drop)
    };
    written().map_err(|e| e.at_path(path))
}
