//! The times of the crate `chrono`. A time without a time zone is stored as if it were UTC.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use super::{
    target::{StoreAs, out_of_range},
    time::{Seconds, exact, nanos_of_ticks, rounded_down, seconds_of, whole_days},
};
use crate::record::{
    big_endian::BigEndian,
    error::{DecodeError, EncodeError},
    time::{Datetime64, Timedelta64},
    unit::FixedUnit,
};

rust_times! {
    DateTime<Utc> as Datetime64, rounded_down: since_1970, time_of;
    NaiveDateTime as Datetime64, rounded_down:
        |time: &NaiveDateTime| since_1970(&time.and_utc()),
        |nanos| time_of(nanos).map(|time| time.naive_utc());
    NaiveDate as Datetime64, exact:
        |date: &NaiveDate| since_1970(&date.and_time(NaiveTime::MIN).and_utc()),
        |nanos| time_of(whole_days(nanos)?).map(|time| time.date_naive());
    TimeDelta as Timedelta64, rounded_down:
        |span: &TimeDelta| {
            let (seconds, nanos) = (span.num_seconds(), span.subsec_nanos());
            seconds_of(i128::from(seconds) * 1_000_000_000 + i128::from(nanos))
        },
        |nanos| {
            let Seconds { seconds, nanos } = seconds_of(nanos)?;
            TimeDelta::new(seconds, nanos)
        };
}

/// Returns a time in seconds. `None` in a leap second, which NumPy lacks.
#[inline]
fn since_1970(time: &DateTime<Utc>) -> Option<Seconds> {
    let (seconds, nanos) = (time.timestamp(), time.timestamp_subsec_nanos());
    (nanos < 1_000_000_000).then_some(Seconds { seconds, nanos })
}

fn time_of(nanos: i128) -> Option<DateTime<Utc>> {
    let Seconds { seconds, nanos } = seconds_of(nanos)?;
    DateTime::from_timestamp(seconds, nanos)
}
