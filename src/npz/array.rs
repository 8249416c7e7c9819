use std::io::{self, Seek, Write};

use ndarray::{ArrayRef, Dimension};

use super::writer::Writer;
use crate::interop::ndarray::write_array_to;
use crate::{error::Result, header::Header, record::NpyRecord};

impl<W: Write + Seek> Writer<W> {
    /// Writes an array of `ndarray`, as [`write_array`](crate::write_array) does to a file.
    ///
    /// ```
    /// # use std::io::Cursor;
    /// # use npyrec::npz::{Reader, Writer};
    /// use ndarray::array;
    ///
    /// # let mut archive = Writer::new(Cursor::new(Vec::new()));
    /// let matrix = array![[1, 2, 3], [4, 5, 6]];
    /// archive.write_array("matrix", &matrix)?;
    /// # let mut archive = Reader::new(archive.finish()?)?;
    /// assert_eq!(archive.by_name("matrix")?.read_array::<i32>()?, matrix.into_dyn());
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_array<T: NpyRecord, D: Dimension>(
        &mut self,
        name: &str,
        array: &ArrayRef<T, D>,
    ) -> Result<()> {
        let data = (array.len() as u64).saturating_mul(T::ITEMSIZE as u64);
        let len = data.saturating_add(Header::DEFAULT_LIMIT.into());
        let written = self.write_member(name, len, |zip| write_array_to(Unflushed(zip), array));
        written.map_err(|e| self.context(name).add_to(e))
    }
}

/// A member that is flushed when it ends: a compressor that is flushed before compresses less.
struct Unflushed<'a, W>(&'a mut W);

impl<W: Write> Write for Unflushed<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
