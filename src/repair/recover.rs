use std::path::Path;

use super::{
    directory::{check_directory, list_all},
    inspection::Inspection,
    plan::RepairPlan,
    recovery::Recovery,
    report::Report,
};
use crate::{
    error::{Error, Result},
    shards::shard_path,
    storage::FileStorage,
};

/// Makes header and data of an `.npy` file of any dtype agree, in C or Fortran order. Returns a report of
/// what was found and done. A file in which they agree is not changed. If the header has no room for the number of rows, a new
/// file takes the place of the old one.
///
/// # Errors
///
/// - All errors of [`check`](crate::check).
/// - An appender has the file open (not detected on a file system without locks), or it cannot be written.
/// - Another array follows the first one.
/// - The header's length differs from the length of its text, or bytes follow rows that have no bytes
///   ([`ErrorKind::Header`](crate::ErrorKind::Header)).
/// - Header and data do not agree, and the recovery is [`Recovery::Refuse`].
///
/// In a directory of [shards](crate::Shards), each shard is mended, and `info` lists all of them anew: also if
/// listed shards at its end are missing. Nobody may have it open for appending.
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("download.npy");
/// use npyrec::Recovery;
///
/// npyrec::write(&path, &[1_u32, 2, 3])?;
/// std::fs::File::options().write(true).open(&path)?.set_len(128 + 9)?; // a download cut short
/// assert!(npyrec::read::<u32>(&path).is_err());
///
/// let report = npyrec::recover(&path, Recovery::Adopt)?;
/// assert_eq!((report.header_rows(), report.recovered_rows()), (Some(3), Some(2)));
/// assert_eq!(npyrec::read::<u32>(&path)?, [1, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn recover(path: impl AsRef<Path>, recovery: Recovery) -> Result<Report> {
    let path = path.as_ref();
    match path.is_dir() {
        true => recover_directory(path, recovery),
        false => recover_file(path, recovery),
    }
}

/// Mends the shards of a directory, and lists all of them. The last shard is first, as an appender holds its lock.
fn recover_directory(dir: &Path, recovery: Recovery) -> Result<Report> {
    let mut report = check_directory(dir)?;
    if report.is_sound() {
        return Ok(report);
    }
    if recovery == Recovery::Refuse {
        return Err(report.refused());
    }
    let last = report.shards().unwrap_or_default().saturating_sub(1);
    recover_file(&shard_path(dir, last), recovery)?;
    for shard in report.unsound_shards() {
        recover_file(shard.path(), recovery)?;
    }
    report.recovered_rows = Some(list_all(dir)?);
    Ok(report)
}

fn recover_file(path: &Path, recovery: Recovery) -> Result<Report> {
    let recover = || {
        let storage = FileStorage::open_to_mend(path)?;
        let inspection = Inspection::of(&storage)?;
        if inspection.is_sound() {
            return Ok(Report::new(path, inspection, None));
        }
        let rows = inspection.rows_after(recovery)?;
        let plan = RepairPlan::recover(&inspection, rows);
        plan.carry_out(path, storage, &inspection, false)?;
        Ok(Report::new(path, inspection, Some(rows)))
    };
    recover().map_err(|e: Error| e.at_path(path))
}
