use std::io::Write;

use npyrec::Value;

use super::{
    cell::{self, flatten},
    format::RowWriter,
    table::Table,
    terminal::note,
    words::list,
};
use crate::{
    failure::{Failure, Result},
    input::{Column, Layout},
};

/// Rows as a table, with their numbers.
pub(super) struct TableRows<W> {
    out: W,
    table: Table,
    waiting: Vec<Vec<String>>,
    is_started: bool,
}

/// The rows that decide on the widths of the columns at once.
const AT_ONCE: usize = 500;

impl<W: Write> TableRows<W> {
    pub(super) fn new(out: W, layout: &Layout) -> Result<Self> {
        let too_many = || Failure::new("a row has too many columns").hint("choose some by `-c`");
        let columns = Column::of(&layout.row, false).ok_or_else(too_many)?;
        let columns = columns
            .iter()
            .map(|column| (&*column.name, column.is_number()));
        Ok(TableRows {
            out,
            table: Table::new([("", true)].into_iter().chain(columns)),
            waiting: Vec::new(),
            is_started: false,
        })
    }

    fn write_waiting(&mut self) -> Result<()> {
        if !self.waiting.is_empty() || !self.is_started {
            self.table.write(&mut self.out, &self.waiting)?;
        }
        self.is_started = true;
        self.waiting.clear();
        Ok(())
    }
}

impl<W: Write> RowWriter for TableRows<W> {
    fn write(&mut self, row: u64, value: &Value) -> Result<()> {
        let mut cells = Vec::new();
        flatten(value, false, &mut cells);
        let cells = cells.into_iter().map(one_line);
        self.waiting
            .push(std::iter::once(row.to_string()).chain(cells).collect());
        match self.waiting.len() < AT_ONCE {
            true => Ok(()),
            false => self.write_waiting(),
        }
    }

    fn flush(&mut self) -> Result<()> {
        self.write_waiting()?;
        Ok(self.out.flush()?)
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.flush()?;
        match self.table.left_out() {
            [] => {}
            names => note(&format!("left out, for lack of room: {}", list(names))),
        }
        Ok(())
    }
}

/// Returns a value as NumPy prints it, in one line; a byte string without its quotes.
fn one_line(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Bytes(_) => cell::write(value, &mut text),
        _ => text = value.to_string(),
    }
    match value {
        Value::Array(_) if text.contains('\n') => text
            .split('\n')
            .map(str::trim)
            .collect::<Vec<_>>()
            .join(" "),
        _ => text,
    }
}
