use clap::Args;

use super::show::Show;
use crate::{
    failure::{Outcome, Result},
    input::{Input, Slice},
};

/// Print all rows, or a slice of them
#[derive(Args, Debug)]
pub(crate) struct Cat {
    /// A path, `-` for a pipe, `x.npz:name` for an array in an archive, or a directory of shards
    #[arg(value_name = "FILE", value_parser = clap::value_parser!(Input))]
    input: Input,

    /// Rows as in Python: `10:20`, `-5:`, `::100`, `::-1` or `7`
    #[arg(allow_hyphen_values = true)]
    rows: Option<Slice>,

    #[command(flatten)]
    show: Show,
}

impl Cat {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        let rows = self.rows.unwrap_or_else(Slice::all);
        self.show.print(&self.input, rows, json)
    }
}
