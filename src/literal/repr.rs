//! Strings as Python's `repr` writes them.

use std::fmt::{self, Write};

/// Writes a text in single quotes, or in double quotes if it has single quotes only.
pub(crate) fn write_repr(out: &mut (impl Write + ?Sized), text: &str) -> fmt::Result {
    // Most texts have only plain characters.
    if text.bytes().all(is_plain) {
        out.write_char('\'')?;
        out.write_str(text)?;
        return out.write_char('\'');
    }
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.write_char(quote)?;
    for c in text.chars() {
        match c {
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            '\\' => out.write_str("\\\\")?,
            c if c == quote => write!(out, "\\{c}")?,
            c if is_printable(c) => out.write_char(c)?,
            c => match u32::from(c) {
                code @ ..=0xff => write!(out, "\\x{code:02x}")?,
                code @ ..=0xffff => write!(out, "\\u{code:04x}")?,
                code => write!(out, "\\U{code:08x}")?,
            },
        }
    }
    out.write_char(quote)
}

/// Returns true if a byte needs no escape in single quotes.
pub(crate) fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'\'' | b'\\')
}

/// Returns the value of Python's `str.isprintable`, for characters other than quotes and the backslash.
///
/// Rust's `escape_debug` escapes the same characters: the categories C and Z except the space. It also
/// escapes a combining mark at the start of a string. The `_` before the character prevents that.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    let mut buffer = [b'_'; 5];
    let [_, rest @ ..] = &mut buffer;
    let length = 1 + c.encode_utf8(rest).len();
    let text = buffer.get(..length).and_then(|b| str::from_utf8(b).ok());
    text.is_some_and(|text| text.escape_debug().count() == 2)
}
