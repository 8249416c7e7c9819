//! The table, in Markdown.

use std::time::Duration;

use crate::{process::Usage, rounds::Measured, workload::Workload};

pub(crate) fn print(tables: &[(&Workload, Vec<Measured>)]) {
    println!(
        "| workload | way | processor | ratio (least – most) | clock | ratio (least – most) | memory |\n\
         | --- | --- | --: | --: | --: | --: | --: |"
    );
    for (workload, ways) in tables {
        let Some(base) = ways.first() else { continue };
        for (nth, way) in ways.iter().enumerate() {
            let title = match nth {
                0 => workload.title,
                _ => "",
            };
            let [processor, processor_ratio] = times(way, base, |run| run.processor);
            let [clock, clock_ratio] = match workload.waits {
                true => times(way, base, |run| run.clock),
                false => Default::default(),
            };
            let memory = median(way.runs.iter().map(|run| run.memory as f64));
            println!(
                "| {title} | {} | {processor} {} | {processor_ratio} | {clock} | {clock_ratio} | {:.0} MiB |",
                way.way.name,
                a(workload.unit),
                memory / f64::from(1 << 20)
            );
        }
    }
}

/// A word with its article.
fn a(word: &str) -> String {
    match word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => format!("an {word}"),
        false => format!("a {word}"),
    }
}

/// The time of an operation, and the ratio to that of the base in the same round.
fn times(way: &Measured, base: &Measured, time: impl Fn(&Usage) -> Duration) -> [String; 2] {
    let each = |way: &Measured, run| time(run).as_secs_f64() / way.ops as f64;
    let rounds = way.runs.iter().zip(&base.runs);
    let ratios = rounds.map(|(run, of)| each(way, run) / each(base, of));
    let mut ratios: Vec<f64> = ratios.collect();
    ratios.sort_by(f64::total_cmp);
    let spread = match (ratios.first(), ratios.last()) {
        (Some(least), Some(most)) if !std::ptr::eq(way, base) => {
            let middle = number(median(ratios.iter().copied()));
            format!("{middle} ({} – {})", number(*least), number(*most))
        }
        _ => "1".to_owned(),
    };
    [
        duration(median(way.runs.iter().map(|run| each(way, run)))),
        spread,
    ]
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn number(number: f64) -> String {
    match number {
        ..0.1 => format!("{number:.4}"),
        ..10.0 => format!("{number:.2}"),
        ..100.0 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    }
}

fn duration(seconds: f64) -> String {
    let nanoseconds = seconds * 1e9;
    match nanoseconds {
        ..1e4 => format!("{} ns", number(nanoseconds)),
        ..1e7 => format!("{} µs", number(nanoseconds / 1e3)),
        _ => format!("{} ms", number(nanoseconds / 1e6)),
    }
}
