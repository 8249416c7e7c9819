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

/// How a number is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberForm {
    form: Form,
    is_big_endian: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
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

/// The bytes of a number in little-endian order, and how many of them there are.
type Bytes = ([u8; 32], usize);

impl NumberForm {
    /// That of a scalar, if it is a number; a duration is its ticks.
    pub(crate) fn of(scalar: Scalar) -> Option<Self> {
        let form = match (scalar.kind(), scalar.itemsize()) {
            (Kind::Bool, _) => Form::Bool,
            (Kind::Int, 1) => Form::Int8,
            (Kind::Int, 2) => Form::Int16,
            (Kind::Int, 4) => Form::Int32,
            (Kind::Int | Kind::Timedelta(_) | Kind::Datetime(_), _) => Form::Int64,
            (Kind::Uint, 1) => Form::Uint8,
            (Kind::Uint, 2) => Form::Uint16,
            (Kind::Uint, 4) => Form::Uint32,
            (Kind::Uint, _) => Form::Uint64,
            (Kind::Float, 2) => Form::Float16,
            (Kind::Float, 4) => Form::Float32,
            (Kind::Float, 8) => Form::Float64,
            (Kind::Float, _) => Form::LongDouble,
            (Kind::Complex, 8) => Form::Complex64,
            (Kind::Complex, 16) => Form::Complex128,
            (Kind::Complex, _) => Form::CLongDouble,
            (Kind::Void, 2) if scalar.byte_order() == ByteOrder::Little => Form::BFloat16,
            _ => return None,
        };
        Some(NumberForm {
            form,
            is_big_endian: scalar.byte_order() == ByteOrder::Big,
        })
    }

    /// The size of its parts: numbers that have a byte order.
    fn word(self) -> usize {
        match self.form {
            Form::Bool | Form::Int8 | Form::Uint8 => 1,
            Form::Int16 | Form::Uint16 | Form::Float16 | Form::BFloat16 => 2,
            Form::Int32 | Form::Uint32 | Form::Float32 | Form::Complex64 => 4,
            Form::Int64 | Form::Uint64 | Form::Float64 | Form::Complex128 => 8,
            Form::LongDouble | Form::CLongDouble => 16,
        }
    }

    /// Whether it is a `long double`, or a complex number of two.
    pub(super) fn is_long_double(self) -> bool {
        matches!(self.form, Form::LongDouble | Form::CLongDouble)
    }

    /// Reads a number; of bytes that are not as many, zero.
    pub(crate) fn read(self, bytes: &[u8]) -> Number {
        let first = self.part(bytes, 0);
        let low = u64::from_le_bytes(lowest(first));
        #[allow(clippy::cast_possible_truncation)] // The low bytes are the number.
        match self.form {
            Form::Bool => Number::Int(i128::from(low != 0)),
            Form::Int8 => Number::Int((low as i8).into()),
            Form::Int16 => Number::Int((low as i16).into()),
            Form::Int32 => Number::Int((low as i32).into()),
            Form::Int64 => Number::Int(low.cast_signed().into()),
            Form::Uint8 | Form::Uint16 | Form::Uint32 | Form::Uint64 => Number::Int(low.into()),
            Form::Complex64 | Form::Complex128 | Form::CLongDouble => {
                Number::Complex(self.float(first), self.float(self.part(bytes, self.word())))
            }
            _ => Number::Float(self.float(first)),
        }
    }

    /// The little-endian bytes of the part at an offset.
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

    /// A number of this form as NumPy writes it.
    #[allow(clippy::cast_possible_truncation)] // It was read as that type.
    pub(crate) fn text(self, number: Number) -> String {
        let float = |value: f64| match self.form {
            Form::Float16 => Float::Half(value as f32),
            Form::Float32 | Form::Complex64 => Float::Single(value as f32),
            _ => Float::Double(value),
        };
        match (self.form, number) {
            (Form::Bool, Number::Int(value)) => Bool(value != 0).to_string(),
            (Form::BFloat16, Number::Float(value)) => BFloat16(value as f32).to_string(),
            (_, Number::Int(value)) => value.to_string(),
            (_, Number::Float(value)) => float(value).to_string(),
            (_, Number::Complex(re, im)) => Complex(float(re), float(im)).to_string(),
        }
    }

    fn float(self, part: [u8; 16]) -> f64 {
        match self.form {
            Form::Float16 => widen(float::from_f16(u16::from_le_bytes(lowest(part)))),
            Form::BFloat16 => widen(float::from_bf16(u16::from_le_bytes(lowest(part)))),
            Form::Float32 | Form::Complex64 => widen(f32::from_le_bytes(lowest(part))),
            Form::LongDouble | Form::CLongDouble => float::from_long_double(part),
            _ => f64::from_le_bytes(lowest(part)),
        }
    }

    /// Writes a number as `astype` does: integers keep their low bytes, floats are rounded. Whether the
    /// value is kept, but for what a float rounds off.
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
    fn of_int(self, value: i128) -> Bytes {
        match self.form {
            // NumPy goes through a `float` for the halves too.
            Form::Float16 | Form::BFloat16 | Form::Float32 | Form::Complex64 => {
                self.of_float((value as f32).into())
            }
            Form::Float64 | Form::Complex128 => self.of_float(value as f64),
            Form::LongDouble | Form::CLongDouble => {
                self.padded(&float::to_long_double_of_int(value))
            }
            _ => self.padded(value.to_le_bytes().get(..self.word()).unwrap_or_default()),
        }
    }

    fn of_float(self, value: f64) -> Bytes {
        match self.form {
            Form::Float16 => self.padded(&float::to_f16(value).to_le_bytes()),
            Form::BFloat16 => self.padded(&float::to_bf16(narrow(value)).to_le_bytes()),
            Form::Float32 | Form::Complex64 => self.padded(&narrow(value).to_le_bytes()),
            Form::LongDouble | Form::CLongDouble => self.padded(&float::to_long_double(value)),
            _ => self.padded(&value.to_le_bytes()),
        }
    }

    /// A part with zeros behind it: the other part, of a complex number.
    fn padded(self, part: &[u8]) -> Bytes {
        let mut bytes = [0; 32];
        bytes
            .iter_mut()
            .zip(part)
            .for_each(|(byte, part)| *byte = *part);
        let is_complex = matches!(
            self.form,
            Form::Complex64 | Form::Complex128 | Form::CLongDouble
        );
        (bytes, self.word() * if is_complex { 2 } else { 1 })
    }

    fn is_infinite(self, part: [u8; 32]) -> bool {
        self.float(lowest(part)).is_infinite()
    }

    /// Whether an integer is in the range of the type.
    fn holds(self, value: i128) -> bool {
        match self.form {
            Form::Bool => (0..=1).contains(&value),
            Form::Int8 => i8::try_from(value).is_ok(),
            Form::Int16 => i16::try_from(value).is_ok(),
            Form::Int32 => i32::try_from(value).is_ok(),
            Form::Int64 => i64::try_from(value).is_ok(),
            Form::Uint8 => u8::try_from(value).is_ok(),
            Form::Uint16 => u16::try_from(value).is_ok(),
            Form::Uint32 => u32::try_from(value).is_ok(),
            Form::Uint64 => u64::try_from(value).is_ok(),
            Form::Float16 => value.unsigned_abs() < 65520,
            _ => true,
        }
    }
}

/// The first bytes of more.
fn lowest<const M: usize, const N: usize>(bytes: [u8; M]) -> [u8; N] {
    let mut low = [0; N];
    low.iter_mut()
        .zip(bytes)
        .for_each(|(low, byte)| *low = byte);
    low
}
