//! How many instructions an appended record takes whose fields are stored as another dtype, beside a loop by hand.
//!
//! It runs itself under `valgrind --tool=callgrind` for each way of writing and prints a table:
//!
//! ```text
//! cargo bench --bench stored
//! ```
#![allow(
    missing_docs,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod callgrind;

use std::{
    array, env,
    fs::File,
    hint::black_box,
    io::{BufWriter, Write},
    time::{Duration, SystemTime},
};

use npyrec::{AppendOptions, Appender, Casting, NpyRecord, half::f16, num_complex::Complex};

const ROWS: u32 = 100_000;

macro_rules! records {
    ($($name:ident: $value:ty as $dtype:literal;)+) => {$(
        #[derive(NpyRecord)]
        struct $name {
            #[npy(dtype = $dtype)]
            value: $value,
        }
    )+};
}

records! {
    Narrow: [f64; 64] as "f4";
    Big: [f64; 64] as ">f8";
    Halves: [f64; 64] as "f2";
    Complexes: [Complex<f64>; 64] as "c8";
    Integers: [i64; 64] as "i4";
    Time: SystemTime as "M8[us]";
    Span: Duration as "m8[us]";
    Half: f64 as "f2";
    Bytes: String as "S8";
    Text: String as "U8";
}

/// A record of 188 bytes.
#[derive(NpyRecord)]
struct Mixed {
    #[npy(dtype = "M8[us]")]
    time: SystemTime,
    #[npy(dtype = "S8")]
    symbol: String,
    #[npy(dtype = "U8")]
    venue: String,
    #[npy(dtype = ">f8")]
    price: f64,
    #[npy(dtype = "f4")]
    size: f64,
    #[npy(dtype = "f2")]
    weight: f64,
    #[npy(dtype = "i4")]
    side: i64,
    flag: bool,
    kind: u8,
    #[npy(dtype = "f4")]
    path: [f64; 16],
    #[npy(dtype = "i2")]
    codes: [i32; 20],
    id: u64,
    number: u64,
}

#[derive(NpyRecord, Clone)]
struct Wide {
    time: i64,
    price: f64,
    size: f32,
    side: u32,
    order: u64,
}

/// What `Wide` is converted to.
#[derive(NpyRecord)]
struct Converted {
    time: i32,
    price: f32,
    #[npy(dtype = ">f4")]
    size: f32,
    side: u32,
    order: u32,
}

fn floats() -> [f64; 64] {
    array::from_fn(|nth| nth as f64 / 4.0)
}

fn complexes() -> [Complex<f64>; 64] {
    floats().map(|float| Complex::new(float, -float))
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(1_700_000_000_123_456_789)
}

fn text() -> String {
    "EURUSD".to_owned()
}

fn mixed() -> Mixed {
    Mixed {
        time: now(),
        symbol: text(),
        venue: "XETR".to_owned(),
        price: 1.25,
        size: 2.5,
        weight: 0.3,
        side: -1,
        flag: true,
        kind: 3,
        path: array::from_fn(|nth| nth as f64),
        codes: array::from_fn(|nth| nth as i32),
        id: 7,
        number: 9,
    }
}

const WIDE: Wide = Wide {
    time: 1,
    price: 2.0,
    size: 3.0,
    side: 4,
    order: 5,
};

fn append<R: NpyRecord>(path: &str, record: R) {
    let mut rows = Appender::<R>::create(path).unwrap();
    for _ in 0..ROWS {
        rows.append(black_box(&record)).unwrap();
    }
    rows.close().unwrap();
}

/// Returns an appender of records that are converted.
fn converting(path: &str) -> Appender<Wide> {
    npyrec::write::<Converted>(path, &[]).unwrap();
    let options = AppendOptions::new().casting(Casting::SameKind);
    options.open(path).unwrap()
}

fn by_hand<T>(path: &str, value: T, mut put: impl FnMut(&T, &mut BufWriter<File>)) {
    let mut file = BufWriter::with_capacity(64 * 1024, File::create(path).unwrap());
    for _ in 0..ROWS {
        put(black_box(&value), &mut file);
    }
    file.flush().unwrap();
}

