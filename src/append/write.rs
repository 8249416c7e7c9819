use std::path::Path;

use super::appender::Appender;
use crate::{
    error::{Error, Result},
    record::NpyRecord,
};

/// Writes `records` to a new file, or over an old one, as `np.save` would.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("points.npy");
/// npyrec::write(&path, &[(1.0_f32, 2.0_f32), (3.0, 4.0)])?;
/// assert_eq!(npyrec::read::<(f32, f32)>(&path)?, [(1.0, 2.0), (3.0, 4.0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the file cannot be written, or a record cannot be encoded.
pub fn write<R: NpyRecord>(path: impl AsRef<Path>, records: &[R]) -> Result<()> {
    let mut appender = Appender::create(path)?;
    let appended = appender.append_slice(records);
    appended.map_err(Error::after_the_last)?;
    appender.close()
}
