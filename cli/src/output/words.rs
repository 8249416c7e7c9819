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
