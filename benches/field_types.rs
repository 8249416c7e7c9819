//! How many instructions the append of a record with one field takes, for each way of storing a field, as callgrind
//! counts them.
//!
//! It runs itself under `valgrind --tool=callgrind` for each type, with many rows and with few, and prints a table of
//! the difference:
//!
//! ```text
//! cargo bench --bench field_types
//! ```
#![allow(clippy::unwrap_used, missing_docs)]

mod callgrind;

use std::{
    borrow::Cow,
    env,
    hint::black_box,
    num::{NonZero, Wrapping},
    sync::Arc,
    time::{Duration, SystemTime},
};

use npyrec::{Appender, Bytes, Datetime64, EncodeAs, NpyRecord, Str, unit};

const ROWS: [u32; 2] = [100, 20_100];

/// A number as the next one, by functions that cost an addition each.
mod one_more {
    use npyrec::{DecodeError, EncodeError};

    pub(super) type Stored = u32;

    pub(super) fn store(number: &u32) -> Result<u32, EncodeError> {
        Ok(number.wrapping_add(1))
    }

    pub(super) fn load(stored: u32) -> Result<u32, DecodeError> {
        Ok(stored.wrapping_sub(1))
    }
}

/// A decimal number as a count of hundredths.
mod cents {
    use npyrec::{DecodeError, EncodeError};
    use rust_decimal::Decimal;

    pub(super) type Stored = i64;

    pub(super) fn store(price: &Decimal) -> Result<i64, EncodeError> {
        let cents = price.mantissa().try_into();
        cents.map_err(|_| EncodeError::new(price, "is not a number of cents"))
    }

    pub(super) fn load(cents: i64) -> Result<Decimal, DecodeError> {
        Ok(Decimal::new(cents, 2))
    }
}

#[derive(NpyRecord)]
#[repr(u8)]
#[allow(dead_code)]
enum Side {
    Buy = 1,
    Sell = 2,
}

/// Appends a record many times.
fn append<R: NpyRecord, B: EncodeAs<R>>(path: &str, rows: u32, record: &B) {
    let mut log = Appender::<R>::create(path).unwrap();
    for _ in 0..rows {
        log.append(black_box(record)).unwrap();
    }
    log.close().unwrap();
}

macro_rules! types {
    ($([$($attribute:tt)*] $type:ty = $value:expr;)+) => {
        /// The types, each after its attribute.
        const TYPES: &[[&str; 2]] = &[$([stringify!($($attribute)*), stringify!($type)]),+];

        /// Appends a record of the type of that index.
        fn append_of(index: usize, path: &str, rows: u32) {
            let appends: &[fn(&str, u32)] = &[$(|path, rows| {
                #[derive(NpyRecord)]
                struct Record {
                    #[npy($($attribute)*)]
                    value: $type,
                }
                append::<Record, _>(path, rows, &Record { value: $value });
            }),+];
            appends.get(index).unwrap()(path, rows);
        }
    };
}

types! {
    [] u8 = 7;
    [] u32 = 7;
    [] f64 = 0.5;
    [] [f32; 3] = [0.5; 3];
    [] char = 'x';
    [] NonZero<u32> = NonZero::new(7).unwrap();
    [] Wrapping<u32> = Wrapping(7);
    [] (u32, u32) = (1, 2);
    [] Box<u32> = Box::new(7);
    [] Arc<u32> = Arc::new(7);
    [] Side = Side::Buy;
    [] Bytes<8> = Bytes::new(b"EURUSD").unwrap();
    [] Str<8> = Str::new("EURUSD").unwrap();
    [] Datetime64<unit::Nanosecond> = Datetime64::new(7);
    [] std::net::Ipv4Addr = std::net::Ipv4Addr::LOCALHOST;
    [big_endian] u32 = 7;
    [dtype = ">u4"] u32 = 7;
    [dtype = "u1"] u32 = 7;
    [dtype = "f4"] f64 = 0.5;
    [dtype = "f8"] i32 = 7;
    [dtype = "i4"] i64 = 7;
    [dtype = "u8"] u128 = 7;
    [dtype = "S4"] Side = Side::Buy;
    [dtype = "S8"] &'static str = "EURUSD";
    [dtype = "U8"] &'static str = "EURUSD";
    [dtype = "S8"] String = "EURUSD".to_owned();
    [dtype = "S8"] Cow<'static, str> = Cow::Borrowed("EURUSD");
    [dtype = "S8"] Arc<str> = "EURUSD".into();
    [dtype = "S8"] Vec<u8> = b"EURUSD".to_vec();
    [dtype = "V8"] [u8; 8] = *b"EURUSD  ";
    [dtype = "M8[ns]"] i64 = 7;
    [dtype = "M8[us]"] SystemTime = SystemTime::UNIX_EPOCH + Duration::from_secs(7);
    [dtype = "m8[us]"] Duration = Duration::from_secs(7);
    [nan] Option<f64> = Some(0.5);
    [nat, dtype = "M8[us]"] Option<SystemTime> = Some(SystemTime::UNIX_EPOCH);
    [cast = "u32"] u32 = 7;
    [cast = "[f32; 3]"] glam::Vec3 = glam::Vec3::ONE;
    [cast = "f64"] ordered_float::OrderedFloat<f64> = ordered_float::OrderedFloat(0.5);
    [with = "one_more"] u32 = 7;
    [with = "cents"] rust_decimal::Decimal = rust_decimal::Decimal::new(1999, 2);
}

fn main() {
    let arguments: Vec<_> = env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if let [index, rows, path] = &*arguments {
        return append_of(index.parse().unwrap(), path, rows.parse().unwrap());
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    println!("| field | attribute | instructions an append |\n| --- | --- | --- |");
    for (index, [attribute, ty]) in TYPES.iter().enumerate() {
        let [few, many] = ROWS.map(|rows| {
            let (index, rows) = (index.to_string(), rows.to_string());
            callgrind::instructions(&[&index, &rows, path.to_str().unwrap()])
        });
        let each = (many - few) / f64::from(ROWS[1] - ROWS[0]);
        println!("| `{ty}` | {attribute} | {each:.1} |");
    }
}
