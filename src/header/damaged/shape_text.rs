//! The text of a shape, even if NumPy refuses it.

/// Characters between the tokens of a tuple.
pub(super) const BLANKS: [char; 5] = [' ', '\t', '\n', '\r', '\x0c'];

/// Characters in the place of digits: placeholders of a writer, and the bytes of a sector that was never
/// written.
const FILLERS: [char; 3] = ['*', '?', '\0'];

/// The names of NumPy's scalar types with the `repr` `np.name(number)`.
pub(super) const NUMPY_INTEGERS: [&str; 18] = [
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "byte",
    "ubyte",
    "intc",
    "uintc",
    "intp",
    "uintp",
    "long",
    "ulong",
    "longlong",
    "ulonglong",
];

/// The text of one axis.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum AxisText {
    /// A number; `None` if it needs more than 64 bits.
    Number(Option<u64>),
    Placeholder,
}

/// The text of a shape.
pub(super) struct ShapeText<'a> {
    pub(super) axes: Vec<AxisText>,
    /// The text after the shape.
    pub(super) rest: &'a str,
}

/// Splits the text before the value of the key `shape`. Returns `None` if there is not exactly one such key.
pub(super) fn split_at_shape(text: &str) -> Option<(&str, &str)> {
    let keys = ["'shape'", "\"shape\""];
    let found = keys.into_iter().flat_map(|key| text.match_indices(key));
    let mut values = found.filter_map(|(at, key)| {
        let (_, rest) = text.split_at_checked(at + key.len())?;
        let value = rest.trim_start_matches(BLANKS).strip_prefix(':')?;
        let value = value.trim_start_matches(BLANKS);
        Some((text.strip_suffix(value)?, value))
    });
    let only = values.next()?;
    values.next().is_none().then_some(only)
}

impl<'a> ShapeText<'a> {
    pub(super) fn parse(text: &'a str, has_long: bool) -> Option<Self> {
        let (close, opened) = match text.chars().next()? {
            '(' => (')', text.get(1..)?),
            '[' => (']', text.get(1..)?),
            _ => {
                let (axis, rest) = parse_axis(text, has_long)?;
                let axes = vec![axis];
                // A placeholder without brackets may stand for any number of axes.
                return (axis != AxisText::Placeholder).then_some(ShapeText { axes, rest });
            }
        };
        let mut axes = Vec::new();
        let mut has_comma = false;
        let mut rest = opened.trim_start_matches(BLANKS);
        while !rest.starts_with(close) {
            let (axis, after) = match rest.starts_with(',') {
                true => (AxisText::Placeholder, rest),
                false => parse_axis(rest, has_long)?,
            };
            axes.push(axis);
            rest = after.trim_start_matches(BLANKS);
            match rest.strip_prefix(',') {
                Some(after) => {
                    has_comma = true;
                    rest = after.trim_start_matches(BLANKS);
                }
                None if rest.starts_with(close) => {}
                None => return None,
            }
        }
        // `(3)` is 3, but `(***)` may stand for any number of axes.
        if !has_comma && axes.contains(&AxisText::Placeholder) {
            return None;
        }
        let rest = rest.get(1..)?;
        Some(ShapeText { axes, rest })
    }
}

/// Parses one axis. Returns the axis and the text after it.
fn parse_axis(text: &str, has_long: bool) -> Option<(AxisText, &str)> {
    if let Some(rest) = text.strip_prefix("-1") {
        return Some((AxisText::Placeholder, rest));
    }
    let numpys = ["np.", "numpy."]
        .iter()
        .find_map(|module| text.strip_prefix(module));
    if let Some(call) = numpys {
        let (name, rest) = call.split_once('(')?;
        let (number, rest) = rest.split_once(')')?;
        let is_known = NUMPY_INTEGERS.contains(&name);
        let number = parse_number(number.trim_matches(BLANKS)).filter(|_| is_known)?;
        return Some((AxisText::Number(number), rest));
    }
    let is_of_axis = |c: char| c.is_ascii_digit() || FILLERS.contains(&c);
    let end = text.find(|c: char| !is_of_axis(c)).unwrap_or(text.len());
    let (token, rest) = text.split_at_checked(end)?;
    if token.contains(FILLERS) {
        return Some((AxisText::Placeholder, rest));
    }
    let rest = rest.strip_prefix('L').filter(|_| has_long).unwrap_or(rest);
    Some((AxisText::Number(parse_number(token)?), rest))
}

/// Parses a number as Python does. Returns `None` for other text, and `Some(None)` for a number that needs more
/// than 64 bits.
fn parse_number(token: &str) -> Option<Option<u64>> {
    let is_number = !token.is_empty() && token.chars().all(|c| c.is_ascii_digit());
    let is_zeros = token.chars().all(|c| c == '0');
    (is_number && (is_zeros || !token.starts_with('0'))).then(|| token.parse().ok())
}
