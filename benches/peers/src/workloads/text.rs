//! A row as text.

use std::{
    fmt::{self, Write as _},
    hint::black_box,
};

use npyrec::{Bytes, Datetime64, NpyFile, NpyRecord, Str, Value, unit::Nanosecond};
use serde::{Serialize, Serializer};

use crate::workload::{Job, Way, Workload};

const FILE: &str = "text.npy";

/// The fields that are written as text.
#[derive(NpyRecord, Serialize)]
struct Row {
    #[serde(serialize_with = "as_text")]
    time: Datetime64<Nanosecond>,
    price: f64,
    size: f32,
    change: f64,
    order: u64,
    side: i8,
    is_last: bool,
    #[serde(serialize_with = "as_text")]
    symbol: Bytes<8>,
    #[serde(serialize_with = "as_text")]
    venue: Str<4>,
}

fn as_text<S: Serializer>(value: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

pub(crate) static WORKLOAD: Workload = Workload {
    name: "text",
    title: "a row of nine fields as text",
    unit: "row",
    ops: 2e6,
    rows: 10e3,
    prepare: Some(|job| {
        let mut random = fastrand::Rng::with_seed(1);
        let mut row = |nth: u64| Row {
            time: Datetime64::new(1_700_000_000_000_000_000 + nth as i64 * 123_456_789),
            price: random.f64() * 1e5,
            size: random.f32() * 1e3,
            change: (random.f64() - 0.5) * 1e-6,
            order: random.u64(..),
            side: if random.bool() { 1 } else { -1 },
            is_last: random.bool(),
            symbol: format!("SYM{}", random.u16(..1000)).parse().unwrap(),
            venue: "XETR".parse().unwrap(),
        };
        let rows: Vec<Row> = (0..job.rows).map(&mut row).collect();
        npyrec::write(job.path(FILE), &rows).unwrap();
    }),
    waits: false,
    ways: &[
        Way::new("`serde_json` of the struct", |job| {
            write(job, &npyrec::read::<Row>(job.path(FILE)).unwrap(), as_json);
        }),
        Way::new("`serde_json` of the `Value`", |job| {
            write(job, &values(job), as_json);
        }),
        Way::new("npyrec, `Display`", |job| {
            write(job, &values(job), |row, line| {
                write!(line, "{row}").unwrap()
            });
        }),
    ],
};

fn values(job: &Job) -> Vec<Value> {
    let file = NpyFile::open(job.path(FILE)).unwrap();
    file.rows().map(Result::unwrap).collect()
}

fn as_json<T: Serialize>(row: &T, line: &mut String) {
    // SAFETY: JSON is UTF-8.
    serde_json::to_writer(unsafe { line.as_mut_vec() }, row).unwrap();
}

fn write<T>(job: &Job, rows: &[T], text: impl Fn(&T, &mut String)) {
    let mut line = String::new();
    for _ in 0..job.passes() {
        for row in rows {
            line.clear();
            text(row, &mut line);
            black_box(&line);
        }
    }
}
