//! NumPy, where there is Python.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Set where a test without NumPy is a failure.
const REQUIRED: &str = "NPYREC_REQUIRE_NUMPY";

/// Returns a Python with NumPy. Without Python, prints a note and returns `None`.
pub fn python() -> Option<&'static Path> {
    static PYTHON: LazyLock<Result<PathBuf, String>> = LazyLock::new(find);
    match &*PYTHON {
        Ok(python) => Some(python),
        Err(reason) if std::env::var_os(REQUIRED).is_some() => {
            panic!("{REQUIRED} is set, but there is no NumPy: {reason}")
        }
        Err(reason) => {
            eprintln!("\n*** SKIPPED: what asks NumPy, as there is none: {reason} ***\n");
            None
        }
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
    static CORPUS: LazyLock<PathBuf> =
        LazyLock::new(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus"));
    // The tests of the library may make it at the same time.
    let lock = File::create(CORPUS.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let script = format!("{ROOT}/tests/suite/corpus.py");
    assert!(
        Command::new(python)
            .arg(script)
            .arg(&*CORPUS)
            .status()
            .unwrap()
            .success()
    );
    &CORPUS
}

/// Returns the Python of the library's tests, or makes its environment.
fn find() -> Result<PathBuf, String> {
    let has_modules = |python: &Path| {
        let check = Command::new(python)
            .args(["-c", "import numpy, ml_dtypes"])
            .output();
        check.is_ok_and(|output| output.status.success())
    };
    let system = Path::new("python3");
    if has_modules(system) {
        return Ok(system.to_owned());
    }
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("numpy-environment");
    let python = environment.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let lock = File::create(environment.with_extension("lock")).map_err(|e| e.to_string())?;
    lock.lock().map_err(|e| e.to_string())?;
    if !has_modules(&python) {
        let _ = fs::remove_dir_all(&environment);
        let run = |command: &mut Command| match command.status() {
            Ok(status) if status.success() => Ok(()),
            other => Err(format!("{command:?}: {other:?}")),
        };
        run(Command::new(system).args(["-m", "venv"]).arg(&environment))?;
        let modules = format!("{ROOT}/tests/suite/requirements.txt");
        run(Command::new(&python).args(["-m", "pip", "install", "-q", "-r", &modules]))?;
    }
    Ok(python)
}
