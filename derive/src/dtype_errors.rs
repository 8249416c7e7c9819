//! Messages about a wrong `dtype = "…"`: each says what to write instead.

use std::fmt::Display;

use crate::grammar::Refusal;

/// Returns the message for a text that is not a type string.
pub(crate) fn explain(name: &str, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unclosed => "a `]` is missing at the end".to_owned(),
        Refusal::Unit(code) => format!(
            "`{code}` is not a unit of NumPy; it has Y, M, W, D, h, m, s, ms, us, ns, ps, fs \
             and as, with a number before it if need be: `M8[25us]`"
        ),
        Refusal::Count => format!(
            "the number before the unit in `{name}` must be from 1 to {}",
            i32::MAX
        ),
        Refusal::Divisor(divisor) => format!(
            "the unit in `{name}` cannot be divided by {divisor}; write the smaller unit, as in \
             `M8[25us]`"
        ),
        Refusal::TooLarge(kind) => {
            let limit = match kind {
                'U' => i32::MAX / 4,
                _ => i32::MAX,
            };
            format!("`{name}` is larger than NumPy allows; the most is `{kind}{limit}`")
        }
        Refusal::Unknown => why_not(name),
    }
}

/// Returns the message for a text or void without a length.
pub(crate) fn needs_length(kind: char) -> String {
    let what = match kind {
        'S' => "a text of up to 16 bytes",
        'U' => "a text of up to 16 characters",
        _ => "16 raw bytes",
    };
    format!("`{kind}` needs a length: `{kind}16` is {what}")
}

/// Returns the message for a text that is not a dtype, or not a dtype that can be stored.
pub(crate) fn why_not(name: &str) -> String {
    let bits = |instead: &dyn Display| {
        format!("NumPy counts bytes, not bits: write `{instead}` instead of `{name}`")
    };
    match name {
        "" => "a dtype is missing; write one in NumPy's spelling, such as `f4`".to_owned(),
        "f16" | "f12" | "g" | "longdouble" | "float96" | "float128" => format!(
            "`{name}` is a `long double` of C, which no Rust type holds; half precision is `f2`, \
             the widest float `f8`"
        ),
        "c32" | "c24" | "G" | "clongdouble" | "complex192" | "complex256" => format!(
            "`{name}` is made of two `long double`s of C, which no Rust type holds; the widest \
             complex dtype is `c16`"
        ),
        _ if is_sized(name, 'O') || matches!(name, "object" | "object_") => format!(
            "`{name}` is a Python object, which only Python can store; a text is `S16` (bytes) or \
             `U16` (characters)"
        ),
        "i16" | "u16" | "i32" | "u32" | "i64" | "u64" | "f32" | "f64" | "c64" | "c128" => {
            let (kind, bits_given) = name.split_at(1);
            bits(&format_args!(
                "{kind}{}",
                bits_given.parse().unwrap_or(0_u32) / 8
            ))
        }
        "b8" => bits(&"b1"),
        _ if is_sized(name, 'i') || is_sized(name, 'u') => {
            let kind = if name.starts_with('i') { 'i' } else { 'u' };
            format!(
                "NumPy has no `{name}`; its integers are `{kind}1`, `{kind}2`, `{kind}4` and `{kind}8`"
            )
        }
        _ if is_sized(name, 'f') => {
            format!("NumPy has no `{name}`; its floats are `f2`, `f4` and `f8`")
        }
        _ if is_sized(name, 'c') => {
            format!("NumPy has no `{name}`; its complex numbers are `c8` and `c16`")
        }
        _ if is_sized(name, 'M') || is_sized(name, 'm') || name.starts_with(['M', 'm']) => {
            format!("`{name}` is not a dtype; a point in time is `M8[ns]`, a span of time `m8[ns]`")
        }
        _ => format!(
            "`{name}` is not a dtype; write one in NumPy's spelling, such as `f4`, `>i2`, `S16`, \
             `U8`, `V4` or `M8[ns]`"
        ),
    }
}

/// Returns true for the letter with a number after it.
fn is_sized(name: &str, kind: char) -> bool {
    let size = name.strip_prefix(kind);
    size.is_some_and(|size| size.bytes().all(|b| b.is_ascii_digit()))
}
