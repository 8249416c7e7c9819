//! The times of the crate `chrono`. A time without a time zone is stored as if it were UTC.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use super::{
    target::{StoreAs, out_of_range},
    time::{exact, nanos_of_seconds, nanos_of_ticks, rounded_down, seconds_of, whole_days},
};
use crate::record::{
    big_endian::BigEndian,
    error::{DecodeError, EncodeError},
    time::{Datetime64, Timedelta64},
    unit::FixedUnit,
};

rust_times! {
    DateTime<Utc> as Datetime64, rounded_down: nanos_of, time_of;
    NaiveDateTime as Datetime64, rounded_down:
        |time: &NaiveDateTime| nanos_of(&time.and_utc()),
        |nanos| time_of(nanos).map(|time| time.naive_utc());
    NaiveDate as Datetime64, exact:
        |date: &NaiveDate| nanos_of(&date.and_time(NaiveTime::MIN).and_utc()),
        |nanos| time_of(whole_days(nanos)?).map(|time| time.date_naive());
    TimeDelta as Timedelta64, rounded_down:
        |span: &TimeDelta| Some(nanos_of_seconds(span.num_seconds(), span.subsec_nanos())),
        |nanos| {
            let (seconds, nanos) = seconds_of(nanos)?;
            TimeDelta::new(seconds, nanos)
        };
}

/// Returns a time in nanoseconds. `None` in a leap second, which NumPy lacks.
fn nanos_of(time: &DateTime<Utc>) -> Option<i128> {
    let nanos = time.timestamp_subsec_nanos();
    (nanos < 1_000_000_000).then(|| nanos_of_seconds(time.timestamp(), nanos))
}

fn time_of(nanos: i128) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = seconds_of(nanos)?;
    DateTime::from_timestamp(seconds, nanos)
}
