use std::sync::Arc;

use crate::{dtype::TimeUnit, record::float::widen};

/// One element of an array, of any dtype.
///
/// `Display` is what `str` gives for NumPy's scalar of the same type and value, or for its array of
/// a subarray: `1e+16`, `(1+2j)`, `1970-01-01T00:00:00.000125`, `125 microseconds`, `b'EURUSD'`,
/// `(0, [1.5, 2.25], 'NaT')`. A `long double` has the digits of an `f64`.
///
/// `Serialize` makes of it:
///
/// | value | serde |
/// | --- | --- |
/// | truth values, integers, floats | `bool`, `i64`, `u64`, `f32` up to 32 bits, `f64` |
/// | complex numbers | a tuple of the real and the imaginary part |
/// | [`Datetime`](Value::Datetime) | what `Display` writes; the ticks if the format is binary |
/// | [`Timedelta`](Value::Timedelta) | the ticks |
/// | [`Bytes`](Value::Bytes) | a string if they are UTF-8 and the format is for humans, else bytes |
/// | [`Str`](Value::Str), [`Void`](Value::Void) | a string, bytes |
/// | [`Record`] | a map, in the order of the fields |
/// | [`Array`] | sequences in sequences, one for each axis; an empty one if there is no entry |
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
    /// A struct
    Record(Record),
    /// An array: a subarray, or a row of an array of several axes
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
    /// The value as a truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The value of an integer, if it fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(*value),
            Value::Uint(value) => i64::try_from(*value).ok(),
            _ => None,
        }
    }

    /// The value of an integer, if it is not negative.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Value::Int(value) => u64::try_from(*value).ok(),
            Value::Uint(value) => Some(*value),
            _ => None,
        }
    }

    /// The value of a float, or of an integer, rounded where it has more than 53 bits.
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

    /// The text of a `U`, or of an `S` that is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text),
            Value::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The bytes of an `S` or a `V`.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Bytes(bytes) | Value::Void(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The fields of a struct.
    pub fn as_record(&self) -> Option<&Record> {
        match self {
            Value::Record(record) => Some(record),
            _ => None,
        }
    }

    /// The array, if it is one.
    pub fn as_array(&self) -> Option<&Array> {
        match self {
            Value::Array(array) => Some(array),
            _ => None,
        }
    }

    /// A field of a struct.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_record()?.get(name)
    }
}

impl Record {
    /// The fields, in their order, with their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.names.iter().map(String::as_str).zip(&self.values)
    }

    /// A field by its name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let (_, value) = self.iter().find(|(field, _)| *field == name)?;
        Some(value)
    }

    /// The number of fields.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// Fields in their order; of two with a name, [`get`](Record::get) finds the first.
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
    /// An array of a shape from its entries in C order; `None` if their number is another.
    pub fn new(shape: &[usize], values: Vec<Value>) -> Option<Self> {
        let len = shape
            .iter()
            .try_fold(1_usize, |len, &dim| len.checked_mul(dim));
        (len == Some(values.len())).then(|| Array {
            shape: shape.into(),
            values,
        })
    }

    /// The length of each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// All entries, in C order.
    pub fn values(&self) -> &[Value] {
        &self.values
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident;)+) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Value::$variant(value.into())
            }
        }
    )+};
}

from! {
    bool => Bool;
    i64 => Int;
    u64 => Uint;
    f32 => Float32;
    f64 => Float64;
    &str => Str;
    String => Str;
    Record => Record;
    Array => Array;
}
