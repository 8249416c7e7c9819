//! NumPy, run beside the tests.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};

/// Set where a test without NumPy is a failure, as in `.ci/run`.
const REQUIRED: &str = "NPYREC_REQUIRE_NUMPY";

pub const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite");

/// A Python process that answers requests: see `oracle.py`.
pub struct Numpy {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// Returns NumPy. Without Python, prints so and returns `None`.
pub fn numpy() -> Option<MutexGuard<'static, Numpy>> {
    running().map(|numpy| numpy.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Returns true if a test must fail where Python or its modules are missing.
pub fn is_required() -> bool {
    std::env::var_os(REQUIRED).is_some()
}

/// Returns true if NumPy runs, and prints a note otherwise.
pub fn has_numpy() -> bool {
    running().is_some()
}

fn running() -> Option<&'static Mutex<Numpy>> {
    static NUMPY: LazyLock<Result<Mutex<Numpy>, String>> = LazyLock::new(|| {
        let numpy = Numpy::start().map(Mutex::new);
        numpy.inspect_err(|reason| skipped(&format!("what asks NumPy, as there is none: {reason}")))
    });
    match &*NUMPY {
        Ok(numpy) => Some(numpy),
        Err(reason) if is_required() => {
            panic!("{REQUIRED} is set, but there is no NumPy: {reason}")
        }
        Err(_) => None,
    }
}

/// Returns true if NumPy and this program have the same `long double`. They differ if the program is emulated
/// and NumPy is not. Prints a note if they differ.
pub fn shares_long_double() -> bool {
    static SHARES: LazyLock<bool> = LazyLock::new(|| {
        let Some(mut numpy) = numpy() else {
            return true;
        };
        let bits = numpy.python(Path::new(""), "answer = int(np.finfo(np.longdouble).nmant)");
        let is_x87 = cfg!(any(target_arch = "x86", target_arch = "x86_64"));
        let shares = (bits == 63) == is_x87;
        if !shares {
            skipped("`long double`, as that of NumPy is the one of another processor");
        }
        shares
    });
    *SHARES
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

impl Numpy {
    pub fn start() -> Result<Self, String> {
        let mut process = Command::new(python()?)
            .arg(format!("{SUITE}/oracle.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| e.to_string())?;
        Ok(Numpy {
            requests: process.stdin.take().ok_or("no standard input")?,
            answers: BufReader::new(process.stdout.take().ok_or("no standard output")?),
            process,
        })
    }

    /// The answer to a request, or the exception that it raised.
    pub fn try_ask(&mut self, request: Value) -> Result<Value, String> {
        writeln!(self.requests, "{request}").expect("NumPy takes the request");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("NumPy answers");
        let mut answer: Value = serde_json::from_str(&line)
            .unwrap_or_else(|e| panic!("{e}: {line:?}, {:?}", self.process.try_wait()));
        match answer["error"].take() {
            Value::String(error) => Err(error),
            _ => Ok(answer["ok"].take()),
        }
    }

    pub fn ask(&mut self, request: Value) -> Value {
        let shown: String = request.to_string().chars().take(2_000).collect();
        self.try_ask(request)
            .unwrap_or_else(|error| panic!("{error}\nasked: {shown}"))
    }

    /// Runs lines of Python with the variable `path`, and returns their variable `answer`.
    pub fn python(&mut self, path: &Path, code: &str) -> Value {
        self.ask(json!({"ask": "python", "code": format!("path = {path:?}\n{code}")}))
    }

    /// The bytes that `np.save` writes for the array that `np.load` reads from a file.
    pub fn resave(&mut self, path: &Path) -> Vec<u8> {
        let out = path.with_extension("resaved.npy");
        self.ask(json!({"ask": "resave", "path": path, "out": out}));
        let bytes = fs::read(&out).expect("NumPy wrote the file");
        fs::remove_file(&out).expect("the file goes away");
        bytes
    }
}
