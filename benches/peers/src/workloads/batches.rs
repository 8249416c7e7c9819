//! Many records at once.

use std::{fs::File, io::Write};

use npyrec::AppendOptions;

use super::append::npyz_writer;
use crate::{
    record::Whole,
    workload::{Job, Way, Workload},
};

const BATCH: u64 = 10_000;

pub(crate) static WORKLOAD: Workload = Workload {
    name: "batches",
    title: "append batches of 10,000 records",
    unit: "batch",
    ops: 2_000.0,
    rows: 0.0,
    prepare: None,
    waits: false,
    ways: &[
        Way::new("one `write_all` a batch", |job| {
            let rows = rows();
            let mut file = File::create(job.out()).unwrap();
            for _ in 0..job.ops {
                file.write_all(bytemuck::cast_slice(&rows)).unwrap();
            }
        }),
        Way::new("npyrec", |job| npyrec(job, false)),
        Way::new("npyrec, mapped", |job| npyrec(job, true)),
        Way::new("npyz", |job| {
            let rows = rows();
            let mut file = npyz_writer(&job.out(), job.ops * BATCH);
            for _ in 0..job.ops {
                file.extend(rows.iter().copied()).unwrap();
            }
            file.finish().unwrap();
        })
        .share(0.1),
        Way::python("PyTables", "batches_pytables").share(0.5),
        Way::python("h5py", "batches_h5py").share(0.5),
        Way::python("NpyAppendArray", "batches_npy_append_array").share(0.5),
        Way::python("zarr", "batches_zarr").share(0.05),
    ],
};

fn rows() -> Vec<Whole> {
    (0..BATCH).map(Whole::nth).collect()
}

fn npyrec(job: &Job, mapped: bool) {
    let rows = rows();
    let options = AppendOptions::new().mapped(mapped);
    let mut appender = options.create::<Whole>(job.out()).unwrap();
    for _ in 0..job.ops {
        appender.append_slice(&rows).unwrap();
    }
    appender.close().unwrap();
}
