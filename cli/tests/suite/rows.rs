//! `npyrec head`, `tail` and `cat`.

use std::fs;

use insta::assert_snapshot;
use serde_json::json;

use crate::{
    numpy::{self, python},
    run::{command, finish, npyrec, npyrec_with_input},
    sample::folder,
};

#[test]
fn rows_are_shown_in_every_format() {
    let dir = folder();
    for format in ["table", "json", "jsonl", "csv", "tsv"] {
        let run = npyrec(
            dir.path(),
            &["head", "-n", "4", "ticks.npy", "--format", format],
        );
        assert_snapshot!(format!("head_{format}"), run.answer());
    }
}

#[test]
fn arrays_of_several_axes_are_shown_as_numpy_prints_them() {
    let dir = folder();
    assert_snapshot!(npyrec(dir.path(), &["cat", "cube.npy"]).answer());
    let row = npyrec(dir.path(), &["cat", "cube.npy", "-1", "-c", "[2,3],[0]"]).answer();
    assert_eq!(row, "   [2,3]  [0]\n1     23  [12 13 14 15]\n");
}

#[test]
fn slices_are_those_of_python() {
    let Some(python) = python() else { return };
    let dir = folder();
    let slices = [
        "10:20",
        "-5:",
        "::100",
        "::7",
        ":",
        ":-38",
        "5:2",
        "100:",
        "-100:3",
        "::-1",
        "::-13",
        "2::-1",
        "-3:-9:-2",
        ":5:-9",
        "7",
        "-1",
        "0:40:39",
        "9223372036854775807:",
        ":-9223372036854775808:-1",
        "38:1000000:3",
    ];
    let program = format!(
        "import numpy as np
a = np.load('ticks.npy')['size']
for s in {slices:?}:
    parts = [int(p) if p else None for p in s.split(':')]
    print(a[slice(*parts)].tolist() if ':' in s else [int(a[parts[0]])])"
    );
    let expected = numpy::run(python, dir.path(), &program);
    let bytes = std::fs::read(dir.path().join("ticks.npy")).unwrap();
    for (slice, expected) in slices.iter().zip(expected.lines()) {
        let expected: Vec<u16> = serde_json::from_str(expected).unwrap();
        let expected: Vec<_> = expected.iter().map(|size| json!({"size": size})).collect();
        let arguments = ["cat", "--json", "-c", "size", "ticks.npy", slice];
        assert_eq!(
            npyrec(dir.path(), &arguments).json(),
            json!(expected),
            "{slice}"
        );
        // Of a pipe, what can be read forwards.
        if slice.matches('-').count() == 0 {
            let arguments = ["cat", "--json", "-c", "size", "-", slice];
            let run = npyrec_with_input(dir.path(), &arguments, &bytes);
            assert_eq!(run.json(), json!(expected), "{slice}");
        }
    }
}

#[test]
fn rows_come_out_as_numpy_and_as_bytes() {
    let dir = folder();
    let output = |format| {
        let mut command = command(dir.path(), &["cat", "ticks.npy", "8:", "--format", format]);
        command.output().unwrap().stdout
    };
    let all = std::fs::read(dir.path().join("ticks.npy")).unwrap();
    let (npy, raw) = (output("npy"), output("raw"));
    let rows = &all[all.len() - 32 * 59..];
    assert_eq!(raw, rows);
    assert!(npy.ends_with(rows));
    std::fs::write(dir.path().join("rest.npy"), &npy).unwrap();
    let is_same = npyrec(dir.path(), &["cat", "rest.npy", "--json"]).answer()
        == npyrec(dir.path(), &["cat", "ticks.npy", "8:", "--json"]).answer();
    assert!(is_same);
    let chosen = npyrec_with_input(dir.path(), &["info", "--json", "-"], &{
        let arguments = [
            "cat",
            "all.npz:ticks",
            "-c",
            "depth[1],at.open",
            "--format",
            "npy",
        ];
        command(dir.path(), &arguments).output().unwrap().stdout
    });
    assert_eq!(
        chosen.json()["dtype"],
        json!([["depth[1]", "<f4"], ["at.open", "|b1"]])
    );
}

