//! The value types convert, compare, parse and print as types of the standard library do.

use std::{
    collections::{BTreeSet, HashSet},
    fmt::{Debug, Display},
    hash::Hash,
    str::FromStr,
    time::{Duration, SystemTime},
};

use npyrec::{
    Bytes, Datetime64, Str, Timedelta64, Value, Void,
    unit::{
        Attosecond, Day, Generic, Hour, Microsecond, Millisecond, Minute, Month, Multiple,
        Nanosecond, Second, Week, Year,
    },
    value::{Array, Record},
};

/// Checks that a value parses from the text that it prints.
#[track_caller]
fn round_trips<T: Copy + Debug + Display + FromStr<Err: Debug> + PartialEq>(value: T, text: &str) {
    assert_eq!(value.to_string(), text);
    assert_eq!(text.parse::<T>().unwrap(), value);
}

#[test]
fn bytes_convert_from_texts_and_to_texts() {
    const SYMBOL: Bytes<8> = Bytes::new(b"EURUSD").unwrap();
    const LEN: usize = SYMBOL.as_bytes().len();
    assert_eq!(LEN, 6);
    round_trips(SYMBOL, "EURUSD");
    assert_eq!(Bytes::try_from("EURUSD").ok(), Some(SYMBOL));
    assert_eq!(Bytes::try_from(&b"EURUSD"[..]).ok(), Some(SYMBOL));
    assert_eq!(SYMBOL.as_ref(), b"EURUSD");
    assert_eq!(format!("[{SYMBOL:>8}]"), "[  EURUSD]");
    assert_eq!(Bytes::<2>::new(b"a\xff").unwrap().to_string(), "a\u{fffd}");
    assert_eq!(Bytes::<3>::new(b"").unwrap(), Bytes::default());
    assert_eq!(Bytes::<3>::new(b"a\0b").unwrap().as_bytes(), b"a\0b");
}

#[test]
fn bytes_refuse_texts_that_are_too_long_or_end_in_a_nul() {
    let error = |text: &str| text.parse::<Bytes<4>>().unwrap_err().to_string();
    assert_eq!(
        error("größe"),
        "\"größe\" is 7 bytes long, the dtype holds 4"
    );
    assert_eq!(
        error("a\0"),
        "\"a\\0\" ends in a NUL, which NumPy would take for padding"
    );
    let error = Bytes::<1>::try_from(&b"\xff\xfe"[..]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "b\"\\xff\\xfe\" is 2 bytes long, the dtype holds 1"
    );
}

#[test]
fn texts_convert_from_str_and_to_string() {
    let name: Str<5> = "größe".parse().unwrap();
    round_trips(name, "größe");
    assert_eq!(Str::try_from("größe").ok(), Some(name));
    assert_eq!(String::from(name), "größe");
    let error = |text: &str| text.parse::<Str<4>>().unwrap_err().to_string();
    assert_eq!(
        error("größe"),
        "\"größe\" is 5 characters long, the dtype holds 4"
    );
    assert_eq!(
        error("a\0"),
        "\"a\\0\" ends in a NUL, which NumPy would take for padding"
    );
}

#[test]
fn voids_are_arrays_of_bytes() {
    let void = Void::from([1, 2]);
    assert_eq!(<[u8; 2]>::from(void), [1, 2]);
    assert_eq!(void.as_ref(), [1, 2]);
    assert_eq!(Void::<2>::default(), Void([0, 0]));
}

