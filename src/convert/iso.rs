//! Points in time and spans in the text of NumPy's `str`, and of a cast to `S` or `U`.

use std::fmt::{self, Display, Formatter, Write};

use super::{calendar, short_text::ShortText, time::NAT};
use crate::dtype::{DateUnit, TimeUnit};

/// Ticks of a `datetime64` in ISO 8601, with the precision of the unit: `1970-01-01T00:00:00.000125`.
///
/// NumPy has no text for ticks of the generic unit. Here it is their number.
pub(crate) struct Datetime(pub(crate) i64, pub(crate) TimeUnit);

/// Ticks of a `timedelta64`: `125 microseconds`.
pub(crate) struct Timedelta(pub(crate) i64, pub(crate) TimeUnit);

/// The text of a time, or of a span in quotes.
pub(crate) type TimeText = ShortText<64>;

impl Datetime {
    /// Returns the text.
    pub(crate) fn text(&self) -> TimeText {
        let mut text = TimeText::new();
        // It always fits.
        let _ = self.write(&mut text);
        text
    }

    /// Adds the text to another one.
    pub(crate) fn write<const N: usize>(&self, text: &mut ShortText<N>) -> fmt::Result {
        match *self {
            Datetime(NAT, _) => text.write_str("NaT"),
            Datetime(ticks, TimeUnit::Generic) => write!(text, "{ticks}"),
            Datetime(ticks, TimeUnit::Ticks { count, unit }) => {
                write_iso(text, i128::from(ticks) * i128::from(count), unit)
            }
        }
    }
}

impl Timedelta {
    /// Returns the text.
    pub(crate) fn text(&self) -> TimeText {
        let mut text = TimeText::new();
        // It always fits.
        let _ = match *self {
            Timedelta(NAT, _) => text.write_str("NaT"),
            Timedelta(ticks, TimeUnit::Generic) => write!(text, "{ticks} generic time units"),
            Timedelta(ticks, TimeUnit::Ticks { count, unit }) => {
                let units = i128::from(ticks) * i128::from(count);
                write!(text, "{units} {}", plural(unit))
            }
        };
        text
    }
}

impl Display for Datetime {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl Display for Timedelta {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

/// Writes a number of units since 1970-01-01T00:00.
fn write_iso<const N: usize>(text: &mut ShortText<N>, units: i128, unit: DateUnit) -> fmt::Result {
    const DAY: i64 = 86_400;
    match unit {
        DateUnit::Year => return write_year(text, 1970 + units),
        DateUnit::Month => return write_month(text, units),
        DateUnit::Week => return write_day(text, units * 7),
        DateUnit::Day => return write_day(text, units),
        _ => {}
    }
    let (seconds_in_unit, digits) = match unit {
        DateUnit::Hour => (3600, 0),
        DateUnit::Minute => (60, 0),
        DateUnit::Millisecond => (1, 3),
        DateUnit::Microsecond => (1, 6),
        DateUnit::Nanosecond => (1, 9),
        DateUnit::Picosecond => (1, 12),
        DateUnit::Femtosecond => (1, 15),
        DateUnit::Attosecond => (1, 18),
        _ => (1, 0),
    };
    let (seconds, fraction) = divide(units * seconds_in_unit, 10_i64.pow(digits));
    let (day, second) = divide(seconds, DAY);
    write_day(text, day)?;
    text.write_str("T")?;
    text.push_digits(second / 3600, 2)?;
    if unit >= DateUnit::Minute {
        text.write_str(":")?;
        text.push_digits(second / 60 % 60, 2)?;
    }
    if unit >= DateUnit::Second {
        text.write_str(":")?;
        text.push_digits(second % 60, 2)?;
    }
    if unit > DateUnit::Second {
        text.write_str(".")?;
        text.push_digits(fraction, usize::try_from(digits).unwrap_or(0))?;
    }
    Ok(())
}

/// Returns the quotient, rounded down, and the remainder. Numbers of 64 bits are divided in less time.
#[inline]
fn divide(number: i128, by: i64) -> (i128, u64) {
    if let Ok(number) = i64::try_from(number) {
        let rest = number.rem_euclid(by);
        return (number.div_euclid(by).into(), rest.unsigned_abs());
    }
    let by = i128::from(by);
    let rest = u64::try_from(number.rem_euclid(by));
    (number.div_euclid(by), rest.unwrap_or_default())
}

/// Writes a year with four digits or more.
fn write_year<const N: usize>(text: &mut ShortText<N>, year: i128) -> fmt::Result {
    match u64::try_from(year) {
        Ok(year @ ..=9999) => text.push_digits(year, 4),
        _ => write!(text, "{year:04}"),
    }
}

/// Writes a month, counted from January 1970.
fn write_month<const N: usize>(text: &mut ShortText<N>, month: i128) -> fmt::Result {
    let (year, month) = divide(month, 12);
    write_year(text, 1970 + year)?;
    text.write_str("-")?;
    text.push_digits(month + 1, 2)
}

/// Writes a day, counted from 1970-01-01.
fn write_day<const N: usize>(text: &mut ShortText<N>, day: i128) -> fmt::Result {
    let (era, within_era) = divide(day, calendar::ERA);
    let within_era = i64::try_from(within_era).unwrap_or(0);
    let (month, day_of_month) = calendar::month_of_day(within_era);
    write_month(text, i128::from(month) + era * 400 * 12)?;
    text.write_str("-")?;
    text.push_digits(day_of_month.unsigned_abs() + 1, 2)
}

/// Returns the plural of the unit's name, which NumPy uses for every number.
pub(super) const fn plural(unit: DateUnit) -> &'static str {
    match unit {
        DateUnit::Year => "years",
        DateUnit::Month => "months",
        DateUnit::Week => "weeks",
        DateUnit::Day => "days",
        DateUnit::Hour => "hours",
        DateUnit::Minute => "minutes",
        DateUnit::Second => "seconds",
        DateUnit::Millisecond => "milliseconds",
        DateUnit::Microsecond => "microseconds",
        DateUnit::Nanosecond => "nanoseconds",
        DateUnit::Picosecond => "picoseconds",
        DateUnit::Femtosecond => "femtoseconds",
        DateUnit::Attosecond => "attoseconds",
    }
}
