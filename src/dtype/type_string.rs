//! Type strings, as in [the array interface protocol] and `np.dtype`.
//!
//! [the array interface protocol]: https://numpy.org/doc/stable/reference/arrays.interface.html

use std::{
    fmt::{self, Write},
    str::FromStr,
};

use super::{
    error::DTypeError,
    grammar::{self, Refusal, TypeString},
    scalar::{ByteOrder, Kind, Scalar},
    unit::TimeUnit,
};

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (order, kind, size) = (self.byte_order().code(), self.kind(), self.itemsize());
        f.write_char(order)?;
        f.write_char(kind.code())?;
        match kind {
            Kind::Object => Ok(()),
            Kind::Str => write!(f, "{}", size / 4),
            Kind::Timedelta(TimeUnit::Generic) | Kind::Datetime(TimeUnit::Generic) => {
                write!(f, "{size}")
            }
            Kind::Timedelta(unit) | Kind::Datetime(unit) => write!(f, "{size}[{unit}]"),
            _ => write!(f, "{size}"),
        }
    }
}

impl FromStr for Scalar {
    type Err = DTypeError;

    fn from_str(text: &str) -> Result<Self, DTypeError> {
        Scalar::parse(text).map(|(scalar, _)| scalar)
    }
}

impl Scalar {
    /// Parses a type string. Returns true with the scalar if NumPy needs the Python package `ml_dtypes` to
    /// read the text.
    pub(super) fn parse(text: &str) -> Result<(Self, bool), DTypeError> {
        let parsed = grammar::parse(text).and_then(|parsed| {
            let scalar = Scalar::from_type_string(parsed).ok_or(Refusal::Unknown)?;
            Ok((scalar, parsed.is_ml_dtypes))
        });
        parsed.map_err(|refusal| DTypeError::of_text(text, refusal))
    }

    fn from_type_string(parsed: TypeString) -> Option<Self> {
        let unit = TimeUnit::from_grammar(parsed.unit)?;
        let kind = match parsed.kind {
            'b' => Kind::Bool,
            'i' => Kind::Int,
            'u' => Kind::Uint,
            'f' => Kind::Float,
            'c' => Kind::Complex,
            'm' => Kind::Timedelta(unit),
            'M' => Kind::Datetime(unit),
            'O' => Kind::Object,
            'S' => Kind::Bytes,
            'U' => Kind::Str,
            'V' => Kind::Void,
            _ => return None,
        };
        let order = match parsed.order {
            '<' => ByteOrder::Little,
            '>' => ByteOrder::Big,
            _ => ByteOrder::NotApplicable,
        };
        Scalar::new(kind, usize::try_from(parsed.itemsize).ok()?, order)
    }
}
