use std::{fmt, io};

use super::version::MAGIC;
use crate::{
    dtype::{DTypeError, MAX_DIMENSIONS},
    literal::{self, Tuple},
};

/// The error of bytes that are not a header of an `.npy` file, or of a dtype without a header.
///
/// The message gives the byte, the part that was found, and the part that was expected.
#[derive(Debug)]
pub struct HeaderError {
    reason: Box<HeaderReason>,
    /// The offset of the header in the file.
    start: u64,
}

#[derive(Debug)]
pub(super) enum HeaderReason {
    Io(io::Error),
    NotNpy {
        found: Vec<u8>,
    },
    Version([u8; 2]),
    TooLong {
        length: u64,
        limit: u64,
    },
    Truncated {
        expected: u64,
        found: u64,
    },
    Utf8 {
        offset: u64,
    },
    /// An error in the text, at a byte of the file.
    Text {
        offset: u64,
        error: literal::Error,
    },
    DType(DTypeError),
    /// The dtype is an array, whose axes belong to the shape.
    Subarray,
    TooManyDimensions(usize),
    TooLarge,
    /// The length of the header differs from the length of its text, whose line ends at another byte.
    LineEnd {
        /// The first byte after the line.
        end: u64,
        /// The offset of the data by the length of the header.
        data_start: u64,
    },
    /// The rows are zero-sized, but bytes follow the header.
    DataOfNoBytes {
        shape: String,
        offset: u64,
        bytes: u64,
    },
}

impl HeaderError {
    pub(super) fn new(reason: HeaderReason) -> Self {
        HeaderError {
            reason: Box::new(reason),
            start: 0,
        }
    }

    /// Sets the offset of the header in the file.
    pub(crate) fn start_at(&mut self, offset: u64) {
        self.start = offset;
    }

    /// Returns the byte of the file at which the error is, if there is one.
    pub fn offset(&self) -> Option<u64> {
        let within = match &*self.reason {
            HeaderReason::NotNpy { .. } => Some(0),
            HeaderReason::Version(_) => Some(6),
            HeaderReason::TooLong { .. } => Some(8),
            HeaderReason::Truncated { found, .. } => Some(*found),
            HeaderReason::Utf8 { offset }
            | HeaderReason::Text { offset, .. }
            | HeaderReason::DataOfNoBytes { offset, .. } => Some(*offset),
            HeaderReason::LineEnd { .. } => Some(8),
            HeaderReason::Io(_)
            | HeaderReason::DType(_)
            | HeaderReason::Subarray
            | HeaderReason::TooManyDimensions(_)
            | HeaderReason::TooLarge => None,
        };
        within.map(|offset| self.start.saturating_add(offset))
    }

    pub(crate) fn io(error: io::Error) -> Self {
        HeaderError::new(HeaderReason::Io(error))
    }

    /// Returns the length of the header if the source ended before the end of the header.
    pub(crate) fn missing(&self) -> Option<u64> {
        match *self.reason {
            HeaderReason::Truncated { expected, .. } => Some(expected),
            _ => None,
        }
    }

    /// Returns true if the whole header was read, and its text is invalid.
    pub(crate) fn is_of_text(&self) -> bool {
        matches!(
            *self.reason,
            HeaderReason::Text { .. } | HeaderReason::Utf8 { .. }
        )
    }

    /// Returns the error that the length of the header differs from the length of its text, whose line ends
    /// before the byte `end`.
    pub(crate) fn line_end(end: u64, data_start: u64) -> Self {
        HeaderError::new(HeaderReason::LineEnd { end, data_start })
    }

    /// Returns the error that bytes follow the header of an array without bytes.
    pub(crate) fn data_of_no_bytes(shape: &[u64], offset: u64, bytes: u64) -> Self {
        let shape = literal::to_string(&Tuple(shape)).unwrap_or_default();
        HeaderError::new(HeaderReason::DataOfNoBytes {
            shape,
            offset,
            bytes,
        })
    }

    /// Returns the I/O error if reading failed, and this error otherwise.
    pub(crate) fn into_io(self) -> Result<io::Error, Self> {
        match *self.reason {
            HeaderReason::Io(error) => Ok(error),
            reason => Err(HeaderError::new(reason)),
        }
    }
}

impl From<DTypeError> for HeaderError {
    fn from(error: DTypeError) -> Self {
        HeaderError::new(HeaderReason::DType(error))
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(offset) = self.offset() {
            write!(f, "byte {offset}: ")?;
        }
        match &*self.reason {
            HeaderReason::Io(error) => error.fmt(f),
            HeaderReason::NotNpy { found } if found.is_empty() => {
                write!(
                    f,
                    "the file is empty; an .npy file starts with {}",
                    quoted(MAGIC)
                )
            }
            HeaderReason::NotNpy { found } => write!(
                f,
                "not an .npy file: it starts with {}, not with {}",
                quoted(found),
                quoted(MAGIC)
            ),
            HeaderReason::Version([major, minor]) => write!(
                f,
                "version {major}.{minor} of the format is not known; expected 1.0, 2.0 or 3.0"
            ),
            HeaderReason::TooLong { length, limit } => write!(
                f,
                "the header says it is {length} bytes long, the limit is {limit}; \
                 for reading, `max_header_size` raises it if you trust the file"
            ),
            HeaderReason::Truncated { expected, .. } => write!(
                f,
                "the file ends inside its header, which is {expected} bytes long"
            ),
            HeaderReason::Utf8 { .. } => {
                f.write_str("the header's text is not UTF-8, as version 3.0 requires")
            }
            HeaderReason::Text { error, .. } => error.reason().fmt(f),
            HeaderReason::DType(error) => error.fmt(f),
            HeaderReason::Subarray => f.write_str(
                "the dtype of an array is not an array itself; add its dimensions to the shape",
            ),
            HeaderReason::TooManyDimensions(found) => write!(
                f,
                "the shape has {found} dimensions, NumPy's limit is {MAX_DIMENSIONS}"
            ),
            HeaderReason::LineEnd { end, data_start } => write!(
                f,
                "the length of the header differs from the length of its text: by the length, the data \
                 start at byte {data_start}, but the text ends before byte {end}; correct the length"
            ),
            HeaderReason::DataOfNoBytes { shape, bytes, .. } => write!(
                f,
                "{bytes} bytes follow the header, but an array of shape {shape} has no bytes; correct the \
                 shape in the header (`1,000` is read as two axes)"
            ),
            HeaderReason::TooLarge => {
                f.write_str("the shape and the dtype make an array larger than 2^63 - 1 bytes")
            }
        }
    }
}

/// Returns bytes as Python writes them.
fn quoted(bytes: &[u8]) -> String {
    format!("b'{}'", bytes.escape_ascii())
}

impl std::error::Error for HeaderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.reason {
            HeaderReason::Io(error) => Some(error),
            HeaderReason::Text { error, .. } => Some(error),
            HeaderReason::DType(error) => Some(error),
            _ => None,
        }
    }
}
