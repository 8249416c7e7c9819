use std::io::Write;

use clap::ValueEnum;
use npyrec::Value;

use super::{
    Stream,
    json_rows::JsonRows,
    npy_rows::{NpyRows, RawRows},
    separated_rows::SeparatedRows,
    table_rows::TableRows,
    text_rows::TextRows,
};
use crate::{
    failure::{Failure, Result},
    input::Layout,
};

/// The form of printed rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns; an array of several axes as NumPy prints it
    Table,
    /// An array of JSON
    Json,
    /// A line of JSON for each row
    Jsonl,
    /// Comma-separated, with a line of names
    Csv,
    /// Tab-separated, with a line of names
    Tsv,
    /// An array in NumPy's format
    Npy,
    /// The bytes of the rows
    Raw,
}

/// Prints rows, one by one.
pub(crate) trait RowWriter {
    /// Writes a row by its number in the file.
    fn write(&mut self, row: u64, value: &Value) -> Result<()>;

    /// Makes the rows visible.
    fn flush(&mut self) -> Result<()>;

    /// Ends the output.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// Returns the writer of rows without what stands before them, of a format in which each row is a line.
pub(crate) fn rows_alone<'a, W: Write + 'a>(format: Format, out: W) -> Box<dyn RowWriter + 'a> {
    match format {
        Format::Csv => Box::new(SeparatedRows::without_names(out, b',')),
        Format::Tsv => Box::new(SeparatedRows::without_names(out, b'\t')),
        _ => Box::new(JsonRows::new(out, false)),
    }
}

/// Returns the writer of the rows of a layout. `rows` is their number, if it is known.
pub(crate) fn row_writer<'a, W: Write + 'a>(
    format: Format,
    out: W,
    layout: &Layout,
    rows: Option<u64>,
    is_shown: bool,
) -> Result<Box<dyn RowWriter + 'a>> {
    let counted = || {
        let reason = "a file that grows has no number of rows yet, which this format starts with";
        rows.ok_or_else(|| Failure::new(reason).hint("`--format jsonl` or `csv` can be followed"))
    };
    if matches!(format, Format::Npy | Format::Raw) && is_shown && Stream::Out.is_terminal() {
        let failure = Failure::new("these bytes are not for a terminal");
        return Err(failure.hint("send them to a file or a pipe: `> rows.npy`"));
    }
    let is_shown = is_shown && Stream::Out.is_terminal();
    Ok(match format {
        Format::Table if layout.has_axes => Box::new(TextRows::new(out, layout, rows)),
        Format::Table => Box::new(TableRows::new(out, layout)?),
        Format::Json => Box::new(JsonRows::new(out, true)),
        Format::Jsonl => Box::new(JsonRows::new(out, false)),
        Format::Csv => Box::new(SeparatedRows::new(out, layout, b',', is_shown)?),
        Format::Tsv => Box::new(SeparatedRows::new(out, layout, b'\t', is_shown)?),
        Format::Npy => Box::new(NpyRows::new(out, layout, counted()?)?),
        Format::Raw => Box::new(RawRows::new(out, layout, counted()?)?),
    })
}
