//! How many instructions an appended record takes, everything included, as callgrind counts them.
//!
//! It runs itself under `valgrind --tool=callgrind` for each way of writing and prints a table:
//!
//! ```text
//! cargo bench --bench instructions
//! ```
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::{
    env,
    fs::File,
    io::{BufWriter, Write},
    process::Command,
};

use bytemuck::{Pod, Zeroable};
use npyrec::{Appender, NpyRecord};
use npyz::WriterBuilder;

const ROWS: u32 = 1_000_000;

/// 32 bytes that are copied whole.
#[derive(NpyRecord, npyz::Serialize, npyz::AutoSerialize, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Whole {
    time: i64,
    price: f64,
    size: f32,
    side: u32,
    order: u64,
}

/// The same fields in an order that is not that of the memory.
#[derive(NpyRecord)]
struct Encoded {
    side: u32,
    time: i64,
    size: f32,
    price: f64,
    order: u64,
}

fn whole(row: u32) -> Whole {
    Whole {
        time: i64::from(row) * 1_000,
        price: f64::from(row) * 0.25,
        size: row as f32,
        side: row & 1,
        order: u64::from(row),
    }
}

fn encoded(row: u32) -> Encoded {
    let Whole {
        time,
        price,
        size,
        side,
        order,
    } = whole(row);
    Encoded {
        side,
        time,
        size,
        price,
        order,
    }
}

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
            let mut rows = Appender::create(path).unwrap();
            for row in 0..ROWS {
                rows.append(&whole(row)).unwrap();
            }
            rows.close().unwrap();
        }
        "npyrec, field by field" => {
            let mut rows = Appender::create(path).unwrap();
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
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(env::current_exe().unwrap())
            .args([way, dir.path().join("rows").to_str().unwrap()])
            .output()
            .unwrap_or_else(|e| panic!("valgrind: {e}"));
        let report = String::from_utf8_lossy(&output.stderr);
        let collected = report
            .lines()
            .find_map(|line| line.split("Collected : ").nth(1));
        let count: f64 = collected
            .unwrap_or_else(|| panic!("{report}"))
            .trim()
            .parse()
            .unwrap();
        println!("| {way} | {:.1} |", count / f64::from(ROWS));
    }
}
