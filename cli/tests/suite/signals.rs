//! Signals that end the command.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{python::skipped, run::command, sample::folder};

/// A conversion that waits for the rest of its input.
struct Conversion {
    process: Child,
    rest: Vec<u8>,
}

impl Conversion {
    /// Starts a conversion of `ticks.npy` to `out/rows.npy`.
    fn start(dir: &Path, command: &mut Command) -> Self {
        let bytes = fs::read(dir.join("ticks.npy")).unwrap();
        let (start, rest) = bytes.split_at(bytes.len() / 2);
        let out = dir.join("out");
        fs::create_dir(&out).unwrap();
        let mut process = command.stdin(Stdio::piped()).spawn().unwrap();
        process.stdin.as_mut().unwrap().write_all(start).unwrap();
        let start = Instant::now();
        while fs::read_dir(&out).unwrap().next().is_none() {
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "nothing is written"
            );
            thread::sleep(Duration::from_millis(5));
        }
        // The file is there a moment before it is known to the handler of signals.
        thread::sleep(Duration::from_millis(200));
        Conversion {
            process,
            rest: rest.to_vec(),
        }
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for the end without more input, and returns the exit code.
    fn end(mut self) -> Option<i32> {
        // `wait` closes the pipe, which would end the command as well.
        let stdin = self.process.stdin.take();
        let code = self.process.wait().unwrap().code();
        drop(stdin);
        code
    }

    /// Writes the rest of the input, and returns the exit code.
    fn go_on(mut self) -> Option<i32> {
        let mut stdin = self.process.stdin.take().unwrap();
        stdin.write_all(&self.rest).unwrap();
        drop(stdin);
        self.process.wait().unwrap().code()
    }
}

/// Returns true if this process ignores a signal, as then the commands that it starts do.
fn is_ignored(number: u32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.is_some_and(|mask| u128::from_str_radix(mask.trim(), 16).unwrap() >> (number - 1) & 1 == 1)
}

#[test]
fn a_signal_leaves_no_file_behind() {
    let signals = [("TERM", 15), ("INT", 2), ("HUP", 1)];
    // Only Linux tells whether a hangup is ignored.
    let signals = signals
        .into_iter()
        .take(2 + usize::from(cfg!(target_os = "linux")));
    for (signal, number) in signals {
        if is_ignored(number) {
            skipped(&format!("SIG{signal}, which this process ignores"));
            continue;
        }
        let dir = folder();
        let mut command = command(dir.path(), &["convert", "-", "out/rows.npy"]);
        let conversion = Conversion::start(dir.path(), &mut command);
        conversion.signal(signal);
        assert_eq!(conversion.end(), None, "{signal}");
        assert_eq!(fs::read_dir(dir.path().join("out")).unwrap().count(), 0);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_was_ignored_stays_so() {
    let dir = folder();
    let npyrec = env!("CARGO_BIN_EXE_npyrec");
    let program = r#"trap "" HUP INT QUIT; exec "$0" convert - out/rows.npy"#;
    let mut shell = Command::new("sh");
    shell.args(["-c", program, npyrec]).current_dir(dir.path());
    let conversion = Conversion::start(dir.path(), &mut shell);
    for signal in ["HUP", "INT", "QUIT"] {
        conversion.signal(signal);
    }
    // An end by a signal needs a moment.
    thread::sleep(Duration::from_millis(200));
    assert_eq!(conversion.go_on(), Some(0));
    assert_eq!(
        fs::read(dir.path().join("out/rows.npy")).unwrap(),
        fs::read(dir.path().join("ticks.npy")).unwrap()
    );
}
