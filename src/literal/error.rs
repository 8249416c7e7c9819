use std::fmt;

use serde::{de, ser};

/// Why a text is not the literal that was asked for, or a value has no literal.
///
/// Its text says what was expected, what was found, and at which byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    reason: Reason,
    offset: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// What was expected; what stands there instead, nothing at the end of the text.
    Expected(&'static str, Option<char>),
    /// A rule of the language that the text breaks.
    Rule(&'static str),
    TooDeep(usize),
    TooLong {
        length: usize,
        limit: usize,
    },
    /// What the type that is read or written says.
    Data(String),
}

impl Error {
    pub(super) fn new(reason: Reason, offset: usize) -> Self {
        Error {
            reason,
            offset: Some(offset),
        }
    }

    /// An error in what a literal holds, at a byte of the text.
    pub(crate) fn data(message: &dyn fmt::Display, offset: usize) -> Self {
        Error::new(Reason::Data(message.to_string()), offset)
    }

    /// The same error in a text that has more bytes before it.
    pub(crate) fn moved_by(self, bytes: usize) -> Self {
        let offset = self.offset.map(|offset| offset.saturating_add(bytes));
        Error { offset, ..self }
    }

    /// Places an error that a type raised, unless a part inside it was placed already.
    pub(super) fn or_at(mut self, offset: usize) -> Self {
        self.offset.get_or_insert(offset);
        self
    }

    /// The byte of the text at which it stops being what was asked for.
    ///
    /// `None` when a value could not be written.
    pub fn offset(&self) -> Option<usize> {
        self.offset
    }

    /// The text without the offset, for a caller that counts from another place.
    pub(crate) fn reason(&self) -> impl fmt::Display + '_ {
        &self.reason
    }
}

fn is_visible(c: char) -> bool {
    c.is_alphanumeric() || c.is_ascii_graphic()
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Expected(what, Some(found)) if is_visible(*found) => {
                write!(f, "expected {what}, found `{found}`")
            }
            Reason::Expected(what, Some(found)) => {
                write!(f, "expected {what}, found `{}`", found.escape_unicode())
            }
            Reason::Expected(what, None) => write!(f, "expected {what}, found the end of the text"),
            Reason::Rule(rule) => f.write_str(rule),
            Reason::TooDeep(limit) => write!(f, "brackets nest deeper than {limit} levels"),
            Reason::TooLong { length, limit } => {
                write!(f, "the text is {length} bytes long, the limit is {limit}")
            }
            Reason::Data(message) => f.write_str(message),
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
            reason: Reason::Data(message.to_string()),
            offset: None,
        }
    }
}

impl ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        de::Error::custom(message)
    }
}
