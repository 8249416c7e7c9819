//! The command on a terminal, which Python makes.

use std::{path::Path, process::Command};

use crate::{numpy::python, sample::folder};

/// Runs the command on a terminal of a width, and returns what it shows.
fn on_terminal(python: &Path, folder: &Path, width: u16, term: &str, arguments: &[&str]) -> String {
    const PROGRAM: &str = "
import fcntl, os, pty, struct, sys, termios
width = int(sys.argv[1])
pid, fd = pty.fork()
if pid == 0:
    # Until the width is set.
    sys.stdin.readline()
    os.execv(sys.argv[2], sys.argv[2:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 24, width, 0, 0))
os.write(fd, b'\\n')
shown = b''
while True:
    try: part = os.read(fd, 65536)
    except OSError: break
    if not part: break
    shown += part
os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)";
    let width = width.to_string();
    let mut command = Command::new(python);
    command
        .args(["-c", PROGRAM, &width, env!("CARGO_BIN_EXE_npyrec")])
        .args(arguments);
    command.current_dir(folder).env("TERM", term);
    // With `CI` set, even a dumb terminal is given colours.
    for name in ["CI", "COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap().replace('\r', "");
    // The line that started it comes back.
    text.trim_start_matches('\n').to_owned()
}

#[cfg(unix)]
#[test]
fn a_table_fits_the_terminal_and_has_colours_where_it_can() {
    let Some(python) = python() else { return };
    let dir = folder();
    let head = |width, term| {
        on_terminal(
            python,
            dir.path(),
            width,
            term,
            &["head", "-n", "2", "ticks.npy"],
        )
    };
    let (narrow, wide) = (head(60, "xterm"), head(200, "xterm"));
    assert!(
        narrow.contains("left out, for lack of room: symbol, at.city, at.open"),
        "{narrow}"
    );
    assert!(
        wide.contains("at.open\x1b[0m") && !wide.contains("left out"),
        "{wide}"
    );
    let dumb = head(60, "dumb");
    assert!(!dumb.contains('\x1b'), "{dumb}");
    assert_eq!(dumb.lines().count(), 4, "{dumb}");
}

#[cfg(unix)]
#[test]
fn a_terminal_shows_no_control_character_and_no_bytes() {
    let Some(python) = python() else { return };
    let dir = folder();
    let show = |format| {
        let arguments = ["head", "-n", "3", "ticks.npy", "--format", format];
        on_terminal(python, dir.path(), 200, "dumb", &arguments)
    };
    for format in ["csv", "tsv", "json", "table"] {
        let shown = show(format);
        assert!(
            shown
                .chars()
                .all(|c| c == '\n' || c == '\t' || !c.is_control()),
            "{shown:?}"
        );
        assert!(
            shown.contains("EURUSD") && !shown.contains('\u{202e}'),
            "{shown:?}"
        );
    }
    assert!(show("npy").starts_with("error: these bytes are not for a terminal"));
}
