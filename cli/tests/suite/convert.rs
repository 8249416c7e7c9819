//! `npyrec convert`.

use std::{fs, path::Path};

use npyrec::{Header, Order, ReadOptions};
use serde_json::json;

use crate::{
    numpy::{self, corpus, python},
    run::{command, npyrec, npyrec_with_input},
    sample::folder,
};

fn header(path: &Path) -> Header {
    Header::read_from(&mut fs::File::open(path).unwrap()).unwrap()
}

#[test]
fn files_come_back_equal_from_every_format() {
    let dir = folder();
    for file in ["ticks", "cube", "levels"] {
        let source = format!("{file}.npy");
        let bytes = fs::read(dir.path().join(&source)).unwrap();
        let dtype = header(&dir.path().join(&source)).row_dtype().to_string();
        for format in ["csv", "tsv", "jsonl"] {
            let text = format!("{file}.{format}");
            npyrec(dir.path(), &["convert", &source, &text]).answer();
            npyrec(
                dir.path(),
                &["convert", &text, "back.npy", "--dtype", &dtype, "--force"],
            )
            .answer();
            let back = fs::read(dir.path().join("back.npy")).unwrap();
            // A title is in no dtype of rows that a text has.
            let is_same = back == bytes || file == "ticks" && back[256..] == bytes[256..];
            assert!(is_same, "{text}: {}", String::from_utf8_lossy(&back));
        }
        let archive = format!("{file}.npz");
        npyrec(dir.path(), &["convert", &source, &archive, "--name", "x"]).answer();
        npyrec(
            dir.path(),
            &["convert", &format!("{archive}:x"), "back.npy", "--force"],
        )
        .answer();
        assert!(
            fs::read(dir.path().join("back.npy")).unwrap() == bytes,
            "{archive}"
        );
    }
}

/// Through CSV and lines of JSON, and back.
#[test]
fn the_files_of_the_corpus_come_back_equal() {
    let Some(python) = python() else { return };
    let corpus = corpus(python);
    let dir = tempfile::tempdir().unwrap();
    let files = fs::read_dir(corpus)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|e| e == "npy"))
        .collect();
    files.sort();
    let (mut same, mut wrong) = (0, Vec::new());
    // A part of them, as each needs five processes.
    for path in files.iter().step_by(3) {
        let name = path.to_str().unwrap();
        let expected = npyrec(dir.path(), &["cat", "--json", name]);
        // Their texts count single units, of which the last times have more than 64 bits.
        if ["7D", "25us", "1000ns", "2147483647as"]
            .iter()
            .any(|unit| name.contains(unit))
        {
            continue;
        }
        let Ok(header) = Header::read_from(&mut fs::File::open(path).unwrap()) else {
            continue;
        };
        // A CSV reader skips the empty lines of rows without bytes.
        if expected.code != 0 || header.row_dtype().itemsize() == 0 {
            continue;
        }
        for format in ["csv", "jsonl"] {
            let text = format!("text.{format}");
            let there = npyrec(dir.path(), &["convert", "--force", name, &text]);
            if there.code != 0 {
                assert!(there.err.contains("too many"), "{name}: {there:?}");
                continue;
            }
            let dtype = header.row_dtype().to_string();
            let arguments = ["convert", "--force", &text, "back.npy", "--dtype", &dtype];
            let back = npyrec(dir.path(), &arguments);
            let found = npyrec(dir.path(), &["cat", "--json", "back.npy"]);
            match back.code == 0 && found == expected {
                true => same += 1,
                false => wrong.push(format!("{name}, {format}: {}{}", back.err, found.out)),
            }
        }
    }
    let shown = wrong
        .iter()
        .map(|text| text.chars().take(400).collect::<String>());
    assert!(
        wrong.is_empty(),
        "{}:\n{}",
        wrong.len(),
        shown.collect::<Vec<_>>().join("\n")
    );
    assert!(same > 400, "only {same}");
}