#[test]
fn what_cannot_be_shown_is_an_error_with_a_hint() {
    let dir = folder();
    for (name, arguments) in [
        ("column", &["head", "ticks.npy", "-c", "prize"][..]),
        ("row", &["cat", "ticks.npy", "40"]),
        ("slice", &["cat", "ticks.npy", "1:x"]),
        ("archive", &["cat", "all.npz"]),
        ("member", &["cat", "all.npz:tick"]),
        ("folder", &["cat", "."]),
        ("backwards", &["cat", "all.npz:ticks", "::-1"]),
    ] {
        let run = npyrec(dir.path(), arguments);
        assert_eq!((run.code, &*run.out), (2, ""), "{run:?}");
        assert_snapshot!(format!("error_{name}"), run.err);
    }
}

/// A file that is cut short shows the rows that it has, and then the error.
#[test]
fn rows_before_an_error_are_shown() {
    let dir = folder();
    let bytes = std::fs::read(dir.path().join("ticks.npy")).unwrap();
    std::fs::write(
        dir.path().join("cut.npy"),
        &bytes[..bytes.len() - 35 * 59 - 1],
    )
    .unwrap();
    let run = npyrec(
        dir.path(),
        &["cat", "cut.npy", "--format", "jsonl", "-c", "size"],
    );
    assert_eq!((run.code, run.out.lines().count()), (2, 4));
    assert!(run.err.starts_with("error: cut.npy: "), "{run:?}");
}

#[test]
fn columns_that_do_not_fit_are_left_out() {
    let dir = folder();
    for width in ["80", "200"] {
        let mut command = command(dir.path(), &["head", "-n", "2", "ticks.npy"]);
        let run = finish(command.env("COLUMNS", width));
        assert_snapshot!(format!("width_{width}"), format!("{}{}", run.out, run.err));
    }
}

#[test]
fn an_array_in_fortran_order_is_read_from_wherever_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let header = "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }\n";
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend([0, 3, 1, 4, 2, 5].map(i32::to_le_bytes).as_flattened());
    std::fs::write(dir.path().join("f.npy"), &bytes).unwrap();
    let array = npyrec::ndarray::array![[0_i32, 1, 2], [3, 4, 5]].reversed_axes();
    let mut archive = npyrec::npz::Writer::create(dir.path().join("f.npz")).unwrap();
    archive.write_array("f", &array).unwrap();
    archive.finish().unwrap();

    let shown = "[[0 1 2]\n [3 4 5]]\n";
    assert_eq!(npyrec(dir.path(), &["cat", "f.npy"]).answer(), shown);
    let piped = |arguments: &[&str]| npyrec_with_input(dir.path(), arguments, &bytes).answer();
    assert_eq!(piped(&["cat", "-"]), shown);
    assert!(piped(&["info", "-"]).contains("(2, 3), Fortran order"));
    assert!(piped(&["plot", "-"]).starts_with("0 .."));

    assert_eq!(
        npyrec(dir.path(), &["cat", "f.npz:f"]).answer(),
        "[[0 3]\n [1 4]\n [2 5]]\n"
    );
    assert_eq!(
        npyrec(dir.path(), &["check", "f.npz"]).answer(),
        "f.npz\n  f: 3 rows, sound\n"
    );
    let run = npyrec(dir.path(), &["tail", "-f", "f.npy"]);
    assert_eq!(
        (run.code, &*run.err),
        (
            2,
            "error: f.npy: an array in Fortran order has no rows that follow one another\n"
        )
    );
}

#[test]
fn a_failure_of_a_pipe_names_it() {
    let dir = folder();
    let bytes = fs::read(dir.path().join("levels.npy")).unwrap();
    let run = npyrec_with_input(dir.path(), &["cat", "-"], &bytes[..bytes.len() - 1]);
    assert_eq!(run.code, 2);
    assert_eq!(
        run.err,
        "error: -: the source ends after 3 of the 4 rows that its header counts\n"
    );
}
