use std::sync::Arc;

use super::{
    model::{Array, Record, Value},
    scalar::{as_number, copy, number, padded, put_text, put_ticks, room_for, text, ticks},
};
use crate::{
    convert::{NumberForm, same_time},
    dtype::{ByteOrder, DType, Kind, Scalar, TimeUnit},
    record::{DecodeError, EncodeError, without_padding},
};

/// The number of values without bytes that may always be decoded at once. More of them need other bytes in
/// the file.
const MAX_EMPTY_VALUES: usize = 1 << 16;

/// The encoding of values of a dtype.
#[derive(Clone, Debug)]
pub struct Codec {
    itemsize: usize,
    form: Form,
    /// The number of values without bytes, itself included.
    empty_values: usize,
}

#[derive(Clone, Debug)]
enum Form {
    Number(Scalar, NumberForm),
    Datetime(TimeUnit, NumberForm),
    Timedelta(TimeUnit, NumberForm),
    Bytes,
    Str(ByteOrder),
    Void,
    Record {
        names: Arc<[String]>,
        /// The offset of each field, and its codec.
        fields: Vec<(usize, Codec)>,
    },
    Array {
        shape: Arc<[usize]>,
        len: usize,
        base: Box<Codec>,
    },
    /// A pickled Python object.
    Object,
}

impl Codec {
    pub(crate) fn new(dtype: &DType) -> Self {
        let form = match dtype {
            DType::Scalar(scalar) => Form::of(*scalar),
            DType::Struct(record) => Form::Record {
                names: record
                    .fields()
                    .iter()
                    .map(|field| field.name().to_owned())
                    .collect(),
                fields: record
                    .fields()
                    .iter()
                    .map(|field| (field.offset(), Codec::new(field.dtype())))
                    .collect(),
            },
            DType::Subarray(_) => {
                let (base, shape) = dtype.base_and_shape();
                Form::Array {
                    len: shape
                        .iter()
                        .fold(1, |len: usize, &dim| len.saturating_mul(dim)),
                    shape: shape.into(),
                    base: Box::new(Codec::new(base)),
                }
            }
        };
        let itemsize = dtype.itemsize();
        Codec {
            itemsize,
            empty_values: form.empty_values().saturating_add((itemsize == 0).into()),
            form,
        }
    }

    /// Returns true if decoding `rows` values takes memory in proportion to their bytes.
    pub(crate) fn vouches_for(&self, rows: usize) -> bool {
        let empty_values = rows.saturating_mul(self.empty_values);
        empty_values <= MAX_EMPTY_VALUES.max(rows.saturating_mul(self.itemsize))
    }

    /// Returns the size of a value in bytes.
    pub(crate) fn itemsize(&self) -> usize {
        self.itemsize
    }

    pub(crate) fn decode(&self, bytes: &[u8]) -> Result<Value, DecodeError> {
        Ok(match &self.form {
            Form::Number(scalar, form) => number(*scalar, form.read(bytes)),
            Form::Datetime(unit, form) => Value::Datetime(ticks(form.read(bytes)), *unit),
            Form::Timedelta(unit, form) => Value::Timedelta(ticks(form.read(bytes)), *unit),
            Form::Bytes => Value::Bytes(copy(without_padding(bytes))?),
            Form::Str(order) => Value::Str(text(bytes, *order)?),
            Form::Void => Value::Void(copy(bytes)?),
            Form::Record { names, fields } => {
                let mut values = room_for(fields.len())?;
                for ((offset, field), name) in fields.iter().zip(&**names) {
                    let place = bytes.get(*offset..*offset + field.itemsize);
                    let value = field.decode(place.unwrap_or_default());
                    values.push(value.map_err(|e| e.in_field(name))?);
                }
                Value::Record(Record {
                    names: Arc::clone(names),
                    values,
                })
            }
            Form::Array { shape, len, base } => {
                let mut values = room_for(*len)?;
                for index in 0..*len {
                    let start = index * base.itemsize;
                    let place = bytes.get(start..start + base.itemsize);
                    let value = base.decode(place.unwrap_or_default());
                    values.push(value.map_err(|e| e.in_array(index, shape))?);
                }
                Value::Array(Array {
                    shape: Arc::clone(shape),
                    values,
                })
            }
            Form::Object => {
                return Err(DecodeError::new(
                    "a pickled Python object is for Python alone",
                ));
            }
        })
    }

