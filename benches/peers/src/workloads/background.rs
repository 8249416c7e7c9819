//! Two threads that log into one file.

use std::{io::Write, sync::Mutex, thread};

use npyrec::{Appender, BackgroundOptions};
use tracing_appender::non_blocking::NonBlockingBuilder;

use super::append::file;
use crate::{
    record::Whole,
    workload::{Job, Way, Workload},
};

const THREADS: u64 = 2;

pub(crate) static WORKLOAD: Workload = Workload {
    name: "background",
    title: "`log()` from two threads",
    unit: "record",
    ops: 10e6,
    rows: 0.0,
    prepare: None,
    waits: true,
    ways: &[
        Way::new("`Mutex<BufWriter<File>>` and bytemuck", |job| {
            let file = Mutex::new(file(&job.out()));
            from_threads(job, || {
                |record| {
                    let mut file = file.lock().unwrap();
                    file.write_all(bytemuck::bytes_of(&record)).unwrap();
                }
            });
            file.into_inner().unwrap().flush().unwrap();
        }),
        Way::new("npyrec, background, a logger a thread", |job| {
            let appender = Appender::<Whole>::create(job.out()).unwrap();
            let (log, guard) = appender.into_background(BackgroundOptions::new());
            from_threads(job, || {
                let log = log.clone();
                move |record| log.log(record).unwrap()
            });
            guard.close().unwrap();
        }),
        Way::new("npyrec, background, one logger", |job| {
            let appender = Appender::<Whole>::create(job.out()).unwrap();
            let (log, guard) = appender.into_background(BackgroundOptions::new());
            from_threads(job, || |record| log.log(record).unwrap());
            guard.close().unwrap();
        }),
        Way::new("`tracing-appender`, non-blocking", |job| {
            let (writer, guard) = NonBlockingBuilder::default()
                .lossy(false)
                .buffered_lines_limit(32 * 1024)
                .finish(file(&job.out()));
            from_threads(job, || {
                let mut writer = writer.clone();
                move |record| writer.write_all(bytemuck::bytes_of(&record)).unwrap()
            });
            drop(guard);
        })
        .share(0.5),
    ],
};

/// Has each thread log its records by what `log` makes for it.
fn from_threads<L: FnMut(Whole) + Send>(job: &Job, log: impl Fn() -> L) {
    let rows = job.ops / THREADS;
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let mut log = log();
            scope.spawn(move || (0..rows).for_each(|row| log(Whole::nth(row))));
        }
    });
}