#[test]
fn points_in_time_parse_from_the_text_that_numpy_prints() {
    round_trips(Datetime64::<Year>::new(54), "2024");
    round_trips(Datetime64::<Month>::new(652), "2024-05");
    round_trips(Datetime64::<Week>::new(0), "1970-01-01");
    round_trips(Datetime64::<Day>::new(19_844), "2024-05-01");
    round_trips(Datetime64::<Hour>::new(-1), "1969-12-31T23");
    round_trips(Datetime64::<Minute>::new(-1), "1969-12-31T23:59");
    round_trips(Datetime64::<Second>::new(1), "1970-01-01T00:00:01");
    round_trips(
        Datetime64::<Millisecond>::new(-1),
        "1969-12-31T23:59:59.999",
    );
    round_trips(
        Datetime64::<Multiple<Microsecond, 25>>::new(5),
        "1970-01-01T00:00:00.000125",
    );
    round_trips(
        Datetime64::<Attosecond>::new(1),
        "1970-01-01T00:00:00.000000000000000001",
    );
    round_trips(Datetime64::<Generic>::new(-7), "-7");
    round_trips(Datetime64::<Nanosecond>::NAT, "NaT");
    for ticks in (-4_000_000..4_000_000).step_by(997) {
        let day = Datetime64::<Day>::new(ticks);
        assert_eq!(day.to_string().parse::<Datetime64<Day>>().unwrap(), day);
    }
}

#[test]
fn a_time_of_a_coarser_unit_is_parsed_if_it_is_a_whole_number_of_ticks() {
    assert_eq!(
        "2024-05".parse::<Datetime64<Day>>().unwrap().ticks(),
        19_844
    );
    assert_eq!(
        "1970-01-02".parse::<Datetime64<Second>>().unwrap().ticks(),
        86_400
    );
    assert_eq!(
        "1970-01-01T00:00:00.5"
            .parse::<Datetime64<Millisecond>>()
            .unwrap()
            .ticks(),
        500
    );
    let error = |text: &str| text.parse::<Datetime64<Day>>().unwrap_err().to_string();
    assert_eq!(
        error("2024-05-01T12"),
        "2024-05-01T12 is no multiple of [D]"
    );
}

#[test]
fn texts_that_are_not_times_are_refused() {
    for text in [
        "",
        "-",
        "24",
        "2024-13",
        "2024-00",
        "2024-02-30",
        "2024-5-1",
        "2024-05-01T24",
        "2024-05-01T",
        "2024-05T12",
        "2024-05-01T12:60",
        "2024-05-01T12:00:00.",
        "2024-05-01T12:00.5",
        "+2024",
        "today",
        "2024-05-01-01",
        "2024-05-01T12:00:00:00",
        "99999999999999999999",
        "2024-05-01T1:00",
        "2024-05-01T12:00:00.0000000000000000001",
    ] {
        let error = text.parse::<Datetime64<Second>>().unwrap_err();
        assert!(
            error.to_string().contains("is not a time"),
            "{text}: {error}"
        );
    }
    assert!("2023-02-29".parse::<Datetime64<Day>>().is_err());
    assert!("2024-02-29".parse::<Datetime64<Day>>().is_ok());
    assert!(
        "9999999999999-01-01"
            .parse::<Datetime64<Nanosecond>>()
            .is_err()
    );
}

#[test]
fn spans_of_time_parse_from_the_text_that_numpy_prints() {
    round_trips(Timedelta64::<Day>::new(-3), "-3 days");
    round_trips(
        Timedelta64::<Multiple<Microsecond, 25>>::new(5),
        "125 microseconds",
    );
    round_trips(Timedelta64::<Generic>::new(5), "5 generic time units");
    round_trips(Timedelta64::<Nanosecond>::NAT, "NaT");
    assert_eq!(
        "2 hours".parse::<Timedelta64<Second>>().unwrap().ticks(),
        7_200
    );
    let error = |text: &str| text.parse::<Timedelta64<Hour>>().unwrap_err().to_string();
    assert_eq!(error("90 minutes"), "90 minutes is no multiple of [h]");
    assert_eq!(
        error("1 month"),
        "1 month is not a span of time, such as 125 microseconds"
    );
    assert_eq!(error("2 months"), "2 months cannot be told in [h]");
}

