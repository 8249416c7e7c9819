//! The times of `jiff` and `chrono`, against NumPy's own text.

use std::fmt::Debug;

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, date},
    tz::TimeZone,
};
use npyrec::{Datetime64, NpyRecord, StoreAs, Timedelta64, unit};
use serde_json::json;

use crate::{
    every_door::through_every_door,
    numpy::{Numpy, numpy},
};

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Jiff {
    #[npy(dtype = "M8[ns]")]
    instant: Timestamp,
    #[npy(dtype = ">M8[us]")]
    civil: DateTime,
    #[npy(dtype = "M8[D]")]
    day: Date,
    #[npy(dtype = ">m8[ms]")]
    span: SignedDuration,
    #[npy(nat, dtype = "M8[s]")]
    missing: Option<Timestamp>,
    #[npy(dtype = "M8[D]")]
    days: [Date; 2],
}

#[test]
fn the_times_of_jiff_are_numpys() {
    let record = Jiff {
        instant: Timestamp::from_nanosecond(1_767_225_600_000_000_007).unwrap(),
        civil: date(1969, 12, 31).at(23, 59, 59, 999_999_000),
        day: date(2024, 2, 29),
        span: SignedDuration::from_millis(-1500),
        missing: None,
        days: [date(1, 1, 1), date(9999, 12, 31)],
    };
    let expected = json!([
        1_767_225_600_000_000_007_u64,
        -1,
        19782,
        -1500,
        i64::MIN,
        [-719_162, 2_932_896]
    ]);
    let shown = "('2026-01-01T00:00:00.000000007', '1969-12-31T23:59:59.999999', '2024-02-29', -1500, 'NaT', \
                 ['0001-01-01', '9999-12-31'])";
    through_every_door(&record, expected, shown);
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Chrono {
    #[npy(dtype = "M8[ns]")]
    instant: chrono::DateTime<Utc>,
    #[npy(dtype = ">M8[us]")]
    civil: NaiveDateTime,
    #[npy(dtype = "M8[D]")]
    day: NaiveDate,
    #[npy(dtype = ">m8[ms]")]
    span: TimeDelta,
    #[npy(nat, dtype = "m8[s]")]
    missing: Option<TimeDelta>,
}

#[test]
fn the_times_of_chrono_are_numpys() {
    let instant = chrono::DateTime::from_timestamp_nanos(1_767_225_600_000_000_007);
    let record = Chrono {
        instant,
        civil: chrono::DateTime::from_timestamp_nanos(-1_000).naive_utc(),
        day: NaiveDate::from_ymd_opt(2024, 2, 29).unwrap(),
        span: TimeDelta::milliseconds(-1500),
        missing: None,
    };
    let expected = json!([1_767_225_600_000_000_007_u64, -1, 19782, -1500, i64::MIN]);
    let shown = "('2026-01-01T00:00:00.000000007', '1969-12-31T23:59:59.999999', '2024-02-29', -1500, 'NaT')";
    through_every_door(&record, expected, shown);
}

/// Ticks of seconds at the edges: of nanoseconds in 64 bits, of years of four digits, of the crates, and NaT.
const SECONDS: [i64; 17] = [
    0,
    -1,
    1,
    951_782_399,
    951_782_400,
    -9_223_372_037,
    9_223_372_036,
    -62_135_596_800,
    -62_167_219_200,
    -62_167_219_201,
    -377_673_580_800,  // -9998-01-01
    253_370_764_800,   // 9999-01-01
    253_402_300_800,   // 10000-01-01
    8_210_266_876_799, // 262142-12-31T23:59:59
    8_210_298_412_800, // 262144-01-01
    i64::MAX,
    i64::MIN,
];

/// Reads ticks as times of a type. Each has NumPy's text and is stored as the same ticks. Those that the type lacks
/// are errors.
fn check<U: unit::FixedUnit, T: StoreAs<Datetime64<U>, Stored = Datetime64<U>> + Debug>(
    numpy: &mut Numpy,
    ticks: &[i64],
    years: std::ops::RangeInclusive<i32>,
    text: impl Fn(&T) -> String,
) {
    let unit = U::UNIT.to_string();
    let code = format!("answer = [str(np.datetime64(t, '{unit}')) for t in {ticks:?}]");
    let texts = numpy.python("".as_ref(), &code);
    let mut read = 0;
    for (&ticks, expected) in ticks.iter().zip(texts.as_array().unwrap()) {
        let expected = expected.as_str().unwrap();
        let stored = Datetime64::<U>::new(ticks);
        // A year may have a sign of its own.
        let year = expected
            .char_indices()
            .skip(1)
            .find(|(_, c)| *c == '-')
            .and_then(|(end, _)| expected.get(..end));
        let has_time =
            year.is_some_and(|year| year.parse().is_ok_and(|year: i32| years.contains(&year)));
        match T::from_stored(stored) {
            Ok(time) => {
                assert!(has_time, "{expected} was read as {time:?}");
                assert_eq!(text(&time), expected);
                assert_eq!(time.to_stored().unwrap(), stored, "{time:?}");
                read += 1;
            }
            Err(error) => assert!(!has_time, "{expected}: {error}"),
        }
    }
    assert!(read > 3, "{unit}: {read}");
}

fn civil_text(time: &DateTime, digits: usize) -> String {
    let [hour, minute, second] = [time.hour(), time.minute(), time.second()];
    let start = format!(
        "{}T{hour:02}:{minute:02}:{second:02}",
        date_text(&time.date())
    );
    with_fraction(start, time.subsec_nanosecond().unsigned_abs(), digits)
}

fn date_text(day: &Date) -> String {
    // NumPy counts the sign as a digit.
    format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day())
}

