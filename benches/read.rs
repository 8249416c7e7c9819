//! What it costs to read 10 million records of 32 bytes from the page cache, as ratios to a copy of the
//! same bytes in memory, with npyz and NumPy beside it.
//!
//! ```text
//! cargo bench --bench read -- [FOLDER] [PYTHON]
//! ```
//!
//! NumPy is asked if `PYTHON` (or `python3`) has it.
#![allow(
    unsafe_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod records;

use std::{
    env,
    fs::File,
    hint::black_box,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use npyrec::{Mapped, NpyRecord};

use crate::records::{Encoded, Whole, encoded, whole};

const ROUNDS: usize = 9;
const ROWS: u32 = 10_000_000;

/// Python, which says how long NumPy took.
const NUMPY: &str = r#"
import sys, time
import numpy as np
for line in sys.stdin:
    work, path = line.split(" ", 1)
    path = path.strip()
    start = time.perf_counter()
    if work == "load":
        kept = np.load(path)
    else:
        kept = np.load(path, mmap_mode="r")["price"].sum()
    print(int((time.perf_counter() - start) * 1e9), flush=True)
    del kept
"#;

struct Numpy {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Numpy {
    fn start(python: &str) -> Option<Self> {
        let check = Command::new(python).args(["-c", "import numpy"]).output();
        check.ok().filter(|output| output.status.success())?;
        let mut process = Command::new(python)
            .args(["-c", NUMPY])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Some(Numpy {
            requests: process.stdin.take().unwrap(),
            answers: BufReader::new(process.stdout.take().unwrap()),
            process,
        })
    }

    fn time(&mut self, work: &str, path: &Path) -> Duration {
        writeln!(self.requests, "{work} {}", path.display()).unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        Duration::from_nanos(line.trim().parse().unwrap())
    }
}

impl Drop for Numpy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let kept = black_box(work());
    let time = start.elapsed();
    drop(kept);
    time
}

fn map<R: NpyRecord>(path: &Path) -> Mapped<R> {
    // SAFETY: nobody else knows the file.
    unsafe { Mapped::open(path) }.unwrap()
}

fn npyz<R: npyz::Deserialize>(path: &Path) -> Vec<R> {
    let file = npyz::NpyFile::new(BufReader::new(File::open(path).unwrap()));
    file.unwrap().into_vec().unwrap()
}

/// The places in which a million rows are looked at.
fn places() -> Vec<usize> {
    let mut random = fastrand::Rng::with_seed(1);
    (0..1_000_000)
        .map(|_| random.usize(..ROWS as usize))
        .collect()
}

/// The times of one kind of work, and the unit of measurement.
struct Row {
    name: &'static str,
    times: Vec<Duration>,
    baseline: &'static str,
}

#[derive(Default)]
struct Table(Vec<Row>);

impl Table {
    fn add(&mut self, name: &'static str, baseline: &'static str, time: Duration) {
        match self.0.iter_mut().find(|row| row.name == name) {
            Some(row) => row.times.push(time),
            None => self.0.push(Row {
                name,
                times: vec![time],
                baseline,
            }),
        }
    }

    fn median(&self, name: &str) -> Option<Duration> {
        let row = self.0.iter().find(|row| row.name == name)?;
        let mut times = row.times.clone();
        times.sort_unstable();
        Some(times[times.len() / 2])
    }

    fn print(&self) {
        for row in &self.0 {
            let median = self.median(row.name).unwrap();
            print!("{:42} {:>10.2?}", row.name, median);
            match self.median(row.baseline) {
                Some(baseline) if row.baseline != row.name => {
                    let ratio = median.as_secs_f64() / baseline.as_secs_f64();
                    println!("  {ratio:6.2} x {}", row.baseline);
                }
                _ => println!(),
            }
        }
    }
}

fn main() {
    let arguments: Vec<String> = env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let folder = arguments
        .first()
        .map_or(env!("CARGO_TARGET_TMPDIR"), |folder| folder);
    let mut numpy = Numpy::start(arguments.get(1).map_or("python3", |python| python));
    let dir = tempfile::tempdir_in(folder).unwrap();
    let path = dir.path().join("whole.npy");
    let encoded_path = dir.path().join("encoded.npy");
    let records: Vec<Whole> = (0..ROWS).map(whole).collect();
    npyrec::write(&path, &records).unwrap();
    let others: Vec<Encoded> = (0..ROWS).map(encoded).collect();
    npyrec::write(&encoded_path, &others).unwrap();
    drop(others);
    let mut copy = records.clone();
    let places = places();

    let mut table = Table::default();
    for _ in 0..ROUNDS {
        let time = timed(|| black_box(&mut copy).copy_from_slice(black_box(&records)));
        table.add("memcpy", "memcpy", time);
        if let Some(numpy) = &mut numpy {
            table.add("np.load", "memcpy", numpy.time("load", &path));
        }
        let against = if numpy.is_some() { "np.load" } else { "memcpy" };
        table.add(
            "read, copied whole",
            against,
            timed(|| npyrec::read::<Whole>(&path).unwrap()),
        );
        table.add(
            "npyz, copied whole",
            against,
            timed(|| npyz::<Whole>(&path)),
        );
        let time = timed(|| npyrec::read::<Encoded>(&encoded_path).unwrap());
        table.add("read, field by field", against, time);
        let time = timed(|| npyz::<Encoded>(&encoded_path));
        table.add("npyz, field by field", "read, field by field", time);
        let time = timed(|| npyrec::read::<Encoded>(&path).unwrap());
        table.add("read, fields in another order", against, time);

        table.add(
            "Mapped::open and as_slice",
            "memcpy",
            timed(|| map::<Whole>(&path).as_slice().unwrap().len()),
        );
        let mapped = map::<Whole>(&path);
        // The pages are there from here on.
        let slice = mapped.as_slice().unwrap();
        black_box(slice.iter().map(|row| row.side).max());
        let time = timed(|| slice.iter().map(|row| row.price).sum::<f64>());
        table.add(
            "sum of a field of a slice",
            "sum of a field of a slice",
            time,
        );
        let column = mapped.column::<f64>("price").unwrap();
        let time = timed(|| column.iter().sum::<npyrec::Result<f64>>().unwrap());
        table.add("sum of Mapped::column", "sum of a field of a slice", time);
        if let Some(numpy) = &mut numpy {
            table.add(
                "np.load(mmap_mode)[…].sum()",
                "np.load(mmap_mode)[…].sum()",
                numpy.time("sum", &path),
            );
            let time = timed(|| {
                let mapped = map::<Whole>(&path);
                mapped
                    .column::<f64>("price")
                    .unwrap()
                    .iter()
                    .sum::<npyrec::Result<f64>>()
                    .unwrap()
            });
            table.add(
                "Mapped::open and the same sum",
                "np.load(mmap_mode)[…].sum()",
                time,
            );
        }
        let time = timed(|| {
            places
                .iter()
                .map(|&row| slice[row].order)
                .fold(0, u64::wrapping_add)
        });
        table.add(
            "a million rows of a slice",
            "a million rows of a slice",
            time,
        );
        let time = timed(|| {
            let rows = places
                .iter()
                .map(|&row| mapped.get(row).unwrap().unwrap().order);
            rows.fold(0, u64::wrapping_add)
        });
        table.add(
            "a million rows of Mapped::get",
            "a million rows of a slice",
            time,
        );
    }
    table.print();
}
