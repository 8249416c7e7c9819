//! Times in other units.

use super::calendar::{day_of_month, month_of_day};
use crate::dtype::{ByteOrder, DateUnit, Kind, Scalar, TimeUnit};

/// NaT: not a time.
pub(crate) const NAT: i64 = i64::MIN;

/// The ratio of one unit to another.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scale {
    Multiply(i64),
    Divide(i64),
}

impl Scale {
    /// Returns the ratio, if one unit is a multiple of the other. Months and days are not.
    pub(super) fn between(from: TimeUnit, to: TimeUnit) -> Option<Self> {
        let (
            TimeUnit::Ticks { count, unit },
            TimeUnit::Ticks {
                count: to_count,
                unit: to,
            },
        ) = (from, to)
        else {
            return Some(Scale::Multiply(1));
        };
        if is_calendar(unit) != is_calendar(to) {
            return None;
        }
        let (factor, divisor) = match unit <= to {
            true => (unit.ratio_to(to)?, 1),
            false => (1, to.ratio_to(unit)?),
        };
        let factor = factor.checked_mul(count.into())?;
        let divisor = divisor.checked_mul(to_count.into())?;
        let whole = |number: i128, by: i128| match number.checked_rem(by) {
            Some(0) => i64::try_from(number / by).ok().filter(|&whole| whole > 0),
            _ => None,
        };
        let multiplied = whole(factor, divisor).map(Scale::Multiply);
        multiplied.or_else(|| whole(divisor, factor).map(Scale::Divide))
    }
}

/// Returns true for years and months, whose lengths differ.
fn is_calendar(unit: DateUnit) -> bool {
    unit <= DateUnit::Month
}

/// Converts a time to another unit, rounded down. Returns the ticks, and true if it is the same time.
///
/// Returns `None` if the time is out of range. Between months and days only points in time convert, counted
/// from 1970.
pub(crate) fn convert_ticks(ticks: i64, from: TimeUnit, to: TimeUnit) -> Option<(i64, bool)> {
    let (
        TimeUnit::Ticks { count, unit },
        TimeUnit::Ticks {
            count: to_count,
            unit: to,
        },
    ) = (from, to)
    else {
        return Some((ticks, true)); // The generic unit takes the ticks of any unit.
    };
    if ticks == NAT {
        return Some((NAT, true));
    }
    let ticks = i128::from(ticks) * i128::from(count);
    let (ticks, is_same) = match (is_calendar(unit), is_calendar(to)) {
        (true, false) => {
            let (months, _) = in_unit(ticks, unit, DateUnit::Month)?;
            let days = day_of_month(i64::try_from(months).ok()?);
            in_unit(days, DateUnit::Day, to)?
        }
        (false, true) => {
            let (days, is_day) = in_unit(ticks, unit, DateUnit::Day)?;
            let (months, day) = month_of_day(i64::try_from(days).ok()?);
            let (ticks, is_month) = in_unit(months.into(), DateUnit::Month, to)?;
            (ticks, is_day && day == 0 && is_month)
        }
        _ => in_unit(ticks, unit, to)?,
    };
    let (ticks, is_whole) = divide(ticks, to_count.into());
    let ticks = i64::try_from(ticks).ok().filter(|&ticks| ticks != NAT)?;
    Some((ticks, is_same && is_whole))
}

/// Converts between units of which one is a multiple of the other.
fn in_unit(ticks: i128, from: DateUnit, to: DateUnit) -> Option<(i128, bool)> {
    match from <= to {
        true => Some((ticks.checked_mul(from.ratio_to(to)?)?, true)),
        false => Some(divide(ticks, to.ratio_to(from)?)),
    }
}

/// Returns the quotient, rounded down, and true if the remainder is 0.
fn divide(ticks: i128, by: i128) -> (i128, bool) {
    (ticks.div_euclid(by), ticks.rem_euclid(by) == 0)
}

/// Converts a time to the same time in another unit.
///
/// # Errors
///
/// Fails with a reason that continues a message about the time: `is no multiple of`.
pub(crate) fn same_time(
    ticks: i64,
    from: TimeUnit,
    to: TimeUnit,
    is_point: bool,
) -> Result<i64, &'static str> {
    let scalar = |unit| {
        let kind = match is_point {
            true => Kind::Datetime(unit),
            false => Kind::Timedelta(unit),
        };
        Scalar::of(kind, 8, ByteOrder::Little)
    };
    let is_of_unit = from != TimeUnit::Generic || from == to || ticks == NAT;
    if scalar(from).casting_to(scalar(to)).is_none() || is_point && !is_of_unit {
        return Err("cannot be told in");
    }
    match convert_ticks(ticks, from, to) {
        Some((ticks, true)) => Ok(ticks),
        Some(_) => Err("is no multiple of"),
        None => Err("is out of range of"),
    }
}
