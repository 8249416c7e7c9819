//! Type strings with commas between them, or with a shape before them: `f4,i8`, `2f4`, `(2, 3)f4`.
//!
//! It follows `_commastring` in NumPy's `_core/_internal.py`.

use crate::literal::{self, Limits, Node};

/// A parsed list of type strings.
pub(super) struct ListString {
    /// The items, at least one.
    pub(super) items: Vec<ListedType>,
    /// True if the items are the fields of a struct; otherwise there is one item.
    pub(super) is_struct: bool,
}

/// One type string of a list.
pub(super) struct ListedType {
    /// The type string with its byte order.
    pub(super) text: String,
    /// The number or the tuple before it.
    pub(super) shape: Option<Node<'static>>,
}

/// Parses a list. Returns `None` if NumPy refuses it.
pub(super) fn parse(text: &str) -> Option<ListString> {
    let (mut items, mut is_struct) = (Vec::new(), false);
    let mut rest = text;
    while !rest.is_empty() {
        let (item, after) = item(rest)?;
        items.push(item);
        let trimmed = after.trim_start_matches(is_space);
        if trimmed.is_empty() {
            break;
        }
        is_struct = true;
        rest = trimmed.strip_prefix(',')?.trim_start_matches(is_space);
    }
    (!items.is_empty()).then_some(ListString { items, is_struct })
}

/// Parses one item, and returns the rest of the text.
fn item(text: &str) -> Option<(ListedType, &str)> {
    let (first_order, rest) = order(text);
    let (repeats, rest) = repeats(rest);
    let (second_order, rest) = order(rest);
    let (name, rest) = name(rest);
    let order = match (first_order, second_order) {
        (first, "") => first,
        ("", second) => second,
        (first, second) => {
            let native = |order| if order == "=" { "<" } else { order };
            match native(first) == native(second) {
                true => native(first),
                false => return None,
            }
        }
    };
    let order = if order == ">" { ">" } else { "" };
    let shape = match repeats {
        "" => None,
        _ => Some(shape(repeats)?),
    };
    let text = format!("{order}{name}");
    Some((ListedType { text, shape }, rest))
}

/// Parses a number, or numbers with commas between them, as Python does.
fn shape(repeats: &str) -> Option<Node<'static>> {
    let node = literal::parse(repeats, Limits::default(), false).ok()?;
    Some(node.into_owned())
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

fn order(text: &str) -> (&str, &str) {
    split(text, usize::from(text.starts_with(['<', '>', '|', '='])))
}

/// Splits off the part that matches ` *[(]?[ ,0-9]*[)]? *`.
fn repeats(text: &str) -> (&str, &str) {
    let rest = text.trim_start_matches(' ');
    let rest = rest.strip_prefix('(').unwrap_or(rest);
    let rest = rest.trim_start_matches(|c: char| c == ' ' || c == ',' || c.is_ascii_digit());
    let rest = rest.strip_prefix(')').unwrap_or(rest);
    let rest = rest.trim_start_matches(' ');
    split(text, text.len() - rest.len())
}

/// Splits off the part that matches `[A-Za-z0-9.?]*(?:\[[a-zA-Z0-9,.]+\])?`.
fn name(text: &str) -> (&str, &str) {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '.' || c == '?');
    let bracketed = rest.strip_prefix('[').and_then(|inside| {
        let is_inside = |c: char| c.is_ascii_alphanumeric() || c == ',' || c == '.';
        let after = inside.trim_start_matches(is_inside);
        after
            .strip_prefix(']')
            .filter(|_| after.len() < inside.len())
    });
    let rest = bracketed.unwrap_or(rest);
    split(text, text.len() - rest.len())
}

fn split(text: &str, at: usize) -> (&str, &str) {
    text.split_at_checked(at).unwrap_or((text, ""))
}