#[test]
fn the_types_of_a_text_are_guessed() {
    let dir = tempfile::tempdir().unwrap();
    let text = "n,big,x,ok,day,at,zip,name,v[0],v[1],part,z\n\
                -1,18446744073709551615,1.5,True,2026-01-02,2026-01-02T03:04:05.250,00123,Zürich,1,2,,1+2j\n\
                2,0,,false,1969-12-31,2026-01-02 03:04,00000,\"a,b\",3,4.5,7,nan\n";
    fs::write(dir.path().join("in.csv"), text).unwrap();
    let answer = npyrec(dir.path(), &["convert", "--json", "in.csv", "out.npy"]).answer();
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(
        answer["dtype"],
        json!([
            ["n", "<i8"],
            ["big", "<u8"],
            ["x", "<f8"],
            ["ok", "|b1"],
            ["day", "<M8[D]"],
            ["at", "<M8[ms]"],
            ["zip", "<U5"],
            ["name", "<U6"],
            ["v", "<f8", [2]],
            ["part", "<f8"],
            ["z", "<c16"]
        ])
    );
    assert_eq!(
        npyrec(dir.path(), &["cat", "--format", "jsonl", "out.npy", "1"]).json(),
        json!({
            "n": 2, "big": 0, "x": "NaN", "ok": false, "day": "1969-12-31", "at": "2026-01-02T03:04:00.000",
            "zip": "00000", "name": "a,b", "v": [3.0, 4.5], "part": 7.0, "z": ["NaN", 0.0]
        })
    );

    let lines = "{\"a\":1,\"b\":{\"c\":\"x\",\"d\":[[1,2],[3,4]]},\"t\":\"2026-01-02T03:04:05Z\"}\n\n\
                 {\"a\":null,\"b\":{\"d\":[[5,6],[7,8]],\"c\":\"yz\"},\"t\":\"NaT\"}\n";
    let arguments = ["convert", "-", "--from", "jsonl", "lines.npy"];
    let run = npyrec_with_input(dir.path(), &arguments, lines.as_bytes());
    assert_eq!(run.answer(), "");
    assert_eq!(
        npyrec(dir.path(), &["info", "--json", "lines.npy"]).json()["dtype"],
        json!([
            ["a", "<f8"],
            ["b", [["c", "<U2"], ["d", "<i8", [2, 2]]]],
            ["t", "<M8[s]"]
        ])
    );
}

#[test]
fn a_text_that_is_wrong_is_an_error_that_names_the_line() {
    let dir = tempfile::tempdir().unwrap();
    for (format, text, dtype, expected) in [
        ("csv", "a,b\n1,2\n3\n", None, "found record with 1 fields"),
        (
            "csv",
            "a\n1\nx\n",
            Some("[('a', 'i2')]"),
            "in.csv: line 3: a: x is not the text of a <i2",
        ),
        (
            "csv",
            "a\n1\n99999\n",
            Some("[('a', 'i2')]"),
            "out.npy: row 1: field `a`: 99999 is out of range of <i2",
        ),
        (
            "csv",
            "a\n1\n",
            Some("[('b', 'i2')]"),
            "there is no column `b`; there is a",
        ),
        (
            "jsonl",
            "{\"a\":1}\n{\"b\":1}\n",
            None,
            "in.jsonl: line 2: the field `b` is not in the first row",
        ),
        (
            "jsonl",
            "{\"a\":1}\n{\"a\":[1]}\n",
            None,
            "in.jsonl: line 2: the rows have different forms",
        ),
        (
            "jsonl",
            "{\"a\":1}\nnonsense\n",
            None,
            "in.jsonl: line 2: expected ident",
        ),
        (
            "jsonl",
            "{\"a\":[1,2]}\n",
            Some("[('a', 'i2', 3)]"),
            "line 1: a: there are 2 entries, not 3",
        ),
    ] {
        let name = format!("in.{format}");
        fs::write(dir.path().join(&name), text).unwrap();
        let mut arguments = vec!["convert", &name, "out.npy"];
        arguments.extend(dtype.iter().flat_map(|dtype| ["--dtype", dtype]));
        let run = npyrec(dir.path(), &arguments);
        assert_eq!(run.code, 2, "{text}: {run:?}");
        assert!(run.err.contains(expected), "{text}: {run:?}");
        assert!(!dir.path().join("out.npy").exists(), "{text}");
    }
}

