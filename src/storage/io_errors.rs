//! The meaning of I/O errors when a file is created or replaced.

use std::io;

use crate::error::{Cause, Error};

/// Returns true if no other way to create a file can succeed.
pub(crate) fn is_final(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Returns true if no file can be created in the folder, or the name cannot be replaced, such as the name of
/// a mount.
pub(super) fn is_tied(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
    matches!(
        error.kind(),
        PermissionDenied | ReadOnlyFilesystem | ResourceBusy | CrossesDevices
    )
}

pub(crate) fn is_io(error: &Error, kind: io::ErrorKind) -> bool {
    matches!(error.cause(), Cause::Io(e) if e.kind() == kind)
}
