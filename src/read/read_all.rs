use std::{
    io::{self, Read},
    path::Path,
};

use super::{decoder::MAX_EMPTY_ROWS, reader::Reader};
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
/// If the file cannot be read, is not an `.npy` file of the dtype of `R`, is shorter than its header
/// says, or holds what is no value of `R`.
pub fn read<R: NpyRecord>(path: impl AsRef<Path>) -> Result<Vec<R>> {
    let reader = Reader::<R>::open(path)?;
    let rows = reader.len();
    if reader.present.is_some_and(|present| present < rows) {
        return Err(reader.truncated(reader.present.unwrap_or_default()));
    }
    if reader.decoder.itemsize() == 0 && rows > MAX_EMPTY_ROWS {
        return Err(reader.at_path(Error::new(ErrorKind::TooManyRows(rows))));
    }
    // Memory is taken at once only for rows that are there.
    let known = reader.present.and(usize::try_from(rows).ok());
    let as_they_are = known.filter(|_| reader.decoder.is_plain());
    if let Some(records) = as_they_are.and_then(Layout::zeroed) {
        return read_whole(reader, records);
    }
    let mut records = Vec::with_capacity(known.unwrap_or_default());
    for record in reader {
        records.push(record?);
    }
    Ok(records)
}

/// Reads into the memory of the records themselves.
fn read_whole<R: NpyRecord>(mut reader: Reader<R>, mut records: Vec<R>) -> Result<Vec<R>> {
    let bytes = Layout::bytes_of_mut(&mut records).unwrap_or_default();
    match reader.source.read_exact(bytes) {
        Ok(()) => Ok(records),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Err(reader.truncated(0)),
        Err(e) => Err(reader.at_path(Error::io("read", e))),
    }
}
