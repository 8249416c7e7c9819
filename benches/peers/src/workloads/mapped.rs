//! A file in memory, of which parts are looked at. It is mapped once and gone through many times.

use std::{fs::File, hint::black_box};

use memmap2::Mmap;
use npyrec::Mapped;

use super::read::{WHOLE, prepare_whole};
use crate::{
    record::Whole,
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
            let map = map(job);
            for _ in 0..job.passes() {
                black_box(sum(black_box(rows(&map))));
            }
        }),
        Way::new("npyrec, `Mapped::column`", |job| {
            let mapped = npyrec(job);
            for _ in 0..job.passes() {
                let column = black_box(&mapped).column::<f64>("price").unwrap();
                black_box(column.iter().map(Result::unwrap).sum::<f64>());
            }
        }),
        Way::new("npyrec, `Mapped::as_slice`", |job| {
            let mapped = npyrec(job);
            for _ in 0..job.passes() {
                black_box(sum(black_box(mapped.as_slice().unwrap())));
            }
        }),
        Way::new("npyz", |job| {
            for _ in 0..job.passes() {
                let map = map(job);
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
            let (map, places) = (map(job), places(job));
            let rows = black_box(rows(&map));
            repeat(job, || {
                let rows = places.iter().map(|&place| rows[place].order);
                rows.fold(0, u64::wrapping_add)
            });
        }),
        Way::new("npyrec, `Mapped::get`", |job| {
            let (mapped, places) = (npyrec(job), places(job));
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

fn map(job: &Job) -> Mmap {
    let file = File::open(job.path(WHOLE)).unwrap();
    // SAFETY: nobody else knows the file.
    unsafe { Mmap::map(&file) }.unwrap()
}

fn rows(map: &Mmap) -> &[Whole] {
    let header_len = 10 + usize::from(u16::from_le_bytes([map[8], map[9]]));
    bytemuck::cast_slice(&map[header_len..])
}

fn npyrec(job: &Job) -> Mapped<Whole> {
    // SAFETY: nobody else knows the file.
    unsafe { Mapped::open(job.path(WHOLE)) }.unwrap()
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
