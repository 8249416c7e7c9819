//! A process for each run.

use std::{
    env, fs,
    io::{self, Read},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    workload::{Job, OUT, Run, Way, Workload},
    workloads,
};

/// What a run took.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    /// Of the processor, user and system.
    pub(crate) processor: Duration,
    pub(crate) clock: Duration,
    /// The most memory at a time, in bytes.
    pub(crate) memory: u64,
}

/// The first argument of a process that works.
const WORK: &str = "--work";

/// The way that is to make the file that is there before.
const PREPARE: &str = "prepare";

pub(crate) fn is_child(arguments: &[String]) -> bool {
    arguments.first().is_some_and(|first| first == WORK)
}

/// Does what the arguments say.
pub(crate) fn work(arguments: &[String]) {
    let [_, workload, way, ops, rows, folder] = arguments else {
        panic!("{arguments:?}");
    };
    let workload = workloads::ALL.iter().find(|known| known.name == workload);
    let workload = workload.unwrap();
    let job = Job {
        folder: folder.into(),
        ops: ops.parse().unwrap(),
        rows: rows.parse().unwrap(),
    };
    if way == PREPARE {
        return workload.prepare.unwrap()(&job);
    }
    let way = workload.ways.iter().find(|known| known.name == way);
    match way.unwrap().run {
        Run::Rust(run) => run(&job),
        Run::Python(_) => unreachable!("Python does that"),
    }
}

/// Runs a way in a process of its own.
pub(crate) fn run(workload: &Workload, way: &Way, job: &Job, python: Option<&Path>) -> Usage {
    if workload.prepare.is_some() {
        wait(&mut this(workload, PREPARE, job));
    }
    let usage = match (&way.run, python) {
        (Run::Rust(_), _) => wait(&mut this(workload, way.name, job)).0,
        (Run::Python(function), Some(python)) => run_python(python, function, job),
        (Run::Python(_), None) => unreachable!("left out"),
    };
    remove(&job.path(OUT));
    usage
}

fn this(workload: &Workload, way: &str, job: &Job) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([WORK, workload.name, way]);
    add(&mut command, job);
    command
}

fn add(command: &mut Command, job: &Job) {
    command.args([job.ops.to_string(), job.rows.to_string()]);
    command.arg(&job.folder);
}

/// Python says what its work took, without its start.
fn run_python(python: &Path, function: &str, job: &Job) -> Usage {
    let mut command = Command::new(python);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python.py"));
    command.arg(function);
    add(&mut command, job);
    let (usage, answer) = wait(&mut command);
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let seconds = |name: &str| Duration::from_secs_f64(answer[name].as_f64().unwrap());
    Usage {
        processor: seconds("processor"),
        clock: seconds("clock"),
        ..usage
    }
}

/// Runs a command to its end, and gives what it took and what it printed.
#[expect(clippy::zombie_processes, reason = "`wait4` waits for it")]
fn wait(command: &mut Command) -> (Usage, String) {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut printed = String::new();
    let mut output = child.stdout.take().unwrap();
    output.read_to_string(&mut printed).unwrap();
    let pid = child.id().try_into().unwrap();
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    // SAFETY: both are places for what is written to them, and zeros are a valid `rusage`.
    let usage = unsafe {
        let waited = libc::wait4(pid, &mut status, 0, usage.as_mut_ptr());
        assert_eq!(waited, pid, "{}", io::Error::last_os_error());
        usage.assume_init()
    };
    assert_eq!(status, 0, "{command:?}");
    let time = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec as u64) + Duration::from_micros(time.tv_usec as u64)
    };
    let usage = Usage {
        processor: time(usage.ru_utime) + time(usage.ru_stime),
        clock: start.elapsed(),
        memory: usage.ru_maxrss as u64 * 1024,
    };
    (usage, printed)
}

fn remove(path: &Path) {
    let removed = match path.is_dir() {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => panic!("{path:?}: {error}"),
        _ => {}
    }
}
