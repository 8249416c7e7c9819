use std::io;

use crate::{
    error::{Error, ErrorKind, Result},
    header::{Damaged, DamagedRows, GrowingHeader, Header, HeaderError, MAGIC, Order},
    record::Misfit,
    storage::{Storage, is_preallocated, read_header},
};

/// The bytes that a device writes at once, or not at all, when power is cut.
const SECTOR: usize = 512;

/// What may be inserted: a block, which is small enough for a header that `np.load` takes.
const INSERTED: [usize; 5] = [1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13];

/// What is in a file: a header, and what follows it.
#[derive(Debug)]
pub(crate) struct Found {
    /// Of no rows, if their number cannot be read.
    pub(crate) header: Header,
    /// The header's bytes, as they stand in the file or are to be [inserted](Self::inserted).
    pub(super) bytes: Vec<u8>,
    /// The rows that the header counts, if it can be read.
    pub(crate) counted: Option<u64>,
    /// The number of rows in a header that NumPy refuses for its shape.
    pub(super) damage: Option<DamagedRows>,
    /// The error of a header that counts more rows than an array can have.
    too_many: Option<HeaderError>,
    /// The end of the header's line, where the header's length says another.
    pub(super) line_end: Option<u64>,
    /// So many bytes were inserted before the header, and not yet filled: `make_appendable` was stopped.
    pub(super) inserted: usize,
    /// The size of a row.
    row_size: u64,
    /// The length of the file, without what is preallocated.
    length: u64,
    /// The bytes behind the rows that an appender took for rows to come.
    pub(super) preallocated: u64,
    /// Where another array starts behind the counted rows.
    pub(super) another_array: Option<u64>,
}

impl Found {
    /// Looks at a file of any dtype.
    ///
    /// # Errors
    ///
    /// If reading fails; if the file does not start with a header, be it one whose number of rows
    /// cannot be read; if its elements are Python objects, of no known size.
    pub(crate) fn examine(storage: &dyn Storage) -> Result<Self> {
        let (read, bytes) = read_header(storage, 0);
        // Behind the header: an appender may commit meanwhile.
        let length = storage
            .len()
            .map_err(|e| Error::io("read the file's length", e))?;
        let mut found = match read {
            Ok(header) => {
                let counted = Some(header.rows().unwrap_or(1));
                Found::of(header, bytes, counted, length)
            }
            Err(error) => match Found::inserted(storage, length)? {
                Some(found) => found,
                None => match Found::filled(&bytes, length) {
                    Some(found) => found,
                    None => Found::damaged(storage, bytes, length, error)?,
                },
            },
        };
        if found.header.dtype().has_objects() {
            return Err(Misfit::objects(found.header.dtype()).into());
        }
        let end = found.counted.map(|counted| found.end(counted));
        if let Some(end) = end.filter(|&end| end < length) {
            let is_room = is_preallocated(storage, length);
            let is_room = is_room.map_err(|e| Error::io("read behind the rows", e))?;
            if is_room && found.inserted == 0 {
                found.length = end;
                found.preallocated = length - end;
            } else {
                found.another_array = starts_array(storage, end)?.then_some(end);
            }
        }
        if !found.agrees() && found.inserted == 0 {
            let line_end = found.misplaced_line_end(storage);
            found.line_end = line_end.map_err(|e| Error::io("read behind the header", e))?;
        }
        Ok(found)
    }

    fn of(header: Header, bytes: Vec<u8>, counted: Option<u64>, length: u64) -> Self {
        Found {
            row_size: header.row_size(),
            header,
            bytes,
            counted,
            damage: None,
            too_many: None,
            line_end: None,
            inserted: 0,
            length,
            preallocated: 0,
            another_array: None,
        }
    }

