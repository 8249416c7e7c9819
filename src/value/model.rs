use std::{iter, slice, sync::Arc, vec};

use crate::{dtype::TimeUnit, record::float::widen};

/// One element of an array, of any dtype.
///
/// `Display` writes the text of NumPy's `str` for the same scalar or array: `1e+16`, `(1+2j)`,
/// `1970-01-01T00:00:00.000125`, `125 microseconds`, `b'EURUSD'`, `(0, [1.5, 2.25], 'NaT')`. A
/// `long double` has the digits of an `f64`.
///
/// `From` converts numbers, texts and bytes. `Serialize` gives serde:
///
/// | value | serde |
/// | --- | --- |
/// | truth values, integers, floats | `bool`, `i64`, `u64`, `f32` up to 32 bits, `f64` |
/// | complex numbers | a tuple of the real and the imaginary part |
/// | [`Datetime`](Value::Datetime) | the text of `Display`; the ticks if the format is binary |
/// | [`Timedelta`](Value::Timedelta) | the ticks |
/// | [`Bytes`](Value::Bytes) | a string if they are UTF-8 and the format is for humans, else bytes |
/// | [`Str`](Value::Str), [`Void`](Value::Void) | a string, bytes |
/// | [`Record`] | a map, in the order of the fields |
/// | [`Array`] | nested sequences, one for each axis; an empty sequence if there is no entry |
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A truth value: `|b1`
    Bool(bool),
    /// A signed integer: `|i1`, `<i2`, `<i4`, `<i8`
    Int(i64),
    /// An unsigned integer: `|u1`, `<u2`, `<u4`, `<u8`
    Uint(u64),
    /// A half precision float, widened: `<f2`
    Float16(f32),
    /// The bfloat16 of `ml_dtypes`, widened: `<V2`
    BFloat16(f32),
    /// A single precision float: `<f4`
    Float32(f32),
    /// A double precision float: `<f8`
    Float64(f64),
    /// The `long double` of C on this machine, rounded: `<f16`
    LongDouble(f64),
    /// The real and the imaginary part of a complex number: `<c8`
    Complex64(f32, f32),
    /// The real and the imaginary part of a complex number: `<c16`
    Complex128(f64, f64),
    /// The real and the imaginary part, rounded, of a complex number: `<c32`
    CLongDouble(f64, f64),
    /// A point in time, in ticks since 1970-01-01T00:00, `i64::MIN` for NaT: `<M8[…]`
    Datetime(i64, TimeUnit),
    /// A span of time in ticks, `i64::MIN` for NaT: `<m8[…]`
    Timedelta(i64, TimeUnit),
    /// A byte string without the NULs at its end: `|S…`
    Bytes(Vec<u8>),
    /// A text without the NULs at its end: `<U…`
    Str(String),
    /// Raw bytes: `|V…`
    Void(Vec<u8>),
    /// A struct.
    Record(Record),
    /// An array: a subarray, or a row of an array of several axes.
    Array(Array),
}

/// The fields of a struct, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    pub(super) names: Arc<[String]>,
    pub(super) values: Vec<Value>,
}

/// An array in C order.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    pub(super) shape: Arc<[usize]>,
    pub(super) values: Vec<Value>,
}

impl Value {
    /// Returns a truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns an integer, if it fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(*value),
            Value::Uint(value) => i64::try_from(*value).ok(),
            _ => None,
        }
    }

    /// Returns an integer, if it is not negative.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Value::Int(value) => u64::try_from(*value).ok(),
            Value::Uint(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns a float, or an integer rounded to 53 bits.
    #[allow(clippy::cast_precision_loss)] // It says so.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Int(value) => Some(*value as f64),
            Value::Uint(value) => Some(*value as f64),
            Value::Float16(value) | Value::BFloat16(value) | Value::Float32(value) => {
                Some(widen(*value))
            }
            Value::Float64(value) | Value::LongDouble(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the text of a `U`, or of an `S` that is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text),
            Value::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// Returns the bytes of an `S` or a `V`.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Bytes(bytes) | Value::Void(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Returns the fields of a struct.
    pub fn as_record(&self) -> Option<&Record> {
        match self {
            Value::Record(record) => Some(record),
            _ => None,
        }
    }

    /// Returns an array.
    pub fn as_array(&self) -> Option<&Array> {
        match self {
            Value::Array(array) => Some(array),
            _ => None,
        }
    }

    /// Returns a field of a struct by its name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_record()?.get(name)
    }
}

impl Record {
    /// Returns an iterator over the fields, in their order, with their names.
    pub fn iter(&self) -> RecordIter<'_> {
        RecordIter(self.names.iter().zip(&self.values))
    }

    /// Returns a field by its name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let (_, value) = self.iter().find(|(field, _)| *field == name)?;
        Some(value)
    }

    /// Returns the number of fields.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Returns true if the record has no fields.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// Collects fields in their order. If two have the same name, [`get`](Record::get) returns the first.
impl<N: Into<String>> FromIterator<(N, Value)> for Record {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(fields: I) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value));
        let (names, values): (Vec<String>, _) = fields.unzip();
        Record {
            names: names.into(),
            values,
        }
    }
}

impl Array {
    /// Creates an array of a shape from its entries in C order. Returns `None` if the shape does not match
    /// the number of entries.
    pub fn new(shape: &[usize], values: Vec<Value>) -> Option<Self> {
        let len = shape
            .iter()
            .try_fold(1_usize, |len, &dim| len.checked_mul(dim));
        (len == Some(values.len())).then(|| Array {
            shape: shape.into(),
            values,
        })
    }

    /// Returns the length of each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Returns all entries, in C order.
    pub fn values(&self) -> &[Value] {
        &self.values
    }
}

impl<'a> IntoIterator for &'a Record {
    type Item = (&'a str, &'a Value);
    type IntoIter = RecordIter<'a>;

    fn into_iter(self) -> RecordIter<'a> {
        self.iter()
    }
}

/// An iterator over the fields of a [`Record`], with their names.
#[derive(Clone, Debug)]
pub struct RecordIter<'a>(iter::Zip<slice::Iter<'a, String>, slice::Iter<'a, Value>>);

impl<'a> Iterator for RecordIter<'a> {
    type Item = (&'a str, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.0.next()?;
        Some((name, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl DoubleEndedIterator for RecordIter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let (name, value) = self.0.next_back()?;
        Some((name, value))
    }
}

impl ExactSizeIterator for RecordIter<'_> {}

impl iter::FusedIterator for RecordIter<'_> {}

impl<'a> IntoIterator for &'a Array {
    type Item = &'a Value;
    type IntoIter = slice::Iter<'a, Value>;

    /// Iterates over all entries, in C order.
    fn into_iter(self) -> slice::Iter<'a, Value> {
        self.values.iter()
    }
}

impl IntoIterator for Array {
    type Item = Value;
    type IntoIter = vec::IntoIter<Value>;

    /// Iterates over all entries, in C order.
    fn into_iter(self) -> vec::IntoIter<Value> {
        self.values.into_iter()
    }
}

macro_rules! from {
    ($($variant:ident: $($type:ty),+;)+) => {$($(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Value::$variant(value.into())
            }
        }
    )+)+};
}

from! {
    Bool: bool;
    Int: i8, i16, i32, i64;
    Uint: u8, u16, u32, u64;
    Float32: f32;
    Float64: f64;
    Str: &str, &String, String;
    Bytes: &[u8], Vec<u8>;
    Record: Record;
    Array: Array;
}
