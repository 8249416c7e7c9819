//! Values from JSON, in the shape in which the command writes it.

use npyrec::{DType, Field, Kind, Scalar, Value, value::Array};
use serde_json::Value as Json;

use super::guess::Guess;
use crate::failure::{Failure, Result};

/// The types that all rows can have at one place.
#[derive(Clone, Debug)]
pub(super) enum JsonGuess {
    Nothing,
    Scalar(Guess),
    Record(Vec<(String, JsonGuess)>),
    /// The length, and what the entries have in common.
    Array(usize, Box<JsonGuess>),
}

impl JsonGuess {
    pub(super) fn see(&mut self, json: &Json) -> Result<(), String> {
        match (&mut *self, json) {
            (JsonGuess::Nothing, Json::Object(object)) => {
                let fields = object.keys().map(|name| (name.clone(), JsonGuess::Nothing));
                *self = JsonGuess::Record(fields.collect());
                self.see(json)
            }
            (JsonGuess::Nothing, Json::Array(entries)) => {
                *self = JsonGuess::Array(entries.len(), Box::new(JsonGuess::Nothing));
                self.see(json)
            }
            (JsonGuess::Nothing, _) => {
                *self = JsonGuess::Scalar(Guess::new());
                self.see(json)
            }
            (JsonGuess::Record(fields), Json::Object(object)) => {
                if let Some(name) = object
                    .keys()
                    .find(|name| !fields.iter().any(|f| f.0 == **name))
                {
                    return Err(format!("the field `{name}` is not in the first row"));
                }
                fields
                    .iter_mut()
                    .try_for_each(|(name, guess)| match object.get(name) {
                        Some(json) => guess.see(json),
                        None => Err(format!(
                            "there is no field `{name}`, which the first row has"
                        )),
                    })
            }
            (JsonGuess::Array(len, guess), Json::Array(entries)) if entries.len() == *len => {
                entries.iter().try_for_each(|entry| guess.see(entry))
            }
            (JsonGuess::Scalar(guess), Json::Null) => {
                guess.see_empty();
                Ok(())
            }
            (JsonGuess::Scalar(guess), Json::Bool(value)) => {
                guess.see(&value.to_string());
                Ok(())
            }
            (JsonGuess::Scalar(guess), Json::Number(number)) => {
                guess.see(&number.to_string());
                Ok(())
            }
            (JsonGuess::Scalar(guess), Json::String(text)) => {
                guess.see(text);
                Ok(())
            }
            _ => Err("the rows have different forms".to_owned()),
        }
    }

    pub(super) fn dtype(&self) -> Result<DType> {
        match self {
            JsonGuess::Nothing => Ok(DType::from(Guess::new().scalar())),
            JsonGuess::Scalar(guess) => Ok(DType::from(guess.scalar())),
            JsonGuess::Record(fields) => {
                let field =
                    |(name, guess): &(String, JsonGuess)| Ok(Field::new(name, guess.dtype()?));
                let fields = fields.iter().map(field).collect::<Result<Vec<_>>>()?;
                Ok(DType::packed(fields)?)
            }
            JsonGuess::Array(len, guess) => {
                let (base, shape) = {
                    let dtype = guess.dtype()?;
                    let (base, shape) = dtype.base_and_shape();
                    (base.clone(), shape)
                };
                Ok(DType::subarray(base, &[vec![*len], shape].concat())?)
            }
        }
    }
}

/// Returns the value of a dtype that JSON stands for.
pub(super) fn value(json: &Json, dtype: &DType) -> Result<Value, String> {
    match dtype {
        DType::Scalar(scalar) => self::scalar(json, *scalar),
        DType::Struct(record) => {
            let object = json.as_object().ok_or("a record is an object")?;
            let field = |field: &Field| {
                let name = field.name();
                let json = object
                    .get(name)
                    .ok_or_else(|| format!("there is no field `{name}`"))?;
                let value = value(json, field.dtype()).map_err(|e| format!("{name}: {e}"))?;
                Ok((name.to_owned(), value))
            };
            let fields: Result<npyrec::value::Record, String> =
                record.fields().iter().map(field).collect();
            fields.map(Value::Record)
        }
        DType::Subarray(_) => {
            let (base, shape) = dtype.base_and_shape();
            let mut entries = Vec::new();
            add_entries(json, base, &shape, &mut entries)?;
            let array = Array::new(&shape, entries);
            array
                .map(Value::Array)
                .ok_or_else(|| format!("the array has not the shape {shape:?}"))
        }
        _ => Err("the dtype is not known".to_owned()),
    }
}

fn add_entries(
    json: &Json,
    base: &DType,
    shape: &[usize],
    entries: &mut Vec<Value>,
) -> Result<(), String> {
    let Some((len, rest)) = shape.split_first() else {
        entries.push(value(json, base)?);
        return Ok(());
    };
    let parts = json.as_array().ok_or("an array is a list")?;
    // An array without entries is one empty list.
    let is_empty = parts.is_empty() && shape.contains(&0);
    match parts.len() == *len || is_empty {
        true => parts
            .iter()
            .try_for_each(|part| add_entries(part, base, rest, entries)),
        false => Err(format!("there are {} entries, not {len}", parts.len())),
    }
}

fn scalar(json: &Json, scalar: Scalar) -> Result<Value, String> {
    let wrong = || format!("{json} is not a value of {scalar}");
    let parse = |text: &str| Value::parse(text, scalar).map_err(|e| e.to_string());
    match (scalar.kind(), json) {
        (Kind::Bytes, Json::Array(bytes)) => bytes_of(bytes).map(Value::Bytes).ok_or_else(wrong),
        (Kind::Void, Json::Array(bytes)) => bytes_of(bytes).map(Value::Void).ok_or_else(wrong),
        (Kind::Complex, Json::Array(parts)) => match &**parts {
            [re, im] => {
                let float = |json| self::float(json).ok_or_else(wrong);
                Ok(Value::Complex128(float(re)?, float(im)?))
            }
            _ => Err(wrong()),
        },
        (Kind::Float | Kind::Void, Json::Null) => parse("nan"),
        (Kind::Datetime(_) | Kind::Timedelta(_), Json::Null) => parse("NaT"),
        (Kind::Str | Kind::Bytes, Json::String(text)) => parse(text),
        (Kind::Datetime(_) | Kind::Float | Kind::Void, Json::String(text)) => parse(text),
        (Kind::Timedelta(_), Json::String(text)) if text == "NaT" => parse(text),
        (Kind::Bool, Json::Bool(value)) => Ok(Value::Bool(*value)),
        (Kind::Str | Kind::Bytes | Kind::Bool, _) => Err(wrong()),
        (_, Json::Number(number)) => parse(&number.to_string()),
        _ => Err(wrong()),
    }
}

fn float(json: &Json) -> Option<f64> {
    match json {
        Json::Null => Some(f64::NAN),
        Json::String(text) => text.parse().ok(),
        json => json.as_f64(),
    }
}

fn bytes_of(entries: &[Json]) -> Option<Vec<u8>> {
    let byte = |entry: &Json| u8::try_from(entry.as_u64()?).ok();
    entries.iter().map(byte).collect()
}

/// Returns the failure at a line.
pub(super) fn at_line(line: u64, reason: &str) -> Failure {
    Failure::new(format!("line {line}: {reason}"))
}
