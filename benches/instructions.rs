//! How many instructions an appended record takes, everything included, as callgrind counts them.
//!
//! It runs itself under `valgrind --tool=callgrind` for each way of writing and prints a table:
//!
//! ```text
//! cargo bench --bench instructions
//! ```
#![allow(clippy::unwrap_used, missing_docs)]

mod callgrind;
mod records;

use std::{
    env,
    fs::File,
    io::{BufWriter, Write},
};

use npyrec::Appender;
use npyz::WriterBuilder;

use crate::records::{Encoded, Whole, encoded, whole};

const ROWS: u32 = 1_000_000;

const WAYS: [&str; 5] = [
    "making the records",
    "BufWriter and bytemuck",
    "npyrec, copied whole",
    "npyrec, field by field",
    "npyz",
];

fn write_rows(way: &str, path: &str) {
    let file = || BufWriter::with_capacity(64 * 1024, File::create(path).unwrap());
    match way {
        "making the records" => {
            for row in 0..ROWS {
                std::hint::black_box(&whole(row));
            }
        }
        "BufWriter and bytemuck" => {
            let mut file = file();
            for row in 0..ROWS {
                file.write_all(bytemuck::bytes_of(&whole(row))).unwrap();
            }
            file.flush().unwrap();
        }
        "npyrec, copied whole" => {
            let mut rows = Appender::<Whole>::create(path).unwrap();
            for row in 0..ROWS {
                rows.append(&whole(row)).unwrap();
            }
            rows.close().unwrap();
        }
        "npyrec, field by field" => {
            let mut rows = Appender::<Encoded>::create(path).unwrap();
            for row in 0..ROWS {
                rows.append(&encoded(row)).unwrap();
            }
            rows.close().unwrap();
        }
        _ => {
            let options = npyz::WriteOptions::new().default_dtype().writer(file());
            let mut rows = options.begin_1d().unwrap();
            for row in 0..ROWS {
                rows.push(&whole(row)).unwrap();
            }
            rows.finish().unwrap();
        }
    }
}

fn main() {
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    if let (Some(way), Some(path)) = (arguments.next(), arguments.next()) {
        return write_rows(&way, &path);
    }
    let dir = tempfile::tempdir().unwrap();
    println!("| a million records of 32 bytes | instructions a record |\n| --- | --- |");
    for way in WAYS {
        let count = callgrind::instructions(&[way, dir.path().join("rows").to_str().unwrap()]);
        println!("| {way} | {:.1} |", count / f64::from(ROWS));
    }
}
