//! Values as the cells of a table or a CSV file.

use std::fmt::Write;

use npyrec::Value;

/// Adds the scalars of a value, in the order of its dtype. The entries of an array are one each if `expand`s, else
/// the array is one.
pub(crate) fn flatten<'a>(value: &'a Value, expand: bool, cells: &mut Vec<&'a Value>) {
    match value {
        Value::Record(record) => {
            for (_, field) in record {
                flatten(field, expand, cells);
            }
        }
        Value::Array(array) if expand => {
            for entry in array {
                flatten(entry, expand, cells);
            }
        }
        _ => cells.push(value),
    }
}

/// Writes a scalar as a cell of a CSV file, from which it can be read back: texts as they are; of byte strings,
/// backslashes as `\\` and bytes that are not UTF-8 as `\xff`; raw bytes as hexadecimal digits; the rest as NumPy
/// prints it.
pub(crate) fn write(value: &Value, out: &mut String) {
    // Writing to a `String` does not fail.
    let _ = match value {
        Value::Str(text) => out.write_str(text),
        Value::Bytes(bytes) => {
            for chunk in bytes.utf8_chunks() {
                for c in chunk.valid().chars() {
                    match c {
                        '\\' => out.push_str("\\\\"),
                        c => out.push(c),
                    }
                }
                for byte in chunk.invalid() {
                    let _ = write!(out, "\\x{byte:02x}");
                }
            }
            Ok(())
        }
        Value::Void(bytes) => bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}")),
        Value::Timedelta(i64::MIN, _) => out.write_str("NaT"),
        Value::Timedelta(ticks, _) => write!(out, "{ticks}"),
        other => write!(out, "{other}"),
    };
}
