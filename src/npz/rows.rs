use std::io::{self, Write};

use crate::{
    error::{Error, Result},
    header::Shape,
    record::{Layout, NpyRecord, push},
};

/// How many bytes are written at once.
pub(super) const BLOCK: usize = 64 * 1024;

/// Records on their way to a writer: those that are encoded but not yet written.
#[derive(Debug, Default)]
pub(super) struct Rows {
    buffer: Vec<u8>,
    /// All of them, those in the buffer included.
    count: u64,
    /// The axes along which they are written; one unless something else is said.
    shape: Option<Shape>,
}

impl Rows {
    /// Writes all of some records.
    pub(super) fn write<R: NpyRecord>(
        records: &[R],
        shape: Shape,
        out: &mut impl Write,
    ) -> Result<()> {
        let mut rows = Rows {
            shape: Some(shape),
            ..Rows::default()
        };
        rows.append_slice(records, out)?;
        rows.write_out(out)
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Takes a record, unless it does not fit its dtype.
    pub(super) fn append<R: NpyRecord>(
        &mut self,
        record: &R,
        out: &mut (impl Write + ?Sized),
    ) -> Result<()> {
        if self.buffer.len() >= BLOCK {
            self.write_out(out)?;
        }
        let encoded = push(&mut self.buffer, R::ITEMSIZE, |place| record.encode(place));
        encoded.map_err(|error| self.refused(error.into()))?;
        self.count += 1;
        Ok(())
    }

    #[cold]
    fn refused(&self, error: Error) -> Error {
        match &self.shape {
            Some(shape) => error.at_element(self.count, shape),
            None => error.at_row(self.count),
        }
    }

    /// Takes records, up to the first that does not fit its dtype.
    pub(super) fn append_slice<R: NpyRecord>(
        &mut self,
        records: &[R],
        out: &mut (impl Write + ?Sized),
    ) -> Result<()> {
        let Some(bytes) = Layout::bytes_of(records) else {
            return records
                .iter()
                .try_for_each(|record| self.append(record, out));
        };
        self.write_out(out)?;
        out.write_all(bytes).map_err(failed)?;
        self.count += records.len() as u64;
        Ok(())
    }

    /// Writes what is in the buffer.
    pub(super) fn write_out(&mut self, out: &mut (impl Write + ?Sized)) -> Result<()> {
        out.write_all(&self.buffer).map_err(failed)?;
        self.buffer.clear();
        Ok(())
    }
}

pub(super) fn failed(error: io::Error) -> Error {
    Error::io("write rows", error)
}
