//! Files that nobody should trust.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use crate::{run::npyrec, sample::folder};

/// All commands that read a file.
const COMMANDS: [&[&str]; 10] = [
    &["info"],
    &["info", "--json"],
    &["head"],
    &["tail", "--json"],
    &["cat", "--format", "csv", "-c", "[0]"],
    &["stats"],
    &["check"],
    &["derive"],
    &["derive", "--python"],
    &["plot"],
];

/// Runs all commands, of which each ends soon, in an answer or an error, and prints no flood.
#[track_caller]
fn assert_harmless(dir: &Path, name: &str, what: &str) {
    for command in COMMANDS {
        let start = Instant::now();
        let run = npyrec(dir, &[command, &[name]].concat());
        let is_error = run.code == 2 && run.err.starts_with("error: ");
        assert!(
            [0, 1].contains(&run.code) || is_error,
            "{what}: {command:?}: {run:?}"
        );
        assert!(
            !run.err.contains("panicked"),
            "{what}: {command:?}: {run:?}"
        );
        assert!(
            run.out.len() + run.err.len() < 1 << 20,
            "{what}: {command:?}"
        );
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{what}: {command:?}"
        );
    }
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
        for data in [0, 7, 64] {
            let bytes = [&header[..], &vec![1; data]].concat();
            fs::write(dir.path().join("file.npy"), bytes).unwrap();
            assert_harmless(dir.path(), "file.npy", text.get(..80).unwrap_or(&text));
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
        for nth in 0..12 {
            let mut bytes = whole.clone();
            for _ in 0..=nth % 4 {
                let place = random(bytes.len().min(300));
                bytes[place] = random(256) as u8;
            }
            bytes.truncate(bytes.len() - random(bytes.len()));
            fs::write(dir.path().join("wrong"), &bytes).unwrap();
            assert_harmless(dir.path(), "wrong", &format!("{name}, {nth}"));
            assert_harmless(dir.path(), "wrong:ticks", &format!("{name}, {nth}"));
        }
    }
}
