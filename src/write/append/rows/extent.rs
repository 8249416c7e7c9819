use crate::header::{GrowingHeader, Shape};

/// The elements in the file, and the arithmetic of their bytes and rows.
pub(super) struct Extent {
    data_start: u64,
    /// The size of an element in the file.
    pub(super) itemsize: usize,
    /// The size of an element in the buffer: 1 for zero-sized elements, so that they are still counted.
    pub(super) stride: usize,
    /// The shape of the array without rows.
    pub(super) shape: Shape,
    /// The number of elements that are counted as a row: 1 if a row has no elements.
    pub(super) row_len: u64,
    /// The most elements that header and file can hold.
    pub(super) max_elements: u64,
    /// Elements in the file, committed or not.
    pub(super) written: u64,
    /// The bytes in the file of an element that is written in part. The buffer starts with the others.
    pub(super) partial: usize,
}

impl Extent {
    /// Returns the extent of a file that holds `rows` rows.
    pub(super) fn new(header: &GrowingHeader, itemsize: usize, shape: Shape, rows: u64) -> Self {
        let row_len = shape.row_len().max(1);
        let data_start = header.bytes().len() as u64;
        // An array has at most 2^63 - 1 bytes, and at most 2^63 - 1 rows.
        let max_bytes = i64::MAX.unsigned_abs() - data_start;
        let max_in_file = max_bytes
            .checked_div(itemsize as u64)
            .unwrap_or(i64::MAX.unsigned_abs());
        let max_in_header = header.max_rows().saturating_mul(row_len);
        Extent {
            data_start,
            itemsize,
            stride: itemsize.max(1),
            max_elements: max_in_header.min(max_in_file),
            written: rows.saturating_mul(row_len),
            shape,
            row_len,
            partial: 0,
        }
    }

    /// Lets the file hold at most this number of rows.
    pub(super) fn limit(&mut self, rows: u64) {
        self.max_elements = self.max_elements.min(rows.saturating_mul(self.row_len));
    }

    /// Returns the position in the file after all bytes that are written.
    pub(super) fn end(&self) -> u64 {
        self.data_start + self.written * self.itemsize as u64 + self.partial as u64
    }

    /// Adds bytes that were written.
    pub(super) fn grow(&mut self, bytes: usize) {
        let bytes = self.partial + bytes;
        self.written += (bytes / self.stride) as u64;
        self.partial = bytes % self.stride;
    }

    /// Returns the number of elements, with those in a buffer of a length.
    pub(super) fn elements(&self, buffered: usize) -> u64 {
        match buffered {
            0 => self.written, // The buffer of an element that is written in part is not empty.
            bytes => self.written + ((bytes + self.partial) / self.stride) as u64,
        }
    }

    /// Returns the number of whole rows, with those in a buffer of a length.
    pub(super) fn rows(&self, buffered: usize) -> u64 {
        self.shape.rows_in(self.elements(buffered))
    }

    /// Returns the number of whole rows in the file.
    pub(super) fn written_rows(&self) -> u64 {
        self.shape.rows_in(self.written)
    }

    /// Returns the largest number of rows that header and file can hold.
    pub(super) fn max_rows(&self) -> u64 {
        self.shape.rows_in(self.max_elements)
    }

    /// Returns the whole rows in a file of a length, and the bytes after them. Returns `None` if the header
    /// is cut.
    pub(super) fn rows_in(&self, len: u64) -> Option<(u64, u64)> {
        let data = len.checked_sub(self.data_start)?;
        let row_size = self.row_len.saturating_mul(self.itemsize as u64);
        Some(match row_size {
            0 => (self.written_rows(), data),
            _ => (data / row_size, data % row_size),
        })
    }
}