/// Writes the bytes of each item, all of a record at once.
fn items<T, const SIZE: usize, const LEN: usize>(
    file: &mut BufWriter<File>,
    items: &[T],
    bytes: impl Fn(&T) -> [u8; SIZE],
) {
    let mut record = [0; LEN];
    for (place, item) in record.as_chunks_mut().0.iter_mut().zip(items) {
        *place = bytes(item);
    }
    file.write_all(&record).unwrap();
}

fn micros(time: &SystemTime) -> [u8; 8] {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let micros = since.as_secs() as i64 * 1_000_000 + i64::from(since.subsec_micros());
    micros.to_le_bytes()
}

fn padded(text: &str) -> [u8; 8] {
    let mut padded = [0; 8];
    padded[..text.len()].copy_from_slice(text.as_bytes());
    padded
}

fn utf_32(text: &str) -> [u8; 32] {
    let mut codes = [0; 32];
    for (place, char) in codes.as_chunks_mut().0.iter_mut().zip(text.chars()) {
        *place = u32::from(char).to_le_bytes();
    }
    codes
}

fn mixed_by_hand(record: &Mixed, file: &mut BufWriter<File>) {
    let mut bytes = [0; 188];
    bytes[..8].copy_from_slice(&micros(&record.time));
    bytes[8..16].copy_from_slice(&padded(&record.symbol));
    bytes[16..48].copy_from_slice(&utf_32(&record.venue));
    bytes[48..56].copy_from_slice(&record.price.to_be_bytes());
    bytes[56..60].copy_from_slice(&(record.size as f32).to_le_bytes());
    bytes[60..62].copy_from_slice(&f16::from_f64(record.weight).to_le_bytes());
    bytes[62..66].copy_from_slice(&i32::try_from(record.side).unwrap().to_le_bytes());
    (bytes[66], bytes[67]) = (record.flag.into(), record.kind);
    for (place, item) in bytes[68..132]
        .as_chunks_mut()
        .0
        .iter_mut()
        .zip(&record.path)
    {
        *place = (*item as f32).to_le_bytes();
    }
    for (place, item) in bytes[132..172]
        .as_chunks_mut()
        .0
        .iter_mut()
        .zip(&record.codes)
    {
        *place = (*item as i16).to_le_bytes();
    }
    bytes[172..180].copy_from_slice(&record.id.to_le_bytes());
    bytes[180..].copy_from_slice(&record.number.to_le_bytes());
    file.write_all(&bytes).unwrap();
}

fn converted_by_hand(record: &Wide, file: &mut BufWriter<File>) {
    let mut bytes = [0; 20];
    bytes[..4].copy_from_slice(&i32::try_from(record.time).unwrap().to_le_bytes());
    bytes[4..8].copy_from_slice(&(record.price as f32).to_le_bytes());
    bytes[8..12].copy_from_slice(&record.size.to_be_bytes());
    bytes[12..16].copy_from_slice(&record.side.to_le_bytes());
    bytes[16..].copy_from_slice(&u32::try_from(record.order).unwrap().to_le_bytes());
    file.write_all(&bytes).unwrap();
}

const WAYS: [&str; 13] = [
    "[f64; 64] as f4",
    "[f64; 64] as >f8",
    "[f64; 64] as f2",
    "[Complex<f64>; 64] as c8",
    "[i64; 64] as i4",
    "SystemTime as M8[us]",
    "Duration as m8[us]",
    "f64 as f2",
    "String as S8",
    "String as U8",
    "mixed, 188 bytes",
    "converted, one by one",
    "converted, a slice",
];

