use std::path::Path;

use crate::{error::Result, record::NpyRecord, storage::write_whole, stream::RecordWriter};

/// Writes `records` to a new file, or replaces an old one, as `np.save` would.
///
/// The file gets its name when it is complete. Until then an old file is still there, and its readers
/// are not disturbed. (Where the folder takes no new file, or the path is that of a mount, the old file
/// itself is overwritten.)
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
/// If the file cannot be written, a record cannot be encoded, or an [`Appender`](crate::Appender) has the
/// file open ([`ErrorKind::Locked`](crate::ErrorKind::Locked)). The old file is unchanged then.
pub fn write<R: NpyRecord>(path: impl AsRef<Path>, records: &[R]) -> Result<()> {
    let path = path.as_ref();
    let written = write_whole(path, &|file| {
        let mut writer = RecordWriter::new(file, records.len() as u64)?;
        writer.append_slice(records)?;
        writer.finish().map(drop)
    });
    written.map_err(|e| e.at_path(path))
}
