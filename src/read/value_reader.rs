use std::{fmt, io::Read};

use super::{
    block::Block,
    first_axis::FirstAxis,
    place::Place,
    reader::is_last,
    rearrange::{is_scattered, read_in_c_order},
};
use crate::{
    dtype::DType,
    error::{Error, ErrorKind, Result},
    header::Header,
    value::{Codec, Value},
};

/// Reads rows of a dtype that is known only when the program runs, one by one, from any [`Read`]. Of a
/// file, an [`NpyFile`](crate::NpyFile) reads any of them.
///
/// It is an iterator of `Result<Value>`. A row is what NumPy gives for `array[i]`: an element, or an
/// array of those along the other axes. A single element of shape `()` is one row. After an error it
/// goes on as a [`Reader`](crate::Reader) does. It needs no more memory than its buffer and a row; but
/// an array of several axes in Fortran order, the elements of whose rows are apart, is read whole, into
/// two to three times the size of its data. The source need not be buffered, and is read no further
/// than the last row.
///
/// ```
/// use npyrec::{Header, Value, ValueReader};
///
/// let mut bytes = Header::for_record::<[u8; 2]>(2).to_bytes();
/// bytes.extend([1, 2, 3, 4]);
///
/// let mut reader = ValueReader::new(&bytes[..])?;
/// assert_eq!((reader.dtype().to_string(), reader.shape()), ("|u1".to_owned(), &[2, 2][..]));
/// let row = reader.next().transpose()?;
/// assert_eq!(row.map(|row| row.to_string()), Some("[1 2]".to_owned()));
/// assert_eq!(reader.remaining(), 1);
/// # Ok::<(), npyrec::Error>(())
/// ```
pub struct ValueReader<S> {
    source: S,
    header: Header,
    codec: Codec,
    /// The rows that the header counts.
    rows: u64,
    /// The next row.
    row: u64,
    /// The end of the rows that are still to be given, the place of an error included.
    end: u64,
    block: Block,
    place: Place,
}

impl<S: Read> ValueReader<S> {
    /// Reads from a pipe, a socket, a slice, or whatever else is [`Read`].
    ///
    /// # Errors
    ///
    /// If reading fails, what is read is not the header of an `.npy` file, or its elements are pickled
    /// Python objects.
    pub fn new(source: S) -> Result<Self> {
        Self::with_limit(source, Header::DEFAULT_LIMIT)
    }

    /// Reads from a source with a header of at most so many bytes, as the `max_header_size` of
    /// `np.load`.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), or if the header is longer.
    pub fn with_limit(mut source: S, max_header_size: u32) -> Result<Self> {
        let header = Header::read_from_with_limit(&mut source, max_header_size)?;
        Self::of_data(source, header, Place::default())
    }

    /// Reads the rows of a header that was read before.
    pub(crate) fn of_data(mut source: S, header: Header, place: Place) -> Result<Self> {
        let FirstAxis { len, codec, .. } = FirstAxis::of(&header).map_err(|e| place.of(e))?;
        let mut block = Block::default();
        if is_scattered(&header) && codec.itemsize() > 0 {
            let elements = read_in_c_order(&mut source, &header, false);
            let elements = elements.map_err(|e| place.of(Error::io("read", e)))?;
            // Every row has an element near the end.
            let (expected, found) = (len, 0);
            let truncated = || Error::new(ErrorKind::Truncated { expected, found });
            block = Block::of(elements.map_err(|_| place.of(truncated()))?);
        }
        Ok(ValueReader {
            source,
            header,
            codec,
            rows: len,
            row: 0,
            end: len,
            block,
            place,
        })
    }

    /// Reads until the next row is there.
    fn fill_block(&mut self) -> Result<()> {
        let left = self.end - self.row;
        let filled = self
            .block
            .fill(&mut self.source, self.codec.itemsize(), left);
        let error = match filled {
            Ok(true) => return Ok(()),
            Ok(false) => Error::new(ErrorKind::Truncated {
                expected: self.rows,
                found: self.row,
            }),
            Err(error) => Error::io("read", error).at_row(self.row),
        };
        if is_last(&error) {
            self.end = self.row;
        }
        Err(self.place.of(error))
    }

    fn next_value(&mut self) -> Result<Value> {
        self.fill_block()?;
        let value = self.codec.decode(self.block.row(self.codec.itemsize()));
        let value = value.map_err(|e| self.place.of(Error::from(e).at_row(self.row)));
        self.pass_row();
        value
    }

    fn pass_row(&mut self) {
        self.block.start += self.codec.itemsize();
        self.row += 1;
    }
}

impl<S> ValueReader<S> {
    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What an element is.
    pub fn dtype(&self) -> &DType {
        self.header.dtype()
    }

    /// The length of each axis; empty for a single element.
    pub fn shape(&self) -> &[u64] {
        self.header.shape()
    }

    /// Returns the number of rows still to be read, as the header counts them. The source may hold fewer.
    pub fn remaining(&self) -> u64 {
        self.end - self.row
    }

    /// The row, counted from 0, that is given next.
    pub fn next_row(&self) -> u64 {
        self.row
    }
}

impl<S: Read> Iterator for ValueReader<S> {
    type Item = Result<Value>;

    fn next(&mut self) -> Option<Result<Value>> {
        (self.row < self.end).then(|| self.next_value())
    }

    /// Passes over rows without decoding them.
    fn nth(&mut self, n: usize) -> Option<Result<Value>> {
        for _ in 0..n {
            if self.row >= self.end {
                return None;
            }
            if let Err(error) = self.fill_block() {
                return Some(Err(error));
            }
            self.pass_row();
        }
        self.next()
    }
}

impl<S> fmt::Debug for ValueReader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValueReader")
            .field("header", &self.header)
            .field("next_row", &self.row)
            .finish_non_exhaustive()
    }
}
