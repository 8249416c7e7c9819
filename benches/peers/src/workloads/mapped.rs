//! A file in memory, of which parts are looked at. It is mapped once and gone through many times.

use std::{fs::File, hint::black_box, os::unix::fs::FileExt};

use bytemuck::AnyBitPattern;
use memmap2::Mmap;
use npyrec::{Mapped, NpyRecord};

use super::read::{FLAGGED, WHOLE, prepare_flagged, prepare_whole};
use crate::{
    record::{Flagged, Whole},
    workload::{Job, Way, Workload},
};

pub(crate) static COLUMN: Workload = Workload {
    name: "column",
    title: "sum of one column, mapped",
    unit: "row",
    ops: 300e6,
    rows: 10e6,
    prepare: Some(prepare_whole),
    waits: false,
    ways: &[
        Way::new("a loop over a mapped `&[Struct]`", |job| {
            let map = map(job, WHOLE);
            for _ in 0..job.passes() {
                black_box(sum(black_box(rows(&map))));
            }
        }),
        Way::new("npyrec, `Mapped::column`", |job| {
            let mapped = npyrec::<Whole>(job, WHOLE);
            for _ in 0..job.passes() {
                let column = black_box(&mapped).column::<f64>("price").unwrap();
                black_box(column.iter().map(Result::unwrap).sum::<f64>());
            }
        }),
        Way::new("npyrec, `Mapped::column` by `get`", |job| {
            let mapped = npyrec::<Whole>(job, WHOLE);
            for _ in 0..job.passes() {
                let column = black_box(&mapped).column::<f64>("price").unwrap();
                let mut sum = 0.0;
                for row in 0..column.len() {
                    sum += column.get(row).unwrap().unwrap();
                }
                black_box(sum);
            }
        }),
        Way::new("npyrec, `Mapped::column` in a `for` loop", |job| {
            let mapped = npyrec::<Whole>(job, WHOLE);
            for _ in 0..job.passes() {
                let column = black_box(&mapped).column::<f64>("price").unwrap();
                let mut sum = 0.0;
                for price in &column {
                    sum += price.unwrap();
                }
                black_box(sum);
            }
        }),
        Way::new("npyrec, `Mapped::iter` in a `for` loop", |job| {
            let mapped = npyrec::<Whole>(job, WHOLE);
            for _ in 0..job.passes() {
                let mut sum = 0.0;
                for row in black_box(&mapped) {
                    sum += row.unwrap().price;
                }
                black_box(sum);
            }
        }),
        Way::new("npyrec, `Mapped::iter` by `fold`", |job| {
            let mapped = npyrec::<Whole>(job, WHOLE);
            for _ in 0..job.passes() {
                let rows = black_box(&mapped).iter();
                black_box(rows.fold(0.0, |sum, row| sum + row.unwrap().price));
            }
        }),
        Way::new("npyrec, `Mapped::get`", |job| {
            let mapped = npyrec::<Whole>(job, WHOLE);
            for _ in 0..job.passes() {
                let mapped = black_box(&mapped);
                let mut sum = 0.0;
                for row in 0..mapped.len() {
                    sum += mapped.get(row).unwrap().unwrap().price;
                }
                black_box(sum);
            }
        }),
        Way::new("npyrec, `Mapped::as_slice`", |job| {
            let mapped = npyrec::<Whole>(job, WHOLE);
            for _ in 0..job.passes() {
                black_box(sum(black_box(mapped.as_slice().unwrap())));
            }
        }),
        Way::new("npyz", |job| {
            for _ in 0..job.passes() {
                let map = map(job, WHOLE);
                let file = npyz::NpyFile::new(&map[..]).unwrap();
                let rows = file.data::<Whole>().unwrap();
                black_box(rows.map(|row| row.unwrap().price).sum::<f64>());
            }
        })
        .share(0.1),
        Way::python("NumPy, `mmap_mode`", "column_numpy"),
    ],
};

pub(crate) static RANDOM: Workload = Workload {
    name: "random",
    title: "a million random records, mapped",
    unit: "record",
    ops: 30e6,
    rows: 10e6,
    prepare: Some(prepare_whole),
    waits: false,
    ways: &[
        Way::new("indexing the mapped slice", |job| {
            let (map, places) = (map(job, WHOLE), places(job));
            let rows = black_box(rows::<Whole>(&map));
            repeat(job, || {
                let rows = places.iter().map(|&place| rows[place].order);
                rows.fold(0, u64::wrapping_add)
            });
        }),
        Way::new("npyrec, `Mapped::get`", |job| {
            let (mapped, places) = (npyrec::<Whole>(job, WHOLE), places(job));
            let mapped = black_box(&mapped);
            repeat(job, || {
                let rows = places
                    .iter()
                    .map(|&place| mapped.get(place).unwrap().unwrap().order);
                rows.fold(0, u64::wrapping_add)
            });
        }),
        Way::python("NumPy, fancy index", "random_numpy").share(0.2),
    ],
};

