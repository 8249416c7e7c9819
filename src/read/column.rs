use std::fmt;

use super::{
    decoder::{Decoder, no_field},
    iter::{Indexed, Iter},
    mapped::Mapped,
};
use crate::{
    error::{Error, ErrorContext, Result},
    header::Shape,
    record::{DecodeError, Element, Layout},
};

/// A field of the rows of a [`Mapped`] file, which [`Mapped::column`] returns.
///
/// It is a strided view. A value is decoded from the mapped bytes when it is used.
pub struct Column<'a, T: Element> {
    /// The rows from the first value on.
    values: &'a [u8],
    /// The bytes from one value to the next.
    stride: usize,
    len: usize,
    array: &'a Shape,
    field: Box<str>,
    decoder: Decoder<T>,
    context: &'a ErrorContext,
}

impl<E: Element> Mapped<E> {
    /// Returns a field of all rows by its name in the file; `a.b` is the field `b` of the field `a`, and `a[1]`
    /// an entry of the subarray `a`.
    ///
    /// # Errors
    ///
    /// If the rows lack the field, or its dtype cannot be read as `T`.
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("ticks.npy");
    /// use npyrec::{Mapped, NpyRecord};
    ///
    /// #[derive(NpyRecord)]
    /// struct Tick {
    ///     size: u16,
    ///     price: f64,
    /// }
    ///
    /// npyrec::write(&path, &[Tick { size: 5, price: 1.5 }, Tick { size: 7, price: 2.5 }])?;
    /// // SAFETY: nothing cuts or overwrites the file while it is mapped.
    /// let ticks = unsafe { Mapped::<Tick>::open(&path)? };
    /// let prices = ticks.column::<f64>("price")?;
    /// assert_eq!(prices.iter().sum::<npyrec::Result<f64>>()?, 4.0);
    /// assert_eq!(prices.to_vec()?, [1.5, 2.5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn column<T: Element>(&self, field: &str) -> Result<Column<'_, T>> {
        let () = T::READABLE;
        self.find_column(field).map_err(|e| self.context.add_to(e))
    }

    fn find_column<T: Element>(&self, field: &str) -> Result<Column<'_, T>> {
        let row = self.rows.element_dtype();
        let (offset, dtype) = row.find(field).ok_or_else(|| no_field(&row, field))?;
        let decoder = Decoder::new(&dtype, self.options.casting)?;
        Ok(Column::new(
            self.map.bytes(),
            row.itemsize(),
            &self.rows.shape,
            (field, offset),
            decoder,
            &self.context,
        ))
    }
}

impl<'a, T: Element> Column<'a, T> {
    pub(super) fn new(
        rows: &'a [u8],
        stride: usize,
        array: &'a Shape,
        (field, offset): (&str, usize),
        decoder: Decoder<T>,
        context: &'a ErrorContext,
    ) -> Self {
        Column {
            values: rows.get(offset..).unwrap_or_default(),
            stride,
            len: usize::try_from(array.len()).unwrap_or(usize::MAX),
            array,
            field: field.into(),
            decoder,
            context,
        }
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns true if the file has no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the value of a row, or `None` if the row is out of range. Bytes that are not a valid `T` are an
    /// error.
    #[inline]
    pub fn get(&self, row: usize) -> Option<Result<T>> {
        (row < self.len).then(|| self.item(row))
    }

    /// Returns an iterator of the values, with an error in the place of a value that is not a valid `T`.
    pub fn iter(&self) -> Iter<'_, Self> {
        Iter::new(self, 0..self.len)
    }

    /// Returns a copy of all values.
    ///
    /// # Errors
    ///
    /// If the bytes of a value are not a valid `T`, or there is not enough memory.
    pub fn to_vec(&self) -> Result<Vec<T>> {
        if self.decoder.itemsize() == 0 {
            return self.iter().collect();
        }
        let decoder = &self.decoder;
        let values = decoder.decode_strided(self.values, self.stride, self.len);
        let values = values.map_err(|e| self.context.add_to(e))?;
        values.map_err(|(row, e)| self.failed(e.in_field(&self.field), row))
    }

    /// Returns the values in place, if they are contiguous and have the same form in the file as in memory.
    pub fn as_slice(&self) -> Option<&'a [T]> {
        match self.decoder.needs_no_conversion() && self.decoder.itemsize() == self.stride {
            true => Layout::cast(self.values),
            false => None,
        }
    }

    #[cold]
    fn failed(&self, error: DecodeError, row: usize) -> Error {
        let error = Error::from(error).at_element(row as u64, self.array);
        self.context.add_to(error)
    }
}

impl<T: Element> Indexed for Column<'_, T> {
    type Item = T;

    #[inline]
    fn item(&self, row: usize) -> Result<T> {
        let value = self.decoder.decode_nth(self.values, row, Some(self.stride));
        value.map_err(|e| self.failed(e.in_field(&self.field), row))
    }
}

impl<'a, 'b, T: Element> IntoIterator for &'a Column<'b, T> {
    type Item = Result<T>;
    type IntoIter = Iter<'a, Column<'b, T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Element> fmt::Debug for Column<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Column")
            .field("field", &self.field)
            .field("len", &self.len)
            .field("stride", &self.stride)
            .finish_non_exhaustive()
    }
}
