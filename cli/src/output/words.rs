//! Short texts.

use npyrec::DType;

/// Returns a number with its noun.
pub(crate) fn plural(number: u64, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// Returns a shape in Python's notation.
pub(crate) fn tuple(shape: &[u64]) -> String {
    match shape {
        [one] => format!("({one},)"),
        axes => {
            let axes: Vec<String> = axes.iter().map(u64::to_string).collect();
            format!("({})", axes.join(", "))
        }
    }
}

/// Returns a dtype, or the number of its fields.
pub(crate) fn dtype_in_short(dtype: &DType) -> String {
    match dtype.fields().len() as u64 {
        0 => dtype.to_string(),
        fields => format!("{}, {} bytes", plural(fields, "field"), dtype.itemsize()),
    }
}

/// Returns a number with six digits at most.
pub(crate) fn six_digits(value: f64) -> String {
    let rounded = format!("{value:.5e}");
    match rounded.parse::<f64>() {
        Ok(rounded) if rounded == 0.0 || (1e-4..1e7).contains(&rounded.abs()) => {
            rounded.to_string()
        }
        Ok(rounded) if rounded.is_finite() => format!("{rounded:e}"),
        _ => value.to_string(),
    }
}