pub(crate) static COPY: Workload = Workload {
    name: "column-copy",
    title: "a copy of one column, mapped",
    unit: "row",
    ops: 100e6,
    rows: 10e6,
    prepare: Some(prepare_whole),
    waits: false,
    ways: &[
        Way::new("`collect` from a mapped `&[Struct]`", |job| {
            let map = map(job, WHOLE);
            for _ in 0..job.passes() {
                let rows = black_box(rows::<Whole>(&map)).iter();
                black_box(rows.map(|row| row.price).collect::<Vec<f64>>());
            }
        }),
        Way::new("npyrec, `Column::to_vec`", |job| {
            let mapped = npyrec::<Whole>(job, WHOLE);
            for _ in 0..job.passes() {
                let column = black_box(&mapped).column::<f64>("price").unwrap();
                black_box(column.to_vec().unwrap());
            }
        }),
        Way::python("NumPy, `mmap_mode`", "copy_numpy"),
    ],
};

pub(crate) static CHECKED: Workload = Workload {
    name: "random-checked",
    title: "a million random records with `bool`s, mapped",
    unit: "record",
    ops: 30e6,
    rows: 10e6,
    prepare: Some(prepare_flagged),
    waits: false,
    ways: &[
        Way::new("`bytemuck::checked` of the mapped bytes", |job| {
            let (map, places) = (map(job, FLAGGED), places(job));
            let rows = black_box(rows::<[u8; size_of::<Flagged>()]>(&map));
            repeat(job, || {
                let rows = places.iter().map(|&place| {
                    let row = bytemuck::checked::try_from_bytes::<Flagged>(&rows[place]).unwrap();
                    row.order + u64::from(row.is_last)
                });
                rows.fold(0, u64::wrapping_add)
            });
        }),
        Way::new("npyrec, `Mapped::get`", |job| {
            let (mapped, places) = (npyrec::<Flagged>(job, FLAGGED), places(job));
            let mapped = black_box(&mapped);
            repeat(job, || {
                let rows = places.iter().map(|&place| {
                    let row = mapped.get(place).unwrap().unwrap();
                    row.order + u64::from(row.is_last)
                });
                rows.fold(0, u64::wrapping_add)
            });
        }),
    ],
};

pub(crate) static ROW: Workload = Workload {
    name: "random-file",
    title: "a random row of a file that is not mapped",
    unit: "record",
    ops: 1e6,
    rows: 10e6,
    prepare: Some(prepare_whole),
    waits: false,
    ways: &[
        Way::new("`pread`", |job| {
            let file = File::open(job.path(WHOLE)).unwrap();
            let mut bytes = [0; size_of::<Whole>()];
            for place in places(job) {
                file.read_exact_at(&mut bytes, 256 + (place * size_of::<Whole>()) as u64)
                    .unwrap();
                black_box(&mut bytes);
            }
        }),
        Way::new("npyrec, `NpyFile::row`", |job| {
            let file = npyrec::NpyFile::open(job.path(WHOLE)).unwrap();
            for place in places(job) {
                black_box(file.row(place as u64).unwrap());
            }
        }),
        Way::new("npyrec, `NpyFile::read_range` of a record", |job| {
            let file = npyrec::NpyFile::open(job.path(WHOLE)).unwrap();
            for place in places(job) {
                let place = place as u64;
                black_box(file.read_range::<Whole>(place..place + 1).unwrap());
            }
        }),
        Way::python("NumPy, `mmap_mode`", "row_numpy"),
    ],
};

fn map(job: &Job, name: &str) -> Mmap {
    let file = File::open(job.path(name)).unwrap();
    // SAFETY: nobody else knows the file.
    unsafe { Mmap::map(&file) }.unwrap()
}

fn rows<T: AnyBitPattern>(map: &Mmap) -> &[T] {
    let header_len = 10 + usize::from(u16::from_le_bytes([map[8], map[9]]));
    bytemuck::cast_slice(&map[header_len..])
}

fn npyrec<R: NpyRecord>(job: &Job, name: &str) -> Mapped<R> {
    // SAFETY: nobody else knows the file.
    unsafe { Mapped::open(job.path(name)) }.unwrap()
}

fn sum(rows: &[Whole]) -> f64 {
    rows.iter().map(|row| row.price).sum()
}

fn places(job: &Job) -> Vec<usize> {
    let mut random = fastrand::Rng::with_seed(1);
    let count = (job.rows / 10).max(1);
    (0..count)
        .map(|_| random.usize(..job.rows as usize))
        .collect()
}

fn repeat(job: &Job, mut work: impl FnMut() -> u64) {
    let count = (job.rows / 10).max(1);
    for _ in 0..(job.ops / count).max(1) {
        black_box(work());
    }
}
