//! The Python of the guide, run on files that this crate wrote: it prints what the pages say.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use npyrec::{Appender, NpyRecord, num_complex::Complex};

use crate::{
    process::is_full,
    python::{is_required, python, python_with, skipped},
};

const TUTORIAL: &str = include_str!("../../src/guide/tutorial.md");
const ELSEWHERE: &str = include_str!("../../src/guide/elsewhere.md");

/// Runs the session on its standard input, and prints each line whose output differs from the text below it.
const RUN: &str = "\
import doctest, sys
session = sys.stdin.buffer.read().decode()
test = doctest.DocTestParser().get_doctest(session, {}, 'guide', None, 0)
flags = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
failed, attempted = doctest.DocTestRunner(optionflags=flags).run(test)
print(f'{failed} of {attempted} failed')
";

#[derive(NpyRecord)]
struct Reading {
    #[npy(dtype = "M8[ms]")]
    time: SystemTime,
    #[npy(dtype = "S8")]
    station: String,
    celsius: f32,
    wind: [f32; 2],
}

#[derive(NpyRecord)]
#[npy(align)]
struct Sample {
    label: u8,
    target: f64,
    features: [f32; 3],
}

fn reading(n: u8, station: &str) -> Reading {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
    Reading {
        time: start + Duration::from_secs(60 * u64::from(n)),
        station: station.to_owned(),
        celsius: 4.5 + f32::from(n),
        wind: [1.0, -2.5],
    }
}

/// The Python sessions of a page, one after another.
pub fn sessions(page: &'static str) -> impl Iterator<Item = &'static str> {
    let blocks = page.split("\n```python\n").skip(1);
    blocks.map(|block| block.split_once("\n```\n").unwrap().0)
}

/// Asserts that the sessions print what they say, when Python runs them in a folder.
pub fn assert_output(python: &Path, folder: &Path, sessions: &[&str]) {
    let session = sessions.join("\n") + "\n";
    let statements = session
        .lines()
        .filter(|line| line.starts_with(">>> "))
        .count();
    assert!(statements > 0);
    let mut process = Command::new(python)
        .args(["-c", RUN])
        .env("PYTHONUTF8", "1")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    input.write_all(session.as_bytes()).unwrap();
    drop(input);
    let output = process.wait_with_output().unwrap();
    let output = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.trim_end(), format!("0 of {statements} failed"));
}

#[test]
fn numpy_prints_what_the_tutorial_says() {
    let python = match python() {
        Ok(python) => python,
        Err(reason) if is_required() => panic!("there is no NumPy: {reason}"),
        Err(reason) => return skipped(&format!("the tutorial in NumPy: {reason}")),
    };
    let dir = tempfile::tempdir().unwrap();
    let mut log = Appender::<Reading>::open(dir.path().join("weather.npy")).unwrap();
    for n in 0..3 {
        log.append(&reading(n, "north")).unwrap();
    }
    log.close().unwrap();
    assert_output(&python, dir.path(), &sessions(TUTORIAL).collect::<Vec<_>>());
}

/// Only in the full form: the programs take minutes to install.
#[test]
fn other_programs_print_what_the_guide_says() {
    if !is_full() {
        return skipped("pandas, Polars, Dask, DuckDB, SciPy and SigMF, as NPYREC_FULL is not set");
    }
    let modules =
        "import dask.array, dask.dataframe, duckdb, numpy, pandas, polars, pyarrow, scipy, sigmf";
    let python = match python_with(
        "elsewhere-environment",
        "elsewhere-requirements.txt",
        modules,
    ) {
        Ok(python) => python,
        Err(reason) if is_required() => panic!("a program cannot be installed: {reason}"),
        Err(reason) => return skipped(&format!("the guide in other programs: {reason}")),
    };
    let has_torch = Command::new(&python)
        .args(["-c", "import torch"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !has_torch {
        skipped("the guide in PyTorch, which is too large to install here");
    }

    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let readings = [0, 1, 2, 3].map(|n| reading(n, if n % 2 == 0 { "north" } else { "south" }));
    npyrec::write(path("weather.npy"), &readings).unwrap();
    let samples = [0_u8, 1, 2, 3].map(|n| Sample {
        label: n % 2,
        target: f64::from(n),
        features: [0.5, 1.0, f32::from(n)],
    });
    npyrec::write(path("samples.npy"), &samples).unwrap();
    npyrec::write(path("levels.npy"), &[0.5_f64, 1.5, 2.5]).unwrap();
    let iq = [1.0_f32, 2.0, 3.0].map(|n| Complex::new(n, -n));
    npyrec::write(path("iq.npy"), &iq).unwrap();

    let sessions: Vec<&str> = sessions(ELSEWHERE)
        .filter(|session| has_torch || !session.contains("torch."))
        .collect();
    assert_output(&python, dir.path(), &sessions);
}
