use crate::error::{Cause, Error, Result};

/// The end of the name of a member.
pub(super) const EXTENSION: &str = ".npy";

/// An entry of the archive's directory holds the name and has to be shorter than 64 KiB.
const MAX_LEN: usize = 32_000;

/// Returns the name of the array in a member, as `np.load` has it.
pub(super) fn array_name(member: &str) -> &str {
    member.strip_suffix(EXTENSION).unwrap_or(member)
}

/// Returns the name of the member that holds an array.
pub(super) fn member_name(array: &str) -> String {
    format!("{array}{EXTENSION}")
}

/// Checks the name of an array: Python's `zipfile` returns it unchanged, and unpacking the archive makes one file
/// for each array, inside the target folder.
pub(super) fn check(name: &str) -> Result<()> {
    let is_drive = |name: &str| name.as_bytes().get(1) == Some(&b':');
    let reason = if name.is_empty() {
        "it is empty"
    } else if name.len() > MAX_LEN {
        "it is longer than 32000 bytes"
    } else if name.contains('\0') {
        "it has a zero byte, at which Python's `zipfile` cuts it"
    } else if name.contains('\\') {
        "it has a backslash, which some take to be a slash"
    } else if name.starts_with('/') || is_drive(name) {
        "it is an absolute path"
    } else if name.split('/').any(|part| matches!(part, "" | "." | "..")) {
        "a part of it between slashes is empty, `.` or `..`"
    } else {
        return Ok(());
    };
    Err(Error::new(Cause::MemberName(reason)))
}
