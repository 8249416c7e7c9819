//! Values from the cells of a row.

use npyrec::{DType, Kind, Scalar, Value, value::Array};

/// Returns the value of a dtype whose scalars are the cells, in their order.
pub(super) fn value(
    dtype: &DType,
    cells: &mut dyn Iterator<Item = Result<Value, String>>,
) -> Result<Value, String> {
    match dtype {
        DType::Struct(record) => {
            let field =
                |field: &npyrec::Field| Ok((field.name().to_owned(), value(field.dtype(), cells)?));
            let fields = record.fields().iter().map(field);
            let fields: Result<npyrec::value::Record, String> = fields.collect();
            fields.map(Value::Record)
        }
        DType::Subarray(_) => {
            let (base, shape) = dtype.base_and_shape();
            let entries = (0..shape.iter().product()).map(|_| value(base, cells));
            let entries = entries.collect::<Result<_, String>>()?;
            let array = Array::new(&shape, entries);
            array
                .map(Value::Array)
                .ok_or_else(|| "the array is too large".to_owned())
        }
        _ => cells
            .next()
            .unwrap_or_else(|| Err("there are too few cells".to_owned())),
    }
}

/// Returns the value of a cell, as [`cell::write`](crate::output::cell::write) writes it. An empty cell is NaN or
/// NaT.
pub(super) fn cell(text: &str, scalar: Scalar) -> Result<Value, String> {
    let missing = match scalar.kind() {
        Kind::Bytes => return bytes(text),
        Kind::Float | Kind::Complex if text.trim().is_empty() => "nan",
        Kind::Datetime(_) | Kind::Timedelta(_) if text.trim().is_empty() => "NaT",
        _ => text,
    };
    Value::parse(missing, scalar).map_err(|e| e.to_string())
}

/// Reads bytes with `\\` for a backslash and `\xff` for a byte that is not UTF-8.
fn bytes(text: &str) -> Result<Value, String> {
    let wrong = || format!("`{text}` has a backslash that starts neither `\\\\` nor `\\x00`");
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('\\');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    while let Some(part) = parts.next() {
        let rest = match part.strip_prefix('x') {
            None if part.is_empty() => {
                bytes.push(b'\\');
                parts.next().ok_or_else(wrong)?
            }
            None => return Err(wrong()),
            Some(part) => {
                let (digits, rest) = part.split_at_checked(2).ok_or_else(wrong)?;
                bytes.push(u8::from_str_radix(digits, 16).map_err(|_| wrong())?);
                rest
            }
        };
        bytes.extend(rest.bytes());
    }
    Ok(Value::Bytes(bytes))
}
