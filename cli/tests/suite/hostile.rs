//! Files that nobody should trust.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    SUITE,
    numpy::python,
    run::{Run, command, finish},
    sample::folder,
};

/// All commands that read an array, which is `@`.
const READERS: &[&[&str]] = &[
    &["info", "@"],
    &["info", "--json", "@"],
    &["head", "@"],
    &["tail", "--json", "@"],
    &["cat", "--format", "csv", "-c", "[0]", "@"],
    &["cat", "--format", "raw", "@", "::-2"],
    &["stats", "@"],
    &["check", "@"],
    &["derive", "@"],
    &["derive", "--python", "@"],
    &["plot", "@"],
    &["plot", "--kind", "histogram", "@"],
    &["plot", "--kind", "heatmap", "@", "-o", "out.svg", "--force"],
    &["diff", "@", "@", "--equal-nan"],
    &["convert", "@", "out.csv", "--from", "npy", "--force"],
    &["convert", "@", "out.jsonl", "--from", "npy", "--force"],
    &["convert", "@", "out.npz", "--from", "npy", "--force"],
    &[
        "convert", "@", "out.npy", "--from", "npy", "--order", "F", "--force",
    ],
    &["concat", "@", "@", "-o", "out.npy", "--force"],
    &["split", "@", "split", "--rows", "2"],
    &["migrate", "@", "out.npy", "--like", "@", "--force"],
];

/// Those that change the file, one after another.
const MENDERS: &[&[&str]] = &[
    &["recover", "@", "--dry-run"],
    &["make-appendable", "@", "--dry-run"],
    &["make-appendable", "@"],
    &["recover", "@", "--rows", "discard"],
    &["recover", "@"],
];

/// Those that read a directory of shards.
const OF_SHARDS: &[&[&str]] = &[
    &["info", "@"],
    &["cat", "@"],
    &["check", "@"],
    &["index", "@", "--kerchunk"],
    &["index", "@"],
];

/// Those that read a text.
const OF_TEXTS: &[&[&str]] = &[
    &["convert", "@", "out.npy", "--from", "csv", "--force"],
    &["convert", "@", "out.npy", "--from", "jsonl", "--force"],
    &[
        "convert",
        "@",
        "out.npy",
        "--from",
        "tsv",
        "--dtype",
        "f8,S3",
        "--no-header",
        "--force",
    ],
    &[
        "convert", "@", "out.csv", "--from", "csv", "--dtype", "(2,)f8", "--force",
    ],
];

/// Runs the command with little memory, where the system can say so.
fn run(dir: &Path, arguments: &[&str]) -> Run {
    if !cfg!(target_os = "linux") {
        return finish(&mut command(dir, arguments));
    }
    let inner = command(dir, arguments);
    let mut limited = Command::new("sh");
    // A gigabyte of addresses, counted by 1024.
    limited
        .args(["-c", "ulimit -v 1048576; exec \"$0\" \"$@\""])
        .arg(inner.get_program())
        .args(inner.get_args())
        .current_dir(dir);
    finish(&mut limited)
}

/// Runs commands on a file, of which each ends soon, in an answer or an error, and prints no flood.
#[track_caller]
fn assert_harmless(dir: &Path, name: &str, what: &str, commands: &[&[&str]]) {
    for command in commands {
        let arguments = command
            .iter()
            .map(|word| if *word == "@" { name } else { word });
        let arguments: Vec<&str> = arguments.collect();
        let _ = fs::remove_dir_all(dir.join("split"));
        let start = Instant::now();
        let run = run(dir, &arguments);
        let is_error = run.code == 2 && run.err.contains("error: ");
        assert!(
            [0, 1].contains(&run.code) || is_error,
            "{what}: {command:?}: {run:?}"
        );
        assert!(
            !run.err.contains("panicked") && !format!("{run:?}").contains("Recovery::"),
            "{what}: {command:?}: {run:?}"
        );
        assert!(
            run.out.len() < 1 << 20 && run.err.len() < 1 << 14,
            "{what}: {command:?}"
        );
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{what}: {command:?}"
        );
    }
}

/// Runs all commands on the bytes of an array.
#[track_caller]
fn assert_harmless_array(dir: &Path, bytes: &[u8], what: &str) {
    fs::write(dir.join("file.npy"), bytes).unwrap();
    assert_harmless(dir, "file.npy", what, READERS);
    assert_harmless(dir, "file.npy", what, MENDERS);
    fs::create_dir_all(dir.join("shards")).unwrap();
    for name in ["0.npy", "1.npy"] {
        fs::write(dir.join("shards").join(name), bytes).unwrap();
    }
    assert_harmless(dir, "shards", what, OF_SHARDS);
}

