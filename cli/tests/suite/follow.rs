//! `npyrec tail -f` and `-F`.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use npyrec::Appender;

use crate::run::command;

/// Long enough for any machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command that follows a file, and the lines that it prints.
struct Tail {
    process: Child,
    lines: mpsc::Receiver<String>,
}

impl Tail {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let arguments = [&["tail", "--format", "jsonl"], arguments].concat();
        let mut command = command(folder, &arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let out: BufReader<ChildStdout> = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let all_sent = out
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line));
            drop(all_sent);
        });
        Tail { process, lines }
    }

    #[track_caller]
    fn expect(&self, rows: impl IntoIterator<Item = u32>) {
        for row in rows {
            assert_eq!(self.lines.recv_timeout(PATIENCE), Ok(row.to_string()));
        }
    }

    /// Waits for the end, and returns the exit code and the notes.
    fn end(self) -> (Option<i32>, String) {
        let output = self.process.wait_with_output().unwrap();
        assert_eq!(self.lines.iter().next(), None);
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    }
}

fn log(path: &Path, rows: std::ops::Range<u32>) -> Appender<u32> {
    let mut log = Appender::create(path).unwrap();
    log.extend(rows).unwrap();
    log.commit().unwrap();
    log
}

#[test]
fn rows_are_shown_as_they_come_until_the_file_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npy");
    let mut log = log(&path, 0..10);
    let tail = Tail::start(dir.path(), &["-f", "-n", "2", "log.npy"]);
    tail.expect([8, 9]);
    for row in 10..20 {
        log.append(&row).unwrap();
        log.commit().unwrap();
        tail.expect([row]);
    }
    fs::remove_file(&path).unwrap();
    assert_eq!(
        tail.end(),
        (
            Some(0),
            "log.npy: the file was removed or replaced\n".to_owned()
        )
    );
}

#[test]
fn a_file_that_replaces_another_is_followed_by_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npy");
    let mut first = log(&path, 0..3);
    let mut tail = Tail::start(dir.path(), &["-F", "log.npy"]);
    tail.expect(0..3);
    first.append(&3).unwrap();
    first.commit().unwrap();
    tail.expect([3]);
    fs::rename(&path, dir.path().join("log.1.npy")).unwrap();
    // What is appended after the rename, before a new file is there, belongs to the old one.
    first.append(&4).unwrap();
    first.close().unwrap();
    thread::sleep(Duration::from_millis(50));
    let mut second = log(&path, 100..102);
    let rows = tail.lines.recv_timeout(PATIENCE).unwrap();
    match &*rows {
        "4" => tail.expect(100..102),
        other => {
            assert_eq!(other, "100");
            tail.expect([101]);
        }
    }
    second.append(&102).unwrap();
    second.close().unwrap();
    tail.expect([102]);
    stop(&mut tail.process);
    let (code, notes) = tail.end();
    assert_eq!(code, Some(0), "{notes}");
    assert_eq!(notes.lines().count(), 1, "{notes}");
}

/// Ends a program by SIGTERM, which is seldom ignored.
fn stop(process: &mut Child) {
    let id = process.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_well() {
    let dir = tempfile::tempdir().unwrap();
    let _log = log(&dir.path().join("log.npy"), 0..5);
    let mut tail = Tail::start(dir.path(), &["-f", "log.npy"]);
    tail.expect(0..5);
    stop(&mut tail.process);
    assert_eq!(tail.end(), (Some(0), String::new()));
}

#[test]
fn it_ends_when_nobody_reads() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = log(&dir.path().join("log.npy"), 0..1);
    let mut command = command(dir.path(), &["tail", "-f", "log.npy"]);
    let mut process = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    // The pipe is closed; the next rows find that out.
    while process.try_wait().unwrap().is_none() {
        log.append(&7).unwrap();
        log.commit().unwrap();
        thread::sleep(Duration::from_millis(20));
    }
    let output = process.wait_with_output().unwrap();
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b""[..]));
}
