use std::{fmt, io};

use super::version::MAGIC;
use crate::{
    dtype::{DTypeError, MAX_DIMENSIONS},
    literal::{self, Tuple},
};

/// Why bytes are not the header of an `.npy` file, or a dtype has no header.
///
/// Its text says at which byte, what was found, and what was expected.
#[derive(Debug)]
pub struct HeaderError {
    reason: Box<Reason>,
    /// Where the header starts.
    start: u64,
}

#[derive(Debug)]
pub(super) enum Reason {
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
    /// The text, from the byte of the file at which the error lies.
    Text {
        offset: u64,
        error: literal::Error,
    },
    DType(DTypeError),
    /// The dtype is an array, which NumPy keeps in the shape.
    Subarray,
    TooManyDimensions(usize),
    TooLarge,
    /// The length before the text is not that of the text, whose line ends at another byte.
    LineEnd {
        /// The first byte after the line.
        end: u64,
        /// The byte at which the data start by that length.
        data_start: u64,
    },
    /// Rows of no bytes, and bytes after the header all the same.
    DataOfNoBytes {
        shape: String,
        offset: u64,
        bytes: u64,
    },
}

impl HeaderError {
    pub(super) fn new(reason: Reason) -> Self {
        HeaderError {
            reason: Box::new(reason),
            start: 0,
        }
    }

    /// Notes that the header starts at a byte of the file other than its first.
    pub(crate) fn start_at(&mut self, offset: u64) {
        self.start = offset;
    }

    /// The byte of the file at which it stops being a header, where there is one such byte.
    pub fn offset(&self) -> Option<u64> {
        let within = match &*self.reason {
            Reason::NotNpy { .. } => Some(0),
            Reason::Version(_) => Some(6),
            Reason::TooLong { .. } => Some(8),
            Reason::Truncated { found, .. } => Some(*found),
            Reason::Utf8 { offset }
            | Reason::Text { offset, .. }
            | Reason::DataOfNoBytes { offset, .. } => Some(*offset),
            Reason::LineEnd { .. } => Some(8),
            Reason::Io(_)
            | Reason::DType(_)
            | Reason::Subarray
            | Reason::TooManyDimensions(_)
            | Reason::TooLarge => None,
        };
        within.map(|offset| self.start.saturating_add(offset))
    }

    pub(crate) fn io(error: io::Error) -> Self {
        HeaderError::new(Reason::Io(error))
    }

    /// How long the header is, if the source ended before its end.
    pub(crate) fn missing(&self) -> Option<u64> {
        match *self.reason {
            Reason::Truncated { expected, .. } => Some(expected),
            _ => None,
        }
    }

    /// Whether the whole header was read, and its text is at fault.
    pub(crate) fn is_of_text(&self) -> bool {
        matches!(*self.reason, Reason::Text { .. } | Reason::Utf8 { .. })
    }

    /// The error that the header's length is not that of its text, whose line ends before the byte `end`.
    pub(crate) fn line_end(end: u64, data_start: u64) -> Self {
        HeaderError::new(Reason::LineEnd { end, data_start })
    }

    /// The error that `bytes` bytes follow the header of an array without any.
    pub(crate) fn data_of_no_bytes(shape: &[u64], offset: u64, bytes: u64) -> Self {
        let shape = literal::to_string(&Tuple(shape)).unwrap_or_default();
        HeaderError::new(Reason::DataOfNoBytes {
            shape,
            offset,
            bytes,
        })
    }

    /// The I/O error, if reading failed for that reason; otherwise itself.
    pub(crate) fn into_io(self) -> Result<io::Error, Self> {
        match *self.reason {
            Reason::Io(error) => Ok(error),
            reason => Err(HeaderError::new(reason)),
        }
    }
}

impl From<DTypeError> for HeaderError {
    fn from(error: DTypeError) -> Self {
        HeaderError::new(Reason::DType(error))
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(offset) = self.offset() {
            write!(f, "byte {offset}: ")?;
        }
        match &*self.reason {
            Reason::Io(error) => error.fmt(f),
            Reason::NotNpy { found } if found.is_empty() => {
                write!(
                    f,
                    "the file is empty; an .npy file starts with {}",
                    quoted(MAGIC)
                )
            }
            Reason::NotNpy { found } => write!(
                f,
                "not an .npy file: it starts with {}, not with {}",
                quoted(found),
                quoted(MAGIC)
            ),
            Reason::Version([major, minor]) => write!(
                f,
                "version {major}.{minor} of the format is not known; expected 1.0, 2.0 or 3.0"
            ),
            Reason::TooLong { length, limit } => write!(
                f,
                "the header says it is {length} bytes long, the limit is {limit}; \
                 for reading, `max_header_size` raises it if you trust the file"
            ),
            Reason::Truncated { expected, .. } => write!(
                f,
                "the file ends inside its header, which is {expected} bytes long"
            ),
            Reason::Utf8 { .. } => {
                f.write_str("the header's text is not UTF-8, as version 3.0 has it")
            }
            Reason::Text { error, .. } => error.reason().fmt(f),
            Reason::DType(error) => error.fmt(f),
            Reason::Subarray => f.write_str(
                "the dtype of an array is not an array itself; add its dimensions to the shape",
            ),
            Reason::TooManyDimensions(found) => write!(
                f,
                "the shape has {found} dimensions, NumPy's limit is {MAX_DIMENSIONS}"
            ),
            Reason::LineEnd { end, data_start } => write!(
                f,
                "the length of the header is not that of its text: by it the data start at byte \
                 {data_start}, but the line of the text ends before byte {end}; correct the length"
            ),
            Reason::DataOfNoBytes { shape, bytes, .. } => write!(
                f,
                "the file goes on for {bytes} bytes, but an array of shape {shape} has none; correct the \
                 shape in the header (`1,000` in it is read as two axes)"
            ),
            Reason::TooLarge => {
                f.write_str("the shape and the dtype make an array larger than 2^63 - 1 bytes")
            }
        }
    }
}

/// Bytes as Python writes them.
fn quoted(bytes: &[u8]) -> String {
    format!("b'{}'", bytes.escape_ascii())
}

impl std::error::Error for HeaderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.reason {
            Reason::Io(error) => Some(error),
            Reason::Text { error, .. } => Some(error),
            Reason::DType(error) => Some(error),
            _ => None,
        }
    }
}
