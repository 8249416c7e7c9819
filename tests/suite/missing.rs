//! `#[npy(nan)]` and `#[npy(nat)]`: an `Option` whose `None` is NaN or NaT.

use std::time::{Duration, SystemTime};

use npyrec::{
    Datetime64, NpyFile, NpyRecord, Timedelta64,
    half::{bf16, f16},
    num_complex::Complex,
    unit,
};
use serde_json::{Value, json};

use crate::{every_door::through_every_door, numpy::numpy};

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Floats<T> {
    #[npy(nan)]
    a: Option<f64>,
    #[npy(nan)]
    b: [Option<f32>; 2],
    #[npy(nan)]
    c: Option<f16>,
    #[npy(nan)]
    d: Option<bf16>,
    #[npy(nan)]
    e: Option<Complex<f32>>,
    #[npy(nan, dtype = ">f2")]
    f: Option<f64>,
    #[npy(nan, dtype = "f4")]
    g: Option<u16>,
    #[npy(nan, big_endian)]
    h: Option<f32>,
    #[npy(nan)]
    i: Option<T>,
}

const NONE: Floats<f32> = Floats {
    a: None,
    b: [None; 2],
    c: None,
    d: None,
    e: None,
    f: None,
    g: None,
    h: None,
    i: None,
};

const SOME: Floats<f32> = Floats {
    a: Some(1.5),
    b: [Some(f32::INFINITY), None],
    c: Some(f16::ONE),
    d: Some(bf16::ONE),
    e: Some(Complex::new(1.0, 2.0)),
    f: Some(0.5),
    g: Some(7),
    h: Some(0.25),
    i: Some(2.0),
};

#[test]
fn a_none_is_nan() {
    let nan = json!("nan");
    let expected = json!([nan, [nan, nan], nan, nan, [nan, 0.0], nan, nan, nan, nan]);
    let shown = "(nan, [nan, nan], nan, nan, nan+0.j, nan, nan, nan, nan)";
    through_every_door(&NONE, expected, shown);
    let expected = json!([1.5, ["inf", nan], 1.0, 1.0, [1.0, 2.0], 0.5, 7.0, 0.25, 2.0]);
    let shown = "(1.5, [inf, nan], 1.0, 1, 1.+2.j, 0.5, 7.0, 0.25, 2.0)";
    through_every_door(&SOME, expected, shown);
}

#[test]
fn a_nan_that_is_not_missing_is_refused() {
    let refusal = |record: Floats<f32>| {
        let mut bytes = [0; Floats::<f32>::ITEMSIZE];
        record.encode(&mut bytes).unwrap_err().to_string()
    };
    let record = Floats {
        b: [None, Some(f32::NAN)],
        ..NONE
    };
    assert_eq!(
        refusal(record),
        "field `b[1]`: Some(NaN) would be read as `None`"
    );
    let record = Floats {
        e: Some(Complex::new(0.0, f32::NAN)),
        ..NONE
    };
    assert!(refusal(record).starts_with("field `e`: Some("));
    let record = Floats {
        f: Some(1e9),
        ..NONE
    };
    assert_eq!(
        refusal(record),
        "field `f`: 1000000000.0 is out of the range of >f2"
    );
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Times {
    #[npy(nat)]
    a: Option<Datetime64<unit::Nanosecond>>,
    #[npy(nat)]
    b: Option<Timedelta64<unit::Day>>,
    #[npy(nat, dtype = "M8[us]")]
    c: Option<SystemTime>,
    #[npy(nat, dtype = ">m8[ms]")]
    d: Option<Duration>,
    #[npy(nat, dtype = "M8[s]")]
    e: Option<i64>,
}

#[test]
fn a_none_is_nat() {
    let none = Times {
        a: None,
        b: None,
        c: None,
        d: None,
        e: None,
    };
    let shown = "('NaT', 'NaT', 'NaT', 'NaT', 'NaT')";
    through_every_door(
        &none,
        json!([i64::MIN, i64::MIN, i64::MIN, i64::MIN, i64::MIN]),
        shown,
    );
    let some = Times {
        a: Some(Datetime64::new(1)),
        b: Some(Timedelta64::new(-2)),
        c: Some(SystemTime::UNIX_EPOCH + Duration::from_micros(3)),
        d: Some(Duration::from_millis(4)),
        e: Some(5),
    };
    let shown = "('1970-01-01T00:00:00.000000001', -2, '1970-01-01T00:00:00.000003', 4, '1970-01-01T00:00:05')";
    through_every_door(&some, json!([1, -2, 3, 4, 5]), shown);
    let mut bytes = [0; Times::ITEMSIZE];
    let error = Times {
        a: Some(Datetime64::NAT),
        ..some.clone()
    }
    .encode(&mut bytes);
    let error = error.unwrap_err().to_string();
    assert_eq!(
        error,
        "field `a`: Some(Datetime64(NaT)) would be read as `None`"
    );
    let error = Times {
        e: Some(i64::MIN),
        ..some
    }
    .encode(&mut bytes)
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "field `e`: Some(Datetime64(NaT)) would be read as `None`"
    );
}

#[test]
fn pythons_missing_values_are_none() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("missing.npy");
    let dtype = Times::dtype().to_string();
    let code = format!(
        "a = np.zeros(2, {dtype})\na[0] = ('NaT', 'NaT', 'NaT', 'NaT', 'NaT')\n\
         np.save(path, a)\nanswer = np.isnat(a['a']).tolist()"
    );
    assert_eq!(numpy.python(&path, &code), Value::from(vec![true, false]));
    let times: Vec<Times> = npyrec::read(&path).unwrap();
    assert_eq!(times[0].a, None);
    assert_eq!(times[1].e, Some(0));
    assert_eq!(NpyFile::open(&path).unwrap().len(), 2);
}