    /// A header that NumPy refuses for its shape.
    fn damaged(
        storage: &dyn Storage,
        bytes: Vec<u8>,
        length: u64,
        error: HeaderError,
    ) -> Result<Self> {
        let damaged = Header::damaged(&bytes).filter(|_| error.is_of_text());
        let Some(Damaged { header, rows }) = damaged else {
            return Err(error.into());
        };
        let is_preallocated = is_preallocated(storage, length);
        let is_preallocated = is_preallocated.map_err(|e| Error::io("read behind the rows", e))?;
        let mut too_many = None;
        let counted = match rows {
            DamagedRows::Spelled(rows) => Some(rows),
            // The rows of a log end somewhere before its room.
            DamagedRows::Torn(rows) => {
                Some(rows).filter(|_| is_preallocated || header.row_size() == 0)
            }
            DamagedRows::TornInShape { digits, is_whole } => {
                let data = length.saturating_sub(bytes.len() as u64);
                let rows = data.checked_div(header.row_size()).unwrap_or_default();
                let is_number = match is_whole {
                    true => rows == digits,
                    false => rows.to_string().starts_with(&digits.to_string()),
                };
                if !is_number || rows.checked_mul(header.row_size()) != Some(data) {
                    return Err(error.into());
                }
                Some(rows)
            }
            // Rows of no bytes cannot be counted.
            _ if header.row_size() == 0 || is_preallocated => return Err(error.into()),
            DamagedRows::TooMany => {
                too_many = Some(error);
                None
            }
            DamagedRows::Illegible => None,
        };
        Ok(Found {
            damage: Some(rows),
            too_many,
            ..Found::of(header, bytes, counted, length)
        })
    }

    /// A header behind room that was inserted and not, or not wholly, filled.
    fn inserted(storage: &dyn Storage, length: u64) -> Result<Option<Self>> {
        for inserted in INSERTED {
            if !starts_array(storage, inserted as u64)? {
                continue;
            }
            let (Ok(header), bytes) = read_header(storage, inserted as u64) else {
                continue;
            };
            let len = inserted + bytes.len();
            let wide = header.to_bytes_of_len(len);
            let Some(wide) = wide.filter(|_| len <= Header::MAX_HEADER_SIZE) else {
                continue;
            };
            let mut room = vec![0; inserted];
            let read = storage.read_all_at(&mut room, 0);
            read.map_err(|e| Error::io("read the header", e))?;
            let mut filled = room.iter().zip(&wide);
            if filled.all(|(byte, wide)| *byte == 0 || byte == wide) {
                let counted = header.rows();
                let found = Found::of(header, wide, counted, length);
                return Ok(Some(Found { inserted, ..found }));
            }
        }
        Ok(None)
    }

    /// A header in inserted room that is filled, while the place where it stood is overwritten in part.
    fn filled(bytes: &[u8], length: u64) -> Option<Self> {
        let (_, padded) = bytes
            .split_last()
            .filter(|_| bytes.len() <= Header::MAX_HEADER_SIZE)?;
        INSERTED.into_iter().find_map(|inserted| {
            let mut wide = padded.to_vec();
            wide.get_mut(inserted..)?.fill(b' ');
            wide.push(b'\n');
            let header = Header::read_from(&mut &wide[..]).ok()?;
            let is_ours = header.to_bytes_of_len(wide.len()).as_ref() == Some(&wide);
            let counted = header.rows();
            let found = Found::of(header, wide, counted, length);
            is_ours.then_some(Found { inserted, ..found })
        })
    }

    /// Takes the array, which is in both orders, as one in this order.
    pub(crate) fn set_order(&mut self, order: Order) {
        if order == self.header.order() {
            return;
        }
        self.header = self.header.with_order(order);
        self.counted = self.counted.and(self.header.rows());
        self.row_size = self.header.row_size();
    }

    /// The bytes of the header.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The header, ready for another number of rows.
    pub(crate) fn growing(&self) -> Result<GrowingHeader> {
        let max_rows = self.counted.unwrap_or_default();
        GrowingHeader::existing(&self.header, &self.bytes)
            .ok_or_else(|| Error::new(ErrorKind::NoGrowthRoom { max_rows }))
    }

