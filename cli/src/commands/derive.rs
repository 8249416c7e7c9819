use std::io::{self, Write};

use clap::Args;
use serde_json::json;

use super::show;
use crate::{
    failure::{Outcome, Result},
    input::Input,
    output::{escape, json_value},
    schema,
};

/// Print the Rust struct that reads the rows, or the dtype of Python
#[derive(Args, Debug)]
pub(crate) struct Derive {
    /// A path, `-` for a pipe, `x.npz:name` for an array in an archive, or a directory of shards
    #[arg(value_name = "FILE", value_parser = clap::value_parser!(Input))]
    input: Input,

    /// Print the dtype of the array as an expression of Python
    #[arg(long)]
    python: bool,

    /// Only these columns, as `time,at.x,depth[2]`
    #[arg(short, long, value_delimiter = ',', conflicts_with = "python")]
    columns: Vec<String>,
}

impl Derive {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        let source = self
            .input
            .read_header(&show::columns(&self.columns), |header, layout| {
                match self.python {
                    true => schema::python(header.dtype().base_and_shape().0)
                        .map(|python| format!("{python}\n")),
                    false => schema::rust(&layout.row),
                }
            })?;
        let mut out = io::stdout().lock();
        match json {
            true => {
                let language = if self.python { "python" } else { "rust" };
                let answer =
                    json!({"path": self.input.name(), "language": language, "source": source});
                writeln!(out, "{}", json_value::line(&answer)?)?;
            }
            // All texts in it are literals, so that there is nothing else to escape.
            false => write!(out, "{}", escape::lines(&source))?,
        }
        out.flush()?;
        Ok(Outcome::Fine)
    }
}