    /// Writes a value to `out`, which has its size. Any number is taken that the dtype can hold. A float
    /// may be rounded.
    pub(crate) fn encode(&self, value: &Value, out: &mut [u8]) -> Result<(), EncodeError> {
        match (&self.form, value) {
            (Form::Number(scalar, form), value) => {
                let number = as_number(value, scalar.kind()).ok_or_else(|| self.refused(value))?;
                match form.write(number, out) {
                    true => Ok(()),
                    false => {
                        let reason = format_args!("is out of range of {scalar}");
                        Err(EncodeError::new(value, reason))
                    }
                }
            }
            (Form::Datetime(unit, form), Value::Datetime(ticks, from)) => {
                let ticks = same_time(*ticks, *from, *unit, true);
                put_ticks(value, ticks, *unit, *form, out)
            }
            (Form::Timedelta(unit, form), Value::Timedelta(ticks, from)) => {
                let ticks = same_time(*ticks, *from, *unit, false);
                put_ticks(value, ticks, *unit, *form, out)
            }
            (Form::Bytes, Value::Bytes(bytes)) => padded(bytes, out),
            (Form::Bytes, Value::Str(text)) if text.is_ascii() => padded(text.as_bytes(), out),
            (Form::Str(order), Value::Str(text)) => put_text(text, *order, out),
            (Form::Void, Value::Void(bytes)) if bytes.len() == out.len() => {
                out.copy_from_slice(bytes);
                Ok(())
            }
            (Form::Record { names, fields }, Value::Record(record)) => {
                out.fill(0);
                encode_fields(names, fields, record, out)
            }
            (Form::Array { shape, base, .. }, Value::Array(array)) if *shape == array.shape => {
                let places = out.chunks_exact_mut(base.itemsize.max(1));
                let entries = array.values.iter().zip(places).enumerate();
                for (index, (value, place)) in entries {
                    base.encode(value, place)
                        .map_err(|e| e.in_array(index, shape))?;
                }
                Ok(())
            }
            _ => Err(self.refused(value)),
        }
    }

    #[cold]
    fn refused(&self, value: &Value) -> EncodeError {
        match &self.form {
            Form::Number(scalar, _) => {
                EncodeError::new(value, format_args!("cannot be stored as {scalar}"))
            }
            Form::Datetime(unit, _) => {
                EncodeError::new(value, format_args!("is not a datetime64[{unit}]"))
            }
            Form::Timedelta(unit, _) => {
                EncodeError::new(value, format_args!("is not a timedelta64[{unit}]"))
            }
            Form::Bytes => EncodeError::new(value, "is neither bytes nor a text in ASCII"),
            Form::Str(_) => EncodeError::new(value, "is not a text"),
            Form::Void => EncodeError::new(
                value,
                format_args!("is not a void of {} bytes", self.itemsize),
            ),
            Form::Record { .. } => EncodeError::new(value, "is not a record"),
            Form::Array { shape, .. } => {
                let dims: Vec<String> = shape.iter().map(ToString::to_string).collect();
                let comma = if dims.len() == 1 { "," } else { "" };
                let shape = format_args!("is not an array of shape ({}{comma})", dims.join(", "));
                EncodeError::new(value, shape)
            }
            Form::Object => EncodeError::new(value, "cannot be stored as a Python object"),
        }
    }
}

impl Form {
    /// Returns the number of values without bytes within a value.
    fn empty_values(&self) -> usize {
        match self {
            Form::Record { fields, .. } => fields.iter().fold(0, |empty: usize, (_, field)| {
                empty.saturating_add(field.empty_values)
            }),
            Form::Array { len, base, .. } => len.saturating_mul(base.empty_values),
            _ => 0,
        }
    }

    fn of(scalar: Scalar) -> Self {
        match (scalar.kind(), NumberForm::of(scalar)) {
            (Kind::Datetime(unit), Some(form)) => Form::Datetime(unit, form),
            (Kind::Timedelta(unit), Some(form)) => Form::Timedelta(unit, form),
            (_, Some(form)) => Form::Number(scalar, form),
            (Kind::Bytes, _) => Form::Bytes,
            (Kind::Str, _) => Form::Str(scalar.byte_order()),
            (Kind::Void, _) => Form::Void,
            _ => Form::Object,
        }
    }
}

/// Writes a record that has exactly these fields, in any order.
fn encode_fields(
    names: &[String],
    fields: &[(usize, Codec)],
    record: &Record,
    out: &mut [u8],
) -> Result<(), EncodeError> {
    let in_order = *names == *record.names;
    for (index, (name, (offset, field))) in names.iter().zip(fields).enumerate() {
        let value = match in_order {
            true => record.values.get(index),
            false => record.get(name),
        };
        let missing = || EncodeError::new("the record", "has no such field").in_field(name);
        let value = value.ok_or_else(missing)?;
        let place = out.get_mut(*offset..*offset + field.itemsize);
        field
            .encode(value, place.unwrap_or_default())
            .map_err(|e| e.in_field(name))?;
    }
    match record.names.iter().find(|name| !names.contains(name)) {
        Some(name) => Err(EncodeError::new("the field", "is not one of the dtype").in_field(name)),
        None if record.len() > names.len() => {
            Err(EncodeError::new("the record", "has a field twice"))
        }
        None => Ok(()),
    }
}
