//! The times of the crate `jiff`. A time without a time zone is stored as if it were UTC.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime},
};

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

const EPOCH: Date = Date::constant(1970, 1, 1);

rust_times! {
    Timestamp as Datetime64, rounded_down:
        |time: &Timestamp| seconds_of(time.as_nanosecond()),
        |nanos| Timestamp::from_nanosecond(nanos).ok();
    DateTime as Datetime64, rounded_down:
        |time: &DateTime| seconds_of(time.duration_since(EPOCH.into()).as_nanos()),
        |nanos| DateTime::from(EPOCH).checked_add(duration_of(nanos)?).ok();
    Date as Datetime64, exact:
        |date: &Date| seconds_of(date.duration_since(EPOCH).as_nanos()),
        |nanos| EPOCH.checked_add(duration_of(whole_days(nanos)?)?).ok();
    SignedDuration as Timedelta64, rounded_down:
        |span: &SignedDuration| seconds_of(span.as_nanos()),
        duration_of;
}

fn duration_of(nanos: i128) -> Option<SignedDuration> {
    let Seconds { seconds, nanos } = seconds_of(nanos)?;
    Some(SignedDuration::new(seconds, nanos.try_into().ok()?))
}
