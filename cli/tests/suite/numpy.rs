//! NumPy, where there is Python.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{LazyLock, OnceLock},
};

use crate::python::{self, corpus_folder, is_required, skipped};

/// Returns a Python with NumPy. Without Python, prints a note and returns `None`.
pub fn python() -> Option<&'static Path> {
    static PYTHON: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| {
        let python = python::python();
        python.inspect_err(|reason| {
            skipped(&format!("what asks NumPy, as there is none: {reason}"));
        })
    });
    match &*PYTHON {
        Ok(python) => Some(python),
        Err(reason) if is_required() => panic!("NumPy is required, but there is none: {reason}"),
        Err(_) => None,
    }
}

/// Runs a program of Python in a folder, and returns what it prints.
#[track_caller]
pub fn run(python: &Path, folder: &Path, program: &str) -> String {
    let output = Command::new(python)
        .args(["-c", program])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the folder of the corpus of the library's tests, with `expected.jsonl`.
pub fn corpus(python: &Path) -> &'static Path {
    static CORPUS: OnceLock<PathBuf> = OnceLock::new();
    CORPUS.get_or_init(|| corpus_folder(python))
}
