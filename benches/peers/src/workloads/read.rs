//! All records, into memory.

use std::{
    fs::{self, File},
    hint::black_box,
    io::{BufReader, Read, Seek},
    path::Path,
};

use npyrec::{Appender, NpyRecord};

use crate::{
    record::{Encoded, Flagged, Whole},
    workload::{Job, Way, Workload},
};

pub(crate) static WORKLOAD: Workload = Workload {
    name: "read",
    title: "read all of 10 million records",
    unit: "record",
    ops: 100e6,
    rows: 10e6,
    prepare: Some(prepare),
    waits: false,
    ways: &[
        Way::new("`read` into memory already faulted in", raw).share(3.0),
        Way::new("npyrec", |job| npyrec::<Whole>(job, WHOLE)),
        Way::new("npyrec, with `bool`s", |job| {
            npyrec::<Flagged>(job, FLAGGED)
        }),
        Way::new("npyrec, field by field", |job| {
            npyrec::<Encoded>(job, ENCODED)
        }),
        Way::new("npyrec, fields in another order", |job| {
            npyrec::<Encoded>(job, WHOLE)
        }),
        Way::new("`fs::read`, the bytes alone", |job| {
            for _ in 0..job.passes() {
                black_box(fs::read(job.path(WHOLE)).unwrap());
            }
        }),
        Way::new("npyz, from memory", |job| {
            for _ in 0..job.passes() {
                let bytes = fs::read(job.path(WHOLE)).unwrap();
                let file = npyz::NpyFile::new(&bytes[..]).unwrap();
                black_box(file.into_vec::<Whole>().unwrap());
            }
        })
        .share(0.3),
        Way::new("npyz, from a `BufReader`", |job| {
            for _ in 0..job.passes() {
                let file = BufReader::new(File::open(job.path(WHOLE)).unwrap());
                let file = npyz::NpyFile::new(file).unwrap();
                black_box(file.into_vec::<Whole>().unwrap());
            }
        })
        .share(0.1),
        Way::python("`np.load`", "read_numpy"),
        Way::python("h5py", "read_h5py").share(0.5),
        Way::python("PyTables", "read_pytables").share(0.5),
    ],
};

pub(super) const WHOLE: &str = "whole.npy";
const ENCODED: &str = "encoded.npy";
pub(super) const FLAGGED: &str = "flagged.npy";

/// Files that were not written just now: nothing of them is left to be synced.
fn prepare(job: &Job) {
    write(&job.path(ENCODED), job.rows, Encoded::nth);
    prepare_flagged(job);
    prepare_whole(job);
}

pub(super) fn prepare_flagged(job: &Job) {
    write(&job.path(FLAGGED), job.rows, Flagged::nth);
}

pub(super) fn prepare_whole(job: &Job) {
    write(&job.path(WHOLE), job.rows, Whole::nth);
}

fn write<R: NpyRecord>(path: &Path, count: u64, nth: fn(u64) -> R) {
    if path.exists() {
        return;
    }
    let mut rows = Appender::create(path).unwrap();
    (0..count).for_each(|row| rows.append(&nth(row)).unwrap());
    rows.sync().unwrap();
    rows.close().unwrap();
}

/// The memory is faulted in by the first pass, which is one of many.
fn raw(job: &Job) {
    let mut file = File::open(job.path(WHOLE)).unwrap();
    let mut bytes = huge(file.metadata().unwrap().len() as usize);
    for _ in 0..job.passes() {
        file.rewind().unwrap();
        file.read_exact(&mut bytes).unwrap();
        black_box(&mut bytes);
    }
}

/// Zeros, in pages of 2 MiB if the system has such.
fn huge(len: usize) -> memmap2::MmapMut {
    let bytes = memmap2::MmapMut::map_anon(len).unwrap();
    let _ = bytes.advise(memmap2::Advice::HugePage);
    bytes
}

fn npyrec<R: NpyRecord>(job: &Job, name: &str) {
    for _ in 0..job.passes() {
        black_box(npyrec::read::<R>(job.path(name)).unwrap());
    }
}
