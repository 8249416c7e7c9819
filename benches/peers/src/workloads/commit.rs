//! A commit after every record.

use std::{fs::File, os::unix::fs::FileExt, sync::Arc};

use arrow_ipc::writer::StreamWriter;
use npyrec::{AppendOptions, Durability};

use super::{
    append::{Builders, schema},
    header::{Digits, header},
};
use crate::{
    record::Whole,
    workload::{Job, Way, Workload},
};

pub(crate) static CACHED: Workload = Workload {
    name: "commit",
    title: "commit after every record",
    unit: "record",
    ops: 500e3,
    rows: 0.0,
    prepare: None,
    waits: false,
    ways: &[
        Way::new("`pwrite` of the row, `pwrite` of the digits", |job| {
            raw(job, |_| ())
        }),
        Way::new("npyrec", |job| npyrec(job, Durability::Cached, false)),
        Way::new("npyrec, mapped", |job| {
            npyrec(job, Durability::Cached, true)
        })
        .share(20.0),
        Way::new("Arrow stream, a batch a record", arrow).share(0.1),
        Way::python("PyTables and `flush`", "commit_pytables").share(0.02),
        Way::python("NpyAppendArray and `flush`", "commit_npy_append_array").share(0.02),
        Way::python("h5py and `flush`", "commit_h5py").share(0.02),
        Way::python("h5py SWMR and `flush`", "commit_h5py_swmr").share(0.02),
        Way::python("zarr", "append_zarr").share(0.001),
    ],
};

pub(crate) static SYNCED: Workload = Workload {
    name: "synced",
    title: "commit after every record, synced",
    unit: "record",
    ops: 300.0,
    rows: 0.0,
    prepare: None,
    waits: true,
    ways: &[
        Way::new(
            "`pwrite`, `fdatasync`, `pwrite` of the digits, `fdatasync`",
            |job| raw(job, |file| file.sync_data().unwrap()),
        ),
        Way::new("npyrec, `Durability::Synced`", |job| {
            npyrec(job, Durability::Synced, false)
        }),
        Way::new("npyrec, `Durability::Synced`, mapped", |job| {
            npyrec(job, Durability::Synced, true)
        }),
    ],
};

fn raw(job: &Job, sync: impl Fn(&File)) {
    let file = File::create(job.out()).unwrap();
    let (header, place) = header(0);
    file.write_all_at(&header, 0).unwrap();
    let mut digits = Digits::new();
    let mut end = header.len() as u64;
    for row in 0..job.ops {
        let record = Whole::nth(row);
        file.write_all_at(bytemuck::bytes_of(&record), end).unwrap();
        sync(&file);
        file.write_all_at(digits.of(row + 1), place).unwrap();
        sync(&file);
        end += size_of::<Whole>() as u64;
    }
}

fn npyrec(job: &Job, durability: Durability, mapped: bool) {
    let options = AppendOptions::new()
        .commit_every(1)
        .durability(durability)
        .mapped(mapped);
    let mut rows = options.create::<Whole>(job.out()).unwrap();
    (0..job.ops).for_each(|row| rows.append(&Whole::nth(row)).unwrap());
    rows.close().unwrap();
}

fn arrow(job: &Job) {
    let schema = schema();
    let file = File::create(job.out()).unwrap();
    let mut file = StreamWriter::try_new_buffered(file, &Arc::clone(&schema)).unwrap();
    let mut builders = Builders::default();
    for row in 0..job.ops {
        builders.append(Whole::nth(row));
        file.write(&builders.finish(&schema)).unwrap();
        file.flush().unwrap();
    }
    file.finish().unwrap();
}
