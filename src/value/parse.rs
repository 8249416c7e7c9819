//! Scalars from their texts.

use super::model::Value;
use crate::{
    convert::{NAT, day_of_month},
    dtype::{DateUnit, Kind, Scalar, TimeUnit},
    record::EncodeError,
};

impl Value {
    /// Returns the scalar of a type that a text stands for, as `Display` writes it.
    ///
    /// | type | text |
    /// | --- | --- |
    /// | truth values | `True`, `False`, also in lower case |
    /// | numbers | as Rust parses them, with `nan` and `inf`; complex numbers as `(1+2j)`, `2j` or `1.5` |
    /// | points in time | ISO 8601, as short as `2026`, up to 18 digits of a second; `NaT` |
    /// | spans of time | their ticks, or `NaT` |
    /// | `U`, `S` | themselves, `S` in UTF-8 |
    /// | `V` | hexadecimal digits |
    ///
    /// A point in time has the unit that its digits need. It is converted, and a text checked for its length, when
    /// the value is stored.
    ///
    /// # Errors
    ///
    /// If the text is not a value of the type, or the type is a Python object.
    ///
    /// # Examples
    ///
    /// ```
    /// use npyrec::{DType, Value};
    ///
    /// let Ok(DType::Scalar(time)) = "M8[ns]".parse() else { unreachable!() };
    /// assert_eq!(Value::parse("1970-01-01T00:00:01.5", time)?.to_string(), "1970-01-01T00:00:01.500");
    /// assert!(Value::parse("1970-02-29", time).is_err());
    /// # Ok::<(), npyrec::EncodeError>(())
    /// ```
    pub fn parse(text: &str, scalar: Scalar) -> Result<Value, EncodeError> {
        let found = match (scalar.kind(), scalar.itemsize()) {
            (Kind::Str, _) => Some(Value::Str(text.to_owned())),
            (Kind::Bytes, _) => Some(Value::Bytes(text.as_bytes().to_vec())),
            (Kind::Void, 2) if scalar.is_bfloat16() => {
                text.trim().parse().ok().map(Value::BFloat16)
            }
            (Kind::Void, _) => hexadecimal(text.trim()).map(Value::Void),
            (kind, itemsize) => number(text.trim(), kind, itemsize),
        };
        found.ok_or_else(|| EncodeError::new(text, format_args!("is not the text of a {scalar}")))
    }
}

fn number(text: &str, kind: Kind, itemsize: usize) -> Option<Value> {
    match (kind, itemsize) {
        (Kind::Bool, _) => match text {
            "True" | "true" => Some(Value::Bool(true)),
            "False" | "false" => Some(Value::Bool(false)),
            _ => None,
        },
        (Kind::Int, _) => text.parse().ok().map(Value::Int),
        (Kind::Uint, _) => text.parse().ok().map(Value::Uint),
        (Kind::Float, 2) => text.parse().ok().map(Value::Float16),
        (Kind::Float, 4) => text.parse().ok().map(Value::Float32),
        (Kind::Float, 8) => text.parse().ok().map(Value::Float64),
        (Kind::Float, _) => text.parse().ok().map(Value::LongDouble),
        (Kind::Complex, 8) => complex(text).map(|(re, im)| Value::Complex64(re, im)),
        (Kind::Complex, 16) => complex(text).map(|(re, im)| Value::Complex128(re, im)),
        (Kind::Complex, _) => complex(text).map(|(re, im)| Value::CLongDouble(re, im)),
        (Kind::Datetime(unit), _) if text == "NaT" => Some(Value::Datetime(NAT, unit)),
        (Kind::Datetime(TimeUnit::Generic), _) => {
            let ticks = text.parse().ok()?;
            Some(Value::Datetime(ticks, TimeUnit::Generic))
        }
        (Kind::Datetime(_), _) => {
            let (ticks, unit) = datetime(text)?;
            Some(Value::Datetime(ticks, TimeUnit::one(unit)))
        }
        (Kind::Timedelta(unit), _) if text == "NaT" => Some(Value::Timedelta(NAT, unit)),
        (Kind::Timedelta(unit), _) => text.parse().ok().map(|ticks| Value::Timedelta(ticks, unit)),
        _ => None,
    }
}

