use std::{fs::File, path::Path};

use super::{directory::check_directory, inspection::Inspection, report::Report};
use crate::{error::Result, storage::FileStorage};

/// Inspects an `.npy` file of any dtype, or a directory of [shards](crate::Shards), without changing it. The report
/// says whether header and data agree, and what to do if they do not.
///
/// # Errors
///
/// If the file cannot be read, has no header that can be mended, or its elements are pickled Python objects. Also
/// if a number is missing among the shards, or their dtypes or row shapes differ; the error names the shard.
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("ticks.npy");
/// use std::{fs::File, io::Write};
///
/// npyrec::write(&path, &[1_u32, 2, 3])?;
/// // A killed program leaves a row that no header counts, and a part of another.
/// File::options().append(true).open(&path)?.write_all(&[4, 0, 0, 0, 5, 0])?;
///
/// let report = npyrec::check(&path)?;
/// assert_eq!((report.header_rows(), report.rows(), report.torn_bytes()), (Some(3), 4, 2));
/// assert!(report.numpy_loads()); // without the fourth row
/// println!("{report}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check(path: impl AsRef<Path>) -> Result<Report> {
    let path = path.as_ref();
    if path.is_dir() {
        return check_directory(path);
    }
    let inspect = || {
        let storage = FileStorage::open(File::options().read(true), path)?;
        Inspection::of(&storage)
    };
    let inspection = inspect().map_err(|e| e.at_path(path))?;
    Ok(Report::new(path, inspection, None))
}
