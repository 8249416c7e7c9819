//! What appending costs inside the process, against copying the same bytes into a `BufWriter`.
//!
//! ```text
//! cargo bench --bench append
//! ```
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod records;

use std::{
    fs::File,
    hint::black_box,
    io::{BufWriter, Write},
    path::Path,
};

use criterion::{
    BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main,
    measurement::WallTime,
};
use npyrec::Appender;
use npyz::WriterBuilder;

use crate::records::{Encoded, Whole, encoded, whole};

const ROWS: u32 = 100_000;

fn bench<T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    path: &Path,
    create: impl Fn(&Path) -> T,
    mut fill: impl FnMut(&mut T),
) {
    group.bench_function(name, |b| {
        b.iter_batched_ref(|| create(path), &mut fill, BatchSize::PerIteration);
    });
}

fn buffered(path: &Path) -> BufWriter<File> {
    BufWriter::with_capacity(64 * 1024, File::create(path).unwrap())
}

fn npyz_writer(path: &Path) -> npyz::NpyWriter<Whole, BufWriter<File>> {
    npyz::WriteOptions::new()
        .default_dtype()
        .writer(buffered(path))
        .begin_1d()
        .unwrap()
}

fn single_records(c: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let path = &*dir.path().join("bench.npy");
    let mut group = c.benchmark_group("single records of 32 bytes");
    group.throughput(Throughput::Elements(ROWS.into()));
    bench(
        &mut group,
        "BufWriter and bytemuck",
        path,
        buffered,
        |file| {
            for row in 0..ROWS {
                file.write_all(bytemuck::bytes_of(&black_box(whole(row))))
                    .unwrap();
            }
        },
    );
    bench(
        &mut group,
        "npyrec, copied whole",
        path,
        |p| Appender::<Whole>::create(p).unwrap(),
        |rows| {
            for row in 0..ROWS {
                rows.append(&black_box(whole(row))).unwrap();
            }
        },
    );
    bench(
        &mut group,
        "npyrec, field by field",
        path,
        |p| Appender::<Encoded>::create(p).unwrap(),
        |rows| {
            for row in 0..ROWS {
                rows.append(&black_box(encoded(row))).unwrap();
            }
        },
    );
    bench(&mut group, "npyz", path, npyz_writer, |file| {
        for row in 0..ROWS {
            file.push(&black_box(whole(row))).unwrap();
        }
    });
    group.finish();
}

fn batches(c: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let path = &*dir.path().join("bench.npy");
    let rows: Vec<Whole> = (0..10_000).map(whole).collect();
    let mut group = c.benchmark_group("batches of 10,000 records of 32 bytes");
    group.throughput(Throughput::Elements(rows.len() as u64));
    bench(
        &mut group,
        "write_all",
        path,
        |p| File::create(p).unwrap(),
        |file| {
            file.write_all(bytemuck::cast_slice(black_box(&rows)))
                .unwrap();
        },
    );
    bench(
        &mut group,
        "npyrec",
        path,
        |p| Appender::create(p).unwrap(),
        |appender| {
            appender.append_slice(black_box(&rows)).unwrap();
        },
    );
    bench(&mut group, "npyz", path, npyz_writer, |file| {
        file.extend(black_box(&rows).iter().copied()).unwrap();
    });
    group.finish();
}

criterion_group!(benches, single_records, batches);
criterion_main!(benches);
