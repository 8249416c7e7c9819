//! Short texts.

use std::borrow::Cow;

use npyrec::DType;

/// Returns a number with its noun.
pub(crate) fn plural(number: u64, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// The most names that a message lists.
const MOST_NAMES: usize = 20;

/// The most characters of a message, which may hold texts of a file.
const MOST_CHARACTERS: usize = 2000;

/// Returns names with commas between them; of many, the first, and the number of the others.
pub(crate) fn list<N: AsRef<str>>(names: &[N]) -> String {
    let (shown, others) = names.split_at(names.len().min(MOST_NAMES));
    let shown: Vec<&str> = shown.iter().map(AsRef::as_ref).collect();
    match others.len() {
        0 => shown.join(", "),
        others => format!("{} and {others} more", shown.join(", ")),
    }
}

/// Returns a message, without the middle if it is long.
pub(crate) fn shortened(message: &str) -> Cow<'_, str> {
    let characters = message.chars().count();
    if characters <= MOST_CHARACTERS {
        return Cow::Borrowed(message);
    }
    let half = MOST_CHARACTERS / 2;
    let start: String = message.chars().take(half).collect();
    let end: String = message.chars().skip(characters - half).collect();
    let left_out = characters - 2 * half;
    Cow::Owned(format!(
        "{start} … ({left_out} characters left out) … {end}"
    ))
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

/// The functions and options that texts of the library name, each with the command for it.
const NAMES: [(&str, &str); 9] = [
    ("`npyrec::check`", "`npyrec check`"),
    ("`npyrec::make_appendable`", "`npyrec make-appendable`"),
    ("`npyrec::migrate`", "`npyrec migrate`"),
    ("`npyrec::recover`", "`npyrec recover`"),
    ("`make_appendable`", "`npyrec make-appendable`"),
    ("`recover` with `Recovery::Adopt`", "`npyrec recover`"),
    ("`Recovery::Discard`", "`npyrec recover --rows discard`"),
    ("`Recovery::ZeroFill`", "`npyrec recover --rows zero-fill`"),
    ("`recover`", "`npyrec recover`"),
];

/// Returns a text of the library that names commands instead of functions.
pub(crate) fn with_names_of_commands(text: &str) -> Cow<'_, str> {
    let mut named = Cow::Borrowed(text);
    for (function, command) in NAMES {
        if named.contains(function) {
            named = Cow::Owned(named.replace(function, command));
        }
    }
    named
}
