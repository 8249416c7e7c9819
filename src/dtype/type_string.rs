//! Type strings, as in [the array interface protocol] and `np.dtype`.
//!
//! [the array interface protocol]: https://numpy.org/doc/stable/reference/arrays.interface.html

use std::{
    fmt::{self, Write},
    str::FromStr,
};

use super::{
    error::{DTypeError, Reason},
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
        let unknown = || DTypeError::new(Reason::UnknownType(text.to_owned()));
        let (order, name) = match text.split_at_checked(1) {
            Some(("<", rest)) => (ByteOrder::Little, rest),
            Some((">", rest)) => (ByteOrder::Big, rest),
            Some(("|" | "=", rest)) => (ByteOrder::NATIVE, rest),
            _ => (ByteOrder::NATIVE, text),
        };
        if let Some((kind, itemsize)) = lettered(name).or_else(|| named(text)) {
            return Ok(Scalar::of(kind, itemsize, order));
        }
        let mut rest = name.chars();
        let code = rest.next().ok_or_else(unknown)?;
        let mut size = rest.as_str();
        let mut unit = TimeUnit::Generic;
        if let Some((before, bracketed)) = size.split_once('[') {
            let inner = bracketed.strip_suffix(']').filter(|unit| !unit.is_empty());
            let inner = inner.ok_or_else(unknown)?;
            (size, unit) = (before, inner.parse()?);
        }
        let kind = match code {
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
            _ => return Err(unknown()),
        };
        let timed = matches!(kind, Kind::Timedelta(_) | Kind::Datetime(_));
        if unit != TimeUnit::Generic && !timed {
            return Err(unknown());
        }
        let count = match (kind, size) {
            (Kind::Bytes | Kind::Str | Kind::Void, "") => 0,
            // Python 2 wrote the size of a pointer, 4 or 8, behind `O`.
            (Kind::Object, "" | "4" | "8") => 8,
            (_, digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse::<usize>().map_err(|_| unknown())?
            }
            _ => return Err(unknown()),
        };
        let itemsize = match kind {
            Kind::Str => count.checked_mul(4).ok_or_else(unknown)?,
            _ => count,
        };
        // Only a void keeps an order that its type does not need; NumPy's own has none.
        let order = match (kind, text.starts_with(['<', '>'])) {
            (Kind::Void, false) => ByteOrder::NotApplicable,
            _ => order,
        };
        Scalar::new(kind, itemsize, order).ok_or_else(unknown)
    }
}

/// The types that `np.dtype` also knows by the letter of a C type, those of a fixed size.
fn lettered(name: &str) -> Option<(Kind, usize)> {
    Some(match name {
        "?" => (Kind::Bool, 1),
        "b" => (Kind::Int, 1),
        "h" => (Kind::Int, 2),
        "i" => (Kind::Int, 4),
        "q" => (Kind::Int, 8),
        "B" => (Kind::Uint, 1),
        "H" => (Kind::Uint, 2),
        "I" => (Kind::Uint, 4),
        "Q" => (Kind::Uint, 8),
        "e" => (Kind::Float, 2),
        "f" => (Kind::Float, 4),
        "d" => (Kind::Float, 8),
        "F" => (Kind::Complex, 8),
        "D" => (Kind::Complex, 16),
        _ => return None,
    })
}

/// The types that `np.dtype` also knows by a word, in the order of the machine.
fn named(name: &str) -> Option<(Kind, usize)> {
    Some(match name {
        "bool" => (Kind::Bool, 1),
        "int8" => (Kind::Int, 1),
        "int16" => (Kind::Int, 2),
        "int32" => (Kind::Int, 4),
        "int64" => (Kind::Int, 8),
        "uint8" => (Kind::Uint, 1),
        "uint16" => (Kind::Uint, 2),
        "uint32" => (Kind::Uint, 4),
        "uint64" => (Kind::Uint, 8),
        "float16" => (Kind::Float, 2),
        "float32" => (Kind::Float, 4),
        "float64" => (Kind::Float, 8),
        "complex64" => (Kind::Complex, 8),
        "complex128" => (Kind::Complex, 16),
        _ => return None,
    })
}
