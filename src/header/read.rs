use std::io::{self, Read};

use super::{
    error::{HeaderError, HeaderReason},
    model::Header,
    version::{MAGIC, Version},
};
use crate::literal::{self, Limits};

/// The maximum depth of brackets in Python's parser.
const PYTHONS_DEPTH: usize = 200;

/// The length of the longest usual header, in bytes.
const USUAL: usize = 4096;

impl Header {
    /// The maximum length of a header that [`read_from`](Header::read_from) reads: 1 MiB, about 40,000
    /// fields. (NumPy's own limit, `max_header_size`, is 10,000 bytes.)
    pub const DEFAULT_MAX_SIZE: u32 = 1 << 20;

    /// Reads a header and leaves `source` at the first byte of the data.
    ///
    /// # Errors
    ///
    /// If reading fails, or the source does not start with a header of version 1.0, 2.0 or 3.0 that NumPy
    /// accepts. Also if the header is longer than [`DEFAULT_MAX_SIZE`](Header::DEFAULT_MAX_SIZE).
    ///
    /// Some headers that `np.load` refuses are read:
    ///
    /// - a dtype that is an array, such as `('<f8', (2,))`, which NumPy can only map
    /// - a type of `ml_dtypes` by name
    /// - an array without elements whose other axes are too long for NumPy
    /// - a text longer than `max_header_size`
    ///
    /// A descr without a [`DType`](crate::DType) is refused, even if NumPy reads it.
    pub fn read_from(source: &mut impl Read) -> Result<Self, HeaderError> {
        Header::read_from_with_max_size(source, Header::DEFAULT_MAX_SIZE)
    }

    /// Does the same as [`read_from`](Header::read_from), with another limit in bytes. The allocated memory
    /// is proportional to the bytes that `source` returns, not to the length in the header.
    ///
    /// # Errors
    ///
    /// As [`read_from`](Header::read_from).
    pub fn read_from_with_max_size(
        source: &mut impl Read,
        limit: u32,
    ) -> Result<Self, HeaderError> {
        let prefix: [u8; 8] = read_prefix(source)?;
        let [magic @ .., major, minor] = prefix;
        if magic != *MAGIC {
            let found = magic.to_vec();
            return Err(HeaderError::new(HeaderReason::NotNpy { found }));
        }
        let version = Version::from_bytes([major, minor])
            .ok_or_else(|| HeaderError::new(HeaderReason::Version([major, minor])))?;
        let mut length = [0; 4];
        let length_bytes = length.get_mut(..version.length_bytes()).unwrap_or_default();
        let start = version.text_start() as u64;
        let found = read_up_to(source, length_bytes)?;
        if found < length_bytes.len() {
            let found = (prefix.len() + found) as u64;
            return Err(HeaderError::new(HeaderReason::Truncated {
                expected: start,
                found,
            }));
        }
        let length = u32::from_le_bytes(length);
        if length > limit {
            return Err(HeaderError::new(HeaderReason::TooLong {
                length: length.into(),
                limit: limit.into(),
            }));
        }
        // A usual header is read at once.
        let room = usize::try_from(length).map_or(USUAL, |length| length.min(USUAL));
        let mut text = Vec::with_capacity(room);
        let read = source.take(length.into()).read_to_end(&mut text);
        read.map_err(|e| HeaderError::new(HeaderReason::Io(e)))?;
        if text.len() as u64 != u64::from(length) {
            return Err(HeaderError::new(HeaderReason::Truncated {
                expected: start + u64::from(length),
                found: start + text.len() as u64,
            }));
        }
        Header::parse_text(version, text, start)
    }

    /// Parses the text of a header, which starts at the byte `start` of the file. Unlike
    /// [`literal::from_str`], this distinguishes lists from tuples. It reads Python 2's integers only in the
    /// first two versions.
    pub(super) fn parse_text(
        version: Version,
        text: Vec<u8>,
        start: u64,
    ) -> Result<Self, HeaderError> {
        let text = if version.is_latin1() {
            text.into_iter().map(char::from).collect()
        } else {
            String::from_utf8(text).map_err(|e| {
                let offset = start + e.utf8_error().valid_up_to() as u64;
                HeaderError::new(HeaderReason::Utf8 { offset })
            })?
        };
        let limits = Limits {
            length: usize::MAX,
            depth: PYTHONS_DEPTH,
        };
        // Python 2 wrote the first two versions.
        let node = literal::parse(&text, limits, version.is_latin1());
        let read = node.and_then(|node| Header::from_node(&node));
        let read = read.map(|header| Header { version, ..header });
        read.map_err(|error| {
            let before = text.get(..error.offset().unwrap_or(0)).unwrap_or(&text);
            let bytes = match version.is_latin1() {
                true => before.chars().count(),
                false => before.len(),
            };
            let offset = start + bytes as u64;
            HeaderError::new(HeaderReason::Text { offset, error })
        })
    }
}

/// Reads the magic and the version.
fn read_prefix(source: &mut impl Read) -> Result<[u8; 8], HeaderError> {
    let mut prefix = [0; 8];
    let found = read_up_to(source, &mut prefix)?;
    let read = prefix.get(..found).unwrap_or(&prefix);
    if found == prefix.len() {
        return Ok(prefix);
    }
    let reason = if !read.is_empty() && MAGIC.starts_with(read) || read.starts_with(MAGIC) {
        let found = found as u64;
        HeaderReason::Truncated {
            expected: 10,
            found,
        }
    } else {
        HeaderReason::NotNpy {
            found: read.to_vec(),
        }
    };
    Err(HeaderError::new(reason))
}

/// Reads until `buffer` is full or the source ends. Returns the number of bytes read.
fn read_up_to(source: &mut impl Read, buffer: &mut [u8]) -> Result<usize, HeaderError> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match source.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(HeaderError::new(HeaderReason::Io(e))),
        }
    }
    Ok(filled)
}
