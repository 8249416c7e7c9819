use clap::Args;

use super::{follow::follow, show::Show};
use crate::{
    failure::{Outcome, Result},
    input::{Input, Slice},
    output::Format,
};

/// Print the last rows, and those that come
#[derive(Args, Debug)]
pub(crate) struct Tail {
    /// A path, `-` for a pipe, `x.npz:name` for an array in an archive, or a directory of shards
    #[arg(value_name = "FILE", value_parser = clap::value_parser!(Input))]
    input: Input,

    /// The number of rows
    #[arg(short = 'n', long, default_value_t = 10)]
    rows: u64,

    /// Wait for more rows, until the file is removed or replaced
    #[arg(short, long)]
    follow: bool,

    /// Wait for more rows, and go on with the file that replaces it
    #[arg(short = 'F', long)]
    follow_name: bool,

    #[command(flatten)]
    show: Show,
}

impl Tail {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        if !self.follow && !self.follow_name {
            return self.show.print(&self.input, Slice::last(self.rows), json);
        }
        let path = self.input.path("only a file by itself can be followed")?;
        // An array of JSON has no end here.
        let format = match self.show.format(json) {
            Format::Json => Format::Jsonl,
            format => format,
        };
        follow(
            path,
            self.rows,
            &self.show.columns,
            format,
            self.follow_name,
        )
    }
}
