//! Casting one scalar to another.

use std::fmt;

use super::{
    number::{Number, NumberForm},
    time::{NAT, convert_ticks},
};
use crate::{
    dtype::{ByteOrder, Casting, Kind, Scalar, TimeUnit},
    record::{EncodeError, without_padding},
};

/// A conversion of a scalar to another type.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cast {
    /// Reverses the bytes of each part of this size.
    Swap(usize),
    Number(NumberForm, NumberForm),
    Time(TimeCast),
    /// Writes a number as text.
    Text(NumberForm, Text),
    /// Truncates bytes, or pads them with zeros.
    Pad,
    /// Converts a text to another form.
    Str(Text, Text),
    /// Reverses the bytes of each part of this size, and pads them with zeros.
    Void(usize),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct TimeCast {
    /// True for a point in time, false for a span.
    is_point: bool,
    from: (NumberForm, TimeUnit),
    to: (NumberForm, TimeUnit),
}

/// The form of a text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text {
    Ascii,
    Utf32(ByteOrder),
}

/// The losses that a cast may cause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Loss {
    /// The losses of NumPy's `astype`: integers keep their low bytes, texts their start, times are rounded
    /// down.
    Allowed,
    /// The rounding of floats only.
    Refused,
}

impl Cast {
    /// Returns the cast between two different scalars, if the casting allows it.
    pub(super) fn new(from: Scalar, to: Scalar, casting: Casting) -> Option<Self> {
        if !from.can_cast(to, casting) {
            return None;
        }
        if from.kind() == to.kind() && from.itemsize() == to.itemsize() {
            return Some(Cast::Swap(word(from)));
        }
        let from_kind = from.kind();
        let forms = (NumberForm::of(from), NumberForm::of(to));
        Some(match (from.kind(), to.kind(), forms) {
            (Kind::Bytes, Kind::Bytes, _) | (Kind::Void, Kind::Void, _) => Cast::Pad,
            (_, Kind::Void, (Some(from), Some(bfloat16))) if to.is_bfloat16() => {
                Cast::Number(from, bfloat16)
            }
            (_, Kind::Void, _) if from.byte_order() == ByteOrder::Big => Cast::Void(word(from)),
            (_, Kind::Void, _) => Cast::Pad,
            (Kind::Bytes | Kind::Str, _, _) => Cast::Str(Text::of(from)?, Text::of(to)?),
            // The value is rounded to an `f64`, which has other digits.
            (_, Kind::Bytes | Kind::Str, (Some(form), _)) if form.is_long_double() => return None,
            (_, Kind::Bytes | Kind::Str, (Some(form), _)) => Cast::Text(form, Text::of(to)?),
            (
                Kind::Datetime(unit) | Kind::Timedelta(unit),
                Kind::Datetime(to_unit) | Kind::Timedelta(to_unit),
                (Some(from), Some(to)),
            ) => Cast::Time(TimeCast {
                is_point: matches!(from_kind, Kind::Datetime(_)),
                from: (from, unit),
                to: (to, to_unit),
            }),
            (_, _, (Some(from), Some(to))) => Cast::Number(from, to),
            _ => return None,
        })
    }

    /// Casts a value. After an error the contents of `to` are not specified.
    pub(super) fn apply(self, from: &[u8], to: &mut [u8], loss: Loss) -> Result<(), EncodeError> {
        match self {
            Cast::Swap(word) => {
                swap(word, from, to);
                Ok(())
            }
            Cast::Number(form, other) => {
                let number = form.read(from);
                match other.write(number, to) || loss == Loss::Allowed {
                    true => Ok(()),
                    false => Err(EncodeError::new(number, "is out of range")),
                }
            }
            Cast::Time(time) => time.apply(from, to, loss),
            Cast::Text(form, text) => text.write(form.text(form.read(from)).chars(), to, loss),
            Cast::Pad => pad(from, to, loss),
            Cast::Str(form, text) => form.cast(from, text, to, loss),
            Cast::Void(word) => {
                let (start, rest) = to.split_at_mut(from.len().min(to.len()));
                swap(word, from, start);
                rest.fill(0);
                Ok(())
            }
        }
    }
}

/// Returns the size of the parts of a scalar that have a byte order.
fn word(scalar: Scalar) -> usize {
    match scalar.kind() {
        Kind::Complex => scalar.itemsize() / 2,
        Kind::Str => 4,
        Kind::Bytes | Kind::Void => 1,
        _ => scalar.itemsize(),
    }
}

/// Copies bytes, and reverses the bytes of each word.
#[inline]
pub(super) fn swap(word: usize, from: &[u8], to: &mut [u8]) {
    // With a constant size, reversing a word is one instruction.
    fn words<const N: usize>(from: &[u8], to: &mut [u8]) {
        let (from, to) = (from.as_chunks::<N>().0, to.as_chunks_mut::<N>().0);
        for (from, to) in from.iter().zip(to) {
            *to = *from;
            to.reverse();
        }
    }
    match word {
        2 => words::<2>(from, to),
        4 => words::<4>(from, to),
        8 => words::<8>(from, to),
        16 => words::<16>(from, to),
        _ => to.iter_mut().zip(from).for_each(|(to, from)| *to = *from),
    }
}

