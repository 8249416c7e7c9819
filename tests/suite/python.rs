//! Python with modules, in an environment that is made here if need be. The tests of the command share this file.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

pub use crate::SUITE;

/// Set where a test without NumPy is a failure, as in `.ci/run`.
const REQUIRED: &str = "NPYREC_REQUIRE_NUMPY";

/// Returns true if a test must fail where Python or its modules are missing.
pub fn is_required() -> bool {
    std::env::var_os(REQUIRED).is_some()
}

/// Says what is not tested, past the capture of what a test that passes prints.
pub fn skipped(what: &str) {
    let _ = writeln!(io::stderr(), "\n*** SKIPPED: {what} ***\n");
}

/// Returns a Python with the modules of `requirements.txt`.
pub fn python() -> Result<PathBuf, String> {
    let check = "import numpy, ml_dtypes, npy_append_array; numpy.strings";
    python_with("numpy-environment", "requirements.txt", check)
}

/// Returns a Python that runs `check`: the system's, or one in an environment that is made here.
pub fn python_with(environment: &str, requirements: &str, check: &str) -> Result<PathBuf, String> {
    let has_modules = |python: &Path| {
        let check = Command::new(python).args(["-c", check]).output();
        check.is_ok_and(|output| output.status.success())
    };
    let systems = ["python3", "python"].map(PathBuf::from);
    if let Some(python) = systems.iter().find(|python| has_modules(python)) {
        return Ok(python.clone());
    }
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join(environment);
    let python = environment.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    // Several test programs may come here at once.
    let lock = environment.with_extension("lock");
    let lock = File::create(lock).map_err(|e| e.to_string())?;
    lock.lock().map_err(|e| e.to_string())?;
    if !has_modules(&python) {
        let system = systems
            .iter()
            .find(|python| Command::new(python).arg("-V").output().is_ok());
        let system = system.ok_or("there is no `python3` on the path")?;
        let _ = fs::remove_dir_all(&environment);
        run(Command::new(system).args(["-m", "venv"]).arg(&environment))?;
        let requirements = format!("{SUITE}/{requirements}");
        run(Command::new(&python).args(["-m", "pip", "install", "-q", "-r", &requirements]))?;
    }
    Ok(python)
}

pub fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// Returns the folder of the files that `corpus.py` writes.
pub fn corpus_folder(python: &Path) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus");
    // Several test programs may come here at once; the later ones leave the files as they are.
    let lock = File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let mut script = Command::new(python);
    run(script.arg(format!("{SUITE}/corpus.py")).arg(&folder)).unwrap();
    folder
}
