use std::io::{self, Write};

use crate::{
    error::{Error, ErrorContext, Result},
    header::Shape,
    record::{EncodeError, Layout, NpyRecord, push},
};

/// How many bytes are written at once, one row at the least.
const BLOCK: usize = 64 * 1024;

/// A writer, and the bytes that are to go to it. What it does not take is kept for another try.
pub(super) struct Sink<W: Write> {
    /// `None` once it was given back.
    writer: Option<W>,
    block: Vec<u8>,
    capacity: usize,
    itemsize: usize,
    rows: u64,
    /// The axes along which the rows are written.
    shape: Shape,
    context: ErrorContext,
}

impl<W: Write> Sink<W> {
    /// A sink of rows of a size, which follow a header.
    pub(super) fn new(
        writer: W,
        header: Vec<u8>,
        itemsize: usize,
        shape: Shape,
        context: ErrorContext,
    ) -> Self {
        Sink {
            writer: Some(writer),
            block: header,
            capacity: BLOCK.max(itemsize),
            itemsize,
            rows: 0,
            shape,
            context,
        }
    }

    /// The rows that were taken.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes a record, unless it does not fit its dtype, or there is no room for it and none can be
    /// made.
    #[inline]
    pub(super) fn append<R: NpyRecord>(&mut self, record: &R) -> Result<()> {
        if self.block.len() + self.itemsize > self.capacity {
            self.write_out()?;
        }
        let encoded = push(&mut self.block, self.itemsize, |place| record.encode(place));
        encoded.map_err(|error| self.refused(error))?;
        self.rows += 1;
        Ok(())
    }

    #[cold]
    fn refused(&self, error: EncodeError) -> Error {
        self.in_context(Error::from(error).at_element(self.rows, &self.shape))
    }

    /// The error, with the file and the array that it is about.
    pub(super) fn in_context(&self, error: Error) -> Error {
        self.context.add_to(error)
    }

    /// Takes records, up to the first that does not fit.
    pub(super) fn append_slice<R: NpyRecord>(&mut self, records: &[R]) -> Result<()> {
        let Some(bytes) = Layout::bytes_of(records) else {
            return records.iter().try_for_each(|record| self.append(record));
        };
        if self.block.len() + bytes.len() > self.capacity {
            self.write_out()?;
        }
        if self.block.len() + bytes.len() <= self.capacity {
            self.block.extend_from_slice(bytes);
            self.rows += records.len() as u64;
            return Ok(());
        }
        let (written, result) = write(self.writer.as_mut(), bytes);
        // A row that was written in part is taken.
        let taken = written.div_ceil(self.itemsize.max(1));
        let torn = bytes.get(written..taken * self.itemsize);
        self.block.extend_from_slice(torn.unwrap_or_default());
        self.rows += taken as u64;
        result.map_err(|e| self.in_context(failed(e)))
    }

    /// Writes what was taken.
    pub(super) fn write_out(&mut self) -> Result<()> {
        let (written, result) = write(self.writer.as_mut(), &self.block);
        self.block.drain(..written);
        result.map_err(|e| self.in_context(failed(e)))
    }

    /// The writer, when all is written.
    pub(super) fn flushed(&mut self) -> Result<&mut W> {
        self.write_out()?;
        let context = &self.context;
        let writer = self.writer.as_mut().ok_or_else(gone);
        let flushed = writer.and_then(|writer| writer.flush().map(|()| writer));
        flushed.map_err(|e| context.add_to(failed(e)))
    }

    /// Gives up the writer: dropping the sink writes nothing more.
    pub(super) fn give_up(&mut self) {
        self.writer = None;
    }

    /// Whether the writer was not given back.
    pub(super) fn is_open(&self) -> bool {
        self.writer.is_some()
    }

    /// Writes all, and gives the writer back.
    pub(super) fn take(&mut self) -> Result<W> {
        self.flushed()?;
        self.writer.take().ok_or_else(|| failed(gone()))
    }
}

impl<W: Write> Drop for Sink<W> {
    fn drop(&mut self) {
        // Nobody is left to tell; `finish` is for those who want to know.
        if self.is_open() {
            let _ = self.write_out();
        }
    }
}

/// Writes some bytes; how many were written.
fn write(writer: Option<&mut impl Write>, bytes: &[u8]) -> (usize, io::Result<()>) {
    let Some(writer) = writer else {
        return (0, Err(gone()));
    };
    let mut written = 0;
    while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
        match writer.write(rest) {
            Ok(0) => return (written, Err(io::ErrorKind::WriteZero.into())),
            // No more than there is, whatever it says.
            Ok(more) => written += more.min(rest.len()),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return (written, Err(e)),
        }
    }
    (written, Ok(()))
}

fn gone() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

pub(super) fn failed(error: io::Error) -> Error {
    Error::io("write rows", error)
}
