use std::sync::Arc;

use super::model::{Array, Record, Value};
use crate::{
    convert::{Number, NumberForm, same_time},
    dtype::{ByteOrder, DType, Kind, Scalar, TimeUnit},
    record::{
        DecodeError, EncodeError,
        float::{narrow, widen},
        without_padding,
    },
};

/// How many values without bytes may be decoded at once, where there are not as many bytes to vouch for
/// them.
const MAX_EMPTY_VALUES: usize = 1 << 16;

/// How values of a dtype are stored.
#[derive(Clone, Debug)]
pub(crate) struct Codec {
    itemsize: usize,
    form: Form,
    /// How many values take no bytes, of itself and those within it.
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
        /// Where each field starts.
        fields: Vec<(usize, Codec)>,
    },
    Array {
        shape: Arc<[usize]>,
        len: usize,
        base: Box<Codec>,
    },
    /// What only Python can read.
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

    /// Whether so many values at once are in proportion to their bytes.
    pub(crate) fn vouches_for(&self, rows: usize) -> bool {
        let empty_values = rows.saturating_mul(self.empty_values);
        empty_values <= MAX_EMPTY_VALUES.max(rows.saturating_mul(self.itemsize))
    }

    /// The size of a value in bytes.
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

    /// Writes a value to `out`, which is as long as one is. Any number is taken whose value is one of
    /// the dtype, but for what a float rounds off.
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
                EncodeError::new(value, format_args!("is not an array of shape {shape:?}"))
            }
            Form::Object => EncodeError::new(value, "cannot be stored as a Python object"),
        }
    }
}

/// Memory for as many items as a file asks for, which may be refused.
fn room_for<T>(len: usize) -> Result<Vec<T>, DecodeError> {
    let mut items = Vec::new();
    match items.try_reserve_exact(len) {
        Ok(()) => Ok(items),
        Err(_) => Err(DecodeError::new(format_args!(
            "the value needs memory for {len} items of {} bytes at once, which the system refused",
            size_of::<T>()
        ))),
    }
}

fn copy(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut copied = room_for(bytes.len())?;
    copied.extend_from_slice(bytes);
    Ok(copied)
}

impl Form {
    /// How many values within take no bytes.
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

/// The value of a number as one of a type.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // It was read as that type.
fn number(scalar: Scalar, number: Number) -> Value {
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

/// The number of a value that may be one of a kind.
fn as_number(value: &Value, kind: Kind) -> Option<Number> {
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

#[allow(clippy::cast_possible_truncation)] // It was read from eight bytes.
fn ticks(number: Number) -> i64 {
    match number {
        Number::Int(ticks) => ticks as i64,
        _ => 0,
    }
}

fn text(bytes: &[u8], order: ByteOrder) -> Result<String, DecodeError> {
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

fn put_ticks(
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

fn padded(bytes: &[u8], out: &mut [u8]) -> Result<(), EncodeError> {
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

fn put_text(text: &str, order: ByteOrder, out: &mut [u8]) -> Result<(), EncodeError> {
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

/// Writes a record that has these fields and no other, in whatever order.
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
