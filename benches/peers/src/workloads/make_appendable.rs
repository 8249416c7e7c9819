//! Room for a header that has none, as NumPy wrote them until 2018.

use std::{
    fs::{self, File},
    io::{Read, Write},
};

use crate::workload::{Job, Way, Workload};

const BLOCK: usize = 1 << 20;

const OLD: &str = "old.npy";

pub(crate) static WORKLOAD: Workload = Workload {
    name: "make_appendable",
    title: "make a file of 1 GiB appendable",
    unit: "file",
    ops: 1.0,
    rows: 134_217_728.0,
    prepare: Some(prepare),
    waits: true,
    ways: &[
        Way::new("a copy in blocks of 1 MiB", copy),
        Way::new("npyrec, `make_appendable`", |job| {
            fs::rename(job.path(OLD), job.out()).unwrap();
            assert!(npyrec::make_appendable(job.out()).unwrap());
        }),
        Way::python("NpyAppendArray", "make_appendable_copy"),
        Way::python("NpyAppendArray, in place", "make_appendable_in_place"),
    ],
};

/// A file that was not written just now: nothing of it is left to be synced.
fn prepare(job: &Job) {
    if job.path(OLD).exists() {
        return;
    }
    let rows = job.rows;
    let text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows},), }}");
    let len = (10 + text.len() + 1).next_multiple_of(16) - 10;
    let mut file = File::create(job.path(OLD)).unwrap();
    file.write_all(b"\x93NUMPY\x01\x00").unwrap();
    file.write_all(&(len as u16).to_le_bytes()).unwrap();
    writeln!(file, "{text:<0$}", len - 1).unwrap();
    let mut left = rows as usize * 8;
    while left > 0 {
        let now = left.min(BLOCK);
        file.write_all(&vec![7; now]).unwrap();
        left -= now;
    }
    file.sync_all().unwrap();
}

fn copy(job: &Job) {
    let mut from = File::open(job.path(OLD)).unwrap();
    let mut to = File::create(job.out()).unwrap();
    let mut block = vec![0; BLOCK];
    loop {
        let read = from.read(&mut block).unwrap();
        if read == 0 {
            return;
        }
        to.write_all(&block[..read]).unwrap();
    }
}
