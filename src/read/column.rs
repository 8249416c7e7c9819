use std::{fmt, marker::PhantomData, path::Path};

use super::decoder::Decoder;
use crate::{
    error::{Error, Result},
    record::{Layout, NpyRecord},
};

/// One field of the records of a [`Mapped`](crate::Mapped) file.
pub struct Column<'a, T> {
    rows: &'a [u8],
    /// From one row to the next, in bytes.
    stride: usize,
    len: usize,
    /// Where the field starts in a row.
    offset: usize,
    decoder: Decoder,
    path: &'a Path,
    values: PhantomData<fn() -> T>,
}

impl<'a, T: NpyRecord> Column<'a, T> {
    pub(super) fn new(
        rows: &'a [u8],
        stride: usize,
        len: usize,
        offset: usize,
        decoder: Decoder,
        path: &'a Path,
    ) -> Self {
        Column {
            rows,
            stride,
            len,
            offset,
            decoder,
            path,
            values: PhantomData,
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of a row, or `None` if there are not that many.
    #[inline]
    pub fn get(&self, row: usize) -> Option<Result<T>> {
        (row < self.len).then(|| self.value(row, &mut Vec::new()))
    }

    /// The values, one after another.
    #[inline]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Result<T>> + ExactSizeIterator + '_ {
        let mut scratch = Vec::new();
        (0..self.len).map(move |row| self.value(row, &mut scratch))
    }

    /// All values, copied.
    ///
    /// # Errors
    ///
    /// If one is no `T`.
    pub fn to_vec(&self) -> Result<Vec<T>> {
        self.iter().collect()
    }

    /// The values in place, if there is nothing between them and their form in the file is that of `T`
    /// in memory.
    pub fn as_slice(&self) -> Option<&'a [T]> {
        match self.decoder.is_plain() && self.decoder.itemsize() == self.stride {
            true => Layout::cast(self.rows),
            false => None,
        }
    }

    #[inline]
    fn value(&self, row: usize, scratch: &mut Vec<u8>) -> Result<T> {
        let start = row * self.stride + self.offset;
        let bytes = self.rows.get(start..start + self.decoder.itemsize());
        let value = self.decoder.decode(bytes.unwrap_or_default(), scratch);
        value.map_err(|e| Error::from(e).at_row(row as u64).at_path(self.path))
    }
}

impl<T> fmt::Debug for Column<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Column")
            .field("len", &self.len)
            .field("offset", &self.offset)
            .field("stride", &self.stride)
            .finish_non_exhaustive()
    }
}
