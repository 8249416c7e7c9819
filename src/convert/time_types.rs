//! The texts of `Datetime64` and `Timedelta64`, as NumPy writes them.

use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
};

use super::{
    calendar::day_of_month,
    iso::{Datetime, Timedelta, plural},
    time::same_time,
};
use crate::{
    dtype::{DateUnit, TimeUnit},
    record::{Datetime64, EncodeError, Timedelta64, unit::Unit},
};

/// Writes the time as NumPy's `str` does: `1970-01-01T00:00:00.000125`, `NaT`.
impl<U: Unit> Display for Datetime64<U> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(Datetime(self.ticks(), U::UNIT).text().as_str())
    }
}

/// Writes the span as NumPy's `str` does: `125 microseconds`, `NaT`.
impl<U: Unit> Display for Timedelta64<U> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(Timedelta(self.ticks(), U::UNIT).text().as_str())
    }
}

impl<U: Unit> FromStr for Datetime64<U> {
    type Err = EncodeError;

    /// Parses a time that `Display` writes, or part of it: `2024-05`, `2024-05-01T12:30`, `NaT`.
    ///
    /// The time must be a whole number of ticks. A time of the generic unit is its number of ticks.
    fn from_str(text: &str) -> Result<Self, EncodeError> {
        if is_nat(text) {
            return Ok(Datetime64::NAT);
        }
        let parsed = match U::UNIT {
            TimeUnit::Generic => text.parse().ok().map(|ticks| (ticks, TimeUnit::Generic)),
            TimeUnit::Ticks { .. } => parse_iso(text),
        };
        let (ticks, unit) = parsed.ok_or_else(|| {
            EncodeError::new(text, "is not a time, such as 2024-05-01T12:30:00.000125")
        })?;
        in_unit::<U>(text, ticks, unit, true).map(Datetime64::new)
    }
}

impl<U: Unit> FromStr for Timedelta64<U> {
    type Err = EncodeError;

    /// Parses a span that `Display` writes: `125 microseconds`, `-3 days`, `NaT`.
    ///
    /// The span must be a whole number of ticks.
    fn from_str(text: &str) -> Result<Self, EncodeError> {
        if is_nat(text) {
            return Ok(Timedelta64::NAT);
        }
        let parsed = text.split_once(' ').and_then(|(count, unit)| {
            let unit = match unit {
                "generic time units" => TimeUnit::Generic,
                _ => TimeUnit::one(
                    DateUnit::ALL
                        .into_iter()
                        .find(|&known| plural(known) == unit)?,
                ),
            };
            Some((count.parse().ok()?, unit))
        });
        let (ticks, unit) = parsed.ok_or_else(|| {
            EncodeError::new(text, "is not a span of time, such as 125 microseconds")
        })?;
        in_unit::<U>(text, ticks, unit, false).map(Timedelta64::new)
    }
}

fn is_nat(text: &str) -> bool {
    text.eq_ignore_ascii_case("nat")
}

/// Returns the ticks of `U` that are the same time.
fn in_unit<U: Unit>(
    text: &str,
    ticks: i64,
    unit: TimeUnit,
    is_point: bool,
) -> Result<i64, EncodeError> {
    same_time(ticks, unit, U::UNIT, is_point)
        .map_err(|reason| EncodeError::new(text, format_args!("{reason} [{}]", U::UNIT)))
}

/// Parses a time in ISO 8601, as ticks of the unit of its last part.
fn parse_iso(text: &str) -> Option<(i64, TimeUnit)> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (date, time) = match unsigned.split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (unsigned, None),
    };
    let mut parts = date.split('-');
    let year = parts.next().filter(|year| year.len() >= 4 || sign < 0)?;
    let year = sign * number(year)?;
    let in_days = |day: i64, months: i64| -> Option<i64> {
        let (start, end) = (day_of_month(months), day_of_month(months.checked_add(1)?));
        let day = start + i128::from(day) - 1;
        i64::try_from(day)
            .ok()
            .filter(|_| (start..end).contains(&day))
    };
    let one = |ticks, unit| Some((ticks, TimeUnit::one(unit)));
    let month = parts.next().map(|month| two_digits(month, 1..=12));
    let day = parts.next().map(|day| two_digits(day, 1..=31));
    let (Some(month), None) = (month, parts.next()) else {
        return match (month, time) {
            (None, None) => one(year.checked_sub(1970)?, DateUnit::Year),
            _ => None,
        };
    };
    let months = year.checked_sub(1970)?.checked_mul(12)?;
    let months = months.checked_add(month? - 1)?;
    match (day, time) {
        (None, None) => one(months, DateUnit::Month),
        (None, Some(_)) => None,
        (Some(day), None) => one(in_days(day?, months)?, DateUnit::Day),
        (Some(day), Some(time)) => {
            let (ticks, unit) = parse_time(time)?;
            let days = i128::from(in_days(day?, months)?);
            let start = days.checked_mul(DateUnit::Day.ratio_to(unit)?)?;
            let ticks = start.checked_add(ticks.into())?;
            one(i64::try_from(ticks).ok()?, unit)
        }
    }
}

/// Parses a time of day, such as `12:30:00.000125`.
fn parse_time(text: &str) -> Option<(i64, DateUnit)> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let mut parts = whole.split(':');
    let hour = two_digits(parts.next()?, 0..=23)?;
    let minute = parts.next().map(|minute| two_digits(minute, 0..=59));
    let second = parts.next().map(|second| two_digits(second, 0..=59));
    match (minute, second, fraction, parts.next()) {
        (None, None, None, None) => Some((hour, DateUnit::Hour)),
        (Some(minute), None, None, None) => Some((hour * 60 + minute?, DateUnit::Minute)),
        (Some(minute), Some(second), fraction, None) => {
            let seconds = (hour * 60 + minute?) * 60 + second?;
            match fraction {
                None => Some((seconds, DateUnit::Second)),
                Some(fraction) => parse_fraction(seconds, fraction),
            }
        }
        _ => None,
    }
}

/// Adds the digits after the point to seconds, in the largest unit that holds all digits.
fn parse_fraction(seconds: i64, digits: &str) -> Option<(i64, DateUnit)> {
    let units = DateUnit::ALL
        .into_iter()
        .filter(|&unit| unit > DateUnit::Second);
    let (unit, len) = units
        .zip((3_usize..).step_by(3))
        .find(|(_, len)| digits.len() <= *len)?;
    let fraction = number(&format!("{digits:0<len$}")).filter(|_| !digits.is_empty())?;
    let per_second = i64::try_from(DateUnit::Second.ratio_to(unit)?).ok()?;
    Some((
        seconds.checked_mul(per_second)?.checked_add(fraction)?,
        unit,
    ))
}

fn two_digits(text: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    let number = number(text).filter(|_| text.len() == 2)?;
    range.contains(&number).then_some(number)
}

/// Parses digits without a sign.
fn number(digits: &str) -> Option<i64> {
    match digits.bytes().all(|byte| byte.is_ascii_digit()) {
        true => digits.parse().ok(),
        false => None,
    }
}
