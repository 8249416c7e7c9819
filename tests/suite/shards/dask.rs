//! Real Dask, on threads and on two processes, and the engines beside it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use npyrec::{AppendOptions, DType, NpyRecord};

use super::info::{DTYPES, rows_of};
use crate::{
    elsewhere::{assert_output, sessions},
    process::{Numbered, Running, command, is_full},
    python::{is_required, python_with, skipped},
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

/// Compares what Dask computes with the concatenated shards, on threads and on two processes.
const COMPARE: &str = "\
import os, sys, pickle
import numpy as np
import dask, dask.array as da
from distributed import Client, LocalCluster

def leaves(array):
    # The bytes of all values, without the padding between them.
    names = array.dtype.names
    return array.tobytes() if names is None else [leaves(array[name]) for name in names]

def compare(dir):
    with open(os.path.join(dir, 'info'), 'rb') as file:
        shards = len(pickle.load(file)['chunks'][0])
    array = da.from_npy_stack(dir)
    assert array.numblocks[0] >= shards
    # Without a dtype, NumPy makes the byte order native and drops padding.
    loaded = [np.load(os.path.join(dir, f'{n}.npy')) for n in range(array.numblocks[0])]
    expected = np.concatenate(loaded, dtype=loaded[0].dtype)
    found = array.compute()
    assert found.dtype == array.dtype == expected.dtype, (found.dtype, array.dtype, expected.dtype)
    assert found.shape == array.shape == expected.shape, (found.shape, array.shape, expected.shape)
    assert leaves(found) == leaves(expected), dir
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
        log.extend(rows_of(&dtype)).unwrap();
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
    let output = compare(&python, 5, std::slice::from_ref(&log));
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

/// Appends for ever, a shard in about a tenth of a second.
pub fn write(dir: &Path, say: impl Fn(u64)) {
    let mut log = AppendOptions::new()
        .rows_per_shard(10)
        .open_dir::<Numbered>(dir)
        .unwrap();
    for number in 0.. {
        log.append(&Numbered::new(number)).unwrap();
        log.commit().unwrap();
        if number > 30 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        if number == 30 {
            say(number);
        }
    }
}

#[derive(NpyRecord)]
struct Tick {
    #[npy(dtype = "M8[ns]")]
    time: i64,
    price: f64,
    depth: [f32; 3],
    #[npy(dtype = "S8")]
    symbol: String,
}

/// The program of the guide, on a cluster of two processes that it starts.
#[test]
fn the_cluster_program_of_the_guide_reads_what_two_hosts_wrote() {
    let Some(python) = dask("the program of the guide") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    for (host, start) in [("a", 0_u32), ("b", 1_000)] {
        let log = dir
            .path()
            .join(format!("ticks/host={host}/date=2026-11-25"));
        let mut log = AppendOptions::new()
            .rows_per_shard(100)
            .open_dir::<Tick>(log)
            .unwrap();
        let ticks = (start..start + 250).map(|n| Tick {
            time: i64::from(n),
            price: f64::from(n),
            depth: [0.5, 1.5, (n % 10) as f32],
            symbol: format!("S{}", n % 7),
        });
        log.extend(ticks).unwrap();
        log.close().unwrap();
    }
    // It has no sealed shard yet.
    let empty = dir.path().join("ticks/host=c/date=2026-11-25");
    let _log = AppendOptions::new().open_dir::<Tick>(empty).unwrap();
    let output = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/cluster.py"))
        .args(["ticks", "ticks.parquet"])
        .current_dir(dir.path())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success());
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap(), @r"
    500 rows in 6 shards on 2 workers
    mean of price: 624.5
    mean of depth: [0.5 1.5 4.5]
    largest mean of 5 prices: 1247.0
    500 rows in ticks.parquet
    ");
}

/// Only in the full form: the engines take minutes to install.
#[test]
fn other_engines_read_shards_as_the_guide_says() {
    const WHAT: &str = "Ray, ClickHouse and xarray";
    if !is_full() {
        return skipped(&format!("{WHAT}, as NPYREC_FULL is not set"));
    }
    let modules = "import chdb, fsspec, numpy, ray.data, xarray, zarr";
    let requirements = "engines-requirements.txt";
    let python = match python_with("engines-environment", requirements, modules) {
        Ok(python) => python,
        // Not each of them has a package for each system and each Python.
        Err(reason) => return skipped(&format!("{WHAT}: {reason}")),
    };
    let dir = tempfile::tempdir().unwrap();
    let mut log = AppendOptions::new()
        .rows_per_shard(4)
        .open_dir::<f64>(dir.path().join("levels"))
        .unwrap();
    log.extend((0..12).map(f64::from)).unwrap();
    log.close().unwrap();
    let page = include_str!("../../../src/guide/cluster.md");
    assert_output(&python, dir.path(), &sessions(page).collect::<Vec<_>>());
}