fn write_rows(way: &str, path: &str) {
    match way {
        "[f64; 64] as f4" => append(path, Narrow { value: floats() }),
        "[f64; 64] as >f8" => append(path, Big { value: floats() }),
        "[f64; 64] as f2" => append(path, Halves { value: floats() }),
        "[Complex<f64>; 64] as c8" => append(path, Complexes { value: complexes() }),
        "[i64; 64] as i4" => {
            let value = array::from_fn(|nth| nth as i64);
            append(path, Integers { value });
        }
        "SystemTime as M8[us]" => append(path, Time { value: now() }),
        "Duration as m8[us]" => {
            let value = Duration::from_micros(7);
            append(path, Span { value });
        }
        "f64 as f2" => append(path, Half { value: 0.3 }),
        "String as S8" => append(path, Bytes { value: text() }),
        "String as U8" => append(path, Text { value: text() }),
        "mixed, 188 bytes" => append(path, mixed()),
        "converted, one by one" => {
            let mut rows = converting(path);
            for _ in 0..ROWS {
                rows.append(black_box(&WIDE)).unwrap();
            }
            rows.close().unwrap();
        }
        "converted, a slice" => {
            let mut rows = converting(path);
            rows.append_slice(&vec![WIDE; ROWS as usize]).unwrap();
            rows.close().unwrap();
        }
        _ => write_by_hand(way.trim_end_matches(BY_HAND), path),
    }
}

const BY_HAND: &str = " by hand";

fn write_by_hand(way: &str, path: &str) {
    match way {
        "[f64; 64] as f4" => by_hand(path, floats(), |value, file| {
            items::<_, 4, 256>(file, value, |item| (*item as f32).to_le_bytes());
        }),
        "[f64; 64] as >f8" => by_hand(path, floats(), |value, file| {
            items::<_, 8, 512>(file, value, |item| item.to_be_bytes());
        }),
        "[f64; 64] as f2" => by_hand(path, floats(), |value, file| {
            items::<_, 2, 128>(file, value, |item| f16::from_f64(*item).to_le_bytes());
        }),
        "[Complex<f64>; 64] as c8" => by_hand(path, complexes(), |value, file| {
            items::<_, 8, 512>(file, value, |item| {
                let (re, im) = (item.re as f32, item.im as f32);
                (u64::from(im.to_bits()) << 32 | u64::from(re.to_bits())).to_le_bytes()
            });
        }),
        "[i64; 64] as i4" => {
            let integers: [i64; 64] = array::from_fn(|nth| nth as i64);
            by_hand(path, integers, |value, file| {
                items::<_, 4, 256>(file, value, |item| {
                    i32::try_from(*item).unwrap().to_le_bytes()
                });
            });
        }
        "SystemTime as M8[us]" => by_hand(path, now(), |value, file| {
            file.write_all(&micros(value)).unwrap();
        }),
        "Duration as m8[us]" => by_hand(path, Duration::from_micros(7), |value, file| {
            let micros = value.as_micros() as i64;
            file.write_all(&micros.to_le_bytes()).unwrap();
        }),
        "f64 as f2" => by_hand(path, 0.3, |value, file| {
            file.write_all(&f16::from_f64(*value).to_le_bytes())
                .unwrap();
        }),
        "String as S8" => by_hand(path, text(), |value, file| {
            file.write_all(&padded(value)).unwrap();
        }),
        "String as U8" => by_hand(path, text(), |value, file| {
            file.write_all(&utf_32(value)).unwrap();
        }),
        "mixed, 188 bytes" => by_hand(path, mixed(), mixed_by_hand),
        _ => by_hand(path, WIDE, converted_by_hand),
    }
}

fn main() {
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    if let (Some(way), Some(path)) = (arguments.next(), arguments.next()) {
        return write_rows(&way, &path);
    }
    let dir = tempfile::tempdir().unwrap();
    let count = |way: &str| {
        let rows = dir.path().join("rows");
        callgrind::instructions(&[way, rows.to_str().unwrap()]) / f64::from(ROWS)
    };
    println!("| a record | instructions | by hand | |\n| --- | --- | --- | --- |");
    for way in WAYS {
        let (ours, by_hand) = (count(way), count(&format!("{way}{BY_HAND}")));
        println!(
            "| {way} | {ours:.1} | {by_hand:.1} | {:.2} |",
            ours / by_hand
        );
    }
}
