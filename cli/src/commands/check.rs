use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use clap::Args;
use npyrec::{ReadOptions, Report, Value, npz};
use serde::Serialize;
use serde_json::json;

use crate::{
    failure::{Failure, Outcome, Result},
    input::{Input, explained, is_archive},
    output::{escape, json_value, note, with_names_of_commands},
};

/// Report whether header and data agree; exit code 1 if they do not
///
/// Of an archive, all data are read and their checksums compared.
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Files, archives and directories of shards
    #[arg(value_name = "FILE", required = true, value_parser = clap::value_parser!(Input))]
    inputs: Vec<Input>,
}

impl Check {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        let mut out = BufWriter::new(io::stdout().lock());
        let mut outcome = Outcome::Fine;
        let mut failed = None;
        for input in &self.inputs {
            let checked = match input {
                Input::File(path) if !is_archive(path) => report(path, json, &mut out),
                Input::File(path) => archive(path, json, &mut out),
                other => Err(Failure::new(format!(
                    "{}: only a file can be checked",
                    other.name()
                ))),
            };
            match checked {
                Ok(true) => {}
                Ok(false) => outcome = Outcome::Differs,
                Err(Failure::ClosedPipe) => return Err(Failure::ClosedPipe),
                // The other files are checked.
                Err(failure) => {
                    if let Some(earlier) = failed.replace(failure) {
                        note(earlier.to_string().trim_end());
                    }
                }
            }
        }
        out.flush()?;
        failed.map_or(Ok(outcome), Err)
    }
}

/// Prints the report of a file. Returns true if it is sound.
fn report(path: &Path, json: bool, out: &mut dyn Write) -> Result<bool> {
    let report = npyrec::check(path).map_err(|e| explained(path, e))?;
    print(&report, json, out)?;
    Ok(report.is_sound())
}

/// Prints a report, as text or as JSON.
pub(super) fn print(report: &Report, json: bool, out: &mut dyn Write) -> Result<()> {
    match json {
        true => {
            let mut answer = serde_json::to_value(report)?;
            if let Some(serde_json::Value::String(advice)) = answer.get_mut("advice") {
                *advice = with_names_of_commands(advice).into_owned();
            }
            writeln!(out, "{}", json_value::line(&answer)?)?;
        }
        false => {
            let text = report.to_string();
            writeln!(out, "{}", escape::lines(&with_names_of_commands(&text)))?;
        }
    }
    Ok(())
}

/// The findings in an array of an archive.
#[derive(Serialize)]
struct MemberReport {
    name: String,
    is_sound: bool,
    rows: Option<u64>,
    error: Option<String>,
}

/// Reads all arrays of an archive, and prints which are damaged. Returns true if none is.
fn archive(path: &Path, json: bool, out: &mut dyn Write) -> Result<bool> {
    let mut archive = npz::Reader::open(path)?;
    let reports = archive.names().into_iter().map(|name| {
        let counted = archive.by_name(&name).and_then(|member| {
            let rows = member.header().shape().first().copied().unwrap_or(1);
            // Elements, as rows of an array in Fortran order are not one after another.
            let member = member.with(ReadOptions::new().flat(true));
            for element in member.rows::<Value>()? {
                element?;
            }
            Ok(rows)
        });
        MemberReport {
            name,
            is_sound: counted.is_ok(),
            rows: counted.as_ref().ok().copied(),
            error: counted.err().map(|error| error.to_string()),
        }
    });
    let reports: Vec<MemberReport> = reports.collect();
    let is_sound = reports.iter().all(|report| report.is_sound);
    if json {
        let report = json!({
            "path": path.display().to_string(),
            "type": "npz",
            "is_sound": is_sound,
            "arrays": reports,
        });
        writeln!(out, "{}", json_value::line(&report)?)?;
        return Ok(is_sound);
    }
    writeln!(out, "{}", escape::text(&path.display().to_string()))?;
    for report in &reports {
        let name = escape::text(&report.name);
        match (&report.error, report.rows) {
            (Some(error), _) => writeln!(out, "  {name}: {}", escape::lines(error))?,
            (None, rows) => writeln!(out, "  {name}: {} rows, sound", rows.unwrap_or_default())?,
        }
    }
    Ok(is_sound)
}