/// Copies bytes, and truncates them or pads them with NULs.
fn pad(from: &[u8], to: &mut [u8], loss: Loss) -> Result<(), EncodeError> {
    let len = from.len().min(to.len());
    let (kept, cut) = from.split_at(len);
    if loss == Loss::Refused && !without_padding(cut).is_empty() {
        let text = without_padding(from).escape_ascii();
        let len = to.len();
        let reason = format_args!("is longer than {len} bytes");
        return Err(EncodeError::new(text, reason));
    }
    let (start, rest) = to.split_at_mut(len);
    start.copy_from_slice(kept);
    rest.fill(0);
    Ok(())
}

impl TimeCast {
    fn apply(self, from: &[u8], to: &mut [u8], loss: Loss) -> Result<(), EncodeError> {
        let Number::Int(ticks) = self.from.0.read(from) else {
            return Ok(()); // A time is an integer.
        };
        let ((_, unit), (form, to_unit)) = (self.from, self.to);
        if self.is_point && unit == TimeUnit::Generic && ticks != NAT.into() {
            return Err(EncodeError::new(
                ticks,
                "is a point in time of no unit, of which only NaT is one",
            ));
        }
        #[allow(clippy::cast_possible_truncation)] // Of eight bytes.
        match convert_ticks(ticks as i64, unit, to_unit) {
            Some((ticks, is_same)) if is_same || loss == Loss::Allowed => {
                form.write(Number::Int(ticks.into()), to);
                Ok(())
            }
            Some(_) => Err(EncodeError::new(
                ticks,
                format_args!("[{unit}] is no multiple of [{to_unit}]"),
            )),
            None => Err(EncodeError::new(
                ticks,
                format_args!("[{unit}] is out of range of [{to_unit}]"),
            )),
        }
    }
}

impl Text {
    fn of(scalar: Scalar) -> Option<Self> {
        match scalar.kind() {
            Kind::Bytes => Some(Text::Ascii),
            Kind::Str => Some(Text::Utf32(scalar.byte_order())),
            _ => None,
        }
    }

    /// Converts a text of this form to another form.
    fn cast(self, from: &[u8], to: Text, out: &mut [u8], loss: Loss) -> Result<(), EncodeError> {
        match self {
            Text::Ascii if from.is_ascii() => {
                let text = without_padding(from).iter().copied();
                to.write(text.map(char::from), out, loss)
            }
            Text::Ascii => Err(EncodeError::new(
                from.escape_ascii(),
                "is not ASCII, as bytes that become a text have to be",
            )),
            // Invalid code points are copied as well.
            Text::Utf32(order) => {
                let len = from.len().min(out.len());
                let (kept, cut) = from.split_at(len);
                if loss == Loss::Refused && !without_padding(cut).is_empty() {
                    return Err(too_long(lossy(from, order), out.len() / 4));
                }
                let (start, rest) = out.split_at_mut(len);
                match to {
                    Text::Utf32(other) if other == order => start.copy_from_slice(kept),
                    _ => swap(4, kept, start),
                }
                rest.fill(0);
                Ok(())
            }
        }
    }

    fn write(
        self,
        text: impl Iterator<Item = char> + Clone,
        out: &mut [u8],
        loss: Loss,
    ) -> Result<(), EncodeError> {
        let width = match self {
            Text::Ascii => 1,
            Text::Utf32(_) => 4,
        };
        out.fill(0);
        let len = out.len() / width;
        let mut rest = text.clone();
        for (place, c) in out.chunks_exact_mut(width).zip(rest.by_ref()) {
            let code = match self {
                Text::Utf32(ByteOrder::Big) => u32::from(c).to_be_bytes(),
                _ => u32::from(c).to_le_bytes(),
            };
            place
                .iter_mut()
                .zip(code)
                .for_each(|(place, byte)| *place = byte);
        }
        match rest.next().is_none() || loss == Loss::Allowed {
            true => Ok(()),
            false => Err(too_long(String::from_iter(text), len)),
        }
    }
}

/// Returns the text of UTF-32, for an error message.
fn lossy(bytes: &[u8], order: ByteOrder) -> String {
    let chars = bytes.as_chunks().0.iter().map(|code| match order {
        ByteOrder::Big => u32::from_be_bytes(*code),
        _ => u32::from_le_bytes(*code),
    });
    let text = chars.map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    String::from_iter(text).trim_end_matches('\0').to_owned()
}

#[cold]
fn too_long(text: impl fmt::Display, room: usize) -> EncodeError {
    EncodeError::new(text, format_args!("is longer than {room} characters"))
}
