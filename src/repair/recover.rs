use std::path::Path;

use super::{inspection::Inspection, plan::RepairPlan, recovery::Recovery, report::Report};
use crate::{
    error::{Error, Result},
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
