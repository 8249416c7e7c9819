use std::path::{Path, PathBuf};

use super::{
    directory::{check_directory, list_all},
    inspection::Inspection,
    plan::RepairPlan,
    recovery::Recovery,
    report::Report,
};
use crate::{
    error::{Error, Result},
    shards::{count_shards, lock_before, shard_path},
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

/// Mends the shards of a directory, and lists all of them. No appender can open it meanwhile.
fn recover_directory(dir: &Path, recovery: Recovery) -> Result<Report> {
    let report = check_directory(dir)?;
    if report.is_sound() {
        return Ok(report);
    }
    if recovery == Recovery::Refuse {
        return Err(report.refused());
    }
    let (last, storage) = open_last(dir)?;
    // An appender may have had it open before.
    let mut report = check_directory(dir)?;
    if report.is_sound() {
        return Ok(report);
    }
    let (_, _locked) = mend_file(&last, storage, recovery, true)?;
    let others = report.unsound_shards().iter();
    for shard in others.filter(|shard| shard.path() != last) {
        recover_file(shard.path(), recovery)?;
    }
    report.recovered_rows = Some(list_all(dir)?);
    Ok(report)
}

/// Opens and locks the last shard of a directory.
fn open_last(dir: &Path) -> Result<(PathBuf, FileStorage)> {
    loop {
        let shards = count_shards(dir)?;
        let number = shards.saturating_sub(1);
        let _before = lock_before(dir, number)?;
        let path = shard_path(dir, number);
        let storage = FileStorage::open_to_mend(&path).map_err(|e| e.at_path(&path))?;
        if count_shards(dir)? == shards {
            return Ok((path, storage));
        }
    }
}

fn recover_file(path: &Path, recovery: Recovery) -> Result<Report> {
    let storage = FileStorage::open_to_mend(path).map_err(|e| e.at_path(path))?;
    mend_file(path, storage, recovery, false).map(|(report, _)| report)
}

/// Makes header and data of an open file agree. Returns the file, or the one that took its place, which is locked if
/// `is_locked`.
fn mend_file(
    path: &Path,
    storage: FileStorage,
    recovery: Recovery,
    is_locked: bool,
) -> Result<(Report, FileStorage)> {
    let mend = || {
        let inspection = Inspection::of(&storage)?;
        if inspection.is_sound() {
            return Ok((Report::new(path, inspection, None), storage));
        }
        let rows = inspection.rows_after(recovery)?;
        let plan = RepairPlan::recover(&inspection, rows);
        let is_locked = is_locked && storage.is_locked();
        let storage = plan.carry_out(path, storage, &inspection, is_locked)?;
        Ok((Report::new(path, inspection, Some(rows)), storage))
    };
    mend().map_err(|e: Error| e.at_path(path))
}
