use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use npyrec::{Recovery, Shards, Value};

use super::check;
use crate::{
    failure::{Failure, Outcome, Result},
    input::explained,
    output::{json_value, list, note, plural},
    schema,
};

/// Make the list of a directory of shards anew, as Dask reads it
///
/// The shards stay as they are: where header and data of one do not agree, `recover` mends them.
#[derive(Args, Debug)]
pub(crate) struct Index {
    /// A directory of shards `0.npy`, `1.npy`, …
    #[arg(value_name = "DIR")]
    dir: PathBuf,

    /// Print a reference of kerchunk instead, through which xarray and Zarr read the shards
    ///
    /// The directory stays as it is. A shard is a chunk, so all have the same number of rows; a shorter last one is left
    /// out.
    #[arg(long)]
    kerchunk: bool,
}

impl Index {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        if self.kerchunk {
            return self.print_reference();
        }
        let shard = |number: u64| self.dir.join(format!("{number}.npy"));
        let last = (0..).take_while(|&number| shard(number).is_file()).last();
        let Some(last) = last.map(shard) else {
            let shown = self.dir.display();
            return Err(Failure::new(format!("{shown}: there is no shard `0.npy`")));
        };
        let report = npyrec::check(&last).map_err(|e| explained(&last, e))?;
        if !report.is_sound() {
            let failure = Failure::new(format!("{}: it is not sound", last.display()));
            return Err(failure.hint("`npyrec recover` of the directory mends it"));
        }
        let report = npyrec::recover(&self.dir, Recovery::Adopt);
        let report = report.map_err(|e| explained(&self.dir, e))?;
        let mut out = io::stdout().lock();
        check::print(&report, json, &mut out)?;
        out.flush()?;
        Ok(Outcome::Fine)
    }

    fn print_reference(&self) -> Result<Outcome> {
        let shards = Shards::<Value>::open(&self.dir).map_err(|e| explained(&self.dir, e))?;
        let reference = schema::kerchunk(&shards)?;
        let mut out = io::stdout().lock();
        writeln!(out, "{}", json_value::line(&reference.json)?)?;
        out.flush()?;
        let shown = self.dir.display();
        if !reference.padding.is_empty() {
            note(&format!(
                "{shown}: padding is a field of its own in Zarr: {}",
                list(&reference.padding)
            ));
        }
        if reference.left_out > 0 {
            note(&format!(
                "{shown}: left out: the last shard, with {}, is shorter than the others",
                plural(reference.left_out, "row")
            ));
        }
        Ok(Outcome::Fine)
    }
}
