use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::{Args, ValueEnum};
use npyrec::Recovery;

use super::check;
use crate::{
    failure::{Failure, Outcome, Result},
    input::explained,
};

/// Make the header and the data of a file agree
#[derive(Args, Debug)]
pub(crate) struct Recover {
    /// A file, or a directory of shards
    #[arg(value_name = "FILE")]
    path: PathBuf,

    /// The treatment of rows that the header does not count
    #[arg(long, value_enum, default_value = "adopt")]
    rows: RecoveryMode,

    /// Only report what is wrong; exit code 1 if something is
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RecoveryMode {
    /// Count all whole rows, and cut a torn one off
    Adopt,
    /// Cut off all that the header does not count
    Discard,
    /// Count all rows, and fill a torn one up with zeros
    ZeroFill,
}

impl Recover {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        let recovery = match self.rows {
            RecoveryMode::Adopt => Recovery::Adopt,
            RecoveryMode::Discard => Recovery::Discard,
            RecoveryMode::ZeroFill => Recovery::ZeroFill,
        };
        let report = match self.dry_run {
            true => npyrec::check(&self.path),
            false => npyrec::recover(&self.path, recovery),
        };
        let report = report.map_err(|e| explained(&self.path, e))?;
        let mut out = io::stdout().lock();
        check::print(&report, json, &mut out)?;
        out.flush().map_err(Failure::from)?;
        match self.dry_run && !report.is_sound() {
            true => Ok(Outcome::Differs),
            false => Ok(Outcome::Fine),
        }
    }
}
