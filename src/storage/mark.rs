use std::io::{self, Read, Seek, SeekFrom};

use super::storage_trait::Storage;

/// The end of a file that is preallocated for more rows. The header counts the rows before the preallocated
/// part.
pub(crate) const MARK: [u8; 64] =
    *b"\0npyrec: behind the rows that the header counts there is room.\n\0";

/// Returns true if a file of a length ends with the mark.
pub(crate) fn is_preallocated(storage: &dyn Storage, length: u64) -> io::Result<bool> {
    let mut end = [0; MARK.len()];
    let Some(start) = length.checked_sub(MARK.len() as u64) else {
        return Ok(false);
    };
    let read = storage.read_all_at(&mut end, start)?;
    Ok(read == end.len() && end == MARK)
}

/// Returns true if a source ends with the mark. Its position stays.
pub(crate) fn ends_in_mark<S: Read + Seek>(source: &mut S) -> io::Result<bool> {
    let position = source.stream_position()?;
    let length = source.seek(SeekFrom::End(0))?;
    let mut end = [0; MARK.len()];
    let is_marked = match length.checked_sub(MARK.len() as u64) {
        Some(start) if start >= position => {
            source.seek(SeekFrom::Start(start))?;
            source.read_exact(&mut end)?;
            end == MARK
        }
        _ => false,
    };
    source.seek(SeekFrom::Start(position))?;
    Ok(is_marked)
}
