use clap::Args;

use super::show::Show;
use crate::{
    failure::{Outcome, Result},
    input::{Input, Slice},
};

/// Print the first rows
#[derive(Args, Debug)]
pub(crate) struct Head {
    /// A path, `-` for a pipe, `x.npz:name` for an array in an archive, or a directory of shards
    #[arg(value_name = "FILE", value_parser = clap::value_parser!(Input))]
    input: Input,

    /// The number of rows
    #[arg(short = 'n', long, default_value_t = 10)]
    rows: u64,

    #[command(flatten)]
    show: Show,
}

impl Head {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        self.show.print(&self.input, Slice::first(self.rows), json)
    }
}
