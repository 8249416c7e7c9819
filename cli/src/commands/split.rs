use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use npyrec::AppendOptions;
use serde_json::json;

use crate::{
    failure::{Failure, Outcome, Result},
    input::{Input, Slice},
    output::{Progress, json_value},
};

/// Divide an array into a directory of shards, which Dask reads as one array
#[derive(Args, Debug)]
pub(crate) struct Split {
    /// A path, `-` for a pipe, `x.npz:name` for an array in an archive, or a directory of shards
    #[arg(value_name = "FILE", value_parser = clap::value_parser!(Input))]
    input: Input,

    /// The directory, which must not exist or be empty
    #[arg(value_name = "DIR")]
    dir: PathBuf,

    /// The rows of a shard
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    rows: u64,
}

impl Split {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        let shown = self.dir.display().to_string();
        if self
            .dir
            .read_dir()
            .is_ok_and(|mut entries| entries.next().is_some())
        {
            let failure = Failure::new(format!("{shown} is not empty"));
            return Err(failure.hint("name a directory that does not exist"));
        }
        let (rows, shards) = self.input.read(&[], |rows| {
            let picked = rows.pick(&Slice::all())?;
            let options = AppendOptions::new().rows_per_shard(self.rows);
            let mut shards = options.open_dir_with_dtype(&self.dir, &rows.layout().row)?;
            let mut progress = Progress::new(picked.count);
            rows.each(picked, |_, value| {
                progress.step();
                Ok(shards.append(&value)?)
            })?;
            let found = (shards.rows(), shards.shards());
            shards.close()?;
            Ok(found)
        })?;
        if json {
            let answer = json!({"path": shown, "rows": rows, "shards": shards});
            writeln!(io::stdout(), "{}", json_value::line(&answer)?)?;
        }
        Ok(Outcome::Fine)
    }
}
