//! Scalars: from a number or bytes to a [`Value`], and back.

use super::model::Value;
use crate::{
    convert::{Number, NumberForm},
    dtype::{ByteOrder, Kind, Scalar, TimeUnit},
    record::{
        DecodeError, EncodeError,
        float::{narrow, widen},
    },
};

/// Returns memory for the items that a file declares.
///
/// # Errors
///
/// Fails if the system refuses the memory.
pub(super) fn room_for<T>(len: usize) -> Result<Vec<T>, DecodeError> {
    let mut items = Vec::new();
    match items.try_reserve_exact(len) {
        Ok(()) => Ok(items),
        Err(_) => Err(DecodeError::new(format_args!(
            "the value needs memory for {len} items of {} bytes at once, which the system refused",
            size_of::<T>()
        ))),
    }
}

/// Returns a copy of bytes of a file.
pub(super) fn copy(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut copied = room_for(bytes.len())?;
    copied.extend_from_slice(bytes);
    Ok(copied)
}

/// Returns the value of a number that was read as a scalar.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // It was read as that type.
pub(super) fn number(scalar: Scalar, number: Number) -> Value {
    match (scalar.kind(), scalar.itemsize(), number) {
        (Kind::Bool, _, Number::Int(value)) => Value::Bool(value != 0),
        (Kind::Uint, _, Number::Int(value)) => Value::Uint(value as u64),
        (_, _, Number::Int(value)) => Value::Int(value as i64),
        (Kind::Void, _, Number::Float(value)) => Value::BFloat16(narrow(value)),
        (_, 2, Number::Float(value)) => Value::Float16(narrow(value)),
        (_, 4, Number::Float(value)) => Value::Float32(narrow(value)),
        (_, 16, Number::Float(value)) => Value::LongDouble(value),
        (_, _, Number::Float(value)) => Value::Float64(value),
        (_, 8, Number::Complex(re, im)) => Value::Complex64(narrow(re), narrow(im)),
        (_, 32, Number::Complex(re, im)) => Value::CLongDouble(re, im),
        (_, _, Number::Complex(re, im)) => Value::Complex128(re, im),
    }
}

/// Returns the number of a value, if a scalar of the kind may store it.
pub(super) fn as_number(value: &Value, kind: Kind) -> Option<Number> {
    let number = match *value {
        Value::Bool(value) if kind == Kind::Bool => return Some(Number::Int(value.into())),
        _ if kind == Kind::Bool => return None,
        Value::Int(value) => Number::Int(value.into()),
        Value::Uint(value) => Number::Int(value.into()),
        Value::Float16(value) | Value::BFloat16(value) | Value::Float32(value) => {
            Number::Float(widen(value))
        }
        Value::Float64(value) | Value::LongDouble(value) => Number::Float(value),
        Value::Complex64(re, im) => Number::Complex(widen(re), widen(im)),
        Value::Complex128(re, im) | Value::CLongDouble(re, im) => Number::Complex(re, im),
        _ => return None,
    };
    let is_of_kind = match number {
        Number::Int(_) => true,
        Number::Float(_) => matches!(kind, Kind::Float | Kind::Complex | Kind::Void),
        Number::Complex(..) => kind == Kind::Complex,
    };
    is_of_kind.then_some(number)
}

/// Returns the ticks of a time that was read.
#[allow(clippy::cast_possible_truncation)] // It was read from eight bytes.
pub(super) fn ticks(number: Number) -> i64 {
    match number {
        Number::Int(ticks) => ticks as i64,
        _ => 0,
    }
}

/// Returns the text of UTF-32.
pub(super) fn text(bytes: &[u8], order: ByteOrder) -> Result<String, DecodeError> {
    let (codes, _) = bytes.as_chunks();
    let code = |bytes: &[u8; 4]| match order {
        ByteOrder::Big => u32::from_be_bytes(*bytes),
        _ => u32::from_le_bytes(*bytes),
    };
    let len = codes
        .iter()
        .rposition(|bytes| *bytes != [0; 4])
        .map_or(0, |last| last + 1);
    let chars = codes.iter().take(len).map(|bytes| {
        char::from_u32(code(bytes)).ok_or_else(|| {
            let code = code(bytes);
            DecodeError::new(format_args!(
                "0x{code:x} is not the code point of a character"
            ))
        })
    });
    chars.collect()
}

/// Writes the ticks of a time, or the reason why it has no ticks of the unit.
pub(super) fn put_ticks(
    value: &Value,
    ticks: Result<i64, &str>,
    unit: TimeUnit,
    form: NumberForm,
    out: &mut [u8],
) -> Result<(), EncodeError> {
    match ticks {
        Ok(ticks) => {
            form.write(Number::Int(ticks.into()), out);
            Ok(())
        }
        Err(reason) => Err(match unit {
            TimeUnit::Generic => EncodeError::new(value, format_args!("{reason} no unit")),
            _ => EncodeError::new(value, format_args!("{reason} [{unit}]")),
        }),
    }
}

const PADDING: &str = "ends in a NUL, which NumPy takes for padding";

/// Writes bytes and their padding.
pub(super) fn padded(bytes: &[u8], out: &mut [u8]) -> Result<(), EncodeError> {
    if bytes.len() > out.len() {
        let len = out.len();
        let reason = format_args!("is longer than {len} bytes");
        return Err(EncodeError::new(bytes.escape_ascii(), reason));
    }
    if bytes.ends_with(&[0]) {
        return Err(EncodeError::new(bytes.escape_ascii(), PADDING));
    }
    let (start, rest) = out.split_at_mut(bytes.len());
    start.copy_from_slice(bytes);
    rest.fill(0);
    Ok(())
}

/// Writes a text as UTF-32, and its padding.
pub(super) fn put_text(text: &str, order: ByteOrder, out: &mut [u8]) -> Result<(), EncodeError> {
    let (places, _) = out.as_chunks_mut::<4>();
    if text.chars().nth(places.len()).is_some() {
        let len = places.len();
        let reason = format_args!("is longer than {len} characters");
        return Err(EncodeError::new(text, reason));
    }
    if text.ends_with('\0') {
        return Err(EncodeError::new(text.escape_default(), PADDING));
    }
    let mut chars = text.chars();
    for place in places {
        let code = u32::from(chars.next().unwrap_or_default());
        *place = match order {
            ByteOrder::Big => code.to_be_bytes(),
            _ => code.to_le_bytes(),
        };
    }
    Ok(())
}
