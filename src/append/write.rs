use std::{fs::File, path::Path};

use super::{
    elements::{check_elements, write_slice},
    target::Target,
};
use crate::{
    error::{Cause, Error, Result},
    record::{NpyRecord, dtype_of},
    storage::{Content, Options, write_whole},
};

/// Writes `records` to a new file, or in the place of an old one, as `np.save` would.
///
/// The file gets its name when it is complete. Until then, and if writing fails, an old file stays. Programs
/// that read or map the old file keep it. (If the folder takes no new file, or the path is a mount, the file
/// itself is overwritten, after all records were checked.)
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
    let path = path.as_ref();
    let written = || {
        let target = Target::rows(&dtype_of::<R>().map_err(Error::from)?)?;
        let header = target.new_header();
        let header = header.ok_or_else(|| Error::new(Cause::NoRows))?;
        let header = header.with_rows(records.len() as u64).to_bytes();
        let data = |mut file: &File| write_slice(&mut file, records);
        let check = |_: &File| check_elements(records.iter());
        let content = Content::new(&header, &data).checked(&check);
        write_whole(path, Options::USUAL, &content).map(drop)
    };
    written().map_err(|e| e.at_path(path))
}
