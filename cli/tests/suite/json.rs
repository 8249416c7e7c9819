//! The answers of `--json`.

use std::{collections::BTreeSet, fs, path::Path};

use insta::assert_snapshot;
use serde_json::Value;

use crate::{run::npyrec, sample::folder};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// Each command with an answer, on files small enough for a snapshot.
const COMMANDS: &[&str] = &[
    "info levels.npy",
    "info all.npz",
    "stats levels.npy",
    "plot levels.npy",
    "plot small.npy",
    "convert levels.npy levels.csv",
    "concat levels.npy levels.npy -o both.npy",
    "split both.npy shards --rows 4",
    "info shards",
    "check shards",
    "index shards",
    "check levels.npy",
    "check all.npz",
    "recover levels.npy",
    "make-appendable levels.npy",
    "diff levels.npy both.npy",
    "migrate levels.npy single.npy --like single_old.npy",
    "derive levels.npy",
    "head levels.npy",
];

fn run(dir: &Path, command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().chain(["--json"]).collect();
    let run = npyrec(dir, &words);
    assert!(run.code < 2 && run.err.is_empty(), "{command}: {run:?}");
    run.out
}

fn files() -> tempfile::TempDir {
    let dir = folder();
    npyrec::write(dir.path().join("small.npy"), &[[1_i32, 2], [3, 4]]).unwrap();
    npyrec::write(dir.path().join("single_old.npy"), &[1_f32]).unwrap();
    npyrec::write(dir.path().join("levels.npy"), &[1.5_f64, -0.0, 2.0]).unwrap();
    dir
}

#[test]
fn the_answer_of_each_command_keeps_its_shape() {
    let dir = files();
    let answers = COMMANDS
        .iter()
        .map(|command| format!("{command}\n{}", run(dir.path(), command)));
    assert_snapshot!(answers.collect::<String>());
}

/// Adds the names of all fields of objects.
fn add_names(answer: &Value, names: &mut BTreeSet<String>) {
    match answer {
        Value::Object(fields) => {
            for (name, value) in fields {
                names.insert(name.clone());
                add_names(value, names);
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| add_names(entry, names)),
        _ => {}
    }
}

/// The names are those between backticks in the row of the command.
#[test]
fn the_readme_names_every_field_of_an_answer() {
    let dir = files();
    let readme = fs::read_to_string(README).unwrap();
    for command in COMMANDS {
        let (name, _) = command.split_once(' ').unwrap();
        let is_row = |line: &&str| line.starts_with("| ") && line.contains(&format!("`{name}`"));
        let answer = run(dir.path(), command);
        let Some(row) = readme.lines().rfind(is_row) else {
            // Rows are what the file holds.
            assert_eq!(name, "head");
            continue;
        };
        let documented: BTreeSet<&str> = row.split('`').skip(1).step_by(2).collect();
        let mut names = BTreeSet::new();
        for line in answer.lines() {
            add_names(&serde_json::from_str(line).unwrap(), &mut names);
        }
        for name in &names {
            let is_quantile = name.starts_with("0.");
            assert!(
                is_quantile || documented.contains(&**name),
                "{command}: {name}: {row}"
            );
        }
    }
}