    pub(super) fn data_start(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Where so many rows end.
    pub(super) fn end(&self, rows: u64) -> u64 {
        self.data_start().saturating_add(self.len_of(rows))
    }

    /// The length of so many rows.
    pub(super) fn len_of(&self, rows: u64) -> u64 {
        rows.saturating_mul(self.row_size)
    }

    /// The whole rows that are there. Rows of no bytes are all there, whatever the file's length. A single
    /// element is one row.
    pub(crate) fn rows(&self) -> u64 {
        let rows = self.data_len().checked_div(self.row_size);
        let rows = rows.unwrap_or(self.counted.unwrap_or_default());
        match self.header.rows() {
            Some(_) => rows,
            None => rows.min(1),
        }
    }

    /// The bytes behind the last whole row.
    pub(super) fn torn_bytes(&self) -> u64 {
        self.data_len() - self.len_of(self.rows())
    }

    /// Whether bytes follow a header whose rows have none.
    pub(super) fn has_data_of_no_bytes(&self) -> bool {
        self.row_size == 0 && self.data_len() > 0
    }

    pub(super) fn has_torn_row(&self) -> bool {
        self.row_size > 0 && self.torn_bytes() > 0
    }

    pub(super) fn data_len(&self) -> u64 {
        self.length.saturating_sub(self.data_start())
    }

    /// Whether the header counts just what is there.
    pub(crate) fn is_sound(&self) -> bool {
        self.agrees() && self.preallocated == 0
    }

    /// Whether the header counts just the rows that are there.
    pub(super) fn agrees(&self) -> bool {
        let is_counted = self.counted == Some(self.rows()) && self.torn_bytes() == 0;
        is_counted && self.inserted == 0 && self.damage.is_none()
    }

    /// Whether NumPy refuses the header for its shape.
    pub(crate) fn is_damaged(&self) -> bool {
        self.damage.is_some()
    }

    /// Takes the error of a header that counts more rows than an array can have.
    pub(crate) fn take_too_many(&mut self) -> Option<HeaderError> {
        self.too_many.take()
    }

    /// Whether the text of the header can be replaced where it stands without a power cut leaving a mix of
    /// the two.
    pub(crate) fn is_renewable(&self, header: &GrowingHeader) -> bool {
        let is_spelled = matches!(self.damage, Some(DamagedRows::Spelled(_)));
        self.bytes.len() <= SECTOR || !is_spelled && header.is_numpys_own()
    }

    /// The end of the header's line, if that is not where the data start: the header's length is off then,
    /// and the data are shifted.
    fn misplaced_line_end(&self, storage: &dyn Storage) -> io::Result<Option<u64>> {
        let dict_end = self.bytes.iter().rposition(|byte| *byte == b'}');
        let dict_end = dict_end.map_or(0, |at| at + 1);
        let padding = self.bytes.get(dict_end..).unwrap_or_default();
        if let Some(line) = padding.iter().position(|byte| *byte == b'\n') {
            let end = (dict_end + line + 1) as u64;
            return Ok((end < self.data_start()).then_some(end));
        }
        let mut data = [0; SECTOR];
        let len = storage.read_all_at(&mut data, self.data_start())?;
        let data = data.get(..len).unwrap_or_default();
        let line = data.iter().position(|byte| *byte != b' ');
        let line = line.filter(|&at| data.get(at) == Some(&b'\n'));
        Ok(line.map(|line| self.data_start() + line as u64 + 1))
    }
}

/// Whether an `.npy` header starts there.
fn starts_array(storage: &dyn Storage, offset: u64) -> Result<bool> {
    let mut start = [0; MAGIC.len()];
    let found = storage.read_all_at(&mut start, offset);
    let found = found.map_err(|e| Error::io("read behind the rows", e))?;
    Ok(found == start.len() && start == *MAGIC)
}
