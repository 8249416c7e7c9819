use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use serde_json::json;

use crate::{
    failure::{Failure, Outcome, Result},
    input::explained,
    output::{escape, json_value},
};

/// Give the header of a file room for any number of rows
#[derive(Args, Debug)]
pub(crate) struct MakeAppendable {
    /// A file
    #[arg(value_name = "FILE")]
    path: PathBuf,

    /// Only say whether there is something to do; exit code 1 if there is
    #[arg(long)]
    dry_run: bool,
}

impl MakeAppendable {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        let explain = |e| explained(&self.path, e);
        let shown = self.path.display().to_string();
        let needs_room = match self.dry_run {
            true => {
                let report = npyrec::check(&self.path).map_err(explain)?;
                if report.shape().is_empty() {
                    return Err(Failure::new(format!(
                        "{shown}: a single element cannot grow"
                    )));
                }
                report.max_rows() < u64::MAX
            }
            false => npyrec::make_appendable(&self.path).map_err(explain)?,
        };
        let mut out = io::stdout().lock();
        match (json, needs_room, self.dry_run) {
            (true, ..) => {
                let answer = json!({
                    "path": shown,
                    "needed_room": needs_room,
                    "changed": needs_room && !self.dry_run,
                });
                writeln!(out, "{}", json_value::line(&answer)?)?;
            }
            (_, false, _) => writeln!(out, "{}: has room already", escape::text(&shown))?,
            (_, _, true) => writeln!(out, "{}: lacks room", escape::text(&shown))?,
            (_, _, false) => writeln!(out, "{}: has room now", escape::text(&shown))?,
        }
        out.flush()?;
        match self.dry_run && needs_room {
            true => Ok(Outcome::Differs),
            false => Ok(Outcome::Fine),
        }
    }
}
