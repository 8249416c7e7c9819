use std::time::{Duration, SystemTime};

use super::target::{StoreAs, out_of_range};
use crate::record::{
    big_endian::BigEndian,
    error::{DecodeError, EncodeError},
    memory::Layout,
    npy_record::NpyRecord,
    time::{Datetime64, Timedelta64},
    unit::{self, FixedUnit, Unit},
};

macro_rules! ticks {
    ($($name:ident),+) => {$(
        store_as_either! {
            [U: Unit] i64 as $name<U>:
            |ticks: &i64| Ok($name::new(*ticks)),
            |stored: $name<U>| Ok(stored.ticks()),
            layout: i64::LAYOUT
        }
    )+};
}

ticks!(Datetime64, Timedelta64);

macro_rules! times {
    ($($name:ident),+) => {$(
        store_as_either! {
            [U: Unit] $name<U> as $name<U>: |time: &$name<U>| Ok(*time), Ok, layout: $name::<U>::LAYOUT
        }
    )+};
}

times!(Datetime64, Timedelta64);

const NANOSECOND: i128 = unit::Nanosecond::ATTOSECONDS;

/// Implements `StoreAs` and `TryFrom` for times of Rust, by conversions to seconds and from nanoseconds since 1970.
/// They return `None` for a time that the other side lacks. `$ticks` rounds what `$seconds` returns to a unit.
macro_rules! rust_times {
    ($($time:ty as $stored:ident, $ticks:ident: $seconds:expr, $from_nanos:expr;)+) => {$(
        store_as_either! {
            [U: FixedUnit] $time as $stored<U>:
            |time: &$time| {
                let ticks = $seconds(time).and_then($ticks::<U>);
                ticks.map($stored::new).ok_or_else(|| {
                    out_of_range::<$stored<U>>(format_args!("{time:?}"))
                })
            },
            |stored: $stored<U>| {
                let time = nanos_of_ticks::<U>(stored.ticks()).and_then($from_nanos);
                time.ok_or_else(|| {
                    DecodeError::new(format_args!("{stored:?} is not a {}", stringify!($time)))
                })
            }
        }

        impl<U: FixedUnit> TryFrom<$time> for $stored<U> {
            type Error = EncodeError;

            /// Fails for a time out of range.
            fn try_from(value: $time) -> Result<Self, EncodeError> {
                <$time as StoreAs<Self>>::to_stored(&value)
            }
        }

        impl<U: FixedUnit> TryFrom<$stored<U>> for $time {
            type Error = DecodeError;

            /// Fails for NaT and for a time out of range.
            fn try_from(value: $stored<U>) -> Result<Self, DecodeError> {
                <$time as StoreAs<$stored<U>>>::from_stored(value)
            }
        }
    )+};
}

rust_times! {
    SystemTime as Datetime64, rounded_down:
        |time: &SystemTime| match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Seconds::of(after),
            Err(before) => Seconds::before(before.duration()),
        },
        |nanos: i128| {
            let span = duration_of(nanos.abs())?;
            match nanos < 0 {
                true => SystemTime::UNIX_EPOCH.checked_sub(span),
                false => SystemTime::UNIX_EPOCH.checked_add(span),
            }
        };
    Duration as Timedelta64, span_rounded_down: |span: &Duration| Some(*span), duration_of;
}

/// A time in seconds since 1970, rounded down, and in nanoseconds after them.
#[derive(Clone, Copy)]
pub(super) struct Seconds {
    pub(super) seconds: i64,
    /// Less than a second.
    pub(super) nanos: u32,
}

impl Seconds {
    #[inline]
    fn of(span: Duration) -> Option<Self> {
        let seconds = i64::try_from(span.as_secs()).ok()?;
        Some(Seconds {
            seconds,
            nanos: span.subsec_nanos(),
        })
    }

    /// Returns the time that is a span before 1970.
    fn before(span: Duration) -> Option<Self> {
        let seconds = 0_i64.checked_sub_unsigned(span.as_secs())?;
        Some(match span.subsec_nanos() {
            0 => Seconds { seconds, nanos: 0 },
            nanos => Seconds {
                seconds: seconds.checked_sub(1)?,
                nanos: 1_000_000_000 - nanos,
            },
        })
    }