fn naive_text(time: &NaiveDateTime, digits: usize) -> String {
    let [hour, minute, second] = [time.hour(), time.minute(), time.second()];
    let start = format!(
        "{}T{hour:02}:{minute:02}:{second:02}",
        naive_date_text(&time.date())
    );
    with_fraction(start, time.nanosecond(), digits)
}

fn naive_date_text(day: &NaiveDate) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day())
}

fn with_fraction(start: String, nanos: u32, digits: usize) -> String {
    match digits {
        0 => start,
        _ => {
            let kept = nanos / 10_u32.pow(9 - digits as u32);
            format!("{start}.{kept:0digits$}")
        }
    }
}

#[test]
fn the_edges_of_each_unit_have_numpys_text() {
    let Some(mut numpy) = numpy() else { return };
    let numpy = &mut *numpy;
    let scaled = |factor: i64| SECONDS.map(|s| s.checked_mul(factor).unwrap_or(i64::MIN));
    let nanos = [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];
    let days = SECONDS.map(|s| {
        if s == i64::MIN {
            s
        } else {
            s.div_euclid(86_400)
        }
    });
    let (of_jiff, of_chrono) = (-9999..=9999, -262_143..=262_142);

    let instant = |time: &Timestamp, digits| civil_text(&TimeZone::UTC.to_datetime(*time), digits);
    check::<unit::Second, Timestamp>(numpy, &SECONDS, of_jiff.clone(), |t| instant(t, 0));
    check::<unit::Millisecond, Timestamp>(numpy, &scaled(1_000), of_jiff.clone(), |t| {
        instant(t, 3)
    });
    check::<unit::Nanosecond, Timestamp>(numpy, &nanos, of_jiff.clone(), |t| instant(t, 9));
    check::<unit::Second, DateTime>(numpy, &SECONDS, of_jiff.clone(), |t| civil_text(t, 0));
    check::<unit::Microsecond, DateTime>(numpy, &scaled(1_000_000), of_jiff.clone(), |t| {
        civil_text(t, 6)
    });
    check::<unit::Nanosecond, DateTime>(numpy, &nanos, of_jiff.clone(), |t| civil_text(t, 9));
    check::<unit::Day, Date>(numpy, &days, of_jiff, date_text);

    let instant = |time: &chrono::DateTime<Utc>, digits| naive_text(&time.naive_utc(), digits);
    check::<unit::Second, chrono::DateTime<Utc>>(numpy, &SECONDS, of_chrono.clone(), |t| {
        instant(t, 0)
    });
    check::<unit::Microsecond, chrono::DateTime<Utc>>(
        numpy,
        &scaled(1_000_000),
        of_chrono.clone(),
        |t| instant(t, 6),
    );
    check::<unit::Nanosecond, chrono::DateTime<Utc>>(numpy, &nanos, of_chrono.clone(), |t| {
        instant(t, 9)
    });
    check::<unit::Millisecond, NaiveDateTime>(numpy, &scaled(1_000), of_chrono.clone(), |t| {
        naive_text(t, 3)
    });
    check::<unit::Day, NaiveDate>(numpy, &days, of_chrono, naive_date_text);
}

