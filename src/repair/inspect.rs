use super::inspection::Inspection;
use crate::{
    error::{Cause, Error, Result},
    header::{Damaged, DamagedRows, GrowingHeader, Header, HeaderError, MAGIC},
    record::Mismatch,
    storage::{Storage, is_preallocated, read_header},
};

/// The sizes of blocks that are inserted, small enough for a header that `np.load` takes.
const BLOCKS: [usize; 5] = [1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13];

/// The bytes after a header that are searched for the end of its line.
const SEARCHED: usize = 512;

/// Advice for a log whose room starts at an unknown row.
const ROOM: &str = "the file ends in the room of a mapped log, and only the number of rows in the header \
                    tells rows from room: correct that number by hand";

impl Inspection {
    /// Inspects a file of any dtype.
    ///
    /// # Errors
    ///
    /// If reading fails, the file does not start with a header that can be mended, or its elements are Python
    /// objects.
    pub(crate) fn of(storage: &dyn Storage) -> Result<Self> {
        let (read, bytes) = read_header(storage, 0);
        // After the header: an appender may commit meanwhile.
        let length = length(storage)?;
        let mut inspection = match read {
            Ok(header) => {
                let counted = Some(header.rows().unwrap_or(1));
                Inspection::new(header, bytes, counted, length)
            }
            Err(error) => {
                let unfilled = Inspection::unfilled(storage, length)?;
                match unfilled.or_else(|| Inspection::half_overwritten(&bytes, length)) {
                    Some(inspection) => inspection,
                    None => Inspection::damaged(storage, bytes, length, error)?,
                }
            }
        };
        if inspection.header.dtype().has_objects() {
            return Err(Mismatch::objects(inspection.header.dtype()).into());
        }
        if let Some(counted) = inspection.counted {
            inspection.inspect_end(storage, counted)?;
        }
        if !inspection.agrees() && inspection.inserted == 0 {
            inspection.line_end = misplaced_line_end(storage, &inspection.bytes)?;
        }
        Ok(inspection)
    }

    /// Inspects a file that is continued or started with the header `new`. Returns `None` if it is empty, or
    /// holds no more of that header than a power cut may leave.
    pub(crate) fn of_started(storage: &dyn Storage, new: Option<&Header>) -> Result<Option<Self>> {
        match Inspection::of(storage) {
            Err(error)
                if matches!(error.cause(), Cause::Header(_)) && is_part_of(storage, new)? =>
            {
                Ok(None)
            }
            inspection => inspection.map(Some),
        }
    }

    /// Inspects what follows the counted rows.
    fn inspect_end(&mut self, storage: &dyn Storage, counted: u64) -> Result<()> {
        let (end, length) = (self.end(counted), self.length);
        if end == length {
            return Ok(());
        }
        let is_room = self.inserted == 0 && has_mark(storage, length)?;
        if is_room && end > length {
            let (expected, found) = (counted, self.rows());
            return Err(Error::new(Cause::Truncated { expected, found }).with_end(ROOM));
        }
        if is_room {
            self.length = end;
            self.preallocated = length - end;
        } else if end < length {
            self.another_array = starts_array(storage, end)?.then_some(end);
        }
        Ok(())
    }

    /// Returns the inspection of a file whose header NumPy refuses for its shape.
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
        let has_room = has_mark(storage, length)?;
        let counted = match rows {
            DamagedRows::Spelled(rows) => Some(rows),
            // The rows of a log end somewhere before its room.
            DamagedRows::Torn(rows) => Some(rows).filter(|_| has_room || header.row_size() == 0),
            // Neither rows of no bytes nor the rows of a log before its room can be counted.
            _ if has_room => return Err(Error::from(error).with_end(ROOM)),
            _ if header.row_size() == 0 => return Err(error.into()),
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
            DamagedRows::TooMany | DamagedRows::Illegible => None,
        };
        Ok(Inspection {
            damage: Some(rows),
            ..Inspection::new(header, bytes, counted, length)
        })
    }

    /// Returns the inspection of a file whose header `wide` is to fill an inserted block.
    fn moved(header: Header, wide: Vec<u8>, inserted: usize, length: u64) -> Self {
        let counted = header.rows();
        Inspection {
            inserted,
            ..Inspection::new(header, wide, counted, length)
        }
    }

    /// Returns the inspection of a file whose header stands after an inserted block, which is filled in part.
    fn unfilled(storage: &dyn Storage, length: u64) -> Result<Option<Self>> {
        for inserted in BLOCKS {
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
            let mut block = vec![0; inserted];
            let read = storage.read_all_at(&mut block, 0);
            read.map_err(|e| Error::io("read the header", e))?;
            if may_be_left_of(&block, &wide) {
                return Ok(Some(Inspection::moved(header, wide, inserted, length)));
            }
        }
        Ok(None)
    }

    /// Returns the inspection of a file whose inserted block is filled, while the old place of the header is
    /// overwritten in part.
    fn half_overwritten(bytes: &[u8], length: u64) -> Option<Self> {
        let (_, padded) = bytes
            .split_last()
            .filter(|_| bytes.len() <= Header::MAX_HEADER_SIZE)?;
        BLOCKS.into_iter().find_map(|inserted| {
            let mut wide = padded.to_vec();
            wide.get_mut(inserted..)?.fill(b' ');
            wide.push(b'\n');
            let header = Header::read_from(&mut &wide[..]).ok()?;
            let is_ours = header.to_bytes_of_len(wide.len()).as_ref() == Some(&wide);
            is_ours.then(|| Inspection::moved(header, wide, inserted, length))
        })
    }
}