#[test]
fn a_file_is_replaced_only_by_force_and_then_whole() {
    let dir = folder();
    let before = fs::read(dir.path().join("cube.npy")).unwrap();
    let run = npyrec(dir.path(), &["convert", "levels.npy", "cube.npy"]);
    assert_eq!(run.code, 2);
    assert_eq!(
        run.err,
        "error: cube.npy exists\nhint: `--force` replaces it\n"
    );
    let run = npyrec(dir.path(), &["convert", "all.npz:ticks", "all.npz"]);
    assert_eq!(run.code, 2);
    // One that fails leaves the old file, and no other.
    let bytes = fs::read(dir.path().join("ticks.npy")).unwrap();
    fs::write(dir.path().join("cut.npy"), &bytes[..bytes.len() - 1]).unwrap();
    let names = || {
        let mut names: Vec<_> = fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    let there = names();
    assert_eq!(
        npyrec(dir.path(), &["convert", "--force", "cut.npy", "cube.npy"]).code,
        2
    );
    assert_eq!(
        (fs::read(dir.path().join("cube.npy")).unwrap(), names()),
        (before, there)
    );
    npyrec(
        dir.path(),
        &["convert", "--force", "levels.npy", "cube.npy"],
    )
    .answer();
    assert_eq!(
        npyrec::read::<f64>(dir.path().join("cube.npy"))
            .unwrap()
            .len(),
        4
    );
}

#[test]
fn types_padding_and_order_are_changed_as_numpy_changes_them() {
    let Some(python) = python() else { return };
    let dir = folder();
    let program = "import numpy as np
a = np.load('ticks.npy')
base = [('time', '<M8[us]'), ('price', '<f4'), ('size', '<f8'), ('depth', '<f4', (2,)), ('symbol', 'S8')]
dtype = np.dtype(base + [('at', np.dtype([('city', '<U6'), ('open', '?')], align=True))], align=True)
b = np.zeros(len(a), dtype)
for name in ['time', 'price', 'size', 'depth', 'symbol']: b[name] = a[name]
for name in ['city', 'open']: b['at'][name] = a['at'][name]
np.save('wanted.npy', b)
np.save('wanted_cube.npy', np.asfortranarray(np.load('cube.npy').astype('<f8')))";
    numpy::run(python, dir.path(), program);
    let cast = "time=M8[us],price=f4,size=f8";
    npyrec(
        dir.path(),
        &[
            "convert",
            "ticks.npy",
            "found.npy",
            "--align",
            "--cast",
            cast,
        ],
    )
    .answer();
    let rows = |name: &str| npyrec(dir.path(), &["cat", "--json", name]).answer();
    assert_eq!(rows("found.npy"), rows("wanted.npy"));
    let dtype = |name| header(&dir.path().join(name)).dtype().itemsize();
    assert_eq!(dtype("found.npy"), dtype("wanted.npy"));

    npyrec(
        dir.path(),
        &[
            "convert", "cube.npy", "f.npy", "--cast", "i=f8", "--order", "F",
        ],
    );
    npyrec(
        dir.path(),
        &[
            "convert",
            "cube.npy",
            "found_cube.npy",
            "--cast",
            "=f8",
            "--order",
            "F",
        ],
    );
    let cube = |name: &str| fs::read(dir.path().join(name)).unwrap();
    assert!(cube("found_cube.npy") == cube("wanted_cube.npy"));
    // And back, as the file is in that order.
    npyrec(dir.path(), &["convert", "found_cube.npy", "same.npy"]).answer();
    assert!(cube("same.npy") == cube("wanted_cube.npy"));
    npyrec(
        dir.path(),
        &[
            "convert", "same.npy", "c.npy", "--order", "C", "--cast", "=i4",
        ],
    );
    assert_eq!(header(&dir.path().join("same.npy")).order(), Order::Fortran);
}

#[test]
fn a_value_that_does_not_fit_is_an_error() {
    let dir = folder();
    let run = npyrec(
        dir.path(),
        &["convert", "ticks.npy", "small.npy", "--cast", "size=u1"],
    );
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .starts_with("error: small.npy: row 26: field `size`: 260 is out of range of |u1"),
        "{run:?}"
    );
    let run = npyrec(
        dir.path(),
        &["convert", "ticks.npy", "small.npy", "--cast", "sise=u1"],
    );
    assert_eq!(
        (run.code, &*run.err),
        (2, "error: there is no field `sise` to cast\n")
    );
}

#[test]
fn a_failure_of_the_input_is_not_told_as_one_of_the_output() {
    let dir = folder();
    let ticks = fs::read(dir.path().join("ticks.npy")).unwrap();
    let cut = &ticks[..ticks.len() - 100];
    fs::write(dir.path().join("cut.npy"), cut).unwrap();
    for out in ["out.csv", "out.tsv", "out.jsonl", "out.npy"] {
        let run = npyrec(dir.path(), &["convert", "cut.npy", out]);
        assert_eq!(run.code, 2);
        assert!(run.err.starts_with("error: cut.npy: "), "{run:?}");
        let run = npyrec_with_input(dir.path(), &["convert", "-", out], cut);
        assert_eq!(run.code, 2);
        assert!(run.err.starts_with("error: -: "), "{run:?}");
    }
}

#[test]
fn rows_and_columns_are_chosen_and_piped() {
    let dir = folder();
    let mut first = command(
        dir.path(),
        &[
            "convert",
            "ticks.npy",
            "-",
            "--to",
            "npy",
            "--rows=-2:",
            "-c",
            "size,depth[1]",
        ],
    );
    let bytes = first.output().unwrap().stdout;
    let csv = npyrec_with_input(dir.path(), &["convert", "-", "-", "--to", "csv"], &bytes).answer();
    assert_eq!(csv, "size,depth[1]\n380,38.25\n390,39.25\n");
    let arguments = [
        "convert",
        "-",
        "sizes.npy",
        "--from",
        "csv",
        "--dtype",
        "u2",
        "--no-header",
    ];
    npyrec_with_input(dir.path(), &arguments, b"380\n390\n").answer();
    let sizes = ReadOptions::new()
        .read::<u16>(dir.path().join("sizes.npy"))
        .unwrap();
    assert_eq!(sizes, [380, 390]);
}
