//! Points in time and spans in the text of NumPy's `str`, and of a cast to `S` or `U`.

use std::fmt::{self, Display, Formatter};

use super::{calendar, time::NAT};
use crate::dtype::{DateUnit, TimeUnit};

/// Ticks of a `datetime64` in ISO 8601, with the precision of the unit: `1970-01-01T00:00:00.000125`.
///
/// NumPy has no text for ticks of the generic unit. Here it is their number.
pub(crate) struct Datetime(pub(crate) i64, pub(crate) TimeUnit);

/// Ticks of a `timedelta64`: `125 microseconds`.
pub(crate) struct Timedelta(pub(crate) i64, pub(crate) TimeUnit);

impl Display for Datetime {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Datetime(NAT, _) => f.write_str("NaT"),
            Datetime(ticks, TimeUnit::Generic) => write!(f, "{ticks}"),
            Datetime(ticks, TimeUnit::Ticks { count, unit }) => {
                write_iso(f, i128::from(ticks) * i128::from(count), unit)
            }
        }
    }
}

impl Display for Timedelta {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Timedelta(NAT, _) => f.write_str("NaT"),
            Timedelta(ticks, TimeUnit::Generic) => write!(f, "{ticks} generic time units"),
            Timedelta(ticks, TimeUnit::Ticks { count, unit }) => {
                let units = i128::from(ticks) * i128::from(count);
                write!(f, "{units} {}", plural(unit))
            }
        }
    }
}

/// Writes a number of units since 1970-01-01T00:00.
fn write_iso(f: &mut Formatter<'_>, units: i128, unit: DateUnit) -> fmt::Result {
    const DAY: i128 = 86_400;
    match unit {
        DateUnit::Year => return write!(f, "{:04}", 1970 + units),
        DateUnit::Month => return write_month(f, units),
        DateUnit::Week => return write_day(f, units * 7),
        DateUnit::Day => return write_day(f, units),
        _ => {}
    }
    let ratio = |long: DateUnit, short| long.ratio_to(short).map_or(1, i128::from);
    let per_second = ratio(DateUnit::Second, unit);
    let seconds = units.div_euclid(per_second) * ratio(unit, DateUnit::Second);
    write_day(f, seconds.div_euclid(DAY))?;
    let second = seconds.rem_euclid(DAY);
    write!(f, "T{:02}", second / 3600)?;
    if unit >= DateUnit::Minute {
        write!(f, ":{:02}", second / 60 % 60)?;
    }
    if unit >= DateUnit::Second {
        write!(f, ":{:02}", second % 60)?;
    }
    if unit > DateUnit::Second {
        let digits = usize::try_from(per_second.ilog10()).unwrap_or(0);
        write!(f, ".{:0digits$}", units.rem_euclid(per_second))?;
    }
    Ok(())
}

/// Writes a month, counted from January 1970.
fn write_month(f: &mut Formatter<'_>, month: i128) -> fmt::Result {
    let (year, month) = (1970 + month.div_euclid(12), month.rem_euclid(12));
    write!(f, "{year:04}-{:02}", month + 1)
}

/// Writes a day, counted from 1970-01-01.
fn write_day(f: &mut Formatter<'_>, day: i128) -> fmt::Result {
    let era = i128::from(calendar::ERA);
    let within_era = i64::try_from(day.rem_euclid(era)).unwrap_or(0);
    let (month, day_of_month) = calendar::month_of_day(within_era);
    write_month(f, i128::from(month) + day.div_euclid(era) * 400 * 12)?;
    write!(f, "-{:02}", day_of_month + 1)
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
