//! Running the command.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

/// The output of a run, and its exit code.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    /// The answer of a run without trouble.
    #[track_caller]
    pub fn answer(self) -> String {
        assert_eq!((self.code, &*self.err), (0, ""), "{}", self.out);
        self.out
    }

    /// The JSON of a run with any exit code.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

/// The command in a folder, in a plain environment.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_npyrec"));
    command.args(arguments).current_dir(folder);
    for name in ["CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "NO_COLOR", "TERM"] {
        command.env_remove(name);
    }
    command
}

pub fn npyrec(folder: &Path, arguments: &[&str]) -> Run {
    finish(command(folder, arguments).stdin(Stdio::null()))
}

/// Runs the command with bytes on its standard input.
pub fn npyrec_with_input(folder: &Path, arguments: &[&str], input: &[u8]) -> Run {
    let mut command = command(folder, arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let mut stdin = process.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // The command may end before it has read everything.
        scope.spawn(move || stdin.write_all(input));
        of(process.wait_with_output().unwrap())
    })
}

pub fn finish(command: &mut Command) -> Run {
    of(command.output().unwrap())
}

fn of(output: std::process::Output) -> Run {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Run {
        code: output.status.code().unwrap_or(-1),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}
