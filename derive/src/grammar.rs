//! NumPy's type strings: the texts that `np.dtype` takes for a type without fields or dimensions.
//!
//! The derive macro cannot depend on the library, so both crates have a copy of this file:
//! `src/dtype/grammar.rs` and `derive/src/grammar.rs`. A test checks that the copies are equal. The file uses
//! only `core` and `std`.
//!
//! Some spellings depend on the machine, such as `l` or `longdouble`. They have their meaning on Linux on
//! x86-64.

/// The largest itemsize that NumPy allows: it keeps the size in a C `int`.
const MAX_ITEMSIZE: u64 = i32::MAX.unsigned_abs() as u64;

/// NumPy's codes of the units of time, from the longest to the shortest.
pub(crate) const UNITS: [&str; 13] = [
    "Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as",
];

/// A parsed type string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TypeString {
    /// NumPy's `dtype.kind`: one of `b`, `i`, `u`, `f`, `c`, `m`, `M`, `O`, `S`, `U` and `V`.
    pub(crate) kind: char,
    /// The itemsize in bytes.
    pub(crate) itemsize: u64,
    /// The byte order in the text: `<`, `>`, or `|` without an order.
    pub(crate) order: char,
    /// The unit of a date or time; the generic unit for other types.
    pub(crate) unit: ParsedUnit,
    /// True if the text names a type of the Python package `ml_dtypes`, or is the text that `np.save` writes
    /// for such a type. Without the package, NumPy refuses the text. The kind is `V`. bfloat16 has two bytes
    /// and the order `<`.
    pub(crate) is_ml_dtypes: bool,
}

/// A parsed unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ParsedUnit {
    /// The multiple, from 1 to `i32::MAX`.
    pub(crate) count: u32,
    /// One of [`UNITS`], or empty for the generic unit.
    pub(crate) code: &'static str,
}

/// The reason why a text is not a type string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// NumPy does not know the text.
    Unknown,
    /// The bracket of a unit is not closed.
    Unclosed,
    /// The text is not a unit of NumPy.
    Unit(String),
    /// The multiple of a unit is not from 1 to `i32::MAX`.
    Count,
    /// The unit is not divisible by this number.
    Divisor(i64),
    /// A text or void of this kind is larger than NumPy allows.
    TooLarge(char),
}

impl ParsedUnit {
    pub(crate) const GENERIC: ParsedUnit = ParsedUnit { count: 1, code: "" };
}

/// Returns true if NumPy reads the text as a list of types or as a shape before a type: `f4,i8`, `2f4`,
/// `(2, 3)f4`.
pub(crate) fn is_list(text: &str) -> bool {
    let name = text.strip_prefix(['<', '>', '|', '=']).unwrap_or(text);
    let mut depth = 0_i64;
    name.starts_with(|c: char| c.is_ascii_digit())
        || name.starts_with("()")
        || text.bytes().any(|byte| {
            depth += match byte {
                b'[' => 1,
                b']' => -1,
                _ => 0,
            };
            byte == b',' && depth == 0
        })
}

/// Parses a type string, such as `<f8`, `S5`, `M8[ns]`, `d` or `float64`.
pub(crate) fn parse(text: &str) -> Result<TypeString, Refusal> {
    let (order, name) = match text.split_at_checked(1) {
        Some(("<", rest)) => ('<', rest),
        Some((">", rest)) => ('>', rest),
        Some(("|" | "=", rest)) => ('|', rest),
        _ => ('|', text),
    };
    let of = |(kind, itemsize)| TypeString {
        kind,
        itemsize,
        order,
        unit: ParsedUnit::GENERIC,
        is_ml_dtypes: false,
    };
    for (prefix, kind) in [
        ("M8", 'M'),
        ("m8", 'm'),
        ("datetime64", 'M'),
        ("timedelta64", 'm'),
    ] {
        if let Some(brackets) = name.strip_prefix(prefix) {
            let unit = bracketed(brackets)?;
            return Ok(TypeString {
                unit,
                ..of((kind, 8))
            });
        }
    }
    if let Some(found) = lettered(name) {
        return Ok(of(found));
    }
    // As in NumPy, a size is tried before a word.
    let mut rest = name.chars();
    let size = rest
        .next()
        .and_then(|kind| Some((kind, number(rest.as_str())?)));
    if let Some((kind, size)) = size.filter(|_| !rest.as_str().is_empty())
        && let Some(found) = sized(kind, size)?
    {
        return Ok(of(found));
    }
    // No byte order may precede a word.
    match ml_dtypes(text) {
        Some(itemsize) => Ok(TypeString {
            order: '<',
            is_ml_dtypes: true,
            ..of(('V', itemsize))
        }),
        None => named(text).map(of).ok_or(Refusal::Unknown),
    }
}

