use std::io::Write;

use npyrec::Value;

use super::{
    cell::{self, flatten},
    escape,
    format::RowWriter,
};
use crate::{
    failure::{Failure, Result},
    input::{Column, Layout},
};

/// Rows as CSV or TSV, with a column for each scalar.
pub(super) struct SeparatedRows<W: Write> {
    out: csv::Writer<W>,
    is_escaped: bool,
    cell: String,
}

impl<W: Write> SeparatedRows<W> {
    /// Writes the line of names. `is_escaped` says that a terminal shows the rows.
    pub(super) fn new(out: W, layout: &Layout, delimiter: u8, is_escaped: bool) -> Result<Self> {
        let mut rows = SeparatedRows::without_names(out, delimiter);
        let columns = Column::of(&layout.row, true).ok_or_else(|| {
            Failure::new("a row has too many entries for columns").hint("choose some by `-c`")
        })?;
        for column in columns {
            match is_escaped {
                true => rows.out.write_field(&*escape::text(&column.name))?,
                false => rows.out.write_field(&column.name)?,
            }
        }
        rows.out.write_record(None::<&[u8]>)?;
        rows.is_escaped = is_escaped;
        Ok(rows)
    }

    /// Does the same without a line of names.
    pub(super) fn without_names(out: W, delimiter: u8) -> Self {
        let mut builder = csv::WriterBuilder::new();
        SeparatedRows {
            // Rows without fields are empty lines.
            out: builder.delimiter(delimiter).flexible(true).from_writer(out),
            is_escaped: false,
            cell: String::new(),
        }
    }
}

impl<W: Write> RowWriter for SeparatedRows<W> {
    fn write(&mut self, _: u64, value: &Value) -> Result<()> {
        let mut cells = Vec::new();
        flatten(value, true, &mut cells);
        for value in cells {
            self.cell.clear();
            cell::write(value, &mut self.cell);
            match self.is_escaped {
                true => self.out.write_field(&*escape::text(&self.cell))?,
                false => self.out.write_field(&self.cell)?,
            }
        }
        Ok(self.out.write_record(None::<&[u8]>)?)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(self.out.flush()?)
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.flush()
    }
}
