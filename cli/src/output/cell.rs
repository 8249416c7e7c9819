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
        Value::Int(number) => out.write_str(itoa::Buffer::new().format(*number)),
        Value::Uint(number) => out.write_str(itoa::Buffer::new().format(*number)),
        Value::Float64(number) if is_plain(*number, 1e12) => {
            out.write_str(zmij::Buffer::new().format_finite(*number))
        }
        Value::Float32(number) if is_plain(f64::from(*number), 1e6) => {
            out.write_str(zmij::Buffer::new().format_finite(*number))
        }
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

/// Returns true for a number that all print in the same way: with the fewest digits, and without an exponent.
fn is_plain(number: f64, end: f64) -> bool {
    number == 0.0 || (1e-3..end).contains(&number.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_library_prints_them() {
        let mut bits = 88_172_645_463_325_252_u64;
        for nth in 0..200_000_u32 {
            bits ^= bits << 13;
            bits ^= bits >> 7;
            bits ^= bits << 17;
            let [low, high] =
                [bits & u64::from(u32::MAX), bits >> 32].map(|half| u32::try_from(half).unwrap());
            let (double, single) = (f64::from_bits(bits), f32::from_bits(high));
            let rounded = f64::from(nth % 5000) / [1.0, 10.0, 1e3, 1e-3, 1e-9][nth as usize % 5];
            for value in [
                Value::Float64(double),
                Value::Float64(rounded),
                Value::Float64(-rounded * 1e-7),
                Value::Float32(single),
                Value::Float32(low as f32 / 4096.0),
                Value::Int(bits.cast_signed()),
                Value::Uint(bits),
            ] {
                let mut cell = String::new();
                write(&value, &mut cell);
                assert_eq!(cell, value.to_string(), "{value:?}");
            }
        }
    }
}
