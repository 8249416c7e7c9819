//! `npyrec diff`.

use std::fs;

use insta::assert_snapshot;

use crate::{
    run::{npyrec, npyrec_with_input},
    sample::folder,
};

fn diff(dir: &tempfile::TempDir, arguments: &[&str]) -> (i32, String) {
    let run = npyrec(dir.path(), &[&["diff"], arguments].concat());
    assert_eq!(run.err, "");
    (run.code, run.out)
}

#[test]
fn equal_files_are_equal() {
    let dir = folder();
    assert_eq!(
        diff(&dir, &["cube.npy", "cube.npy"]),
        (0, "2 rows are equal\n".to_owned())
    );
    // The one NaN among the prices.
    assert_eq!(diff(&dir, &["ticks.npy", "ticks.npy"]).0, 1);
    let equal_nan = diff(&dir, &["--equal-nan", "ticks.npy", "ticks.npy"]);
    assert_eq!(equal_nan, (0, "40 rows are equal\n".to_owned()));
    let bytes = fs::read(dir.path().join("cube.npy")).unwrap();
    assert_eq!(
        npyrec_with_input(dir.path(), &["diff", "-", "cube.npy"], &bytes).code,
        0
    );
}

#[test]
fn differences_are_shown_by_field_and_by_row() {
    let dir = folder();
    let arguments = [
        "convert",
        "ticks.npy",
        "other.npy",
        "--rows",
        ":30",
        "--cast",
        "size=i4",
    ];
    npyrec(dir.path(), &arguments).answer();
    let path = dir.path().join("other.npy");
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len();
    // The price of the last row, and the letters of its symbol.
    bytes[end - 61 + 8 + 7] ^= 0x80;
    bytes[end - 61 + 28] = b'e';
    fs::write(&path, bytes).unwrap();
    let (code, text) = diff(&dir, &["--equal-nan", "ticks.npy", "other.npy"]);
    assert_eq!(code, 1);
    assert_snapshot!(text);
    assert_snapshot!(
        "json",
        diff(&dir, &["--json", "--equal-nan", "ticks.npy", "other.npy"]).1
    );
    let chosen = diff(&dir, &["ticks.npy", "other.npy", "-c", "depth"]);
    assert_eq!(
        chosen,
        (
            1,
            "shape: (40,), then (30,)\n30 rows were compared and are equal\n".to_owned()
        )
    );
}

#[test]
fn numbers_are_equal_within_a_tolerance() {
    let dir = tempfile::tempdir().unwrap();
    npyrec::write(dir.path().join("a.npy"), &[1.0, 100.0, f64::INFINITY]).unwrap();
    npyrec::write(dir.path().join("b.npy"), &[1.001, 100.1, f64::INFINITY]).unwrap();
    npyrec::write(dir.path().join("c.npy"), &[1.0_f32, 100.0, f32::INFINITY]).unwrap();
    for (arguments, code, rows) in [
        (&["a.npy", "b.npy"][..], 1, 2),
        (&["a.npy", "b.npy", "--rtol", "0.001"], 0, 0),
        (&["a.npy", "b.npy", "--rtol", "0.0009"], 1, 2),
        (&["a.npy", "b.npy", "--atol", "0.01"], 1, 1),
        (&["a.npy", "b.npy", "--atol", "0.11"], 0, 0),
        (&["a.npy", "c.npy"], 1, 0),
    ] {
        let run = npyrec(dir.path(), &[&["diff", "--json"], arguments].concat());
        assert_eq!(
            (run.code, run.json()["rows_different"].as_i64()),
            (code, Some(rows)),
            "{arguments:?}"
        );
    }
}

#[test]
fn trouble_is_not_a_difference() {
    let dir = folder();
    let run = npyrec(dir.path(), &["diff", "ticks.npy", "none.npy"]);
    assert_eq!((run.code, &*run.out), (2, ""));
}

#[test]
fn rows_without_a_column_in_both_are_not_called_equal() {
    let dir = folder();
    let run = npyrec(dir.path(), &["diff", "ticks.npy", "levels.npy", "-n", "1"]);
    assert_eq!(run.code, 1);
    assert!(run.out.ends_with("\nno rows were compared\n"), "{run:?}");
    let run = npyrec(dir.path(), &["diff", "ticks.npy", "levels.npy", "--json"]);
    assert_eq!(run.json()["rows_compared"], 0);
}
