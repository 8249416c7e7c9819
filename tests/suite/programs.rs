//! The programs of a new user: short examples, run as a user runs them.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::json;

use crate::{
    examples::{example, run},
    numpy::numpy,
};

/// Asserts that NumPy would have written the file, and finds this answer in it.
fn assert_numpy(path: &Path, code: &str, expected: &serde_json::Value) {
    let Some(mut numpy) = numpy() else { return };
    assert_eq!(fs::read(path).unwrap(), numpy.resave(path));
    let code = format!("a = np.load(path)\nanswer = {code}");
    assert_eq!(&numpy.python(path, &code), expected);
}

#[test]
fn each_program_is_short() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for name in ["event_log", "market_data", "new_field", "particles"] {
        let text = fs::read_to_string(examples.join(name).with_extension("rs")).unwrap();
        assert!(text.lines().count() < 60, "{name}");
    }
}

#[test]
fn market_data_has_times_of_chrono_and_decimal_prices() {
    let dir = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(run("market_data", &["trades.npy"], dir.path()), @r"
    trades.npy: row 3: field `price`: 1.08255 is not a count of 1/10000
    trades.npy: 3 trades
    ");
    let path = dir.path().join("trades.npy");
    let code = "[str(a['time'][2]), a['price'].tolist(), a['symbol'][0].decode()]";
    let expected = json!([
        "2024-02-29T00:00:00.500000000",
        [10_825, 10_831, 10_820],
        "EURUSD"
    ]);
    assert_numpy(&path, code, &expected);
}

#[test]
fn particles_of_glam_are_arrays_of_numbers_in_numpy() {
    let dir = tempfile::tempdir().unwrap();
    let printed = run("particles", &["particles.npy"], dir.path());
    insta::assert_snapshot!(printed, @"particles.npy: 5000 rows of [('position', '<f4', (3,)), ('velocity', '<f4', (3,)), ('id', '<u4')]");
    let code = "[len(a), a['position'].shape, a['id'][:3].tolist(),\n\
                \x20bool((a['position'][:, 2] >= 0).all())]";
    let expected = json!([5000, [5000, 3], [0, 1, 2], true]);
    assert_numpy(&dir.path().join("particles.npy"), code, &expected);
}

#[test]
fn the_event_log_takes_lines_that_it_does_not_keep() {
    let dir = tempfile::tempdir().unwrap();
    let log = |input: &str| {
        let mut program = Command::new(example("event_log"))
            .arg("events.npy")
            .current_dir(dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = program.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        drop(stdin);
        let output = program.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    };
    let lines = "disk: error: 3 blocks\na line without a module\nnetwork interface: up\n";
    let (out, errors) = log(lines);
    assert_eq!(out, "events.npy: 2 events\n");
    insta::assert_snapshot!(errors, @r#"events.npy: row 2: field `module`: "network interface" is 17 bytes long, the dtype holds 12"#);
    assert_eq!(log("disk: größer\n").0, "events.npy: 3 events\n");
    let code = "[[r['module'].decode(), str(r['message']), int(r['level'])] for r in a]";
    let expected = json!([
        ["disk", "error: 3 blocks", 1],
        ["", "a line without a module", 0],
        ["disk", "größer", 0]
    ]);
    assert_numpy(&dir.path().join("events.npy"), code, &expected);
}

#[test]
fn a_log_that_gains_a_field_is_rewritten_and_continued() {
    let dir = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(run("new_field", &["readings.npy"], dir.path()), @"
    readings.npy: 1 rows rewritten
      battery: added
    4.5 °C, battery 0 %
    4.5 °C, battery 97 %
    ");
    let path = dir.path().join("readings.npy");
    assert_numpy(&path, "a['battery'].tolist()", &json!([0, 97]));
}
