//! Rounds, in which the ways of a workload take turns.

use crate::{
    arguments::Arguments,
    machine,
    process::{self, Usage},
    table,
    workload::{Job, Run, Way, Workload},
};

/// A way and what its runs took, each with the operations that it did.
pub(crate) struct Measured {
    pub(crate) way: &'static Way,
    pub(crate) ops: u64,
    pub(crate) runs: Vec<Usage>,
}

pub(crate) fn measure(arguments: &Arguments) {
    std::fs::create_dir_all(&arguments.folder).unwrap();
    let mut tables = Vec::new();
    for workload in arguments.workloads() {
        tables.push((workload, measure_one(arguments, workload)));
    }
    println!("{}\n", machine::describe(arguments));
    table::print(&tables);
}

fn measure_one(arguments: &Arguments, workload: &'static Workload) -> Vec<Measured> {
    let folder = tempfile::Builder::new()
        .prefix("npyrec-peers.")
        .tempdir_in(&arguments.folder)
        .unwrap();
    let scaled = |number: f64| (number * arguments.scale).ceil() as u64;
    let rows = scaled(workload.rows);
    let ways = workload.ways.iter().filter(|way| match way.run {
        Run::Rust(_) => true,
        Run::Python(_) => arguments.python.is_some(),
    });
    let mut measured: Vec<Measured> = ways
        .map(|way| Measured {
            way,
            ops: scaled(workload.ops * way.share),
            runs: Vec::new(),
        })
        .collect();
    let ways = measured.len();
    // The first round finds caches cold, and is not measured.
    for round in 0..=arguments.rounds {
        // Each way is the first in turn.
        for way in (0..ways).map(|nth| (nth + round) % ways) {
            let Measured { way, ops, runs } = &mut measured[way];
            let job = Job {
                folder: folder.path().to_owned(),
                ops: *ops,
                rows,
            };
            let usage = process::run(workload, way, &job, arguments.python.as_deref());
            eprintln!(
                "{} {round}/{}: {:.3} s {}",
                workload.name,
                arguments.rounds,
                usage.processor.as_secs_f64(),
                way.name
            );
            if round > 0 {
                runs.push(usage);
            }
        }
    }
    measured
}
