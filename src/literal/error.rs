use std::fmt;

use serde::{de, ser};

/// An error in a text that is read, or in a value that has no literal.
///
/// The message gives the expected token, the token that was found, and its byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    reason: SyntaxReason,
    offset: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SyntaxReason {
    /// The expected token, and the character that was found; `None` at the end of the text.
    Expected(&'static str, Option<char>),
    /// The rule of the language that the text breaks.
    Rule(&'static str),
    TooDeep(usize),
    TooLong {
        length: usize,
        limit: usize,
    },
    /// A message of the type that is read or written.
    Data(String),
}

impl Error {
    pub(super) fn new(reason: SyntaxReason, offset: usize) -> Self {
        Error {
            reason,
            offset: Some(offset),
        }
    }

    /// Returns an error in the value of a literal, at a byte of the text.
    pub(crate) fn data(message: &dyn fmt::Display, offset: usize) -> Self {
        Error::new(SyntaxReason::Data(message.to_string()), offset)
    }

    /// Returns the error for a text with more bytes before this text.
    pub(crate) fn moved_by(self, bytes: usize) -> Self {
        let offset = self.offset.map(|offset| offset.saturating_add(bytes));
        Error { offset, ..self }
    }

    /// Adds the byte to an error of a type, unless the error already has a byte.
    pub(super) fn or_at(mut self, offset: usize) -> Self {
        self.offset.get_or_insert(offset);
        self
    }

    /// Returns the byte of the text at which reading failed.
    ///
    /// `None` if a value could not be written.
    pub fn offset(&self) -> Option<usize> {
        self.offset
    }

    /// Returns the message without the byte, for a caller that counts bytes from another start.
    pub(crate) fn reason(&self) -> impl fmt::Display + '_ {
        &self.reason
    }
}

fn is_visible(c: char) -> bool {
    c.is_alphanumeric() || c.is_ascii_graphic()
}

impl fmt::Display for SyntaxReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SyntaxReason::Expected(what, Some(found)) if is_visible(*found) => {
                write!(f, "expected {what}, found `{found}`")
            }
            SyntaxReason::Expected(what, Some(found)) => {
                write!(f, "expected {what}, found `{}`", found.escape_unicode())
            }
            SyntaxReason::Expected(what, None) => {
                write!(f, "expected {what}, found the end of the text")
            }
            SyntaxReason::Rule(rule) => f.write_str(rule),
            SyntaxReason::TooDeep(limit) => write!(f, "brackets nest deeper than {limit} levels"),
            SyntaxReason::TooLong { length, limit } => {
                write!(f, "the text is {length} bytes long, the limit is {limit}")
            }
            SyntaxReason::Data(message) => f.write_str(message),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset {
            Some(offset) => write!(f, "byte {offset}: {}", self.reason),
            None => self.reason.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Error {
            reason: SyntaxReason::Data(message.to_string()),
            offset: None,
        }
    }
}

impl ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        de::Error::custom(message)
    }
}
