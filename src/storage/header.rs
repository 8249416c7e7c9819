use super::traits::Storage;
use crate::header::{Header, HeaderError};

/// What is read at once. Few headers are longer.
const USUAL: usize = 4096;

/// The header at an offset, and its bytes; those that were found if they are none.
///
/// They are read at once: in several pieces, digits could be mixed from two commits.
pub(crate) fn read_header(
    storage: &dyn Storage,
    offset: u64,
) -> (Result<Header, HeaderError>, Vec<u8>) {
    read_header_with_limit(storage, offset, Header::DEFAULT_LIMIT)
}

/// [`read_header`], of one that is no longer than `limit`.
pub(crate) fn read_header_with_limit(
    storage: &dyn Storage,
    offset: u64,
    limit: u32,
) -> (Result<Header, HeaderError>, Vec<u8>) {
    let mut bytes = vec![0; USUAL];
    loop {
        let len = match storage.read_all_at(&mut bytes, offset) {
            Ok(len) => len,
            Err(error) => return (Err(HeaderError::io(error)), Vec::new()),
        };
        let mut rest = bytes.get(..len).unwrap_or_default();
        let header = Header::read_from_with_limit(&mut rest, limit);
        let header_len = len - rest.len();
        let missing = header.as_ref().err().and_then(HeaderError::missing);
        match missing.map(usize::try_from) {
            // No longer than the limit for headers, and there was this much before.
            Some(Ok(missing)) if missing > bytes.len() && len == bytes.len() => {
                bytes.resize(missing, 0);
            }
            _ => {
                bytes.truncate(header_len);
                return (header, bytes);
            }
        }
    }
}
