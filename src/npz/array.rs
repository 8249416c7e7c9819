use std::io::{Seek, Write};

use ndarray::{ArrayRef, Dimension};

use super::writer::Writer;
use crate::{array::whole_array, error::Result, record::NpyRecord};

impl<W: Write + Seek> Writer<W> {
    /// Writes an array of `ndarray`, as [`write_array`](crate::write_array) does to a file.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    ///
    /// # Examples
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
    pub fn write_array<T: NpyRecord, D: Dimension>(
        &mut self,
        name: &str,
        array: &ArrayRef<T, D>,
    ) -> Result<()> {
        self.write_whole(name, whole_array(array))
    }
}
