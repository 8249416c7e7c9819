use std::io;

use super::traits::Storage;

/// The end of a file that is preallocated for rows to come: those that are there the header counts.
pub(crate) const MARK: [u8; 64] =
    *b"\0npyrec: behind the rows that the header counts there is room.\n\0";

/// Whether a file of a length ends in the mark.
pub(crate) fn is_preallocated(storage: &dyn Storage, length: u64) -> io::Result<bool> {
    let mut end = [0; MARK.len()];
    let Some(start) = length.checked_sub(MARK.len() as u64) else {
        return Ok(false);
    };
    let read = storage.read_all_at(&mut end, start)?;
    Ok(read == end.len() && end == MARK)
}
