use std::fmt;

use super::{MAX_DIMENSIONS, MAX_ITEMSIZE, grammar::Refusal};
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
    /// The multiple of the unit in a text is out of range.
    UnitCount(String),
    /// The unit in a text cannot be divided by this number.
    UnitDivisor(String, i64),
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

    /// The error about a type string, or about the unit in it.
    pub(super) fn of_text(text: &str, refusal: Refusal) -> Self {
        DTypeError::new(match refusal {
            Refusal::Unit(unit) if !unit.is_empty() => Reason::UnknownUnit(unit),
            Refusal::Count => Reason::UnitCount(text.to_owned()),
            Refusal::Divisor(divisor) => Reason::UnitDivisor(text.to_owned(), divisor),
            Refusal::TooLarge(_) => Reason::TooLarge,
            Refusal::Unknown | Refusal::Unclosed | Refusal::Unit(_) => {
                Reason::UnknownType(text.to_owned())
            }
        })
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
            Reason::UnitCount(text) => write!(
                f,
                "the number before the date unit in `{text}` must be from 1 to {}",
                i32::MAX
            ),
            Reason::UnitDivisor(text, divisor) => write!(
                f,
                "`{text}` divides its date unit by {divisor}, which NumPy cannot express in a smaller unit"
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
