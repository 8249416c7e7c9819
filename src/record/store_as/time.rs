use std::time::{Duration, SystemTime};

use super::target::{StoreAs, out_of_range};
use crate::record::{
    error::{DecodeError, EncodeError},
    memory::Layout,
    npy_record::NpyRecord,
    number::BigEndian,
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

const NANOSECOND: i128 = unit::Nanosecond::ATTOSECONDS;

store_as_either! {
    [U: FixedUnit] SystemTime as Datetime64<U>:
    |time: &SystemTime| {
        let nanos = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => nanos_of(after),
            Err(before) => -nanos_of(before.duration()),
        };
        ticks_of::<U>(nanos).map(Datetime64::new).ok_or_else(|| {
            out_of_range::<Datetime64<U>>(format_args!("{time:?}"))
        })
    },
    |stored: Datetime64<U>| {
        let nanos = nanos_of_ticks::<U>(stored.ticks());
        let span = nanos.and_then(|nanos| Some((nanos, duration_of(nanos.abs())?)));
        let time = span.and_then(|(nanos, span)| match nanos < 0 {
            true => SystemTime::UNIX_EPOCH.checked_sub(span),
            false => SystemTime::UNIX_EPOCH.checked_add(span),
        });
        time.ok_or_else(|| DecodeError::new(format_args!("{stored:?} is not a SystemTime")))
    }
}

store_as_either! {
    [U: FixedUnit] Duration as Timedelta64<U>:
    |span: &Duration| ticks_of::<U>(nanos_of(*span)).map(Timedelta64::new).ok_or_else(|| {
        out_of_range::<Timedelta64<U>>(format_args!("{span:?}"))
    }),
    |stored: Timedelta64<U>| {
        let nanos = nanos_of_ticks::<U>(stored.ticks());
        nanos.and_then(duration_of).ok_or_else(|| {
            DecodeError::new(format_args!("{stored:?} is not a Duration"))
        })
    }
}

fn nanos_of(span: Duration) -> i128 {
    i128::from(span.as_secs()) * 1_000_000_000 + i128::from(span.subsec_nanos())
}

/// Returns the ticks of a time in nanoseconds, rounded down. `None` if they are out of range or NaT.
fn ticks_of<U: FixedUnit>(nanos: i128) -> Option<i64> {
    let attos = nanos.checked_mul(NANOSECOND)?;
    let ticks = i64::try_from(attos.div_euclid(U::ATTOSECONDS)).ok()?;
    (ticks != i64::MIN).then_some(ticks)
}

/// Returns the nanoseconds of a time in ticks, rounded down. `None` for NaT.
fn nanos_of_ticks<U: FixedUnit>(ticks: i64) -> Option<i128> {
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

macro_rules! std_times {
    ($($std:ident as $name:ident;)+) => {$(
        impl<U: FixedUnit> TryFrom<$std> for $name<U> {
            type Error = EncodeError;

            /// Rounds down to the unit. A time out of range is an error.
            fn try_from(value: $std) -> Result<Self, EncodeError> {
                <$std as StoreAs<$name<U>>>::to_stored(&value)
            }
        }

        impl<U: FixedUnit> TryFrom<$name<U>> for $std {
            type Error = DecodeError;

            /// Rounds down to nanoseconds. NaT and a time out of range are errors.
            fn try_from(value: $name<U>) -> Result<Self, DecodeError> {
                <$std as StoreAs<$name<U>>>::from_stored(value)
            }
        }
    )+};
}

std_times! {
    SystemTime as Datetime64;
    Duration as Timedelta64;
}