/// Reads `(1+2j)`, `2j`, `1.5`.
fn complex<T: std::str::FromStr + Default>(text: &str) -> Option<(T, T)> {
    let inner = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    let text = inner.unwrap_or(text);
    let Some(both) = text.strip_suffix('j') else {
        return Some((text.parse().ok()?, T::default()));
    };
    // The sign of the imaginary part, which is neither the first character nor in an exponent.
    let bytes = both.as_bytes();
    let sign = (1..bytes.len()).rev().find(|&at| {
        let before = bytes.get(at - 1).copied().unwrap_or_default();
        matches!(bytes.get(at), Some(b'+' | b'-')) && !matches!(before, b'e' | b'E')
    });
    match sign.and_then(|at| both.split_at_checked(at)) {
        Some((real, imaginary)) => Some((real.parse().ok()?, imaginary.parse().ok()?)),
        None => Some((T::default(), both.parse().ok()?)),
    }
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let byte = |&[high, low]: &[u8; 2]| u8::try_from(digit(high)? * 16 + digit(low)?).ok();
    pairs.iter().map(byte).collect()
}

/// Reads a point in time of ISO 8601, in the unit that its digits need.
fn datetime(text: &str) -> Option<(i64, DateUnit)> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let (units, unit) = day(date)?;
    let Some(time) = time else {
        return Some((units, unit));
    };
    let (within_day, per_day, unit) = time_of_day(time).filter(|_| unit == DateUnit::Day)?;
    let units = i128::from(units) * per_day + within_day;
    Some((units.try_into().ok()?, unit))
}

