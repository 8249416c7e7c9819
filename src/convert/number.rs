//! Numbers of any type, read and written in any encoding.

use std::fmt;

use super::{
    decimal::Float,
    text::{BFloat16, Bool, Complex},
};
use crate::{
    dtype::{ByteOrder, Kind, Scalar},
    record::float::{self, narrow, widen},
};

/// A number of any type, or a truth value as 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Int(i128),
    Float(f64),
    Complex(f64, f64),
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(value) => value.fmt(f),
            Number::Float(value) => fmt::Debug::fmt(value, f),
            Number::Complex(re, im) => write!(f, "({re:?}, {im:?})"),
        }
    }
}

/// The encoding of a number and its byte order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberForm {
    form: Encoding,
    is_big_endian: bool,
}

/// The type of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Encoding {
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Float16,
    BFloat16,
    Float32,
    Float64,
    LongDouble,
    Complex64,
    Complex128,
    CLongDouble,
}

/// The bytes of a number in little-endian order, and their number.
type EncodedNumber = ([u8; 32], usize);

impl NumberForm {
    /// Returns the form of a scalar, if it is a number. A time is its ticks.
    pub(crate) fn of(scalar: Scalar) -> Option<Self> {
        let form = match (scalar.kind(), scalar.itemsize()) {
            (Kind::Bool, _) => Encoding::Bool,
            (Kind::Int, 1) => Encoding::Int8,
            (Kind::Int, 2) => Encoding::Int16,
            (Kind::Int, 4) => Encoding::Int32,
            (Kind::Int | Kind::Timedelta(_) | Kind::Datetime(_), _) => Encoding::Int64,
            (Kind::Uint, 1) => Encoding::Uint8,
            (Kind::Uint, 2) => Encoding::Uint16,
            (Kind::Uint, 4) => Encoding::Uint32,
            (Kind::Uint, _) => Encoding::Uint64,
            (Kind::Float, 2) => Encoding::Float16,
            (Kind::Float, 4) => Encoding::Float32,
            (Kind::Float, 8) => Encoding::Float64,
            (Kind::Float, _) => Encoding::LongDouble,
            (Kind::Complex, 8) => Encoding::Complex64,
            (Kind::Complex, 16) => Encoding::Complex128,
            (Kind::Complex, _) => Encoding::CLongDouble,
            (Kind::Void, 2) if scalar.byte_order() == ByteOrder::Little => Encoding::BFloat16,
            _ => return None,
        };
        Some(NumberForm {
            form,
            is_big_endian: scalar.byte_order() == ByteOrder::Big,
        })
    }

    /// Returns the size of the parts that have a byte order.
    pub(super) fn word(self) -> usize {
        self.form.word()
    }

    /// Returns the number of those parts: two of a complex number.
    pub(super) fn parts(self) -> usize {
        match self.form.part() == self.form {
            true => 1,
            false => 2,
        }
    }

    /// Returns the type of those parts.
    pub(super) fn part_encoding(self) -> Encoding {
        self.form.part()
    }

    pub(super) fn is_big_endian(self) -> bool {
        self.is_big_endian
    }

    /// Returns true for a `long double`, or a complex number of two.
    pub(super) fn is_long_double(self) -> bool {
        matches!(self.form, Encoding::LongDouble | Encoding::CLongDouble)
    }

    /// Reads a number, or zero if there are too few bytes.
    pub(crate) fn read(self, bytes: &[u8]) -> Number {
        let first = self.part(bytes, 0);
        let low = u64::from_le_bytes(lowest(first));
        #[allow(clippy::cast_possible_truncation)] // The low bytes are the number.
        match self.form {
            Encoding::Bool => Number::Int(i128::from(low != 0)),
            Encoding::Int8 => Number::Int((low as i8).into()),
            Encoding::Int16 => Number::Int((low as i16).into()),
            Encoding::Int32 => Number::Int((low as i32).into()),
            Encoding::Int64 => Number::Int(low.cast_signed().into()),
            Encoding::Uint8 | Encoding::Uint16 | Encoding::Uint32 | Encoding::Uint64 => {
                Number::Int(low.into())
            }
            Encoding::Complex64 | Encoding::Complex128 | Encoding::CLongDouble => {
                Number::Complex(self.float(first), self.float(self.part(bytes, self.word())))
            }
            _ => Number::Float(self.float(first)),
        }
    }

