use std::{
    ffi::OsStr,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use npyrec::{DType, Order};
use serde_json::json;

use super::show;
use crate::{
    failure::{Failure, Outcome, Result},
    feed::{Feed, NpyFeed, Recast, Target, write},
    input::{Input, Layout, Slice},
    output::{Format, json_value},
    text::{TextFormat, TextRows},
};

/// Convert between npy, npz, CSV, TSV and lines of JSON
///
/// The extensions give the formats: .npy, .npz, .csv, .tsv, .jsonl. The types of a text are guessed unless
/// `--dtype` gives them. After an error, OUT is as it was.
#[derive(Args, Debug)]
pub(crate) struct Convert {
    /// A path, `-` for a pipe, `x.npz:name` for an array in an archive, or a directory of shards; or a text
    #[arg(value_name = "IN", value_parser = clap::value_parser!(Input))]
    input: Input,

    /// The file to write, or `-` for the standard output
    #[arg(value_name = "OUT")]
    output: PathBuf,

    /// The format of IN
    #[arg(long, value_enum)]
    from: Option<FileFormat>,

    /// The format of OUT
    #[arg(long, value_enum)]
    to: Option<FileFormat>,

    /// The dtype of the rows of a text, as `f8` or "[('time', 'M8[ns]'), ('price', 'f8')]"
    #[arg(long)]
    dtype: Option<DType>,

    /// The text has no line of names
    #[arg(long)]
    no_header: bool,

    /// Store numbers and times as another type: `f4` for all of that kind, or `price=f4`
    #[arg(long, value_name = "TYPE", value_delimiter = ',')]
    cast: Vec<String>,

    /// The order of an array of several axes
    #[arg(long, value_enum)]
    order: Option<OrderName>,

    /// Pad the fields as C does
    #[arg(long)]
    align: bool,

    /// Only these columns, as `time,at.x,depth[2]`
    #[arg(short, long, value_delimiter = ',')]
    columns: Vec<String>,

    /// Only these rows, as `10:20`
    #[arg(long, allow_hyphen_values = true)]
    rows: Option<Slice>,

    /// The name of the array in an archive
    #[arg(long, default_value = "arr_0")]
    name: String,

    /// Replace OUT if it exists
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FileFormat {
    Npy,
    Npz,
    Csv,
    Tsv,
    Jsonl,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OrderName {
    #[value(name = "C")]
    C,
    #[value(name = "F")]
    Fortran,
}

impl Convert {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        let from = match (self.from, &self.input) {
            (Some(format), _) => format,
            (None, Input::File(path)) => FileFormat::of(path)?,
            (None, Input::Pipe | Input::Member { .. }) => FileFormat::Npy,
        };
        let text = match from {
            FileFormat::Npy => None,
            FileFormat::Npz => {
                let failure = Failure::new(format!("{} is an archive", self.input.name()));
                return Err(failure.hint("name an array in it, as `x.npz:name`"));
            }
            FileFormat::Csv => Some(TextFormat::Csv),
            FileFormat::Tsv => Some(TextFormat::Tsv),
            FileFormat::Jsonl => Some(TextFormat::Jsonl),
        };
        let written = match text {
            Some(format) => self.convert_text(format)?,
            None => self.convert_array()?,
        };
        if json && self.output != Path::new("-") {
            let answer = json!({
                "path": self.output.display().to_string(),
                "rows": written.rows,
                "dtype": written.row,
            });
            writeln!(io::stdout(), "{}", json_value::line(&answer)?)?;
        }
        Ok(Outcome::Fine)
    }

    fn convert_array(&self) -> Result<Layout> {
        if self.dtype.is_some() {
            let failure = Failure::new("an array has a dtype, and `--dtype` is for texts");
            return Err(failure.hint("`--cast` stores it as another"));
        }
        self.input.read(&show::columns(&self.columns), |rows| {
            let picked = rows.pick(&self.rows.unwrap_or_else(Slice::all))?;
            let order = match rows.header().order() {
                Order::Fortran if self.rows.is_none() && self.columns.is_empty() => Order::Fortran,
                _ => Order::C,
            };
            self.write(&mut NpyFeed { rows, picked }, order)
        })
    }

    fn convert_text(&self, format: TextFormat) -> Result<Layout> {
        if !self.columns.is_empty() || self.rows.is_some() {
            return Err(Failure::new(
                "rows and columns are chosen of arrays, not of texts",
            ));
        }
        let (names, dtype) = (!self.no_header, self.dtype.clone());
        let mut rows = match &self.input {
            Input::Pipe => TextRows::from_pipe(format, names, dtype)?,
            other => TextRows::open(
                other.path("a text is not in an archive")?,
                format,
                names,
                dtype,
            )?,
        };
        self.write(&mut rows, Order::C)
    }

    /// Writes rows, in the order that they had unless another is asked for. Returns what was written.
    fn write(&self, feed: &mut dyn Feed, order: Order) -> Result<Layout> {
        let path = (self.output != Path::new("-")).then(|| self.output.clone());
        let to = match (self.to, &path) {
            (Some(format), _) => format,
            (None, Some(path)) => FileFormat::of(path)?,
            (None, None) => {
                return Err(
                    Failure::new("the standard output has no name that tells its format")
                        .hint("`--to csv` says it"),
                );
            }
        };
        let recast = Recast {
            casts: self.cast.clone(),
            align: self.align,
        };
        let is_binary = matches!(to, FileFormat::Npy | FileFormat::Npz);
        if !(is_binary || recast.is_empty() && self.order.is_none()) {
            return Err(Failure::new(
                "a text has no dtype and no order, which could be changed",
            ));
        }
        let order = match self.order {
            Some(OrderName::C) => Order::C,
            Some(OrderName::Fortran) => Order::Fortran,
            None => order,
        };
        if to == FileFormat::Npz && self.order.is_some() && order == Order::Fortran {
            return Err(Failure::new("an array goes into an archive in C order"));
        }
        let target = Target {
            path,
            force: self.force,
            format: to.of_rows(),
            row: recast.apply(&feed.layout().row)?,
            order,
            name: self.name.clone(),
        };
        write(feed, &target)?;
        Ok(Layout {
            row: target.row,
            ..feed.layout()
        })
    }
}

impl FileFormat {
    /// Returns the format of a file by its name.
    fn of(path: &Path) -> Result<Self> {
        match path.extension().and_then(OsStr::to_str) {
            Some("npy") => Ok(FileFormat::Npy),
            Some("npz") => Ok(FileFormat::Npz),
            Some("csv") => Ok(FileFormat::Csv),
            Some("tsv") => Ok(FileFormat::Tsv),
            Some("jsonl" | "ndjson") => Ok(FileFormat::Jsonl),
            _ => {
                let failure = Failure::new(format!("{}: the name tells no format", path.display()));
                Err(failure.hint("`--from` and `--to` say npy, npz, csv, tsv or jsonl"))
            }
        }
    }

    fn of_rows(self) -> Option<Format> {
        match self {
            FileFormat::Npy => Some(Format::Npy),
            FileFormat::Npz => None,
            FileFormat::Csv => Some(Format::Csv),
            FileFormat::Tsv => Some(Format::Tsv),
            FileFormat::Jsonl => Some(Format::Jsonl),
        }
    }
}