/// Reads a date: a year, a month or a day.
fn day(text: &str) -> Option<(i64, DateUnit)> {
    let (is_negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut parts = rest.split('-');
    let year = digits(parts.next()?, 1)?;
    let year = if is_negative { -year } else { year } - 1970;
    let Some(month) = parts.next() else {
        return Some((year.try_into().ok()?, DateUnit::Year));
    };
    let month = digits(month, 2).filter(|month| (1..=12).contains(month))? - 1;
    let month = i64::try_from(year * 12 + month).ok()?;
    let Some(day) = parts.next() else {
        return Some((month, DateUnit::Month));
    };
    let day = day_of_month(month) + digits(day, 2).filter(|day| *day > 0)? - 1;
    let exists = parts.next().is_none() && day < day_of_month(month.checked_add(1)?);
    Some((i64::try_from(day).ok().filter(|_| exists)?, DateUnit::Day))
}

/// Reads the time of a day: the units since midnight, the units of a day, and the unit.
fn time_of_day(text: &str) -> Option<(i128, i128, DateUnit)> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let (mut units, mut per_day, mut unit) = (0, 1, DateUnit::Day);
    let levels = [
        (24, DateUnit::Hour),
        (60, DateUnit::Minute),
        (60, DateUnit::Second),
    ];
    let parts: Vec<&str> = whole.split(':').collect();
    if parts.len() > levels.len() {
        return None;
    }
    for (part, (per, next)) in parts.into_iter().zip(levels) {
        let part = digits(part, 2).filter(|part| *part < per)?;
        units = units * per + part;
        per_day *= per;
        unit = next;
    }
    let Some(fraction) = fraction else {
        return Some((units, per_day, unit));
    };
    if unit != DateUnit::Second || fraction.is_empty() {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let levels = [
        (0, DateUnit::Second),
        (3, DateUnit::Millisecond),
        (6, DateUnit::Microsecond),
        (9, DateUnit::Nanosecond),
        (12, DateUnit::Picosecond),
        (15, DateUnit::Femtosecond),
        (18, DateUnit::Attosecond),
    ];
    let (len, unit) = levels.into_iter().find(|(len, _)| fraction.len() <= *len)?;
    let scale = 10_i128.pow(u32::try_from(len).ok()?);
    let part = match len {
        0 => 0,
        _ => digits(&format!("{fraction:0<len$}"), 1)?,
    };
    Some((units * scale + part, per_day * scale, unit))
}

/// Reads a number of at least `least` digits, without a sign.
fn digits(text: &str, least: usize) -> Option<i128> {
    // No more than the digits of 64 bits, so that no sum overflows.
    let is_number =
        (least..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{convert::same_time, dtype::DType};

    fn scalar(dtype: &str) -> Scalar {
        match dtype.parse() {
            Ok(DType::Scalar(scalar)) => scalar,
            other => panic!("{other:?}"),
        }
    }

    /// All units, up to the ends of their ranges, where a text has more than 64 bits of its unit only for years.
    #[test]
    fn a_time_is_read_from_its_own_text() {
        let units = [
            "Y", "M", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as",
        ];
        let ticks = [
            0,
            1,
            -1,
            59,
            -86_400,
            951_782_400,
            1 << 40,
            -(1 << 50),
            i64::MAX,
            -i64::MAX,
            NAT,
        ];
        for (unit, ticks) in units
            .iter()
            .flat_map(|unit| ticks.map(|ticks| (unit, ticks)))
        {
            let scalar = scalar(&format!("M8[{unit}]"));
            let Kind::Datetime(unit) = scalar.kind() else {
                panic!("{scalar}")
            };
            let time = Value::Datetime(ticks, unit);
            let read = Value::parse(&time.to_string(), scalar).unwrap_or_else(|e| panic!("{e}"));
            let Value::Datetime(found, of) = read else {
                panic!("{read:?}")
            };
            assert_eq!(same_time(found, of, unit, true), Ok(ticks), "{time}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let scalar = scalar("M8[s]");
        for text in [
            "",
            "-",
            "2026-",
            "2026-13",
            "2026-00-01",
            "2026-02-29",
            "2026-01-00",
            "2026-1-01",
            "20x6",
            "2026T01",
            "2026-01-01T",
            "2026-01-01T24",
            "2026-01-01T00:60",
            "2026-01-01T00:00:60",
            "2026-01-01T00:00.5",
            "2026-01-01T00:00:00.",
            "2026-01-01T00:00:00.1234567890123456789",
            "2026-01-01T00:00:00+01:00",
            "2026-01-01-01",
            "99999999999999999999",
            "nat",
            "1969-12-31T00:00:00x",
        ] {
            assert!(Value::parse(text, scalar).is_err(), "{text}");
        }
        for (text, expected) in [
            ("2024-02-29", "2024-02-29"),
            ("2026-01-01 05", "2026-01-01T05"),
            ("2026-01-01T00:00:01.2500Z", "2026-01-01T00:00:01.250"),
            ("2026-01-01T00:00:01.000", "2026-01-01T00:00:01"),
            ("-0001-12-31", "-001-12-31"),
        ] {
            assert_eq!(
                Value::parse(text, scalar).unwrap().to_string(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn numbers_are_read_from_their_texts() {
        for (dtype, text, expected) in [
            ("?", "True", Value::Bool(true)),
            ("i2", " -7 ", Value::Int(-7)),
            ("u8", "18446744073709551615", Value::Uint(u64::MAX)),
            ("f4", "-inf", Value::Float32(f32::NEG_INFINITY)),
            ("f8", "1e-300", Value::Float64(1e-300)),
            ("c8", "(1-2.5j)", Value::Complex64(1.0, -2.5)),
            ("c16", "1e+16j", Value::Complex128(0.0, 1e16)),
            ("c16", "(-1e-05+1e+20j)", Value::Complex128(-1e-5, 1e20)),
            (
                "c16",
                "(inf-infj)",
                Value::Complex128(f64::INFINITY, f64::NEG_INFINITY),
            ),
            ("c16", "-3", Value::Complex128(-3.0, 0.0)),
            (
                "m8[s]",
                "-5",
                Value::Timedelta(-5, TimeUnit::one(DateUnit::Second)),
            ),
            ("S4", "ü", Value::Bytes("ü".into())),
            ("V2", "00ff", Value::Void(vec![0, 255])),
        ] {
            assert_eq!(
                Value::parse(text, scalar(dtype)),
                Ok(expected),
                "{dtype} {text}"
            );
        }
        for (dtype, text) in [
            ("?", "1"),
            ("i2", "1.0"),
            ("u8", "-1"),
            ("f8", ""),
            ("c8", "j"),
            ("c8", "1+j"),
            ("c8", "(1+2j"),
            ("m8[s]", "5 seconds"),
            ("V2", "0"),
            ("V2", "0g"),
            ("i2", ""),
        ] {
            assert!(Value::parse(text, scalar(dtype)).is_err(), "{dtype} {text}");
        }
    }
}