#[test]
fn times_of_the_standard_library_convert() {
    let time = SystemTime::UNIX_EPOCH + Duration::from_nanos(1_500_000_001);
    let stored = Datetime64::<Millisecond>::try_from(time).unwrap();
    assert_eq!(stored.ticks(), 1_500);
    let read = SystemTime::try_from(stored).unwrap();
    assert_eq!(read, SystemTime::UNIX_EPOCH + Duration::from_millis(1_500));
    assert!(SystemTime::try_from(Datetime64::<Second>::NAT).is_err());

    let span = Timedelta64::<Second>::try_from(Duration::from_millis(2_500)).unwrap();
    assert_eq!(span.ticks(), 2);
    assert_eq!(Duration::try_from(span).unwrap(), Duration::from_secs(2));
    assert!(Duration::try_from(Timedelta64::<Second>::new(-1)).is_err());
    assert!(Timedelta64::<Attosecond>::try_from(Duration::MAX).is_err());
    let days = Timedelta64::<Day>::try_from(Duration::MAX).unwrap();
    assert_eq!(days.ticks(), 213_503_982_334_601);
    let span = Duration::try_from(days).unwrap();
    assert_eq!(Timedelta64::<Day>::try_from(span).unwrap(), days);
}

#[test]
fn value_types_are_ordered_hashed_and_have_defaults() {
    fn check<T: Copy + Debug + Default + Eq + Hash + Ord>(less: T, greater: T) {
        assert!(less < greater);
        let sorted: Vec<T> = BTreeSet::from([greater, less]).into_iter().collect();
        assert_eq!(sorted, [less, greater]);
        assert_eq!(HashSet::from([less, greater, less, T::default()]).len(), 3);
    }
    let bytes = |text: &str| text.parse::<Bytes<4>>().unwrap();
    check(bytes("a"), bytes("b"));
    let text = |text: &str| text.parse::<Str<4>>().unwrap();
    check(text("a"), text("b"));
    check(Void([1]), Void([2]));
    check(Datetime64::<Day>::new(1), Datetime64::new(2));
    check(Timedelta64::<Day>::new(1), Timedelta64::new(2));
    assert_eq!((Day, Multiple::<Day, 7>::default()), Default::default());
}

#[test]
fn values_convert_from_the_types_that_they_hold() {
    assert_eq!(Value::from(true), Value::Bool(true));
    for value in [
        Value::from(-7_i8),
        Value::from(-7_i16),
        Value::from(-7_i32),
        Value::from(-7_i64),
    ] {
        assert_eq!(value, Value::Int(-7));
    }
    for value in [
        Value::from(7_u8),
        Value::from(7_u16),
        Value::from(7_u32),
        Value::from(7_u64),
    ] {
        assert_eq!(value, Value::Uint(7));
    }
    assert_eq!(Value::from(1.5_f32), Value::Float32(1.5));
    assert_eq!(Value::from(1.5_f64), Value::Float64(1.5));
    let text = "a".to_owned();
    for value in [
        Value::from("a"),
        Value::from(&text),
        Value::from(text.clone()),
    ] {
        assert_eq!(value, Value::Str(text.clone()));
    }
    for value in [Value::from(&b"a"[..]), Value::from(b"a".to_vec())] {
        assert_eq!(value, Value::Bytes(b"a".to_vec()));
    }
}

#[test]
fn records_and_arrays_of_values_iterate_by_reference() {
    let record = Record::from_iter([("a", Value::from(1)), ("b", Value::from(2.5))]);
    let mut names = Vec::new();
    for (name, value) in &record {
        names.push(format!("{name}={value}"));
    }
    assert_eq!(names, ["a=1", "b=2.5"]);
    let mut fields = record.iter();
    assert_eq!(fields.len(), 2);
    assert_eq!(fields.next_back(), Some(("b", &Value::Float64(2.5))));
    assert_eq!(fields.size_hint(), (1, Some(1)));

    let array = Array::new(&[1, 2], vec![1.into(), 2.into()]).unwrap();
    let sum = (&array).into_iter().filter_map(Value::as_i64).sum::<i64>();
    assert_eq!(sum, 3);
    let entries: Vec<Value> = array.into_iter().collect();
    assert_eq!(entries, [Value::Int(1), Value::Int(2)]);
}