/// Returns the type of a single letter: NumPy's `dtype.char`.
fn lettered(name: &str) -> Option<(char, u64)> {
    Some(match name {
        "?" => ('b', 1),
        "b" => ('i', 1),
        "h" => ('i', 2),
        "i" => ('i', 4),
        "l" | "q" | "n" | "p" => ('i', 8),
        "B" => ('u', 1),
        "H" => ('u', 2),
        "I" => ('u', 4),
        "L" | "Q" | "N" | "P" => ('u', 8),
        "e" => ('f', 2),
        "f" => ('f', 4),
        "d" => ('f', 8),
        "g" => ('f', 16),
        "F" => ('c', 8),
        "D" => ('c', 16),
        "G" => ('c', 32),
        "M" => ('M', 8),
        "m" => ('m', 8),
        "O" => ('O', 8),
        "S" => ('S', 0),
        "U" => ('U', 0),
        "V" => ('V', 0),
        "c" => ('S', 1),
        _ => return None,
    })
}

/// Returns the type of a letter and a size; `None` if NumPy has no such type.
fn sized(kind: char, size: u64) -> Result<Option<(char, u64)>, Refusal> {
    let is_text = matches!(kind, 'S' | 'a' | 'U' | 'V');
    let itemsize = match kind {
        'U' => size.saturating_mul(4),
        _ => size,
    };
    if is_text && itemsize > MAX_ITEMSIZE {
        return Err(Refusal::TooLarge(kind));
    }
    let exists = match kind {
        'S' | 'a' | 'U' | 'V' => true,
        'b' => size == 1,
        'i' | 'u' => matches!(size, 1 | 2 | 4 | 8),
        'f' => matches!(size, 2 | 4 | 8 | 16),
        'c' => matches!(size, 8 | 16 | 32),
        'm' | 'M' => size == 8,
        // Python 2 wrote the size of a pointer for objects.
        'O' => matches!(size, 4 | 8),
        _ => false,
    };
    let found = match kind {
        'a' => ('S', itemsize),
        'O' => ('O', 8),
        _ => (kind, itemsize),
    };
    Ok(exists.then_some(found))
}

/// Returns the type of a word: a name in `np.sctypeDict`.
fn named(text: &str) -> Option<(char, u64)> {
    Some(match text {
        "bool" | "bool_" => ('b', 1),
        "int8" | "byte" => ('i', 1),
        "int16" | "short" => ('i', 2),
        "int32" | "intc" => ('i', 4),
        "int64" | "int" | "int_" | "intp" | "long" | "longlong" => ('i', 8),
        "uint8" | "ubyte" => ('u', 1),
        "uint16" | "ushort" => ('u', 2),
        "uint32" | "uintc" => ('u', 4),
        "uint64" | "uint" | "uintp" | "ulong" | "ulonglong" => ('u', 8),
        "float16" | "half" => ('f', 2),
        "float32" | "single" => ('f', 4),
        "float64" | "double" | "float" => ('f', 8),
        "float128" | "longdouble" => ('f', 16),
        "complex64" | "csingle" => ('c', 8),
        "complex128" | "cdouble" | "complex" => ('c', 16),
        "complex256" | "clongdouble" => ('c', 32),
        "bytes" | "bytes_" | "a" => ('S', 0),
        "str" | "str_" | "unicode" => ('U', 0),
        "void" => ('V', 0),
        "object" | "object_" => ('O', 8),
        _ => return None,
    })
}

/// Returns the itemsize of a type of `ml_dtypes`, by its name or by the text of `np.save`: `<f1` for
/// `float8_e5m2`, `<c4` (before version 0.7 `<W4`) for the complex types. NumPy does not read these texts.
fn ml_dtypes(text: &str) -> Option<u64> {
    Some(match text {
        "bfloat16" => 2,
        "float8_e3m4" | "float8_e4m3" | "float8_e4m3b11fnuz" | "float8_e4m3fn"
        | "float8_e4m3fnuz" | "float8_e5m2" | "float8_e5m2fnuz" | "float8_e5m3fnu"
        | "float8_e8m0fnu" | "float6_e2m3fn" | "float6_e3m2fn" | "float4_e2m1fn" | "int1"
        | "int2" | "int4" | "uint1" | "uint2" | "uint4" | "<f1" => 1,
        "complex32" | "bcomplex32" | "<W4" | "<c4" => 4,
        _ => return None,
    })
}

