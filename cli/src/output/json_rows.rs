use std::io::Write;

use npyrec::Value;

use super::{
    format::RowWriter,
    json_value::{JsonValue, line},
};
use crate::failure::Result;

/// Rows as JSON: one array, or a line for each.
pub(super) struct JsonRows<W> {
    out: W,
    is_array: bool,
    is_first: bool,
}

impl<W: Write> JsonRows<W> {
    pub(super) fn new(out: W, is_array: bool) -> Self {
        JsonRows {
            out,
            is_array,
            is_first: true,
        }
    }
}

impl<W: Write> RowWriter for JsonRows<W> {
    fn write(&mut self, _: u64, value: &Value) -> Result<()> {
        let line = line(&JsonValue(value))?;
        match (self.is_array, self.is_first) {
            (false, _) => writeln!(self.out, "{line}")?,
            (true, true) => write!(self.out, "[\n{line}")?,
            (true, false) => write!(self.out, ",\n{line}")?,
        }
        self.is_first = false;
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(self.out.flush()?)
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        match (self.is_array, self.is_first) {
            (false, _) => {}
            (true, true) => writeln!(self.out, "[]")?,
            (true, false) => writeln!(self.out, "\n]")?,
        }
        self.flush()
    }
}
