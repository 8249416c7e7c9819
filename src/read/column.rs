use std::{fmt, marker::PhantomData};

use super::{decoder::Decoder, place::Place};
use crate::{
    convert::Sequence,
    error::{Error, Result},
    record::{DecodeError, Layout, NpyRecord},
};

/// One field of the records of a [`Mapped`](crate::Mapped) file, by [`Mapped::column`](crate::Mapped::column):
/// a strided view, whose values are decoded from the mapped bytes when they are asked for.
pub struct Column<'a, T> {
    rows: &'a [u8],
    /// From one row to the next, in bytes.
    stride: usize,
    len: usize,
    array: &'a Sequence,
    /// The name of the field, and where it starts in a row.
    field: Box<str>,
    offset: usize,
    decoder: Decoder,
    place: &'a Place,
    values: PhantomData<fn() -> T>,
}

impl<'a, T: NpyRecord> Column<'a, T> {
    pub(super) fn new(
        rows: &'a [u8],
        stride: usize,
        array: &'a Sequence,
        (field, offset): (&str, usize),
        decoder: Decoder,
        place: &'a Place,
    ) -> Self {
        Column {
            rows,
            stride,
            len: usize::try_from(array.len).unwrap_or(usize::MAX),
            array,
            field: field.into(),
            offset,
            decoder,
            place,
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

    /// The value of a row, or an error if it is no `T`; `None` if there are not that many rows.
    #[inline]
    pub fn get(&self, row: usize) -> Option<Result<T>> {
        (row < self.len).then(|| self.value(row))
    }

    /// The values, one after another, with an error in the place of one that is no `T`.
    #[inline]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Result<T>> + ExactSizeIterator + '_ {
        (0..self.len).map(|row| self.value(row))
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
        match self.decoder.needs_no_conversion() && self.decoder.itemsize() == self.stride {
            true => Layout::cast(self.rows),
            false => None,
        }
    }

    #[inline]
    fn value(&self, row: usize) -> Result<T> {
        let start = self.rows.get(row * self.stride + self.offset..);
        let value = self.decoder.decode_nth(start.unwrap_or_default(), 0);
        value.map_err(|e| self.failed(e.in_field(&self.field), row))
    }

    #[cold]
    fn failed(&self, error: DecodeError, row: usize) -> Error {
        let index = self.array.records.index_of(row as u64);
        let error = Error::from(error).at_index(index, &self.array.array);
        self.place.of(error)
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
