//! Errors about values.

use npyrec::{DecodeError, EncodeError, NpyRecord, StoreAs, Str};

fn refused<D, T: StoreAs<D>>(value: T) -> String {
    value.to_stored().err().unwrap().to_string()
}

#[test]
fn every_value_that_does_not_fit_is_named() {
    use std::time::{Duration, SystemTime};

    use npyrec::{Bytes, Datetime64, Timedelta64, half::f16, num_complex::Complex, unit};

    let errors: Vec<String> = vec![
        refused::<i8, _>(300_i64),
        refused::<u8, _>(256_usize),
        refused::<i64, _>(i128::MAX),
        refused::<f32, _>(1e300_f64),
        refused::<f16, _>(70_000.0_f32),
        refused::<num_complex_32, _>(Complex::new(1.0, -1e300_f64)),
        refused::<Bytes<4>, _>("ABCDE".to_owned()),
        refused::<Bytes<4>, _>("AB\0".to_owned()),
        refused::<Bytes<4>, _>("é".repeat(100)),
        refused::<Bytes<2>, _>(*b"abc"),
        refused::<Str<2>, _>("日本語".to_owned()),
        refused::<Str<1>, _>(['a', 'b']),
        refused::<Datetime64<unit::Attosecond>, _>(
            SystemTime::UNIX_EPOCH + Duration::from_secs(60),
        ),
        refused::<Timedelta64<unit::Nanosecond>, _>(Duration::MAX),
        refused::<i8, _>([[1_i64, 2], [3, 300]]),
    ];
    let errors = errors
        .join("\n")
        .replace(&unix_epoch_and_a_minute(), "(the time)");
    insta::assert_snapshot!(errors);
}

#[allow(non_camel_case_types)]
type num_complex_32 = npyrec::num_complex::Complex32;

/// Returns a time in the format of this system, which std does not specify.
fn unix_epoch_and_a_minute() -> String {
    let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(60);
    format!("{time:?}")
}

fn unreadable<D: NpyRecord, T: StoreAs<D, Stored = D> + std::fmt::Debug>(stored: D) -> String {
    T::from_stored(stored).unwrap_err().to_string()
}

#[test]
fn every_stored_value_that_is_none_of_the_type_is_named() {
    use std::time::{Duration, SystemTime};

    use npyrec::{Bytes, Datetime64, Timedelta64, unit};

    let errors = [
        unreadable::<i64, i8>(300),
        unreadable::<Bytes<2>, String>(Bytes::from(*b"\xff\0")),
        unreadable::<Bytes<3>, [u8; 2]>(Bytes::from(*b"abc")),
        unreadable::<Str<3>, [char; 2]>(Str::new("abc").unwrap()),
        unreadable::<Datetime64<unit::Second>, SystemTime>(Datetime64::NAT),
        unreadable::<Timedelta64<unit::Second>, Duration>(Timedelta64::new(-1)),
        Str::<1>::decode(&[0, 0, 0x11, 0]).unwrap_err().to_string(),
        u32::decode(&[1, 2, 3]).unwrap_err().to_string(),
        <[Str<1>; 2]>::decode(&[65, 0, 0, 0, 0, 0xd8, 0, 0])
            .unwrap_err()
            .to_string(),
    ];
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn errors_of_hand_written_records_read_like_ours() {
    let error = EncodeError::new(-300.0, "is below absolute zero")
        .in_field("celsius")
        .in_field("probe");
    insta::assert_snapshot!(error, @"field `probe.celsius`: -300 is below absolute zero");
    let error = DecodeError::new("9 is no gear").in_field("gear");
    insta::assert_snapshot!(error, @"field `gear`: 9 is no gear");
}