/// Returns the header and rows of a file that an appender closed: it differs from a new header in the number
/// of rows alone, and only these rows follow it. Its text is compared, not parsed.
pub(crate) fn header_as_closed(
    storage: &dyn Storage,
    new: &Header,
) -> Result<Option<(GrowingHeader, u64)>> {
    let Some(mut header) = GrowingHeader::new(new) else {
        return Ok(None);
    };
    let mut start = vec![0; header.bytes().len()];
    let read = storage.read_all_at(&mut start, 0);
    let start = start.get(..read.map_err(HeaderError::io)?);
    let Some(rows) = start.and_then(|start| header.rows_in(start)) else {
        return Ok(None);
    };
    let data_len = new.row_size().saturating_mul(rows);
    let is_end = data_len.saturating_add(header.bytes().len() as u64) == length(storage)?;
    let is_closed = is_end && header.set_rows(rows).is_some();
    Ok(is_closed.then_some((header, rows)))
}

fn length(storage: &dyn Storage) -> Result<u64> {
    let len = storage.len();
    len.map_err(|e| Error::io("read the file's length", e))
}

/// Returns true if a file is a part of a new header.
fn is_part_of(storage: &dyn Storage, new: Option<&Header>) -> Result<bool> {
    let Some(new) = new.map(Header::to_bytes) else {
        return Ok(false);
    };
    let mut start = vec![0; new.len() + 1];
    let len = storage.read_all_at(&mut start, 0);
    start.truncate(len.map_err(|e| Error::io("read the file", e))?);
    Ok(start.len() <= new.len() && may_be_left_of(&start, &new))
}

/// Returns true if a write that was interrupted may leave these bytes: some are written, the others are zeros.
fn may_be_left_of(left: &[u8], written: &[u8]) -> bool {
    let mut bytes = left.iter().zip(written);
    bytes.all(|(left, written)| *left == 0 || left == written)
}

/// Returns the end of a header's line, if the data do not start there: the header's length is wrong then,
/// and the data are shifted.
fn misplaced_line_end(storage: &dyn Storage, header: &[u8]) -> Result<Option<u64>> {
    let data_start = header.len() as u64;
    let dict_end = header.iter().rposition(|byte| *byte == b'}');
    let dict_end = dict_end.map_or(0, |at| at + 1);
    let padding = header.get(dict_end..).unwrap_or_default();
    if let Some(line) = padding.iter().position(|byte| *byte == b'\n') {
        let end = (dict_end + line + 1) as u64;
        return Ok((end < data_start).then_some(end));
    }
    let mut data = [0; SEARCHED];
    let len = storage.read_all_at(&mut data, data_start);
    let len = len.map_err(|e| Error::io("read behind the header", e))?;
    let data = data.get(..len).unwrap_or_default();
    let line = data.iter().position(|byte| *byte != b' ');
    let line = line.filter(|&at| data.get(at) == Some(&b'\n'));
    Ok(line.map(|line| data_start + line as u64 + 1))
}

/// Returns true if a file of a length ends in the mark of a mapped log.
fn has_mark(storage: &dyn Storage, length: u64) -> Result<bool> {
    is_preallocated(storage, length).map_err(|e| Error::io("read the end of the file", e))
}

/// Returns true if an `.npy` header starts at the offset.
fn starts_array(storage: &dyn Storage, offset: u64) -> Result<bool> {
    let mut start = [0; MAGIC.len()];
    let read = storage.read_all_at(&mut start, offset);
    let read = read.map_err(|e| Error::io("read behind the rows", e))?;
    Ok(read == start.len() && start == *MAGIC)
}
