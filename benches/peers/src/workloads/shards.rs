//! Records into one file, and into one file after another.

use std::{
    io::{BufWriter, Write},
    time::Duration,
};

use file_rotate::{
    ContentLimit, FileRotate,
    compression::Compression,
    suffix::{AppendTimestamp, FileLimit},
};
use npyrec::{AppendOptions, Appender};
use tracing_appender::rolling::hourly;

use crate::{
    record::Whole,
    workload::{Job, Way, Workload},
};

/// The rows of a small shard.
const ROWS: u64 = 1_000;

pub(crate) static WORKLOAD: Workload = Workload {
    name: "shards",
    title: "append single records to one file after another",
    unit: "record",
    ops: 10e6,
    rows: 0.0,
    prepare: None,
    waits: true,
    ways: &[
        Way::new("npyrec, one file", |job| {
            let mut log = Appender::<Whole>::create(job.out()).unwrap();
            (0..job.ops).for_each(|row| log.append(&Whole::nth(row)).unwrap());
            log.close().unwrap();
        }),
        Way::new("npyrec, shards of 1,000 rows", |job| {
            shards(job, AppendOptions::new().rows_per_shard(ROWS));
        })
        .share(0.1),
        Way::new("npyrec, shards of 100,000 rows", |job| {
            shards(job, AppendOptions::new().rows_per_shard(100 * ROWS));
        }),
        Way::new("npyrec, a shard an hour", |job| {
            shards(
                job,
                AppendOptions::new().shard_every(Duration::from_secs(3_600)),
            );
        }),
        Way::new(
            "`file-rotate` of 32,000 bytes, `BufWriter` and bytemuck",
            |job| {
                let bytes = usize::try_from(ROWS).unwrap() * size_of::<Whole>();
                std::fs::create_dir(job.out()).unwrap();
                let files = FileRotate::new(
                    job.out().join("log"),
                    AppendTimestamp::default(FileLimit::Unlimited),
                    ContentLimit::BytesSurpassed(bytes - 1),
                    Compression::None,
                    None,
                );
                write(job, BufWriter::with_capacity(bytes, files));
            },
        )
        .share(0.1),
        Way::new(
            "`tracing-appender`, hourly, `BufWriter` and bytemuck",
            |job| {
                let files = hourly(job.out(), "log");
                write(job, BufWriter::with_capacity(64 * 1024, files));
            },
        ),
    ],
};

fn shards(job: &Job, options: AppendOptions) {
    let mut log = options.open_dir::<Whole>(job.out()).unwrap();
    (0..job.ops).for_each(|row| log.append(&Whole::nth(row)).unwrap());
    log.close().unwrap();
}

fn write(job: &Job, mut file: impl Write) {
    for row in 0..job.ops {
        file.write_all(bytemuck::bytes_of(&Whole::nth(row)))
            .unwrap();
    }
    file.flush().unwrap();
}
