use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use npyrec::{DType, Order, Value};
use serde::Serialize;
use serde_json::json;

use crate::{
    failure::{Failure, Outcome, Result},
    feed::{Feed, NpyFeed, Target, fit, write},
    input::{Column, Input, Layout, Slice},
    output::{Format, json_value, note},
};

/// Write the rows of IN with the dtype of another file
///
/// Fields are matched by name. A new field is zeros, and a field that the other file lacks is left out. A value that
/// does not fit the new type is an error.
#[derive(Args, Debug)]
pub(crate) struct Migrate {
    /// A path, `-` for a pipe, `x.npz:name` for an array in an archive, or a directory of shards
    #[arg(value_name = "IN", value_parser = clap::value_parser!(Input))]
    input: Input,

    /// The .npy file to write
    #[arg(value_name = "OUT")]
    output: PathBuf,

    /// The file that has the dtype
    #[arg(long, value_name = "OTHER", value_parser = clap::value_parser!(Input))]
    like: Input,

    /// Replace OUT if it exists
    #[arg(long)]
    force: bool,
}

/// A column that the new file has otherwise.
#[derive(Debug, Serialize)]
struct Change {
    column: String,
    from: Option<String>,
    to: Option<String>,
}

impl Migrate {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        if matches!((&self.input, &self.like), (Input::Pipe, Input::Pipe)) {
            return Err(Failure::new("only one of the two can be a pipe"));
        }
        let row = self
            .like
            .read_header(&[], |_, layout| Ok(layout.row.clone()))?;
        let (rows, changes) = self.input.read(&[], |rows| {
            let picked = rows.pick(&Slice::all())?;
            let changes = changes(&rows.layout().row, &row)?;
            let mut feed = Fitted {
                feed: NpyFeed { rows, picked },
                row: row.clone(),
            };
            let target = Target {
                path: Some(self.output.clone()),
                force: self.force,
                format: Some(Format::Npy),
                row: row.clone(),
                order: Order::C,
                name: String::new(),
            };
            write(&mut feed, &target)?;
            Ok((picked.count, changes))
        })?;
        if json {
            let path = self.output.display().to_string();
            let answer = json!({"path": path, "rows": rows, "dtype": row, "changes": changes});
            writeln!(io::stdout(), "{}", json_value::line(&answer)?)?;
            return Ok(Outcome::Fine);
        }
        for Change { column, from, to } in &changes {
            note(&match (from, to) {
                (Some(from), Some(to)) => format!("{column}: from {from} to {to}"),
                (Some(_), None) => format!("{column}: removed"),
                _ => format!("{column}: added"),
            });
        }
        Ok(Outcome::Fine)
    }
}

/// Rows with the fields of another dtype.
struct Fitted<'a, 'b> {
    feed: NpyFeed<'a, 'b>,
    row: DType,
}

impl Feed for Fitted<'_, '_> {
    fn layout(&self) -> Layout {
        Layout {
            row: self.row.clone(),
            ..self.feed.layout()
        }
    }

    fn each(&mut self, visit: &mut dyn FnMut(u64, Value) -> Result<()>) -> Result<()> {
        let row = &self.row;
        self.feed
            .each(&mut |nth, value| visit(nth, fit(&value, row)))
    }

    fn is_repeatable(&self) -> bool {
        self.feed.is_repeatable()
    }
}

fn changes(from: &DType, to: &DType) -> Result<Vec<Change>> {
    let too_many = || Failure::new("a row has too many columns");
    let old = Column::of(from, false).ok_or_else(too_many)?;
    let new = Column::of(to, false).ok_or_else(too_many)?;
    let find = |columns: &[Column], name: &str| {
        let found = columns.iter().find(|column| column.name == name);
        found.map(|column| column.dtype.to_string())
    };
    let removed = old
        .iter()
        .filter(|column| find(&new, &column.name).is_none());
    let changes = new.iter().chain(removed).map(|column| Change {
        column: column.name.clone(),
        from: find(&old, &column.name),
        to: find(&new, &column.name),
    });
    Ok(changes.filter(|change| change.from != change.to).collect())
}
