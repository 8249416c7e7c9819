use std::io::Write;

use npyrec::{Value, value::Array};

use super::{escape, format::RowWriter};
use crate::{failure::Result, input::Layout};

/// The rows of an array of several axes as NumPy prints them: together if they are few, else one by one.
pub(super) struct TextRows<W> {
    out: W,
    /// The shape of all rows, if they are few.
    shape: Option<Vec<usize>>,
    entries: Vec<Value>,
}

/// The most entries of an array that NumPy prints in full.
const IN_FULL: usize = 1000;

impl<W: Write> TextRows<W> {
    pub(super) fn new(out: W, layout: &Layout, rows: Option<u64>) -> Self {
        let rows = rows.and_then(|rows| usize::try_from(rows).ok());
        let shape = rows.map(|rows| [vec![rows], layout.row.base_and_shape().1].concat());
        let is_small = |shape: &Vec<usize>| {
            let entries = shape
                .iter()
                .try_fold(1, |n: usize, &dim| n.checked_mul(dim));
            entries.is_some_and(|entries| entries <= IN_FULL)
        };
        TextRows {
            out,
            shape: shape.filter(is_small),
            entries: Vec::new(),
        }
    }
}

impl<W: Write> RowWriter for TextRows<W> {
    fn write(&mut self, _: u64, value: &Value) -> Result<()> {
        match (&self.shape, value) {
            (Some(_), Value::Array(row)) => self.entries.extend_from_slice(row.values()),
            _ => writeln!(self.out, "{}", escape::lines(&value.to_string()))?,
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(self.out.flush()?)
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        let entries = std::mem::take(&mut self.entries);
        if let Some(array) = self
            .shape
            .as_deref()
            .and_then(|shape| Array::new(shape, entries))
        {
            writeln!(self.out, "{}", escape::lines(&array.to_string()))?;
        }
        self.flush()
    }
}
