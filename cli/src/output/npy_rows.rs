use std::io::{self, Write};

use npyrec::{Header, Order, Value, stream::RecordWriter};

use super::format::RowWriter;
use crate::{failure::Result, input::Layout};

/// Rows as an array in NumPy's format.
pub(super) struct NpyRows<W: Write>(RecordWriter<Value, W>);

impl<W: Write> NpyRows<W> {
    pub(super) fn new(out: W, layout: &Layout, rows: u64) -> Result<Self> {
        NpyRows::with_header(out, &header(layout, rows)?)
    }

    fn with_header(out: W, header: &Header) -> Result<Self> {
        Ok(NpyRows(RecordWriter::with_header(out, header)?))
    }
}

impl<W: Write> RowWriter for NpyRows<W> {
    fn write(&mut self, _: u64, value: &Value) -> Result<()> {
        each_element(value, |element| Ok(self.0.append(element)?))
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<()> {
        Ok(self.0.finish()?.flush()?)
    }
}

/// The bytes of rows, without a header.
pub(super) struct RawRows<W: Write>(NpyRows<AfterHeader<W>>);

impl<W: Write> RawRows<W> {
    pub(super) fn new(out: W, layout: &Layout, rows: u64) -> Result<Self> {
        let header = header(layout, rows)?;
        let left = header.to_bytes().len();
        NpyRows::with_header(AfterHeader { out, left }, &header).map(RawRows)
    }
}

impl<W: Write> RowWriter for RawRows<W> {
    fn write(&mut self, row: u64, value: &Value) -> Result<()> {
        self.0.write(row, value)
    }

    fn flush(&mut self) -> Result<()> {
        self.0.flush()
    }

    fn finish(self: Box<Self>) -> Result<()> {
        Box::new(self.0).finish()
    }
}

/// A writer that drops the first bytes.
struct AfterHeader<W> {
    out: W,
    left: usize,
}

impl<W: Write> Write for AfterHeader<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left == 0 {
            return self.out.write(bytes);
        }
        let dropped = self.left.min(bytes.len());
        self.left -= dropped;
        Ok(dropped)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Returns the header of rows, in C order.
pub(crate) fn header(layout: &Layout, rows: u64) -> Result<Header> {
    let (base, inner) = layout.row.base_and_shape();
    let mut shape = vec![rows];
    shape.extend(inner.iter().map(|&dim| dim as u64));
    Ok(Header::new(base.clone(), Order::C, &shape)?)
}

/// Visits the elements of a row: itself, or the entries of an array.
pub(crate) fn each_element(row: &Value, mut visit: impl FnMut(&Value) -> Result<()>) -> Result<()> {
    match row {
        Value::Array(array) => array.values().iter().try_for_each(visit),
        row => visit(row),
    }
}