    /// Returns the little-endian bytes of the part at an offset.
    fn part(self, bytes: &[u8], offset: usize) -> [u8; 16] {
        let mut part = [0; 16];
        let word = self.word();
        let source = bytes.get(offset..).and_then(|bytes| bytes.get(..word));
        if let (Some(place), Some(source)) = (part.get_mut(..word), source) {
            place.copy_from_slice(source);
            if self.is_big_endian {
                place.reverse();
            }
        }
        part
    }

    /// Returns the text of a number of this form, as NumPy writes it.
    #[allow(clippy::cast_possible_truncation)] // It was read as that type.
    pub(crate) fn text(self, number: Number) -> String {
        let float = |value: f64| match self.form {
            Encoding::Float16 => Float::Half(value as f32),
            Encoding::Float32 | Encoding::Complex64 => Float::Single(value as f32),
            _ => Float::Double(value),
        };
        match (self.form, number) {
            (Encoding::Bool, Number::Int(value)) => Bool(value != 0).to_string(),
            (Encoding::BFloat16, Number::Float(value)) => BFloat16(value as f32).to_string(),
            (_, Number::Int(value)) => value.to_string(),
            (_, Number::Float(value)) => float(value).to_string(),
            (_, Number::Complex(re, im)) => Complex(float(re), float(im)).to_string(),
        }
    }

    fn float(self, part: [u8; 16]) -> f64 {
        match self.form {
            Encoding::Float16 => widen(float::from_f16(u16::from_le_bytes(lowest(part)))),
            Encoding::BFloat16 => widen(float::from_bf16(u16::from_le_bytes(lowest(part)))),
            Encoding::Float32 | Encoding::Complex64 => widen(f32::from_le_bytes(lowest(part))),
            Encoding::LongDouble | Encoding::CLongDouble => float::from_long_double(part),
            _ => f64::from_le_bytes(lowest(part)),
        }
    }

    /// Writes a number as `astype` does: integers keep their low bytes, floats are rounded. Returns true if
    /// the value is the same, except for the rounding of floats.
    pub(crate) fn write(self, number: Number, out: &mut [u8]) -> bool {
        let ((mut bytes, len), fits) = match number {
            Number::Int(value) => (self.of_int(value), self.holds(value)),
            Number::Float(value) => {
                let bytes = self.of_float(value);
                (bytes, self.is_infinite(bytes.0) == value.is_infinite())
            }
            Number::Complex(re, im) => {
                let word = self.word();
                let (re_bytes, im_bytes) = (self.of_float(re), self.of_float(im));
                let mut bytes = re_bytes.0;
                if let (Some(place), Some(im)) =
                    (bytes.get_mut(word..2 * word), im_bytes.0.get(..word))
                {
                    place.copy_from_slice(im);
                }
                let fits = self.is_infinite(re_bytes.0) == re.is_infinite()
                    && self.is_infinite(im_bytes.0) == im.is_infinite();
                ((bytes, 2 * word), fits)
            }
        };
        let bytes = bytes.get_mut(..len).unwrap_or_default();
        if self.is_big_endian {
            bytes
                .chunks_exact_mut(self.word())
                .for_each(<[u8]>::reverse);
        }
        if let Some(out) = out.get_mut(..len) {
            out.copy_from_slice(bytes);
        }
        fits
    }

    #[allow(clippy::cast_precision_loss)] // Rounded, as C rounds.
    fn of_int(self, value: i128) -> EncodedNumber {
        match self.form {
            // NumPy converts to a `float` first, for the halves too.
            Encoding::Float16 | Encoding::BFloat16 | Encoding::Float32 | Encoding::Complex64 => {
                self.of_float((value as f32).into())
            }
            Encoding::Float64 | Encoding::Complex128 => self.of_float(value as f64),
            Encoding::LongDouble | Encoding::CLongDouble => {
                self.padded(&float::to_long_double_of_int(value))
            }
            _ => self.padded(value.to_le_bytes().get(..self.word()).unwrap_or_default()),
        }
    }

