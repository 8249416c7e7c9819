use std::{fmt, str::FromStr};

use super::{
    error::{DTypeError, DTypeReason},
    grammar,
};

/// A unit of date or time, as [NumPy names them].
///
/// [NumPy names them]: https://numpy.org/doc/stable/reference/arrays.datetime.html#datetime-units
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateUnit {
    /// `Y`
    Year,
    /// `M`
    Month,
    /// `W`
    Week,
    /// `D`
    Day,
    /// `h`
    Hour,
    /// `m`
    Minute,
    /// `s`
    Second,
    /// `ms`
    Millisecond,
    /// `us`
    Microsecond,
    /// `ns`
    Nanosecond,
    /// `ps`
    Picosecond,
    /// `fs`
    Femtosecond,
    /// `as`
    Attosecond,
}

impl DateUnit {
    /// All units, from the longest to the shortest.
    pub(crate) const ALL: [DateUnit; 13] = [
        DateUnit::Year,
        DateUnit::Month,
        DateUnit::Week,
        DateUnit::Day,
        DateUnit::Hour,
        DateUnit::Minute,
        DateUnit::Second,
        DateUnit::Millisecond,
        DateUnit::Microsecond,
        DateUnit::Nanosecond,
        DateUnit::Picosecond,
        DateUnit::Femtosecond,
        DateUnit::Attosecond,
    ];

    /// Returns NumPy's code, such as `ns`.
    pub const fn code(self) -> &'static str {
        match self {
            DateUnit::Year => "Y",
            DateUnit::Month => "M",
            DateUnit::Week => "W",
            DateUnit::Day => "D",
            DateUnit::Hour => "h",
            DateUnit::Minute => "m",
            DateUnit::Second => "s",
            DateUnit::Millisecond => "ms",
            DateUnit::Microsecond => "us",
            DateUnit::Nanosecond => "ns",
            DateUnit::Picosecond => "ps",
            DateUnit::Femtosecond => "fs",
            DateUnit::Attosecond => "as",
        }
    }

    /// Returns the length of this unit in a unit that is not longer; `None` if the number varies.
    pub(crate) fn ratio_to(self, finer: DateUnit) -> Option<i128> {
        let mut units = DateUnit::ALL
            .into_iter()
            .filter(|unit| (self..finer).contains(unit));
        units.try_fold(1, |ratio: i128, unit| ratio.checked_mul(unit.of_next()?))
    }

    /// Returns the length of this unit in the next shorter unit; `None` if the number varies.
    const fn of_next(self) -> Option<i128> {
        Some(match self {
            DateUnit::Year => 12,
            DateUnit::Month => return None,
            DateUnit::Week => 7,
            DateUnit::Day => 24,
            DateUnit::Hour | DateUnit::Minute => 60,
            _ => 1000,
        })
    }
}

/// The tick of a `datetime64` or `timedelta64`: a multiple of a unit, or a tick without a unit.
///
/// `Display` and `FromStr` use NumPy's spelling without the brackets: `ns`, `25us`. The generic unit is an
/// empty text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    /// No unit: `M8`, `m8`.
    Generic,
    /// A multiple of a unit: `M8[25us]`.
    Ticks {
        /// The multiple, from 1 to `i32::MAX`.
        count: u32,
        /// The unit.
        unit: DateUnit,
    },
}

impl TimeUnit {
    pub(super) const fn exists(self) -> bool {
        match self {
            TimeUnit::Generic => true,
            TimeUnit::Ticks { count, .. } => count > 0 && count <= i32::MAX.unsigned_abs(),
        }
    }

    /// Returns the tick of one unit.
    pub(crate) const fn one(unit: DateUnit) -> Self {
        TimeUnit::Ticks { count: 1, unit }
    }
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TimeUnit::Generic => Ok(()),
            TimeUnit::Ticks { count: 1, unit } => f.write_str(unit.code()),
            TimeUnit::Ticks { count, unit } => write!(f, "{count}{}", unit.code()),
        }
    }
}

impl TimeUnit {
    pub(super) fn from_grammar(parsed: grammar::ParsedUnit) -> Option<Self> {
        let count = parsed.count;
        match parsed.code {
            "" => Some(TimeUnit::Generic),
            code => {
                let unit = DateUnit::ALL.into_iter().find(|unit| unit.code() == code)?;
                Some(TimeUnit::Ticks { count, unit })
            }
        }
    }
}

impl FromStr for TimeUnit {
    type Err = DTypeError;

    fn from_str(text: &str) -> Result<Self, DTypeError> {
        if text.is_empty() {
            return Ok(TimeUnit::Generic);
        }
        let unknown = || DTypeError::new(DTypeReason::UnknownUnit(text.to_owned()));
        let parsed = grammar::unit(text).map_err(|refusal| DTypeError::of_text(text, refusal))?;
        TimeUnit::from_grammar(parsed).ok_or_else(unknown)
    }
}
