//! The texts of values, as Python's `str` writes them.

mod array;
mod axis;
mod entry;
mod float;
mod line;

use std::fmt::{self, Display, Formatter, Write};

use self::{array::write_array, entry::write_record, line::Line};
use super::model::{Array, Record, Value};
use crate::{
    convert::{BFloat16, Bool, Complex, Datetime, Float, Timedelta},
    literal::is_plain,
};

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use self::Float::{Double, Half, Single};
        match self {
            Value::Bool(value) => Bool(*value).fmt(f),
            Value::Int(value) => value.fmt(f),
            Value::Uint(value) => value.fmt(f),
            Value::Float16(value) => Half(*value).fmt(f),
            Value::BFloat16(value) => BFloat16(*value).fmt(f),
            Value::Float32(value) => Single(*value).fmt(f),
            Value::Float64(value) | Value::LongDouble(value) => Double(*value).fmt(f),
            Value::Complex64(re, im) => Complex(Single(*re), Single(*im)).fmt(f),
            Value::Complex128(re, im) | Value::CLongDouble(re, im) => {
                Complex(Double(*re), Double(*im)).fmt(f)
            }
            Value::Datetime(ticks, unit) => Datetime(*ticks, *unit).fmt(f),
            Value::Timedelta(ticks, unit) => Timedelta(*ticks, *unit).fmt(f),
            Value::Bytes(bytes) => write_bytes(f, bytes),
            Value::Str(text) => f.write_str(text),
            Value::Void(bytes) => write_void(f, bytes),
            Value::Record(record) => record.fmt(f),
            Value::Array(array) => array.fmt(f),
        }
    }
}

/// Writes the text of NumPy's `str` for the scalar of the same dtype and value: `(0, 1.5, b'EURUSD')`.
impl Display for Record {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut line = Line::new(f);
        write_record(&mut line, self)?;
        line.flush()
    }
}

/// Writes the text of NumPy's `str` for the array of the same dtype and values: `[1.5 2. ]`.
impl Display for Array {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_array(f, self)
    }
}

/// Writes Python's `repr` of bytes.
fn write_bytes(out: &mut (impl Write + ?Sized), bytes: &[u8]) -> fmt::Result {
    // Most bytes are plain characters.
    if let (true, Ok(text)) = (
        bytes.iter().all(|&byte| is_plain(byte)),
        str::from_utf8(bytes),
    ) {
        out.write_str("b'")?;
        out.write_str(text)?;
        return out.write_str("'");
    }
    let quote = match bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        true => '"',
        false => '\'',
    };
    write!(out, "b{quote}")?;
    for byte in bytes {
        match char::from(*byte) {
            '\t' => out.write_str("\\t")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            c if c == quote || c == '\\' => write!(out, "\\{c}")?,
            c @ ' '..='~' => out.write_char(c)?,
            _ => write!(out, "\\x{byte:02x}")?,
        }
    }
    out.write_char(quote)
}

/// Writes all bytes as NumPy's escapes.
fn write_void(out: &mut dyn Write, bytes: &[u8]) -> fmt::Result {
    out.write_str("b'")?;
    for byte in bytes {
        write!(out, "\\x{byte:02X}")?;
    }
    out.write_str("'")
}