    fn of_float(self, value: f64) -> EncodedNumber {
        match self.form {
            Encoding::Float16 => self.padded(&float::wide_to_f16(value).to_le_bytes()),
            Encoding::BFloat16 => self.padded(&float::wide_to_bf16(value).to_le_bytes()),
            Encoding::Float32 | Encoding::Complex64 => self.padded(&narrow(value).to_le_bytes()),
            Encoding::LongDouble | Encoding::CLongDouble => {
                self.padded(&float::to_long_double(value))
            }
            _ => self.padded(&value.to_le_bytes()),
        }
    }

    /// Returns a part, with zeros for the other part of a complex number.
    fn padded(self, part: &[u8]) -> EncodedNumber {
        let mut bytes = [0; 32];
        bytes
            .iter_mut()
            .zip(part)
            .for_each(|(byte, part)| *byte = *part);
        let is_complex = matches!(
            self.form,
            Encoding::Complex64 | Encoding::Complex128 | Encoding::CLongDouble
        );
        (bytes, self.word() * if is_complex { 2 } else { 1 })
    }

    fn is_infinite(self, part: [u8; 32]) -> bool {
        self.float(lowest(part)).is_infinite()
    }

    /// Returns true if an integer is in the range of the type.
    fn holds(self, value: i128) -> bool {
        let bounds = self.form.bounds();
        bounds.is_none_or(|(least, most)| (least..=most).contains(&value))
    }
}

impl Encoding {
    /// Returns the size of the parts that have a byte order.
    pub(super) fn word(self) -> usize {
        match self {
            Encoding::Bool | Encoding::Int8 | Encoding::Uint8 => 1,
            Encoding::Int16 | Encoding::Uint16 | Encoding::Float16 | Encoding::BFloat16 => 2,
            Encoding::Int32 | Encoding::Uint32 | Encoding::Float32 | Encoding::Complex64 => 4,
            Encoding::Int64 | Encoding::Uint64 | Encoding::Float64 | Encoding::Complex128 => 8,
            Encoding::LongDouble | Encoding::CLongDouble => 16,
        }
    }

    /// Returns the type of the parts of a complex number, and any other type itself.
    pub(super) fn part(self) -> Self {
        match self {
            Encoding::Complex64 => Encoding::Float32,
            Encoding::Complex128 => Encoding::Float64,
            Encoding::CLongDouble => Encoding::LongDouble,
            other => other,
        }
    }

    /// Returns true for integers, not for truth values.
    pub(super) fn is_integer(self) -> bool {
        self.is_signed()
            || matches!(
                self,
                Encoding::Uint8 | Encoding::Uint16 | Encoding::Uint32 | Encoding::Uint64
            )
    }

    /// Returns true for integers with a sign.
    pub(super) fn is_signed(self) -> bool {
        matches!(
            self,
            Encoding::Int8 | Encoding::Int16 | Encoding::Int32 | Encoding::Int64
        )
    }

    /// Returns the least and the greatest integer that the type holds, or `None` if it holds any, rounded.
    pub(super) fn bounds(self) -> Option<(i128, i128)> {
        Some(match self {
            Encoding::Bool => (0, 1),
            Encoding::Int8 => (i8::MIN.into(), i8::MAX.into()),
            Encoding::Int16 => (i16::MIN.into(), i16::MAX.into()),
            Encoding::Int32 => (i32::MIN.into(), i32::MAX.into()),
            Encoding::Int64 => (i64::MIN.into(), i64::MAX.into()),
            Encoding::Uint8 => (0, u8::MAX.into()),
            Encoding::Uint16 => (0, u16::MAX.into()),
            Encoding::Uint32 => (0, u32::MAX.into()),
            Encoding::Uint64 => (0, u64::MAX.into()),
            // 65520 is rounded to an infinity.
            Encoding::Float16 => (-65519, 65519),
            _ => return None,
        })
    }
}

/// Returns the first `N` bytes.
fn lowest<const M: usize, const N: usize>(bytes: [u8; M]) -> [u8; N] {
    let mut low = [0; N];
    low.iter_mut()
        .zip(bytes)
        .for_each(|(low, byte)| *low = byte);
    low
}
