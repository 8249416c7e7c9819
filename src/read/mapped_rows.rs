use std::fs::File;

use super::{decoder::Decoder, options::ReadOptions, rearrange::is_scattered};
use crate::{
    dtype::DType,
    error::{Cause, Error, Result},
    header::{Header, Shape},
    record::{Element, Mismatch},
};

/// The rows, or elements, of an array that is mapped, and their decoder.
#[derive(Debug)]
pub(super) struct MappedRows<E: Element> {
    pub(super) header: Header,
    pub(super) shape: Shape,
    pub(super) decoder: Decoder<E>,
    /// The number of rows or elements.
    pub(super) len: usize,
}

impl<E: Element> MappedRows<E> {
    /// Returns the error with the row and index of an element.
    pub(super) fn at_row(&self, error: Error, record: usize) -> Error {
        error.at_element(record as u64, &self.shape)
    }

    /// Returns the elements that a header counts, whose data starts at a byte of a file.
    ///
    /// `end` is the byte at which the array ends if it is a part of the file.
    ///
    /// # Errors
    ///
    /// If the file lacks some of the elements.
    pub(super) fn new(
        file: &File,
        header: Header,
        data_start: u64,
        end: Option<u64>,
        options: ReadOptions,
    ) -> Result<Self> {
        // Mapped elements stay in their order.
        let (shape, decoder) = Decoder::of(
            &header,
            ReadOptions {
                in_c_order: false,
                ..options
            },
        )?;
        if !options.flat && is_scattered(&header) && shape.len() > 0 {
            return Err(Mismatch::FortranOrder(header.shape().to_vec()).into());
        }
        let length = file.metadata();
        let length = length.map_err(|e| Error::io("read the file's length", e))?;
        let end = end.unwrap_or(u64::MAX).min(length.len());
        let data = end.saturating_sub(data_start);
        let (expected, itemsize) = (shape.len(), decoder.itemsize());
        let present = data.checked_div(itemsize as u64);
        if present.is_some_and(|found| found < expected) {
            return Err(Error::truncated(&header, data).recoverable(header.rows().is_some()));
        }
        decoder.check_len(expected)?;
        // Each byte has an address.
        let len = usize::try_from(expected).ok();
        let len = len.filter(|len| len.checked_mul(itemsize).is_some());
        Ok(MappedRows {
            len: len.ok_or_else(|| Error::new(Cause::TooManyRows(expected)))?,
            header,
            shape,
            decoder,
        })
    }

    /// Returns the dtype of an element in the file.
    pub(super) fn element_dtype(&self) -> DType {
        self.header.element_dtype(&self.shape)
    }

    /// Returns the number of bytes in the file.
    pub(super) fn bytes(&self) -> usize {
        self.len * self.decoder.itemsize()
    }
}
