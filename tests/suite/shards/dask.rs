//! Real Dask, on threads and on two processes.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use npyrec::{AppendOptions, DType};

use super::info::{DTYPES, zero_of};
use crate::{
    numpy::{is_required, python_with, skipped},
    process::{Numbered, Running, command, is_full},
};

/// A Python with Dask, which takes a while to install.
pub fn dask(what: &str) -> Option<PathBuf> {
    if !is_full() {
        skipped(&format!("{what} in Dask, as NPYREC_FULL is not set"));
        return None;
    }
    let modules = "import dask.array, distributed, numpy, pyarrow, pandas, dask.dataframe";
    match python_with("dask-environment", "dask-requirements.txt", modules) {
        Ok(python) => Some(python),
        Err(reason) if is_required() => panic!("Dask cannot be installed: {reason}"),
        Err(reason) => {
            skipped(&format!("{what} in Dask: {reason}"));
            None
        }
    }
}

/// Runs a program in Python with arguments, and returns what it printed.
pub fn run(python: &Path, program: &str, arguments: &[&Path]) -> String {
    let mut process = Command::new(python)
        .arg("-")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    input.write_all(program.as_bytes()).unwrap();
    drop(input);
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Compares what Dask computes with the concatenated shards, on threads and on two processes.
const COMPARE: &str = "\
import os, sys, pickle
import numpy as np
import dask, dask.array as da
from distributed import Client, LocalCluster

def compare(dir):
    with open(os.path.join(dir, 'info'), 'rb') as file:
        shards = len(pickle.load(file)['chunks'][0])
    array = da.from_npy_stack(dir)
    assert array.numblocks[0] >= shards
    expected = np.concatenate([np.load(os.path.join(dir, f'{n}.npy')) for n in range(array.numblocks[0])])
    found = array.compute()
    assert found.dtype == array.dtype == expected.dtype and found.shape == array.shape == expected.shape
    assert found.tobytes() == expected.tobytes(), dir
    return len(found)

def compare_all(dirs):
    for dir in dirs:
        for _ in range(times):
            rows = compare(dir)
            if times > 1: print('>', rows, flush=True)

if __name__ == '__main__':
    times, dirs = int(sys.argv[1]), sys.argv[2:]
    with dask.config.set(scheduler='threads'):
        compare_all(dirs)
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        with Client(cluster) as client:
            client.wait_for_workers(2)
            assert len(client.scheduler_info()['workers']) == 2
            compare_all(dirs)
    print('same', len(dirs))
";

/// Runs [`COMPARE`] from a file, as the processes of a cluster import the program.
fn compare(python: &Path, times: u32, dirs: &[PathBuf]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("compare.py");
    std::fs::write(&program, COMPARE).unwrap();
    let output = Command::new(python)
        .arg(program)
        .arg(times.to_string())
        .args(dirs)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn dask_reads_each_dtype_on_threads_and_on_processes() {
    let Some(python) = dask("each dtype") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let mut dirs = Vec::new();
    for (nth, text) in DTYPES.iter().enumerate() {
        let dtype: DType = text.parse().unwrap();
        // Dask knows no elements without bytes.
        if dtype.itemsize() == 0 {
            continue;
        }
        let path = dir.path().join(nth.to_string());
        let mut log = AppendOptions::new()
            .rows_per_shard(3)
            .open_dir_with_dtype(&path, &dtype)
            .unwrap();
        log.extend(std::iter::repeat_n(&zero_of(&dtype), 8))
            .unwrap();
        log.close().unwrap();
        dirs.push(path);
    }
    assert!(dirs.len() >= 30);
    let output = compare(&python, 1, &dirs);
    assert_eq!(output.trim(), format!("same {}", dirs.len()));
}

#[test]
fn dask_reads_sealed_shards_while_a_writer_appends() {
    let Some(python) = dask("a growing directory") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let mut writer = Running::start(&mut command("write shards", &log, ""));
    writer.number().unwrap();
    let output = compare(&python, 20, std::slice::from_ref(&log));
    assert!(output.trim().ends_with("same 1"), "{output}");
    let rows = output.lines().filter_map(|line| line.strip_prefix("> "));
    let rows: Vec<u64> = rows.map(|rows| rows.parse().unwrap()).collect();
    assert!(
        rows.is_sorted() && rows[0] < rows[rows.len() - 1],
        "{rows:?}"
    );
    writer.process.kill().unwrap();
    writer.last_number();
}

/// Appends for ever, a shard in about ten milliseconds.
pub fn write(dir: &Path, say: impl Fn(u64)) {
    let mut log = AppendOptions::new()
        .rows_per_shard(10)
        .open_dir::<Numbered>(dir)
        .unwrap();
    for number in 0.. {
        log.append(&Numbered::new(number)).unwrap();
        log.commit().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(1));
        if number == 30 {
            say(number);
        }
    }
}
