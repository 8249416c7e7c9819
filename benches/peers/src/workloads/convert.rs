//! Rows read into memory, of another dtype than the record, or as they are. NumPy reads them, and casts them by
//! `astype`.

use std::hint::black_box;

use npyrec::{
    Bytes, Casting, Datetime64, Element, NpyRecord, ReadOptions, Str,
    half::f16,
    num_complex::Complex,
    unit::{Nanosecond, Second},
};

use crate::workload::{Job, Way, Workload};

const FILE: &str = "convert.npy";

/// A workload that writes rows of the type `$file` and reads them as `$record`.
macro_rules! convert {
    ($($name:ident: $id:literal, $text:literal, $rows:literal, $file:ty => $record:ty, $row:expr, $python:literal;)+) => {
        $(pub(crate) static $name: Workload = Workload {
            name: $id,
            title: $text,
            unit: "element",
            ops: 10.0 * $rows,
            rows: $rows,
            prepare: Some(|job| {
                let row: fn(u64) -> $file = $row;
                npyrec::write(job.path(FILE), &(0..job.rows).map(row).collect::<Vec<_>>()).unwrap();
            }),
            waits: false,
            ways: &[
                Way::new("npyrec", read::<$record>),
                Way::python("NumPy", $python),
            ],
        };)+
    };
}

fn read<E: Element>(job: &Job) {
    let options = ReadOptions::new().casting(Casting::SameKind);
    for _ in 0..job.passes() {
        black_box(options.read::<E>(job.path(FILE)).unwrap());
    }
}

#[derive(NpyRecord)]
struct Narrow {
    a: f32,
    b: i32,
    c: f32,
    d: u32,
    e: i16,
    f: f32,
    g: u16,
    h: i32,
    i: f32,
}

#[derive(NpyRecord)]
struct Wide {
    a: f64,
    b: i64,
    c: f64,
    d: u64,
    e: i32,
    f: f64,
    g: u32,
    h: i64,
    i: f64,
}

fn narrow(row: u64) -> Narrow {
    let number = (row % 100) as u8;
    Narrow {
        a: number.into(),
        b: number.into(),
        c: number.into(),
        d: number.into(),
        e: number.into(),
        f: number.into(),
        g: number.into(),
        h: number.into(),
        i: number.into(),
    }
}

#[derive(NpyRecord)]
struct Timed<T> {
    time: T,
    value: f64,
}

#[derive(NpyRecord)]
struct BigEndian {
    #[npy(dtype = ">f8")]
    a: f64,
    #[npy(dtype = ">i8")]
    b: i64,
    #[npy(dtype = ">f4")]
    c: f32,
    #[npy(dtype = ">u4")]
    d: u32,
}

#[derive(NpyRecord)]
struct LittleEndian {
    a: f64,
    b: i64,
    c: f32,
    d: u32,
}

#[derive(NpyRecord)]
struct Flagged {
    time: i64,
    is_last: bool,
    half: f16,
    value: f64,
}

#[derive(NpyRecord)]
#[repr(u8)]
enum Side {
    Buy,
    Sell,
    Auction,
}

impl Side {
    fn nth(row: u64) -> Self {
        match row % 3 {
            0 => Side::Buy,
            1 => Side::Sell,
            _ => Side::Auction,
        }
    }
}

#[derive(NpyRecord)]
struct Trade {
    time: i64,
    side: Side,
    price: f64,
}

#[derive(NpyRecord)]
struct Pair {
    left: Complex<f32>,
    right: Complex<f32>,
}

#[derive(NpyRecord)]
struct Names {
    bytes: Bytes<16>,
    text: Str<8>,
}

#[derive(NpyRecord)]
struct Texts {
    #[npy(dtype = "S16")]
    bytes: String,
    #[npy(dtype = "U8")]
    text: String,
}

fn names(row: u64) -> Names {
    Names {
        bytes: format!("symbol {}", row % 1000).parse().unwrap(),
        text: format!("{}", row % 100_000).parse().unwrap(),
    }
}

/// A number that is stored in the other byte order.
#[derive(NpyRecord)]
struct Big(#[npy(dtype = ">f8")] f64);

convert! {
    F4_F8: "convert-f4-f8", "`<f4` as `f64`", 5e6, f32 => f64, |row| row as f32, "convert_f8";
    I4_F8: "convert-i4-f8", "`<i4` as `f64`", 5e6, i32 => f64, |row| row as i32, "convert_f8";
    F8_F4: "convert-f8-f4", "`<f8` as `f32`", 5e6, f64 => f32, |row| row as f64, "convert_f4";
    F2_F4: "convert-f2-f4", "`<f2` as `f32`", 5e6, f16 => f32, |row| f16::from_bits(row as u16), "convert_f4";
    U1_I8: "convert-u1-i8", "`|u1` as `i64`", 5e6, u8 => i64, |row| row as u8, "convert_i8";
    C8_C16: "convert-c8-c16", "`<c8` as `Complex<f64>`", 5e6, Complex<f32> => Complex<f64>,
        |row| Complex::new(row as f32, 1.0), "convert_c16";
    BIG_F8: "convert-big-f8", "`>f8` as `f64`", 5e6, Big => f64, |row| Big(row as f64), "convert_f8";
    WIDE: "convert-wide", "a record of nine fields, each cast to a wider type", 1e6, Narrow => Wide, narrow,
        "convert_wide";
    TIMES: "convert-times", "`<M8[s]` as `M8[ns]`, beside an `f64`", 1e6,
        Timed<Datetime64<Second>> => Timed<Datetime64<Nanosecond>>,
        |row| Timed { time: Datetime64::new(row as i64), value: row as f64 }, "convert_times";
    BIG: "convert-big", "a big-endian record", 1e6, BigEndian => LittleEndian,
        |row| BigEndian { a: row as f64, b: row as i64, c: row as f32, d: row as u32 },
        "convert_little";
    FLAGGED: "convert-flagged", "a record with `bool` and `f16`, as it is", 1e6, Flagged => Flagged,
        |row| Flagged { time: row as i64, is_last: row % 3 == 0, half: f16::ONE, value: 1.5 },
        "convert_none";
    FLAGS: "convert-flags", "`[bool; 4]`, as they are", 5e6, [bool; 4] => [bool; 4],
        |row| [row % 2 == 0, row % 3 == 0, row % 5 == 0, true], "convert_none";
    SIDES: "convert-sides", "an enum, as it is", 20e6, Side => Side, Side::nth, "convert_none";
    TRADES: "convert-trades", "a record with an enum, as it is", 1e6, Trade => Trade,
        |row| Trade { time: row as i64, side: Side::nth(row), price: 1.5 }, "convert_none";
    COMPLEX: "convert-complex", "a record of two complex numbers, as it is", 1e6, Pair => Pair,
        |row| Pair { left: Complex::new(row as f32, 1.0), right: Complex::new(1.0, 2.0) }, "convert_none";
    NAMES: "convert-names", "`S16` and `U8` as `Bytes` and `Str`", 1e6, Names => Names, names, "convert_none";
    TEXTS: "convert-texts", "`S16` and `U8` as `String`s (NumPy: `tolist`)", 1e6, Names => Texts, names,
        "convert_list";
}
