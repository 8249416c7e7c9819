use std::{io::Read, path::Path};

use super::{decoder::MAX_EMPTY_ROWS, huge_pages, options::ReadOptions, reader::Reader};
use crate::{
    error::{Error, ErrorKind, Result},
    record::{Layout, NpyRecord},
};

/// Reads all records of a file.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("points.npy");
/// npyrec::write(&path, &[[1_i32, 2], [3, 4]])?;
/// assert_eq!(npyrec::read::<[i32; 2]>(&path)?, [[1, 2], [3, 4]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the file cannot be read, is not an `.npy` file whose dtype can be read as that of `R`, is shorter
/// than its header says, or holds what is no value of `R`.
pub fn read<R: NpyRecord>(path: impl AsRef<Path>) -> Result<Vec<R>> {
    ReadOptions::new().read(path)
}

impl<R: NpyRecord, S: Read> Reader<R, S> {
    /// Reads all records that are left.
    ///
    /// # Errors
    ///
    /// If reading fails, the source ends before the rows that its header counts, or a row is no value
    /// of `R`.
    pub fn read_all(mut self) -> Result<Vec<R>> {
        let rows = self.len();
        let present = self.present();
        if let Some(found) = present.filter(|&found| found < rows) {
            return Err(self.truncated(found));
        }
        if self.decoder().itemsize() == 0 && rows > MAX_EMPTY_ROWS {
            return Err(self.at_path(Error::new(ErrorKind::TooManyRows(rows))));
        }
        // Memory is taken at once only for rows that are there.
        let known = present.and(usize::try_from(rows).ok());
        let as_they_are = known.filter(|_| self.decoder().is_plain() && self.has_read_nothing());
        if let Some(mut records) = as_they_are.and_then(Layout::zeroed) {
            huge_pages::advise(&mut records);
            self.read_whole(Layout::bytes_of_mut(&mut records).unwrap_or_default())?;
            return Ok(records);
        }
        let mut records = Vec::with_capacity(known.unwrap_or_default());
        huge_pages::advise(records.spare_capacity_mut());
        self.read_rest(&mut records)?;
        Ok(records)
    }
}
