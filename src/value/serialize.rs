use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

use super::model::{Array, Record, Value};

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is_text = serializer.is_human_readable();
        match self {
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) | Value::Timedelta(value, _) => serializer.serialize_i64(*value),
            Value::Uint(value) => serializer.serialize_u64(*value),
            Value::Float16(value) | Value::BFloat16(value) | Value::Float32(value) => {
                serializer.serialize_f32(*value)
            }
            Value::Float64(value) | Value::LongDouble(value) => serializer.serialize_f64(*value),
            Value::Complex64(re, im) => (re, im).serialize(serializer),
            Value::Complex128(re, im) | Value::CLongDouble(re, im) => {
                (re, im).serialize(serializer)
            }
            Value::Datetime(..) if is_text => serializer.collect_str(self),
            Value::Datetime(ticks, _) => serializer.serialize_i64(*ticks),
            Value::Bytes(bytes) => match str::from_utf8(bytes) {
                Ok(text) if is_text => serializer.serialize_str(text),
                _ => serializer.serialize_bytes(bytes),
            },
            Value::Str(text) => serializer.serialize_str(text),
            Value::Void(bytes) => serializer.serialize_bytes(bytes),
            Value::Record(record) => record.serialize(serializer),
            Value::Array(array) => array.serialize(serializer),
        }
    }
}

/// Serializes the fields as a map, in their order.
impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Serializes the entries as nested sequences, one for each axis.
impl Serialize for Array {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RemainingAxes(self.shape(), self.values()).serialize(serializer)
    }
}

/// The remaining axes of an array, and the entries along them.
struct RemainingAxes<'a>(&'a [usize], &'a [Value]);

impl Serialize for RemainingAxes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (len, rest, values) = match *self {
            RemainingAxes([], [value]) => return value.serialize(serializer),
            RemainingAxes([], values) | RemainingAxes(_, values @ []) => {
                (values.len(), &[][..], values)
            }
            RemainingAxes([len, rest @ ..], values) => (*len, rest, values),
        };
        let mut sequence = serializer.serialize_seq(Some(len))?;
        for part in values.chunks((values.len() / len.max(1)).max(1)) {
            sequence.serialize_element(&RemainingAxes(rest, part))?;
        }
        sequence.end()
    }
}