/// Returns the error of storing a time.
fn refused<T: StoreAs<D> + Debug, D>(time: T) -> String
where
    T::Stored: Debug,
{
    time.to_stored().unwrap_err().to_string()
}

#[test]
fn a_time_that_the_unit_lacks_is_refused_and_never_wraps() {
    type Nanos = Datetime64<unit::Nanosecond>;
    let late: Timestamp = "2262-04-11T23:47:16.854775808Z".parse().unwrap();
    assert_eq!(
        refused::<_, Nanos>(late),
        "2262-04-11T23:47:16.854775808Z is out of the range of <M8[ns]"
    );
    // The number of this time is NaT.
    let early: Timestamp = "1677-09-21T00:12:43.145224192Z".parse().unwrap();
    assert!(refused::<_, Nanos>(early).ends_with("is out of the range of <M8[ns]"));
    assert!(refused::<_, Nanos>(date(1600, 1, 1)).ends_with("is out of the range of <M8[ns]"));
    assert!(refused::<_, Nanos>(DateTime::MAX).ends_with("is out of the range of <M8[ns]"));
    assert!(refused::<_, Nanos>(NaiveDate::MAX).ends_with("is out of the range of <M8[ns]"));
    assert!(refused::<_, Nanos>(NaiveDateTime::MIN).ends_with("is out of the range of <M8[ns]"));
    assert!(
        refused::<_, Nanos>(chrono::DateTime::<Utc>::MAX_UTC)
            .ends_with("is out of the range of <M8[ns]")
    );
    assert!(refused::<_, Timedelta64<unit::Nanosecond>>(SignedDuration::MAX).ends_with("<m8[ns]"));
    assert!(refused::<_, Timedelta64<unit::Nanosecond>>(TimeDelta::MIN).ends_with("<m8[ns]"));
}

#[test]
fn a_date_is_never_rounded() {
    // A Friday is not the start of a week of NumPy.
    assert!(refused::<_, Datetime64<unit::Week>>(date(2024, 3, 1)).ends_with("<M8[W]"));
    let noon = Datetime64::<unit::Hour>::new(12);
    let error = Date::try_from(noon).unwrap_err().to_string();
    assert_eq!(error, "Datetime64(12 × h) is not a Date");
    assert!(NaiveDate::try_from(noon).is_err());
    let thursday = Datetime64::<unit::Week>::new(1);
    assert_eq!(Date::try_from(thursday).unwrap(), date(1970, 1, 8));
}

#[test]
fn a_leap_second_is_refused() {
    let day = NaiveDate::from_ymd_opt(2016, 12, 31).unwrap();
    let leap = day.and_hms_nano_opt(23, 59, 59, 1_500_000_000).unwrap();
    assert!(refused::<_, Datetime64<unit::Nanosecond>>(leap).ends_with("<M8[ns]"));
}
