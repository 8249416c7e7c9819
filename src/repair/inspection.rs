use crate::{
    error::{Cause, Error, Result},
    header::{DamagedRows, GrowingHeader, Header, HeaderError, Order},
};

/// The bytes that a device writes at once, or not at all, when power is cut.
const SECTOR: usize = 512;

/// Advice for a single element that is not whole, or not alone.
const SINGLE_ELEMENT: &str =
    "`recover` corrects a number of rows, and there is none in the shape ()";

/// The contents of a file: its header, and the data after it.
#[derive(Clone, Debug)]
pub(crate) struct Inspection {
    /// The header, with 0 rows if their number is illegible.
    pub(crate) header: Header,
    /// The bytes of the header. If a block was inserted, they fill it and the old place of the header.
    pub(super) bytes: Vec<u8>,
    /// The rows that the header counts, if legible.
    pub(crate) counted: Option<u64>,
    /// The number of rows in a header that NumPy refuses for its shape.
    pub(super) damage: Option<DamagedRows>,
    /// The end of the header's line, if the header's length says another.
    pub(super) line_end: Option<u64>,
    /// The bytes that `make_appendable` inserted before the header and did not fill.
    pub(super) inserted: usize,
    /// The length of the file without preallocated bytes.
    pub(super) length: u64,
    /// The bytes after the rows that an appender preallocated for later rows.
    pub(super) preallocated: u64,
    /// The start of another array after the counted rows.
    pub(super) another_array: Option<u64>,
}

/// A defect other than a wrong number of rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Defect {
    /// NumPy does not read the text of the shape.
    Spelled,
    /// The header counts more rows than an array can have.
    TooMany,
    /// A single element that is not whole, or is followed by other bytes.
    SingleElement,
    /// Bytes after a header whose rows have no bytes.
    DataOfNoBytes,
    /// The header's line ends here, and the header's length says another place.
    LineEnd(u64),
}

impl Inspection {
    /// Returns the inspection of a file that holds only a header and its data.
    pub(super) fn new(header: Header, bytes: Vec<u8>, counted: Option<u64>, length: u64) -> Self {
        Inspection {
            header,
            bytes,
            counted,
            damage: None,
            line_end: None,
            inserted: 0,
            length,
            preallocated: 0,
            another_array: None,
        }
    }

    /// Takes the array, which is in both orders, as an array in this order.
    pub(super) fn set_order(&mut self, order: Order) {
        if order != self.header.order() {
            self.header = self.header.with_order(order);
            self.counted = self.counted.and(self.header.rows());
        }
    }

    /// Returns the header, ready for another number of rows, or `None` if NumPy's text is too long for it.
    pub(super) fn growing(&self) -> Option<GrowingHeader> {
        GrowingHeader::existing(&self.header, &self.bytes)
    }

    /// Returns true if the header has NumPy's text and room for any number of rows.
    pub(crate) fn has_room(&self) -> bool {
        let header = self.growing();
        header.is_some_and(|header| header.is_numpys_own() && header.max_rows() == u64::MAX)
    }

    /// Returns true if the text of the header can be replaced in place, and a power cut never leaves a mix
    /// of both texts.
    pub(super) fn is_renewable(&self, header: &GrowingHeader) -> bool {
        let is_spelled = matches!(self.damage, Some(DamagedRows::Spelled(_)));
        self.bytes.len() <= SECTOR || !is_spelled && header.is_numpys_own()
    }

    pub(crate) fn data_start(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(super) fn data_len(&self) -> u64 {
        self.length.saturating_sub(self.data_start())
    }

    /// Returns the length of a number of rows in bytes.
    pub(super) fn len_of(&self, rows: u64) -> u64 {
        rows.saturating_mul(self.header.row_size())
    }

    /// Returns the offset at which a number of rows end.
    pub(super) fn end(&self, rows: u64) -> u64 {
        self.data_start().saturating_add(self.len_of(rows))
    }

    /// Returns the number of complete rows in the file. Rows of no bytes are
    /// all complete. A single element is one row.
    pub(crate) fn rows(&self) -> u64 {
        let rows = self.data_len().checked_div(self.header.row_size());
        let rows = rows.unwrap_or(self.counted.unwrap_or_default());
        match self.header.rows() {
            Some(_) => rows,
            None => rows.min(1),
        }
    }

    /// Returns the number of bytes after the last complete row.
    pub(super) fn torn_bytes(&self) -> u64 {
        self.data_len() - self.len_of(self.rows())
    }

    /// Returns true if the header counts the rows in the file, and nothing follows them.
    pub(crate) fn is_sound(&self) -> bool {
        self.agrees() && self.preallocated == 0
    }

    /// Returns the number of rows of a sound file.
    ///
    /// # Errors
    ///
    /// If header and data do not agree, or the file has no rows.
    pub(super) fn check_sound(&self) -> Result<u64> {
        self.check_mendable()?;
        match self.counted {
            Some(expected) if self.is_sound() => Ok(expected),
            Some(expected) if self.rows() < expected => {
                let found = self.rows();
                let error = Error::new(Cause::Truncated { expected, found });
                Err(error.recoverable(true))
            }
            _ => Err(self.needs_recovery()),
        }
    }

    /// Returns true if the header counts the rows in the file.
    pub(super) fn agrees(&self) -> bool {
        let is_counted = self.counted == Some(self.rows()) && self.torn_bytes() == 0;
        is_counted && self.inserted == 0 && self.damage.is_none()
    }

    /// Returns a defect other than a wrong number of rows.
    pub(super) fn defect(&self) -> Option<Defect> {
        let has_data_of_no_bytes = self.header.row_size() == 0 && self.data_len() > 0;
        Some(match (self.damage, self.line_end) {
            _ if self.agrees() => return None,
            _ if self.header.rows().is_none() => Defect::SingleElement,
            _ if has_data_of_no_bytes => Defect::DataOfNoBytes,
            (_, Some(end)) => Defect::LineEnd(end),
            (Some(DamagedRows::Spelled(_)), _) => Defect::Spelled,
            (Some(DamagedRows::TooMany), _) => Defect::TooMany,
            _ => return None,
        })
    }

    /// Refuses a file in which more than the number of rows is wrong.
    pub(super) fn check_mendable(&self) -> Result<()> {
        let (start, len) = (self.data_start(), self.data_len());
        Err(match (self.another_array, self.defect()) {
            (Some(offset), _) => Error::new(Cause::AnotherArray { offset }),
            (_, Some(Defect::SingleElement)) => Error::new(Cause::NoRows).with_end(SINGLE_ELEMENT),
            (_, Some(Defect::DataOfNoBytes)) => {
                HeaderError::data_of_no_bytes(self.header.shape(), start, len).into()
            }
            (_, Some(Defect::LineEnd(end))) => HeaderError::line_end(end, start).into(),
            _ => return Ok(()),
        })
    }

    /// Returns the error that header and data do not agree, which [`recover`](super::recover()) can mend.
    pub(super) fn needs_recovery(&self) -> Error {
        Error::new(Cause::NeedsRecovery {
            counted: self.counted,
            found: self.rows(),
            torn_bytes: self.torn_bytes(),
        })
    }
}
