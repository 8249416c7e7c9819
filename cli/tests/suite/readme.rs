//! The screens of the package's README.

use std::{fmt::Write, fs};

use crate::{
    run::{command, finish},
    sample::folder,
};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// Set to write the screens anew.
const UPDATE: &str = "NPYREC_UPDATE_README";

/// In each block `console`, lines that start with `$` are run in the folder of the tests, and what they print follows.
#[test]
fn the_screens_of_the_readme_are_true() {
    let dir = folder();
    let text = fs::read_to_string(README).unwrap();
    let (mut made, mut is_screen) = (String::new(), false);
    for line in text.lines() {
        let was_screen = is_screen;
        match line {
            "```console" => is_screen = true,
            "```" => is_screen = false,
            _ => {}
        }
        match line.strip_prefix("$ npyrec ") {
            Some(arguments) if was_screen => {
                let arguments: Vec<&str> = arguments.split_whitespace().collect();
                let mut command = command(dir.path(), &arguments);
                let run = finish(command.env("COLUMNS", "120"));
                assert_eq!(run.err, "", "{line}");
                writeln!(made, "{line}\n{}", run.out.trim_end_matches('\n')).unwrap();
                if run.out.is_empty() {
                    made.pop();
                }
            }
            None if was_screen && is_screen => {}
            _ => writeln!(made, "{line}").unwrap(),
        }
    }
    if std::env::var_os(UPDATE).is_some() {
        fs::write(README, &made).unwrap();
    }
    assert!(made == text, "run this test with {UPDATE}=1");
}
