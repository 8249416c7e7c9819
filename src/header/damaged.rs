use super::{
    growing::LINE,
    model::{Header, Order},
    version::Version,
};
use crate::literal;

/// Characters between the tokens of a tuple.
const BLANKS: [char; 5] = [' ', '\t', '\n', '\r', '\x0c'];

/// Characters in the place of digits: a writer's placeholders, and the bytes of a sector that was never written.
const FILLERS: [char; 3] = ['*', '?', '\0'];

/// The end of NumPy's text, from the end of the shape.
const END: &str = "), }";

/// The scalar types of NumPy whose `repr` is `np.name(number)`.
const NUMPY_INTEGERS: [&str; 18] = [
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

/// A header that NumPy refuses for the text of its shape alone, though all its axes, but for the number of
/// rows, can be read.
#[derive(Debug)]
pub(crate) struct Damaged {
    /// The header, with 0 rows where their number is not legible.
    pub(crate) header: Header,
    pub(crate) rows: DamagedRows,
}

/// The number of rows in a [`Damaged`] header.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum DamagedRows {
    /// A placeholder, or half of a number.
    Illegible,
    /// A number, in a shape that NumPy does not read: `(np.int64(2), 3)`, `[2, 3]` or `2`.
    Spelled(u64),
    /// A number of rows that no array can have.
    TooMany,
    /// A number in the text of a rewrite that was interrupted. The file has at least these rows.
    Torn(u64),
    /// A torn number where the bracket after the shape is lost. Axes may be lost as well, unless the file has
    /// exactly `digits` rows, or a number of rows that starts with `digits` if `is_whole` is false.
    TornInShape { digits: u64, is_whole: bool },
}

/// The text of one axis.
#[derive(Clone, Copy, PartialEq)]
enum Axis {
    /// A number; `None` if it needs more than 64 bits.
    Number(Option<u64>),
    Placeholder,
}

/// The text of a shape.
struct ShapeText<'a> {
    axes: Vec<Axis>,
    /// The text after it.
    rest: &'a str,
}

impl Header {
    /// Reads a header whose shape NumPy refuses, without guessing any axis but the number of rows.
    ///
    /// The number of rows may be a placeholder (blanks, `****`, `-1`) or half of a number; any axis may be
    /// spelled as NumPy 2 shows its scalars (`np.int64(3)`); and the shape may be a list or one integer. Last,
    /// the end of the dictionary may be part of the one before a rewrite and part of the one after it.
    /// Returns `None` for any other damage.
    ///
    /// `bytes` is the file up to the end of the header.
    pub(crate) fn damaged(bytes: &[u8]) -> Option<Damaged> {
        let &[_, _, _, _, _, _, major, minor, ..] = bytes else {
            return None;
        };
        let version = Version::from_bytes([major, minor])?;
        let text = bytes.get(version.text_start()..)?;
        let text: String = match version.is_latin1() {
            true => text.iter().copied().map(char::from).collect(),
            false => str::from_utf8(text).ok()?.to_owned(),
        };
        if let Some(torn) = torn(version, &text).or_else(|| left_of_bridge(version, &text)) {
            return Some(torn);
        }
        let (before, value) = split_at_shape(&text)?;
        let shape = ShapeText::parse(value, version.is_latin1())?;
        let read = |dims: &[u64]| -> Option<Header> {
            let dims: String = dims.iter().map(|dim| format!("{dim}, ")).collect();
            literal::from_str(&format!("{before}({dims}){}", shape.rest)).ok()
        };
        let order = read(&[0])?.order;
        let (growth, inner) = match order {
            Order::C => shape.axes.split_first()?,
            Order::Fortran => shape.axes.split_last()?,
        };
        let inner = inner.iter().map(|axis| match axis {
            Axis::Number(dim) => *dim,
            Axis::Placeholder => None,
        });
        let inner: Vec<u64> = inner.collect::<Option<_>>()?;
        let with_rows = |rows: u64| {
            let dims = match order {
                Order::C => [&[rows], &*inner].concat(),
                Order::Fortran => [&*inner, &[rows]].concat(),
            };
            let header = read(&dims).filter(|header| header.shape == dims)?;
            Some(Header { version, ..header })
        };
        // The other axes make a row that an array can have.
        with_rows(1)?;
        let (rows, header) = match *growth {
            Axis::Placeholder => (DamagedRows::Illegible, with_rows(0)?),
            Axis::Number(number) => {
                let rows = number.and_then(|rows| Some((rows, with_rows(rows)?)));
                match rows {
                    Some((rows, header)) => (DamagedRows::Spelled(rows), header),
                    None => (DamagedRows::TooMany, with_rows(0)?),
                }
            }
        };
        Some(Damaged { header, rows })
    }
}

