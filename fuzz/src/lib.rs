//! What the targets share that read `.npy` files.
//!
//! They start from files of NumPy, such as the files of `tests/suite/corpus.py`, which takes the folder
//! `fuzz/corpus/read` or `fuzz/corpus/value`.

pub mod damaged;
pub mod element;
pub mod memory;
pub mod mutate;
pub mod way;

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// A folder, in memory where there is one, and a file of these bytes in it.
pub fn temporary_file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let (dir, path) = temporary_path();
    fs::write(&path, bytes).expect("the file is written");
    (dir, path)
}

/// A folder, in memory where there is one, and the path of a file that is not yet in it.
pub fn temporary_path() -> (TempDir, PathBuf) {
    let in_memory = Path::new("/dev/shm");
    let dir = match in_memory.is_dir() {
        true => tempfile::tempdir_in(in_memory),
        false => tempfile::tempdir(),
    };
    let dir = dir.expect("there is a temporary folder");
    let path = dir.path().join("fuzzed.npy");
    (dir, path)
}

/// Drops an appender, and restores its file as a killed program leaves it. Returns the content of the file.
pub fn kill<T>(appender: T, path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).expect("it is there");
    drop(appender);
    fs::write(path, &bytes).expect("the file is written");
    bytes
}
