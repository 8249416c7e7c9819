use std::io::{self, Seek, SeekFrom, Write};

use crate::{
    error::{Error, Result},
    header::{GrowingHeader, Header},
    record::Mismatch,
    write::failed,
};

/// A header that is written again when the number of rows is known.
pub(super) struct CountedHeader<W> {
    header: GrowingHeader,
    /// The position of the header.
    start: u64,
    row_size: u64,
    seek: fn(&mut W, SeekFrom) -> io::Result<u64>,
}

impl<W: Write> CountedHeader<W> {
    /// Writes a header of no rows at the position of a writer.
    pub(super) fn write(writer: &mut W, header: &Header) -> Result<Self>
    where
        W: Seek,
    {
        let row_size = header.row_size();
        let header = GrowingHeader::new(header).ok_or(Mismatch::NoRows)?;
        let start = writer.stream_position();
        let start = start.map_err(|e| Error::io("seek", e))?;
        writer.write_all(header.bytes()).map_err(failed)?;
        Ok(CountedHeader {
            header,
            start,
            row_size,
            seek: W::seek,
        })
    }

    /// Writes a number of rows into the header, and returns to the end of the rows.
    pub(super) fn count(&mut self, rows: u64, writer: &mut W) -> Result<()> {
        let Some(rewrite) = self.header.set_rows(rows) else {
            return Ok(());
        };
        let data_start = self.start + self.header.bytes().len() as u64;
        let end = data_start.saturating_add(rows.saturating_mul(self.row_size));
        let mut write = || {
            for (at, bytes) in self.header.writes(&rewrite) {
                (self.seek)(writer, SeekFrom::Start(self.start + at as u64))?;
                writer.write_all(bytes)?;
            }
            (self.seek)(writer, SeekFrom::Start(end))?;
            writer.flush()
        };
        write().map_err(failed)
    }
}
