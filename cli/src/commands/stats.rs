use std::io::{self, BufWriter, Write};

use clap::Args;
use npyrec::Value;
use serde_json::json;

use super::show;
use crate::{
    failure::{Failure, Outcome, Result},
    input::{Column, Input, Slice, in_threads, threads},
    output::{Progress, Table, cell::flatten, escape, json_value, list, note, plural, six_digits},
    stats::{ColumnStats, Summary},
};

/// Print the number, range, mean, quantiles and distinct values of each column
///
/// Numbers are as NumPy computes them without NaN. The entries of a subarray are values of one column. Quantiles of
/// more than two million values are estimated by a t-digest, and marked by `~`.
#[derive(Args, Debug)]
pub(crate) struct Stats {
    /// A path, `-` for a pipe, `x.npz:name` for an array in an archive, or a directory of shards
    #[arg(value_name = "FILE", value_parser = clap::value_parser!(Input))]
    input: Input,

    /// Only these columns, as `time,at.x,depth[2]`
    #[arg(short, long, value_delimiter = ',')]
    columns: Vec<String>,

    /// Only these rows, as `10:20`
    #[arg(long, allow_hyphen_values = true)]
    rows: Option<Slice>,
}

impl Stats {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        let columns = show::columns(&self.columns);
        let (rows, summaries) = self.input.read(&columns, |rows| {
            let picked = rows.pick(&self.rows.unwrap_or_else(Slice::all))?;
            let columns = Column::of(&rows.layout().row, false).ok_or_else(|| {
                Failure::new("a row has too many columns").hint("choose some by `-c`")
            })?;
            let stats = columns.iter();
            let stats = stats.map(|column| ColumnStats::new(column, picked.count, columns.len()));
            let mut stats: Vec<ColumnStats> = stats.collect();
            let mut progress = Progress::new(picked.count);
            let mut first = 0;
            rows.each_block(picked, &|values| Ok(values), &mut |values: Vec<Value>| {
                add(&mut stats, first, &values);
                first += values.len() as u64;
                progress.advance(values.len() as u64);
                Ok(())
            })?;
            let summaries = stats.into_iter().map(ColumnStats::summary);
            Ok((picked.count, summaries.collect::<Vec<_>>()))
        })?;
        let mut out = BufWriter::new(io::stdout().lock());
        match json {
            true => {
                let answer = json!({"path": self.input.name(), "rows": rows, "columns": summaries});
                writeln!(out, "{}", json_value::line(&answer)?)?;
            }
            false => self.print(&mut out, rows, &summaries)?,
        }
        out.flush()?;
        Ok(Outcome::Fine)
    }

    fn print(&self, out: &mut dyn Write, rows: u64, summaries: &[Summary]) -> Result<()> {
        writeln!(
            out,
            "{}: {}",
            escape::text(&self.input.name()),
            plural(rows, "row")
        )?;
        let names = [
            "column", "count", "missing", "min", "mean", "max", "std", "25%", "50%", "75%",
            "distinct",
        ];
        let columns = names.iter().map(|name| (*name, *name != "column"));
        let mut table = Table::new(columns.chain([("over the rows", false)]));
        let lines = summaries.iter().map(|summary| {
            let shown = |value: &Option<Value>| value.as_ref().map(short).unwrap_or_default();
            let mut line = vec![
                summary.name.clone(),
                summary.count.to_string(),
                summary.missing.to_string(),
                shown(&summary.min),
                shown(&summary.mean),
                shown(&summary.max),
                summary
                    .std
                    .map(|std| short(&Value::Float64(std)))
                    .unwrap_or_default(),
            ];
            let mark = if summary.quantiles_are_exact { "" } else { "~" };
            let parts = summary.quantiles.as_ref();
            let parts = parts.map(|q| [&q.quarter, &q.median, &q.three_quarters]);
            line.extend(parts.map_or([const { String::new() }; 3], |parts| {
                parts.map(|part| format!("{mark}{}", short(part)))
            }));
            line.push(match summary.distinct {
                Some(0) => String::new(),
                Some(distinct) => distinct.to_string(),
                None => "many".to_owned(),
            });
            line.push(summary.sparkline.clone());
            line
        });
        table.write(out, &lines.collect::<Vec<_>>())?;
        match table.left_out() {
            [] => {}
            names => note(&format!("left out, for lack of room: {}", list(names))),
        }
        Ok(())
    }
}

/// Adds rows to the statistics of all columns, of which each thread has some.
fn add(stats: &mut [ColumnStats], first: u64, rows: &[Value]) {
    let width = stats.len();
    if width == 0 {
        return;
    }
    let mut cells = Vec::with_capacity(rows.len().saturating_mul(width));
    for row in rows {
        match row {
            Value::Record(_) => flatten(row, false, &mut cells),
            row => cells.push(row),
        }
    }
    let columns_of_thread = width.div_ceil(threads());
    let columns = stats.chunks_mut(columns_of_thread).enumerate();
    in_threads(columns, |(nth, columns)| {
        for (column, stats) in (nth * columns_of_thread..).zip(columns) {
            for (row, cell) in (first..).zip(cells.iter().skip(column).step_by(width)) {
                stats.add(row, cell);
            }
        }
    });
}

/// Returns a value as a cell, a float with six digits.
fn short(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Float16(_)
        | Value::BFloat16(_)
        | Value::Float32(_)
        | Value::Float64(_)
        | Value::LongDouble(_) => six_digits(value.as_f64().unwrap_or(f64::NAN)),
        other => other.to_string(),
    }
}