/// Splits the text before the value of the only key `shape`.
fn split_at_shape(text: &str) -> Option<(&str, &str)> {
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
    fn parse(text: &'a str, has_long: bool) -> Option<Self> {
        let (close, opened) = match text.chars().next()? {
            '(' => (')', text.get(1..)?),
            '[' => (']', text.get(1..)?),
            _ => {
                let (axis, rest) = parse_axis(text, has_long)?;
                let axes = vec![axis];
                // A placeholder without brackets may stand for any number of axes.
                return (axis != Axis::Placeholder).then_some(ShapeText { axes, rest });
            }
        };
        let mut axes = Vec::new();
        let mut has_comma = false;
        let mut rest = opened.trim_start_matches(BLANKS);
        while !rest.starts_with(close) {
            let (axis, after) = match rest.starts_with(',') {
                true => (Axis::Placeholder, rest),
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
        // `(3)` is only 3; `(***)` may stand for any number of axes.
        if !has_comma && axes.contains(&Axis::Placeholder) {
            return None;
        }
        let rest = rest.get(1..)?;
        Some(ShapeText { axes, rest })
    }
}

/// Parses one axis. Returns it and the text after it.
fn parse_axis(text: &str, has_long: bool) -> Option<(Axis, &str)> {
    if let Some(rest) = text.strip_prefix("-1") {
        return Some((Axis::Placeholder, rest));
    }
    let numpys = ["np.", "numpy."]
        .iter()
        .find_map(|module| text.strip_prefix(module));
    if let Some(call) = numpys {
        let (name, rest) = call.split_once('(')?;
        let (number, rest) = rest.split_once(')')?;
        let is_known = NUMPY_INTEGERS.contains(&name);
        let number = parse_number(number.trim_matches(BLANKS)).filter(|_| is_known)?;
        return Some((Axis::Number(number), rest));
    }
    let is_of_axis = |c: char| c.is_ascii_digit() || FILLERS.contains(&c);
    let end = text.find(|c: char| !is_of_axis(c)).unwrap_or(text.len());
    let (token, rest) = text.split_at_checked(end)?;
    if token.contains(FILLERS) {
        return Some((Axis::Placeholder, rest));
    }
    let rest = rest.strip_prefix('L').filter(|_| has_long).unwrap_or(rest);
    Some((Axis::Number(parse_number(token)?), rest))
}

/// Parses a number as Python does. Returns `None` for other text, and `Some(None)` for a number that needs more
/// than 64 bits.
fn parse_number(token: &str) -> Option<Option<u64>> {
    let is_number = !token.is_empty() && token.chars().all(|c| c.is_ascii_digit());
    let is_zeros = token.chars().all(|c| c == '0');
    (is_number && (is_zeros || !token.starts_with('0'))).then(|| token.parse().ok())
}

/// Reads NumPy's text whose end is torn: up to the end of a line it is that before a
/// [rewrite](super::growing::Rewrite), and after it the other, or the other way round.
fn torn(version: Version, text: &str) -> Option<Damaged> {
    let len = text.trim_end_matches(BLANKS).len();
    // The bounds of lines, as places in the text, that are near its end.
    let is_near = |at: &usize| (len.saturating_sub(LINE)..len + END.len()).contains(at);
    let offset = |at: usize| match version.is_latin1() {
        true => text.get(..at).map_or(0, |head| head.chars().count()),
        false => at,
    };
    let mut bounds = text.char_indices().map(|(at, _)| at).filter(is_near);
    let is_bound = |at: &usize| (version.text_start() + offset(*at)).is_multiple_of(LINE);
    bounds.by_ref().filter(is_bound).find_map(|at| {
        let (head, tail) = text.split_at_checked(at)?;
        let tail = tail.trim_end_matches(BLANKS);
        let lost_comma = || torn_in_digits(version, head, tail);
        let torn = (0..=END.len()).find_map(|kept| torn_at(version, head, kept, tail));
        torn.or_else(lost_comma)
    })
}

/// Reads NumPy's text whose number of rows is [bridged](super::growing::Rewrite), with the end of an earlier
/// bridge after it.
fn left_of_bridge(version: Version, text: &str) -> Option<Damaged> {
    const BRIDGE: &str = "0,),'shape': ";
    let bound = text.rfind(BRIDGE)?;
    let (head, bridge) = text.split_at_checked(bound)?;
    let (bridge, left) = bridge.split_at_checked(bridge.find('}')? + 1)?;
    let is_of_bridge = |c: char| c.is_ascii_digit() || ", )}".contains(c);
    let left = left.trim_end_matches(BLANKS);
    let is_left = left.chars().all(is_of_bridge) && bridge.len() + left.len() <= LINE;
    let header: Header = literal::from_str(&format!("{head}{bridge}")).ok()?;
    let canonical = header.to_string();
    let start = canonical.rfind("'shape': (")?;
    let is_numpys = canonical
        .get(..start)
        .is_some_and(|own| head.starts_with(own));
    let offset = version.text_start()
        + match version.is_latin1() {
            true => head.chars().count(),
            false => head.len(),
        };
    let rows = DamagedRows::Torn(header.rows()?);
    let header = Header { version, ..header };
    (is_left && is_numpys && offset.is_multiple_of(LINE)).then_some(Damaged { header, rows })
}

/// Reads the header of an array of one axis of which there is a head that ends in the number of rows.
fn torn_in_digits(version: Version, head: &str, tail: &str) -> Option<Damaged> {
    let damaged = torn_at(version, &format!("{head},"), 0, tail)?;
    let DamagedRows::TornInShape { digits, .. } = damaged.rows else {
        return None;
    };
    let is_whole = false;
    let rows = DamagedRows::TornInShape { digits, is_whole };
    (damaged.header.shape.len() == 1).then_some(Damaged { rows, ..damaged })
}

/// Reads a header of which there is a head that ends in the first `kept` bytes of [`END`], and the tail of
/// the header of another number of rows.
fn torn_at(version: Version, head: &str, kept: usize, tail: &str) -> Option<Damaged> {
    let head = match kept == END.len() {
        true => head.trim_end_matches(BLANKS),
        false => head,
    };
    let whole = format!("{head}{}", END.get(kept..)?);
    let header: Header = literal::from_str(&whole).ok()?;
    let rows = header.rows()?;
    let is_numpys = header.to_string() == whole && header.row_size() > 0;
    let is_tail = match kept {
        0 => END.ends_with(tail) && tail != END,
        _ => {
            // What follows the number of rows, and digits of it.
            let number = rows.to_string();
            let suffix_len = match (header.order, &*header.shape) {
                (_, [_]) => ",".len(),
                (Order::C, [_, inner @ ..]) => {
                    inner.iter().map(|dim| format!(", {dim}").len()).sum()
                }
                _ => 0,
            };
            let suffix_start = whole.len().checked_sub(END.len() + suffix_len)?;
            let suffix = whole.get(suffix_start..)?;
            let digits = tail.strip_suffix(suffix);
            let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
            whole.get(..suffix_start)?.ends_with(&number)
                && (suffix.ends_with(tail) || digits.is_some_and(is_number))
        }
    };
    let rows = match kept {
        0 => DamagedRows::TornInShape {
            digits: rows,
            // Digits may be lost where they stand last.
            is_whole: header.order == Order::C || header.shape.len() == 1,
        },
        _ => DamagedRows::Torn(rows),
    };
    (is_numpys && is_tail).then_some(Damaged {
        header: Header { version, ..header },
        rows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of this text, padded as NumPy pads it.
    fn bytes_of(text: &str) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        let len = (11 + text.len()).next_multiple_of(64);
        bytes.extend(u16::try_from(len - 10).unwrap().to_le_bytes());
        bytes.extend(text.bytes());
        bytes.resize(len - 1, b' ');
        bytes.push(b'\n');
        bytes
    }

    fn read(order: Order, shape: &str) -> Option<(Vec<u64>, DamagedRows)> {
        let fortran = if order == Order::Fortran {
            "True"
        } else {
            "False"
        };
        let text = format!("{{'descr': '<f8', 'fortran_order': {fortran}, 'shape': {shape}, }}");
        let damaged = Header::damaged(&bytes_of(&text))?;
        Some((damaged.header.shape, damaged.rows))
    }

    #[test]
    fn a_placeholder_for_the_rows_keeps_the_other_axes() {
        let stars = "********************";
        for growth in [
            "", "      ", stars, "12**", "12*4", "1\0\0", "\0", "??", "-1",
        ] {
            let illegible = |shape: &[u64]| Some((shape.to_vec(), DamagedRows::Illegible));
            let c = |shape: &str| read(Order::C, &shape.replace('N', growth));
            assert_eq!(c("(N,)"), illegible(&[0]), "{growth:?}");
            assert_eq!(c("(N, 3)"), illegible(&[0, 3]), "{growth:?}");
            assert_eq!(c("(N,3,4)"), illegible(&[0, 3, 4]), "{growth:?}");
            assert_eq!(c("( N , 3, 4, )"), illegible(&[0, 3, 4]), "{growth:?}");
            let f = |shape: &str| read(Order::Fortran, &shape.replace('N', growth));
            assert_eq!(f("(N,)"), illegible(&[0]), "{growth:?}");
            assert_eq!(f("(3, 4, N,)"), illegible(&[3, 4, 0]), "{growth:?}");
            if !growth.trim().is_empty() {
                assert_eq!(f("(3, 4, N)"), illegible(&[3, 4, 0]), "{growth:?}");
            }
        }
    }

    #[test]
    fn axes_as_numpy_shows_its_scalars_are_read() {
        for name in NUMPY_INTEGERS {
            let shape = format!("(np.{name}(2), np.{name}(3), 4)");
            for order in [Order::C, Order::Fortran] {
                let rows = if order == Order::C { 2 } else { 4 };
                let spelled = Some((vec![2, 3, 4], DamagedRows::Spelled(rows)));
                assert_eq!(read(order, &shape), spelled);
            }
        }
        let spelled = Some((vec![2, 3], DamagedRows::Spelled(2)));
        assert_eq!(read(Order::C, "(2, np.int64(3))"), spelled);
        assert_eq!(read(Order::C, "(np.int64(2), 3)"), spelled);
        assert_eq!(read(Order::C, "(numpy.int64( 2 ), 3,)"), spelled);
        assert_eq!(read(Order::C, "[2, 3]"), spelled);
        assert_eq!(read(Order::C, "[2, np.int64(3),]"), spelled);
        let placeholder = Some((vec![0, 3], DamagedRows::Illegible));
        assert_eq!(read(Order::C, "(***, np.int64(3))"), placeholder);
    }

    #[test]
    fn one_integer_is_one_axis() {
        let six = Some((vec![6], DamagedRows::Spelled(6)));
        for shape in ["6", "(6)", "[6]", "np.int64(6)", "(np.int64(6))"] {
            assert_eq!(read(Order::C, shape), six, "{shape}");
            assert_eq!(read(Order::Fortran, shape), six, "{shape}");
        }
    }

    #[test]
    fn a_number_of_rows_that_no_array_has_is_told_apart() {
        for rows in [
            "9223372036854775808",
            "18446744073709551616",
            "99999999999999999999999",
        ] {
            let too_many = |shape: &[u64]| Some((shape.to_vec(), DamagedRows::TooMany));
            assert_eq!(read(Order::C, &format!("({rows},)")), too_many(&[0]));
            assert_eq!(read(Order::C, &format!("({rows}, 3)")), too_many(&[0, 3]));
            let fortran = read(Order::Fortran, &format!("(3, {rows})"));
            assert_eq!(fortran, too_many(&[3, 0]));
        }
    }

    #[test]
    fn no_axis_is_guessed() {
        for shape in [
            "(3, 4*, 5)",
            "(3, , 5)",
            "(3, -1)",
            "(***, ***)",
            "(10* 4, 5)",
            "(3 4)",
            "(3 4, 5)",
            "(***)",
            "***",
            "(-1)",
            "-1",
            "3, 4",
            "(3",
            "(3,",
            "(100, 64, 64",
            "(1,024, 3)",
            "(0012, 3)",
            "(3_0,)",
            "(3.0, 4)",
            "(3e1,)",
            "((30),)",
            "((***), 3)",
            "(-3,)",
            "(None, 3)",
            "(1\u{7f}3,)",
            "(np.int64(***), 3)",
            "(np.float64(2), 3)",
            "(np.int64(-2), 3)",
            "(np.int64(2, 3), 3)",
            "(np.int64(2) np.int64(3))",
            "[]",
            "()",
            "(****, 9223372036854775808)",
            "(****, 9223372036854775807)",
            "(99,)), ",
            "(***,)}",
            "(***,), 'shape': (***,)",
        ] {
            assert_eq!(read(Order::C, shape), None, "{shape}");
        }
        assert_eq!(read(Order::Fortran, "(*, 4, 5)"), None);
    }

    #[test]
    fn damage_elsewhere_is_not_mended() {
        for text in [
            "{'descr': '<f8', 'fortran_order': False, 'shape': (***,), } x",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (np.int64(3),), }}",
            "{'descr': '<f8', 'fortran_order': Falsch, 'shape': (***,), }",
            "{'descr': '<q9', 'fortran_order': False, 'shape': (***,), }",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (6,), } x",
            "{'fortran_order': False, 'shape': (***,), }",
        ] {
            assert!(Header::damaged(&bytes_of(text)).is_none(), "{text}");
        }
        let mut name = b"\x93NUMPY\x03\x00\x50\0\0\0".to_vec();
        name.extend(b"{'descr': [('\xe9', '<f8')], 'fortran_order': False, 'shape': (***,), }");
        name.resize(11 + 80, b' ');
        name.push(b'\n');
        assert!(Header::damaged(&name).is_none());
    }

    /// Each place at which a line ends in or after the end of the dictionary.
    #[test]
    fn an_end_that_is_torn_between_two_lines_is_mended() {
        let (mut torn, mut guarded, mut refused) = (0, 0, 0);
        for (order, inner) in [
            (Order::C, &[][..]),
            (Order::C, &[3, 64]),
            (Order::Fortran, &[3, 64]),
        ] {
            for name in 0..LINE {
                let dtype = format!("[('{}', '<f8')]", "x".repeat(name));
                let dims = |rows: u64| match order {
                    Order::C => [&[rows], inner].concat(),
                    Order::Fortran => [inner, &[rows]].concat(),
                };
                let header = |rows| Header::unchecked(dtype.parse().unwrap(), order, &dims(rows));
                for (old, new) in [(9, 10), (99, 100), (9, 100), (99, 12_345)] {
                    let (before, after) = (header(old).to_bytes(), header(new).to_bytes());
                    let end = before
                        .trim_ascii_end()
                        .len()
                        .min(after.trim_ascii_end().len());
                    for line in (LINE..before.len()).step_by(LINE) {
                        // A rewrite bridges a bound that is inside both shapes.
                        if line + END.len() <= end {
                            continue;
                        }
                        for mixed in [
                            [&before[..line], &after[line..]].concat(),
                            [&after[..line], &before[line..]].concat(),
                        ] {
                            if Header::read_from(&mut &mixed[..]).is_ok() {
                                continue;
                            }
                            let Some(damaged) = Header::damaged(&mixed) else {
                                refused += 1;
                                continue;
                            };
                            let rows = match damaged.rows {
                                DamagedRows::Torn(rows) => rows,
                                DamagedRows::TornInShape { digits, is_whole } => {
                                    let data = header(new).data_len().unwrap();
                                    let found = damaged.header.row_size();
                                    let rows = data / found;
                                    let is_number = match is_whole {
                                        true => rows == digits && data % found == 0,
                                        false => rows.to_string().starts_with(&digits.to_string()),
                                    };
                                    let is_right = damaged.header == header(digits) && rows == new;
                                    assert_eq!(is_number, is_right, "{}", mixed.escape_ascii());
                                    guarded += 1;
                                    continue;
                                }
                                other => panic!("{other:?}"),
                            };
                            let text = mixed.escape_ascii();
                            assert!([old, new].contains(&rows), "{text}");
                            assert_eq!(damaged.header, header(rows), "{text}");
                            torn += 1;
                        }
                    }
                }
            }
        }
        assert!(torn > 20 && guarded > 5, "{torn}, {guarded}, {refused}");
    }
}
