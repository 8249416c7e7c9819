//! What logging from two threads costs, in time of the processor and of the clock.
//!
//! ```text
//! cargo bench --bench background --features background
//! ```
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

#[allow(dead_code)] // Another bench writes the other kind.
mod records;

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    sync::{Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use npyrec::{Appender, BackgroundOptions};
use tracing_appender::non_blocking::NonBlockingBuilder;

use crate::records::{Whole, whole};

const THREADS: u32 = 2;
const ROWS: u32 = 2_000_000;
const ROUNDS: usize = 9;

type Way = fn(&Path);

const WAYS: [(&str, Way); 6] = [
    ("`Mutex<BufWriter<File>>` and bytemuck", mutex),
    ("npyrec, a clone for each thread", clones),
    ("npyrec, one logger for all", shared),
    ("a channel of records to an `Appender`", channel),
    ("`tracing-appender`, non-blocking", tracing),
    ("making the records", nothing),
];

/// Has each thread log its records by what `log` makes for it.
fn from_threads<L: FnMut(Whole) + Send>(log: impl Fn() -> L) {
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let mut log = log();
            scope.spawn(move || (0..ROWS).for_each(|row| log(whole(row))));
        }
    });
}

fn nothing(_: &Path) {
    from_threads(|| {
        |record| {
            std::hint::black_box(&record);
        }
    });
}

fn mutex(path: &Path) {
    let file = BufWriter::with_capacity(64 * 1024, File::create(path).unwrap());
    let file = Mutex::new(file);
    from_threads(|| {
        |record| {
            let mut file = file.lock().unwrap();
            file.write_all(bytemuck::bytes_of(&record)).unwrap();
        }
    });
    file.into_inner().unwrap().flush().unwrap();
}

fn clones(path: &Path) {
    let appender = Appender::<Whole>::create(path).unwrap();
    let (log, guard) = appender.into_background(BackgroundOptions::new());
    from_threads(|| {
        let log = log.clone();
        move |record| log.log(record).unwrap()
    });
    guard.close().unwrap();
}

fn shared(path: &Path) {
    let appender = Appender::<Whole>::create(path).unwrap();
    let (log, guard) = appender.into_background(BackgroundOptions::new());
    from_threads(|| |record| log.log(record).unwrap());
    guard.close().unwrap();
}

/// The bounded channel of the standard library, which is that of `crossbeam-channel`.
fn channel(path: &Path) {
    let mut appender = Appender::<Whole>::create(path).unwrap();
    let (sender, receiver) = mpsc::sync_channel(32 * 1024);
    let thread = thread::spawn(move || {
        appender.extend(receiver).unwrap();
        appender.close().unwrap();
    });
    from_threads(|| {
        let sender = sender.clone();
        move |record| sender.send(record).unwrap()
    });
    drop(sender);
    thread.join().unwrap();
}

fn tracing(path: &Path) {
    let file = BufWriter::with_capacity(64 * 1024, File::create(path).unwrap());
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(false)
        .buffered_lines_limit(32 * 1024)
        .finish(file);
    from_threads(|| {
        let mut writer = writer.clone();
        move |record| writer.write_all(bytemuck::bytes_of(&record)).unwrap()
    });
    drop(guard);
}

/// What all threads of this process used of the processor so far.
#[cfg(target_os = "linux")]
fn processor() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.cast_unsigned(),
        u32::try_from(time.tv_nsec).unwrap(),
    )
}

#[cfg(not(target_os = "linux"))]
fn processor() -> Duration {
    Duration::ZERO
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let mut rounds = Vec::new();
    for round in 0..=ROUNDS {
        let times = WAYS.map(|(_, way)| {
            let path = dir.path().join("rows");
            let (used, start) = (processor(), Instant::now());
            way(&path);
            let times = [processor() - used, start.elapsed()].map(|time| time.as_secs_f64());
            std::fs::remove_file(&path).ok();
            times
        });
        // The first one finds caches cold.
        if round > 0 {
            rounds.push(times);
        }
    }
    println!(
        "{THREADS} threads, {ROWS} records of 32 bytes each, medians of {ROUNDS} rounds\n\n\
         | way | processor, ns a record | to the first | clock, ns a record | to the first |\n\
         | --- | --- | --- | --- | --- |"
    );
    for (way, (name, _)) in WAYS.iter().enumerate() {
        print!("| {name} |");
        for clock in 0..2 {
            let each = median(rounds.iter().map(|times| times[way][clock]));
            let ratio = median(
                rounds
                    .iter()
                    .map(|times| times[way][clock] / times[0][clock]),
            );
            print!(
                " {:.1} | {ratio:.2} |",
                each * 1e9 / f64::from(THREADS * ROWS)
            );
        }
        println!();
    }
}
