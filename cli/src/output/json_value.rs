//! Values as JSON.

use npyrec::{Value, value::Record};
use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

use super::escape;
use crate::failure::Result;

/// A value as JSON: numbers as numbers, texts as strings, records as objects, arrays as nested arrays.
///
/// JSON has no number for `NaN` and the infinities, which are the strings `NaN`, `Infinity` and `-Infinity`. NaT is
/// the string `NaT`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JsonValue<'a>(pub(crate) &'a Value);

impl Serialize for JsonValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Float16(value) | Value::BFloat16(value) | Value::Float32(value) => {
                JsonFloat::Single(*value).serialize(serializer)
            }
            Value::Float64(value) | Value::LongDouble(value) => {
                JsonFloat::Double(*value).serialize(serializer)
            }
            Value::Complex64(re, im) => {
                (JsonFloat::Single(*re), JsonFloat::Single(*im)).serialize(serializer)
            }
            Value::Complex128(re, im) | Value::CLongDouble(re, im) => {
                (JsonFloat::Double(*re), JsonFloat::Double(*im)).serialize(serializer)
            }
            Value::Timedelta(i64::MIN, _) => serializer.serialize_str("NaT"),
            Value::Record(record) => fields(record, serializer),
            Value::Array(array) => axes(array.shape(), array.values(), serializer),
            other => other.serialize(serializer),
        }
    }
}

fn fields<S: Serializer>(record: &Record, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(record.len()))?;
    for (name, value) in record {
        map.serialize_entry(name, &JsonValue(value))?;
    }
    map.end()
}

fn axes<S: Serializer>(
    shape: &[usize],
    values: &[Value],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match (shape, values) {
        ([], [value]) => JsonValue(value).serialize(serializer),
        ([_], _) | (_, []) | ([], _) => {
            let mut sequence = serializer.serialize_seq(Some(values.len()))?;
            for value in values {
                sequence.serialize_element(&JsonValue(value))?;
            }
            sequence.end()
        }
        ([len, rest @ ..], _) => {
            let mut sequence = serializer.serialize_seq(Some(*len))?;
            for part in values.chunks((values.len() / (*len).max(1)).max(1)) {
                sequence.serialize_element(&Axes(rest, part))?;
            }
            sequence.end()
        }
    }
}

/// The entries along the remaining axes of an array.
struct Axes<'a>(&'a [usize], &'a [Value]);

impl Serialize for Axes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        axes(self.0, self.1, serializer)
    }
}

/// A float, printed with the digits of its width.
#[derive(Clone, Copy, Debug)]
pub(crate) enum JsonFloat {
    Single(f32),
    Double(f64),
}

impl Serialize for JsonFloat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wide = match *self {
            JsonFloat::Single(value) => f64::from(value),
            JsonFloat::Double(value) => value,
        };
        match *self {
            _ if wide.is_nan() => serializer.serialize_str("NaN"),
            _ if wide == f64::INFINITY => serializer.serialize_str("Infinity"),
            _ if wide == f64::NEG_INFINITY => serializer.serialize_str("-Infinity"),
            JsonFloat::Single(value) => serializer.serialize_f32(value),
            JsonFloat::Double(value) => serializer.serialize_f64(value),
        }
    }
}

/// Returns a line of JSON.
pub(crate) fn line(value: &impl Serialize) -> Result<String> {
    let line = serde_json::to_string(value)?;
    Ok(escape::json(&line).into_owned())
}
