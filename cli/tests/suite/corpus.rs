//! The files of the library's corpus, as NumPy reads them.

use std::{path::Path, process::Command};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    SUITE,
    numpy::{corpus, python},
    run::npyrec,
};

/// A file, and its rows in the shape of JSON that the command documents; none if NumPy or `expected.py` leaves
/// them out.
#[derive(Deserialize)]
struct Entry {
    file: String,
    shape: Vec<u64>,
    rows: Option<Value>,
}

/// Returns true if values are the expected ones, of which null is any.
fn matches(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (_, Value::Null) => true,
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len()
                && found
                    .iter()
                    .zip(expected)
                    .all(|(found, expected)| matches(found, expected))
        }
        (Value::Object(found), Value::Object(expected)) => {
            found.keys().eq(expected.keys())
                && found
                    .values()
                    .zip(expected.values())
                    .all(|(f, e)| matches(f, e))
        }
        _ => found == expected,
    }
}

#[test]
fn rows_of_every_file_are_those_of_numpy() {
    let Some(python) = python() else { return };
    let folder = corpus(python);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/expected.py");
    let output = Command::new(python)
        .args([Path::new(script), folder, Path::new(SUITE)])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let lines = String::from_utf8(output.stdout).unwrap();
    let (mut compared, mut wrong) = (0, Vec::new());
    for line in lines.lines() {
        let entry: Entry = serde_json::from_str(line).unwrap();
        let path = folder.join(&entry.file);
        let path = path.to_str().unwrap();

        let info = npyrec(folder, &["info", "--json", path]);
        if info.code == 0 && info.json()["shape"] != json!(entry.shape) {
            wrong.push(format!("{}: {}", entry.file, info.out));
        }
        let cat = npyrec(folder, &["cat", "--json", path]);
        let lone_surrogate = cat.err.contains("surrogate");
        match entry.rows {
            Some(rows) if !lone_surrogate => {
                compared += 1;
                if cat.code != 0 || !matches(&cat.json(), &rows) {
                    wrong.push(format!("{}: {}{}", entry.file, cat.out, cat.err));
                }
            }
            _ => assert!(cat.code == 0 || cat.err.starts_with("error: "), "{cat:?}"),
        }
        // What is shown has a line for each row, or is an error.
        let csv = npyrec(folder, &["cat", "--format", "csv", path]);
        assert!(
            csv.code == 0 || csv.err.starts_with("error: "),
            "{}: {csv:?}",
            entry.file
        );
        let table = npyrec(folder, &["head", path]);
        let is_plain = |c: char| c == '\n' || !c.is_control();
        assert!(table.out.chars().all(is_plain), "{}: {table:?}", entry.file);
    }
    let shown = wrong
        .iter()
        .map(|text| text.chars().take(400).collect::<String>());
    assert!(
        wrong.is_empty(),
        "{} files:\n{}",
        wrong.len(),
        shown.collect::<Vec<_>>().join("\n")
    );
    assert!(compared > 700, "only {compared} files were compared");
}
