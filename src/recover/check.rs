use std::{fs::File, path::Path};

use super::{found::Found, make_appendable::replace_with_rows, recovery::Recovery, report::Report};
use crate::{
    error::{Error, ErrorKind, Result},
    storage::FileStorage,
};

/// Looks at an `.npy` file, of any dtype, without changing it: whether header and data agree, and what
/// to do if not.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("ticks.npy");
/// use std::{fs::File, io::Write};
///
/// npyrec::write(&path, &[1_u32, 2, 3])?;
/// // What a killed program leaves: a row that no header counts, and a part of another.
/// File::options().append(true).open(&path)?.write_all(&[4, 0, 0, 0, 5, 0])?;
///
/// let report = npyrec::check(&path)?;
/// assert_eq!((report.header_rows(), report.rows(), report.torn_bytes()), (Some(3), 4, 2));
/// assert!(report.numpy_loads()); // without the fourth row
/// println!("{report}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the file cannot be read, or has no header that could be mended; or its elements are pickled
/// Python objects.
pub fn check(path: impl AsRef<Path>) -> Result<Report> {
    let path = path.as_ref();
    let examine = || {
        let storage = FileStorage::open(File::options().read(true), path)?;
        Found::examine(&storage)
    };
    let found = examine().map_err(|e| e.at_path(path))?;
    Ok(Report::new(path, &found))
}

/// Makes header and data of an `.npy` file of any dtype agree, in C or Fortran order, and says what was
/// found and done. A file in which they agree is left alone. One whose header has no room for the number of
/// rows is written anew, and takes the place of the old one.
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
///
/// # Errors
///
/// As for [`check`]; if an appender has the file open (which cannot be known where the file system has no
/// locks), or it cannot be written; if another array follows the first one; if the header's length is not that
/// of its text, or bytes follow rows that have none ([`ErrorKind::Header`]); or by [`Recovery::Refuse`].
pub fn recover(path: impl AsRef<Path>, recovery: Recovery) -> Result<Report> {
    let path = path.as_ref();
    let recover = || {
        let storage = FileStorage::open_to_mend(path)?;
        let mut found = Found::examine(&storage)?;
        let report = Report::new(path, &found);
        if found.is_sound() {
            return Ok(report);
        }
        found.check(recovery)?;
        let rows = found.rows_after(recovery);
        let mut header = found.growing().ok();
        if header.as_ref().is_some_and(|h| !found.is_renewable(h)) {
            replace_with_rows(path, storage, &found, rows, false)?;
            return Ok(report.recovered(rows));
        }
        match found.mend(&storage, recovery, header.as_mut(), true) {
            Err(error) if matches!(error.kind(), ErrorKind::NoGrowthRoom { .. }) => {
                replace_with_rows(path, storage, &found, rows, false)?;
            }
            mended => mended?,
        }
        Ok(report.recovered(rows))
    };
    recover().map_err(|e: Error| e.at_path(path))
}
