//! NumPy, run beside the tests.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};

use crate::python::{SUITE, is_required, python, skipped};

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
            panic!("NumPy is required, but there is none: {reason}")
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
