use std::fmt;

use super::{MAX_DIMENSIONS, MAX_ITEMSIZE};
use crate::literal;

/// Why a text or a model is not a dtype.
///
/// Its text names the field, what was found and what NumPy expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DTypeError {
    /// The fields that lead to the place, outermost first.
    path: Vec<String>,
    reason: Box<Reason>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    Syntax(literal::Error),
    UnknownType(String),
    UnknownUnit(String),
    /// What a part of a descr should be; what it is.
    Expected(&'static str, &'static str),
    TooLarge,
    TooManyDimensions,
    EmptyEntries,
    Nameless,
    DuplicateName(String),
    OutOfOrder {
        offset: usize,
        end: usize,
    },
    PastEnd {
        end: usize,
        itemsize: usize,
    },
}

impl DTypeError {
    pub(super) fn new(reason: Reason) -> Self {
        DTypeError {
            path: Vec::new(),
            reason: Box::new(reason),
        }
    }

    /// The same error, found inside the field `name`.
    pub(super) fn in_field(mut self, name: &str) -> Self {
        self.path.insert(0, name.to_owned());
        self
    }
}

impl From<literal::Error> for DTypeError {
    fn from(error: literal::Error) -> Self {
        DTypeError::new(Reason::Syntax(error))
    }
}

impl fmt::Display for DTypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "field `{}`: ", self.path.join("."))?;
        }
        match &*self.reason {
            Reason::Syntax(error) => error.fmt(f),
            Reason::UnknownType(text) => write!(
                f,
                "`{text}` is not a NumPy type string; expected one such as `<f8`, `|S5` or `<M8[ns]`"
            ),
            Reason::UnknownUnit(text) => write!(
                f,
                "`{text}` is not a NumPy date unit; expected Y, M, W, D, h, m, s, ms, us, ns, ps, \
                 fs or as, perhaps with a multiple before it, such as `25us`"
            ),
            Reason::Expected(what, found) => write!(f, "expected {what}, found {found}"),
            Reason::TooLarge => {
                write!(
                    f,
                    "the dtype is larger than NumPy's limit of {MAX_ITEMSIZE} bytes"
                )
            }
            Reason::TooManyDimensions => {
                write!(
                    f,
                    "the subarray has more than NumPy's limit of {MAX_DIMENSIONS} dimensions"
                )
            }
            Reason::EmptyEntries => {
                f.write_str("NumPy has no subarray of texts, voids or arrays of no bytes")
            }
            Reason::Nameless => {
                f.write_str("NumPy takes a void or a subarray without a name for padding; name it")
            }
            Reason::DuplicateName(name) => {
                write!(f, "the name or title `{name}` appears twice in one struct")
            }
            Reason::OutOfOrder { offset, end } => write!(
                f,
                "the field starts at byte {offset}, but the field before it ends at byte {end}"
            ),
            Reason::PastEnd { end, itemsize } => {
                write!(
                    f,
                    "the last field ends at byte {end}, past the itemsize of {itemsize}"
                )
            }
        }
    }
}

impl std::error::Error for DTypeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.reason {
            Reason::Syntax(error) => Some(error),
            _ => None,
        }
    }
}