/// Returns the unit in the brackets after `M8`; the generic unit without brackets.
fn bracketed(brackets: &str) -> Result<ParsedUnit, Refusal> {
    if brackets.is_empty() {
        return Ok(ParsedUnit::GENERIC);
    }
    let inside = brackets.strip_prefix('[').ok_or(Refusal::Unknown)?;
    let inside = inside.strip_suffix(']').ok_or(Refusal::Unclosed)?;
    match inside {
        "" => Err(Refusal::Unit(String::new())),
        _ => unit(inside),
    }
}

/// Parses a unit with a multiple before it or a divisor after it: `ns`, `25us`, `s/2`, `generic`.
pub(crate) fn unit(text: &str) -> Result<ParsedUnit, Refusal> {
    let (count, rest) = leading_number(text);
    let count = count.unwrap_or(Some(1)).ok_or(Refusal::Count)?;
    let (code, divisor) = match rest.split_once('/') {
        Some((code, divisor)) => (code, Some(divisor)),
        None => (rest, None),
    };
    let code = if code == "μs" { "us" } else { code };
    if code == "generic" && divisor.is_none() && i32::try_from(count).is_ok() {
        return Ok(ParsedUnit::GENERIC);
    }
    let nth = UNITS.iter().position(|&known| known == code);
    let nth = nth.ok_or_else(|| Refusal::Unit(code.to_owned()))?;
    let (count, code) = match divisor {
        None => (count, UNITS.get(nth).copied().unwrap_or_default()),
        Some(divisor) => {
            let (divisor, after) = leading_number(divisor);
            let divisor = divisor.flatten().filter(|_| after.is_empty());
            let divisor = divisor.ok_or_else(|| Refusal::Unit(text.to_owned()))?;
            let (per, code) = divided(nth, divisor).ok_or(Refusal::Divisor(divisor))?;
            (count.checked_mul(per).ok_or(Refusal::Count)?, code)
        }
    };
    match u32::try_from(count) {
        Ok(count) if (1..=i32::MAX.unsigned_abs()).contains(&count) => {
            Ok(ParsedUnit { count, code })
        }
        _ => Err(Refusal::Count),
    }
}

/// Returns a smaller unit, and the number of it that is `1 / divisor` of a unit. NumPy's table decides: a
/// year has 12 months, 52 weeks or 365 days.
fn divided(nth: usize, divisor: i64) -> Option<(i64, &'static str)> {
    let parts: &[(i64, &str)] = match UNITS.get(nth).copied()? {
        "Y" => &[(12, "M"), (52, "W"), (365, "D")],
        "M" => &[(4, "W"), (30, "D"), (720, "h")],
        "W" => &[(7, "D"), (168, "h"), (10_080, "m")],
        "D" => &[(24, "h"), (1440, "m"), (86_400, "s")],
        "h" => &[(60, "m"), (3600, "s")],
        "m" => &[(60, "s"), (60_000, "ms")],
        _ => &[
            (1000, UNITS.get(nth + 1).copied().unwrap_or_default()),
            (1_000_000, UNITS.get(nth + 2).copied().unwrap_or_default()),
        ],
    };
    if divisor == 1 {
        return Some((1, UNITS.get(nth).copied()?));
    }
    let whole = parts
        .iter()
        .find(|(per, code)| divisor > 0 && per % divisor == 0 && !code.is_empty());
    whole.map(|&(per, code)| (per / divisor, code))
}

/// Parses the whole text as a number, as C's `strtol` does. White space and a sign may precede it.
fn number(text: &str) -> Option<u64> {
    match leading_number(text) {
        (Some(Some(number)), "") => u64::try_from(number).ok(),
        // The number is too large for an itemsize.
        (Some(None), "") if !text.contains('-') => Some(u64::MAX),
        _ => None,
    }
}

/// Parses the number at the start, as C's `strtol` does, and returns the rest of the text. The number is
/// `Some(None)` if it is too large.
fn leading_number(text: &str) -> (Option<Option<i64>>, &str) {
    let start = text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let unsigned = start.strip_prefix(['+', '-']).unwrap_or(start);
    let rest = unsigned.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = unsigned.strip_suffix(rest).unwrap_or_default();
    if digits.is_empty() {
        return (None, text);
    }
    let value = digits.parse::<i64>().ok();
    let value = match start.starts_with('-') {
        true => value.map(|value| -value),
        false => value,
    };
    (Some(value), rest)
}
