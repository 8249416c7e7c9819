//! What it means that a file cannot be created or replaced.

use std::io;

use crate::error::{Error, ErrorKind};

/// Whether there is no other way to create a file either.
pub(crate) fn is_final(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Whether the folder takes no new file, or the name is tied to its file, as that of a mount is.
pub(super) fn is_tied(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
    matches!(
        error.kind(),
        PermissionDenied | ReadOnlyFilesystem | ResourceBusy | CrossesDevices
    )
}

pub(crate) fn is_io(error: &Error, kind: io::ErrorKind) -> bool {
    matches!(error.kind(), ErrorKind::Io(e) if e.kind() == kind)
}
