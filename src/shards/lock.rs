use std::{fs::File, io, path::Path};

use super::names::shard_path;
use crate::{
    error::Result,
    storage::{FileStorage, is_io},
};

/// Locks the shard before the last one while the last one is opened and locked. Returns `None` if there is none.
///
/// An appender that starts a shard keeps the lock of the one before until it has the new one. In between, nobody
/// else may take the new one.
pub(crate) fn lock_before(dir: &Path, last: u64) -> Result<Option<FileStorage>> {
    let Some(before) = last.checked_sub(1) else {
        return Ok(None);
    };
    let path = shard_path(dir, before);
    match FileStorage::open_locked_if_possible(&mut File::options(), &path) {
        Ok(locked) => Ok(Some(locked)),
        // A sealed shard may be protected against changes. No appender has it open then.
        Err(error) if is_io(&error, io::ErrorKind::PermissionDenied) => Ok(None),
        Err(error) => Err(error.at_path(&path)),
    }
}
