//! Pipes, colours and control characters.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use npyrec::Appender;

use crate::{
    run::{command, finish, npyrec},
    sample::{folder, ticks},
};

#[test]
fn a_closed_pipe_is_no_error() {
    let dir = tempfile::tempdir().unwrap();
    npyrec::write(dir.path().join("many.npy"), &ticks(20_000)).unwrap();
    for format in ["table", "json", "csv", "npy", "raw"] {
        let mut command = command(dir.path(), &["cat", "many.npy", "--format", format]);
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::with_capacity(64, process.stdout.take().unwrap());
        out.fill_buf().unwrap();
        drop(out);
        let output = process.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), &*output.stderr),
            (Some(0), &b""[..]),
            "{format}"
        );
    }
}

#[test]
fn colours_are_for_terminals_or_where_they_are_wanted() {
    let dir = folder();
    let has_colour = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = command(dir.path(), arguments);
        let run = finish(command.envs(variables.iter().copied()));
        format!("{}{}", run.out, run.err).contains('\x1b')
    };
    for arguments in [&["head", "levels.npy"][..], &["head", "none.npy"]] {
        assert!(!has_colour(arguments, &[]));
        assert!(has_colour(arguments, &[("CLICOLOR_FORCE", "1")]));
        assert!(!has_colour(arguments, &[("NO_COLOR", "1")]));
    }
}

#[test]
fn no_text_of_a_file_drives_the_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let dtype = "[('a\\x1b[2J', '<U4'), ('b\\u202e', 'S4')]"
        .parse()
        .unwrap();
    let record = [
        ("a\x1b[2J", npyrec::Value::from("\u{9b}31m")),
        ("b\u{202e}", npyrec::Value::from(&b"\x07\x1b]0"[..])),
    ];
    let row = npyrec::Value::Record(record.into_iter().collect());
    let path = dir.path().join("bad\x1b[31m.npy");
    let mut file = Appender::create_with_dtype(&path, &dtype).unwrap();
    file.append(&row).unwrap();
    file.close().unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let is_plain = |text: &str| {
        text.chars()
            .all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}'))
    };
    for arguments in [
        &["info", name][..],
        &["info", name, name],
        &["head", name],
        &["head", "--json", name],
        &["head", "--format", "jsonl", name],
        &["check", name],
        &["check", "--json", name],
        &["cat", name, "-c", "b"],
        &["cat", name, "9"],
    ] {
        let run = npyrec(dir.path(), arguments);
        assert!(is_plain(&run.out) && is_plain(&run.err), "{run:?}");
        assert!(!run.out.is_empty() || !run.err.is_empty());
    }
}

#[test]
fn arguments_that_make_no_sense_are_trouble() {
    let dir = folder();
    for arguments in [
        &["heads", "ticks.npy"][..],
        &["head"],
        &["head", "ticks.npy", "--format", "xml"],
    ] {
        let run = npyrec(dir.path(), arguments);
        assert_eq!((run.code, &*run.out), (2, ""), "{run:?}");
        assert!(run.err.starts_with("error: "), "{run:?}");
    }
}
