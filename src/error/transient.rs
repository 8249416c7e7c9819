use std::io;

/// Returns true if an error of the operating system may not occur the next time.
pub(super) fn is_transient(error: &io::Error) -> bool {
    use io::ErrorKind::{
        Interrupted, OutOfMemory, QuotaExceeded, ResourceBusy, StorageFull, TimedOut, WouldBlock,
    };
    let is_transient_kind = matches!(
        error.kind(),
        Interrupted
            | OutOfMemory
            | QuotaExceeded
            | ResourceBusy
            | StorageFull
            | TimedOut
            | WouldBlock
    );
    is_transient_kind || is_out_of_handles(error)
}

/// Returns true if the process or the system has no more file handles. [`io::ErrorKind`] does not name this
/// error.
fn is_out_of_handles(error: &io::Error) -> bool {
    // ENFILE and EMFILE, or ERROR_TOO_MANY_OPEN_FILES
    let codes: &[i32] = if cfg!(unix) { &[23, 24] } else { &[4] };
    let code = error.raw_os_error();
    code.is_some_and(|code| codes.contains(&code))
}
