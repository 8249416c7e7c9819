use std::fmt;

use super::{MAX_DIMENSIONS, MAX_ITEMSIZE, grammar::Refusal};
use crate::literal;

/// The error of a text or a model that is not a valid dtype.
///
/// The message names the field, the part that was found, and the part that NumPy expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DTypeError {
    /// The path of fields to the error, the outermost first.
    path: Vec<String>,
    reason: Box<DTypeReason>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DTypeReason {
    Syntax(literal::Error),
    UnknownType(String),
    UnknownUnit(String),
    /// A text whose unit has a multiple out of range.
    UnitCount(String),
    /// A text whose unit cannot be divided by this number.
    UnitDivisor(String, i64),
    /// The expected part of a descr, and the part that was found.
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
    pub(super) fn new(reason: DTypeReason) -> Self {
        DTypeError {
            path: Vec::new(),
            reason: Box::new(reason),
        }
    }

    /// Returns the error of a type string, or of the unit in it.
    pub(super) fn of_text(text: &str, refusal: Refusal) -> Self {
        DTypeError::new(match refusal {
            Refusal::Unit(unit) if !unit.is_empty() => DTypeReason::UnknownUnit(unit),
            Refusal::Count => DTypeReason::UnitCount(text.to_owned()),
            Refusal::Divisor(divisor) => DTypeReason::UnitDivisor(text.to_owned(), divisor),
            Refusal::TooLarge(_) => DTypeReason::TooLarge,
            Refusal::Unknown | Refusal::Unclosed | Refusal::Unit(_) => {
                DTypeReason::UnknownType(text.to_owned())
            }
        })
    }

    /// Returns the error with a field around its path.
    pub(super) fn in_field(mut self, name: &str) -> Self {
        self.path.insert(0, name.to_owned());
        self
    }
}

impl From<literal::Error> for DTypeError {
    fn from(error: literal::Error) -> Self {
        DTypeError::new(DTypeReason::Syntax(error))
    }
}

impl fmt::Display for DTypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "field `{}`: ", self.path.join("."))?;
        }
        match &*self.reason {
            DTypeReason::Syntax(error) => error.fmt(f),
            DTypeReason::UnknownType(text) => write!(
                f,
                "`{text}` is not a NumPy type string; expected one such as `<f8`, `|S5` or `<M8[ns]`"
            ),
            DTypeReason::UnknownUnit(text) => write!(
                f,
                "`{text}` is not a NumPy date unit; expected Y, M, W, D, h, m, s, ms, us, ns, ps, \
                 fs or as, perhaps with a multiple before it, such as `25us`"
            ),
            DTypeReason::UnitCount(text) => write!(
                f,
                "the number before the date unit in `{text}` must be from 1 to {}",
                i32::MAX
            ),
            DTypeReason::UnitDivisor(text, divisor) => write!(
                f,
                "`{text}` divides its date unit by {divisor}, which NumPy cannot express in a smaller unit"
            ),
            DTypeReason::Expected(what, found) => write!(f, "expected {what}, found {found}"),
            DTypeReason::TooLarge => {
                write!(
                    f,
                    "the dtype is larger than NumPy's limit of {MAX_ITEMSIZE} bytes"
                )
            }
            DTypeReason::TooManyDimensions => {
                write!(
                    f,
                    "the subarray has more than NumPy's limit of {MAX_DIMENSIONS} dimensions"
                )
            }
            DTypeReason::EmptyEntries => {
                f.write_str("NumPy has no subarray of zero-sized texts, voids or arrays")
            }
            DTypeReason::Nameless => f.write_str(
                "NumPy reads a void or a subarray without a name as padding; give it a name",
            ),
            DTypeReason::DuplicateName(name) => {
                write!(f, "the name or title `{name}` appears twice in one struct")
            }
            DTypeReason::OutOfOrder { offset, end } => write!(
                f,
                "the field starts at byte {offset}, but the field before it ends at byte {end}"
            ),
            DTypeReason::PastEnd { end, itemsize } => {
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
            DTypeReason::Syntax(error) => Some(error),
            _ => None,
        }
    }
}
