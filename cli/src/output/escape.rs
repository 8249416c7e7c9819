//! Texts of files, without what could drive a terminal.

use std::{borrow::Cow, fmt::Write};

/// Replaces each control character by an escape of Python: `\n`, `\x1b`, `\u202e`.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    escaped(text, is_control, python)
}

/// Does the same, but leaves the ends of lines.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && is_control(c), python)
}

/// Replaces control characters, which are in the strings of a JSON text, by escapes of JSON.
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    // Those below the space were escaped when the text was made.
    let json = |c, out: &mut String| {
        let _ = write!(out, "\\u{:04x}", u32::from(c));
    };
    escaped(text, |c| c >= '\x7f' && is_control(c), json)
}

/// Returns true for characters that a terminal does not print but obeys: controls, and those that change the
/// direction of the text.
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escaped(
    text: &str,
    is_escaped: impl Fn(char) -> bool,
    escape: impl Fn(char, &mut String),
) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match is_escaped(c) {
            true => escape(c, &mut out),
            false => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn python(c: char, out: &mut String) {
    // Writing to a `String` does not fail.
    let _ = match c {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        c if c <= '\u{ff}' => write!(out, "\\x{:02x}", u32::from(c)),
        c => write!(out, "\\u{:04x}", u32::from(c)),
    };
}
