use crate::error::{Error, ErrorKind, Result};

/// What the name of a member ends in.
pub(super) const EXTENSION: &str = ".npy";

/// An entry of the archive's directory holds the name and has to be shorter than 64 KiB.
const MAX_LEN: usize = 32_000;

/// The name of the array in a member, as `np.load` has it.
pub(super) fn array_name(member: &str) -> &str {
    member.strip_suffix(EXTENSION).unwrap_or(member)
}

/// The name of the member that holds an array.
pub(super) fn member_name(array: &str) -> String {
    format!("{array}{EXTENSION}")
}

/// Checks that an array may have a name: that `zipfile` gives it back as it is, and that whoever unpacks
/// the archive gets one file each, in the folder that it is unpacked to.
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
    Err(Error::new(ErrorKind::MemberName(reason)))
}