    fn attoseconds(self) -> Option<i128> {
        let nanos = i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanos);
        nanos.checked_mul(NANOSECOND)
    }
}

/// Returns the ticks of a time, rounded down. `None` if they are out of range or NaT.
#[inline]
pub(super) fn rounded_down<U: FixedUnit>(time: Seconds) -> Option<i64> {
    let ticks = match ticks_in_range::<U>(time) {
        Some(ticks) => ticks,
        None => ticks_of_attoseconds::<U>(time.attoseconds()?)?,
    };
    (ticks != i64::MIN).then_some(ticks)
}

/// Returns the ticks of a span, rounded down. `None` if they are out of range.
#[inline]
fn span_rounded_down<U: FixedUnit>(span: Duration) -> Option<i64> {
    match Seconds::of(span) {
        Some(seconds) => rounded_down::<U>(seconds),
        None => {
            let nanos = i128::try_from(span.as_nanos()).ok()?;
            ticks_of_attoseconds::<U>(nanos.checked_mul(NANOSECOND)?)
        }
    }
}

/// Returns the ticks of a time, rounded down, or `None` if 64 bits are too few to calculate them.
#[inline]
fn ticks_in_range<U: FixedUnit>(Seconds { seconds, nanos }: Seconds) -> Option<i64> {
    const SECOND: i128 = unit::Second::ATTOSECONDS;
    let small = |number: i128| i64::try_from(number).ok();
    if U::ATTOSECONDS % SECOND == 0 {
        return Some(seconds.div_euclid(small(U::ATTOSECONDS / SECOND)?));
    }
    if SECOND % U::ATTOSECONDS > 0 {
        return None;
    }
    let after = match U::ATTOSECONDS % NANOSECOND {
        0 => i64::from(nanos) / small(U::ATTOSECONDS / NANOSECOND)?,
        _ if NANOSECOND % U::ATTOSECONDS == 0 => {
            i64::from(nanos) * small(NANOSECOND / U::ATTOSECONDS)?
        }
        _ => return None,
    };
    seconds
        .checked_mul(small(SECOND / U::ATTOSECONDS)?)?
        .checked_add(after)
}

#[cold]
fn ticks_of_attoseconds<U: FixedUnit>(attoseconds: i128) -> Option<i64> {
    i64::try_from(attoseconds.div_euclid(U::ATTOSECONDS)).ok()
}

/// Returns the ticks of a time. `None` if they are out of range, or the time is within a tick.
#[cfg(any(feature = "chrono", feature = "jiff"))]
pub(super) fn exact<U: FixedUnit>(time: Seconds) -> Option<i64> {
    let is_exact = time.attoseconds()?.rem_euclid(U::ATTOSECONDS) == 0;
    is_exact.then(|| rounded_down::<U>(time))?
}

/// Returns a time in nanoseconds that is the start of a day.
#[cfg(any(feature = "chrono", feature = "jiff"))]
pub(super) fn whole_days(nanos: i128) -> Option<i128> {
    (nanos % 86_400_000_000_000 == 0).then_some(nanos)
}

/// Returns the seconds of a time in nanoseconds. `None` if they are out of range.
#[cfg(any(feature = "chrono", feature = "jiff"))]
pub(super) fn seconds_of(nanos: i128) -> Option<Seconds> {
    let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).ok()?;
    let nanos = u32::try_from(nanos.rem_euclid(1_000_000_000)).ok()?;
    Some(Seconds { seconds, nanos })
}

/// Returns the nanoseconds of a time in ticks, rounded down. `None` for NaT.
pub(super) fn nanos_of_ticks<U: FixedUnit>(ticks: i64) -> Option<i128> {
    if ticks == i64::MIN {
        return None;
    }
    let attos = i128::from(ticks).checked_mul(U::ATTOSECONDS)?;
    Some(attos.div_euclid(NANOSECOND))
}

/// Returns a span in nanoseconds as a `Duration`, if it is in range.
fn duration_of(nanos: i128) -> Option<Duration> {
    let seconds = u64::try_from(nanos.checked_div(1_000_000_000)?).ok()?;
    let subsec = u32::try_from(nanos % 1_000_000_000).ok()?;
    Some(Duration::new(seconds, subsec))
}