#[test]
fn headers_that_lie_do_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let long_name = "x".repeat(5_000);
    for text in [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807,), }".to_owned(),
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 4611686018427387904), }".to_owned(),
        "{'descr': '<f8', 'fortran_order': True, 'shape': (4294967296, 4294967295), }".to_owned(),
        "{'descr': '|S0', 'fortran_order': False, 'shape': (9223372036854775807,), }".to_owned(),
        "{'descr': '|V0', 'fortran_order': False, 'shape': (1000000000, 1000000000), }".to_owned(),
        "{'descr': '|S2147483647', 'fortran_order': False, 'shape': (3,), }".to_owned(),
        "{'descr': [('a', '<f8', (0, 2147483647))], 'fortran_order': False, 'shape': (2,), }"
            .to_owned(),
        "{'descr': [('a', '|u1', (2000000,))], 'fortran_order': False, 'shape': (0,), }".to_owned(),
        "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 9223372036854775807), }".to_owned(),
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }".to_owned(),
        "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }".to_owned(),
        format!("{{'descr': [('{long_name}', '<f8')], 'fortran_order': False, 'shape': (1,), }}"),
        format!(
            "{{'descr': {}'<f8'{}, 'fortran_order': False, 'shape': (1,), }}",
            "[".repeat(9000),
            "]".repeat(9000)
        ),
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1000,), 'descr': '<f4'}".to_owned(),
        "\u{1b}[2J".to_owned(),
    ] {
        let header = [
            b"\x93NUMPY\x02\x00",
            &(text.len() as u32).to_le_bytes()[..],
            text.as_bytes(),
        ]
        .concat();
        for data in [0, 64] {
            let bytes = [&header[..], &vec![1; data]].concat();
            assert_harmless_array(dir.path(), &bytes, text.get(..80).unwrap_or(&text));
        }
    }
}

#[test]
fn files_with_wrong_bytes_do_no_harm() {
    let dir = folder();
    // A generator of Marsaglia, so that each run is the same.
    let mut state = 88_172_645_463_325_252_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for name in ["ticks.npy", "cube.npy", "all.npz"] {
        let whole = fs::read(dir.path().join(name)).unwrap();
        for nth in 0..8 {
            let mut bytes = whole.clone();
            for _ in 0..=nth % 4 {
                let place = random(bytes.len().min(300));
                bytes[place] = random(256) as u8;
            }
            bytes.truncate(bytes.len() - random(bytes.len()));
            let what = format!("{name}, {nth}");
            match name {
                "all.npz" => {
                    fs::write(dir.path().join("wrong.npz"), &bytes).unwrap();
                    assert_harmless(dir.path(), "wrong.npz", &what, READERS);
                    assert_harmless(dir.path(), "wrong.npz:ticks", &what, READERS);
                }
                _ => assert_harmless_array(dir.path(), &bytes, &what),
            }
        }
    }
}

/// Every fortieth of those that the fuzzer starts from.
#[test]
fn mutated_headers_do_no_harm() {
    let Some(python) = python() else { return };
    let dir = tempfile::tempdir().unwrap();
    let script = Path::new(SUITE).join("../../fuzz/damaged.py");
    let folder = dir.path().join("damaged");
    let made = Command::new(python).arg(script).arg(&folder).status();
    assert!(made.unwrap().success());
    let files = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    assert!(files.len() > 3000, "{}", files.len());
    for path in files.iter().step_by(40) {
        assert_harmless_array(
            dir.path(),
            &fs::read(path).unwrap(),
            &path.display().to_string(),
        );
    }
}

#[test]
fn texts_that_are_no_tables_do_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let (many, deep, open) = ("[".repeat(100_000), "{\"a\":".repeat(50_000), "x\n\"abc\n");
    let long_number = format!("x\n{}\n", "9".repeat(5000));
    for text in [
        "",
        "\n\n\n",
        "a,a\n1,2\n",
        "a,b\n1\n",
        "a,b\n1,2,3\n",
        "a[18446744073709551615]\n1\n",
        "[4294967295,4294967295]\n1\n",
        "[1000000000]\n1\n",
        "x\n1e400\n",
        "x\n9999999999-01-01\n",
        "\u{feff}a,b\n1,2\n",
        "{\"a\":1,\"a\":2}\n",
        "{\"a\":1}\n[2]\n",
        "[[],[]]\n",
        open,
        &long_number,
        &many,
        &deep,
    ] {
        fs::write(dir.path().join("text"), text).unwrap();
        assert_harmless(dir.path(), "text", text.get(..40).unwrap_or(text), OF_TEXTS);
    }
}

#[test]
fn a_message_lists_few_of_many_names() {
    let dir = tempfile::tempdir().unwrap();
    let fields: Vec<String> = (0..3000)
        .map(|nth| format!("('field_{nth}', '|u1')"))
        .collect();
    let dtype = format!("[{}]", fields.join(", ")).parse().unwrap();
    let path = dir.path().join("wide.npy");
    npyrec::Appender::create_with_dtype(path, &dtype)
        .unwrap()
        .close()
        .unwrap();
    let run = finish(command(dir.path(), &["head", "wide.npy"]).env("COLUMNS", "40"));
    let names: Vec<String> = (4..24).map(|nth| format!("field_{nth}")).collect();
    let expected = format!(
        "left out, for lack of room: {} and 2976 more\n",
        names.join(", ")
    );
    assert_eq!(run.err, expected);
    let run = self::run(dir.path(), &["head", "wide.npy", "-c", "price"]);
    assert_eq!(
        run.err.lines().last().unwrap().get(..31),
        Some("hint: there is field_0, field_1"),
    );
    assert!(run.err.ends_with("field_19 and 2980 more\n"), "{}", run.err);
}
