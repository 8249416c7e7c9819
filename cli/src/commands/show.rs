//! Printing rows, which `head`, `tail` and `cat` share.

use std::io::{self, BufWriter};

use clap::Args;

use crate::{
    failure::{Outcome, Result},
    input::{Input, Slice},
    output::{Format, row_writer},
};

/// The options of printed rows.
#[derive(Args, Clone, Debug)]
pub(crate) struct Show {
    /// Show only these columns, as `time,at.x,depth[2]`
    #[arg(short, long, value_name = "COLUMNS", value_delimiter = ',', value_parser = column)]
    pub(crate) columns: Vec<String>,

    /// The form of the rows
    #[arg(long, value_enum, default_value = "table", hide_default_value = true)]
    pub(crate) format: Format,
}

impl Show {
    pub(crate) fn format(&self, json: bool) -> Format {
        match json {
            true => Format::Json,
            false => self.format,
        }
    }

    /// Prints the rows of a slice.
    pub(crate) fn print(&self, input: &Input, slice: Slice, json: bool) -> Result<Outcome> {
        input.read(&columns(&self.columns), |rows| {
            let picked = rows.pick(&slice)?;
            let out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
            let format = self.format(json);
            let mut writer = row_writer(format, out, rows.layout(), Some(picked.count), true)?;
            let read = rows.each(picked, |row, value| writer.write(row, &value));
            // The rows before an error are shown, except in a format that has a number for them.
            match (read, format) {
                (Err(error), Format::Npy | Format::Raw) => Err(error),
                (read, _) => writer.finish().and(read),
            }
        })?;
        Ok(Outcome::Fine)
    }
}

fn column(text: &str) -> Result<String, String> {
    match text {
        "" => Err("a column has no name".to_owned()),
        name => Ok(name.to_owned()),
    }
}

/// Joins the parts of `m[1,0]`, which the commas between columns have divided.
pub(crate) fn columns(parts: &[String]) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for part in parts {
        match columns.last_mut() {
            Some(open) if open.rfind('[') > open.rfind(']') => {
                open.push(',');
                open.push_str(part);
            }
            _ => columns.push(part.clone()),
        }
    }
    columns
}
