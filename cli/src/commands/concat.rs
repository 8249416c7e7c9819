use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use npyrec::{DType, Order, Value};
use serde_json::json;

use crate::{
    failure::{Failure, Outcome, Result},
    feed::{Feed, Target, write},
    input::{Input, Layout, Slice},
    output::{Format, json_value},
};

/// Join arrays of one dtype along their first axis
#[derive(Args, Debug)]
pub(crate) struct Concat {
    /// Files, members of archives, directories of shards
    #[arg(value_name = "IN", required = true, value_parser = clap::value_parser!(Input))]
    inputs: Vec<Input>,

    /// The file to write
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,

    /// Replace OUT if it exists
    #[arg(long)]
    force: bool,
}

impl Concat {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        if self.inputs.iter().any(|input| matches!(input, Input::Pipe)) {
            return Err(Failure::new(
                "the arrays are read twice, which a pipe cannot be",
            ));
        }
        let mut feed = Joined::of(&self.inputs)?;
        let target = Target {
            path: Some(self.output.clone()),
            force: self.force,
            format: Some(Format::Npy),
            row: feed.layout.row.clone(),
            order: Order::C,
            name: String::new(),
        };
        write(&mut feed, &target)?;
        if json {
            let answer = json!({
                "path": self.output.display().to_string(),
                "rows": feed.layout.rows,
                "dtype": feed.layout.row,
            });
            writeln!(io::stdout(), "{}", json_value::line(&answer)?)?;
        }
        Ok(Outcome::Fine)
    }
}

/// Arrays one after another.
struct Joined<'a> {
    inputs: &'a [Input],
    layout: Layout,
}

impl<'a> Joined<'a> {
    /// Checks that all arrays have one dtype, and counts their rows.
    fn of(inputs: &'a [Input]) -> Result<Self> {
        let mut joined: Option<Layout> = None;
        for input in inputs {
            let layout = input.read_header(&[], |_, layout| Ok(layout.clone()))?;
            match &mut joined {
                None => joined = Some(layout),
                Some(joined) if joined.row == layout.row => joined.rows += layout.rows,
                Some(joined) => return Err(differs(input, &layout.row, &joined.row)),
            }
        }
        let nothing = || Failure::new("there is nothing to join");
        Ok(Joined {
            inputs,
            layout: joined.ok_or_else(nothing)?,
        })
    }
}

fn differs(input: &Input, row: &DType, first: &DType) -> Failure {
    let failure = Failure::new(format!(
        "{}: its rows are {row}, those before {first}",
        input.name()
    ));
    failure.hint("`npyrec diff` names the fields, and `npyrec convert --cast` changes their types")
}

impl Feed for Joined<'_> {
    fn layout(&self) -> Layout {
        self.layout.clone()
    }

    fn each(&mut self, visit: &mut dyn FnMut(u64, Value) -> Result<()>) -> Result<()> {
        let mut nth = 0;
        self.inputs.iter().try_for_each(|input| {
            input.read(&[], |rows| {
                rows.each(rows.pick(&Slice::all())?, |_, value| {
                    nth += 1;
                    visit(nth - 1, value)
                })
            })
        })
    }

    fn is_repeatable(&self) -> bool {
        true
    }
}
