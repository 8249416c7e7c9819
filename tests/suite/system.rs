//! Whether a system removes and replaces files that are open: Windows may not, and wine does not.

use std::{
    fs::{self, File},
    path::Path,
    sync::LazyLock,
};

/// Tries something with a file that a reader has open.
fn can(act: fn(&Path) -> bool) -> bool {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("open");
    fs::write(&path, [1]).unwrap();
    let _reader = File::open(&path).unwrap();
    act(&path)
}

/// Returns whether another file can take the place of a file that is open.
pub fn replaces_open_files() -> bool {
    static CAN: LazyLock<bool> = LazyLock::new(|| {
        can(|path| {
            let new = path.with_extension("new");
            fs::write(&new, [2]).unwrap();
            fs::rename(&new, path).is_ok()
        })
    });
    *CAN
}

/// Returns whether a file that is open can be removed, so that nobody opens it any more.
pub fn removes_open_files() -> bool {
    static CAN: LazyLock<bool> =
        LazyLock::new(|| can(|path| fs::remove_file(path).is_ok() && File::open(path).is_err()));
    *CAN
}

#[test]
fn unix_removes_and_replaces_files_that_are_open() {
    assert!(!cfg!(unix) || removes_open_files() && replaces_open_files());
}
