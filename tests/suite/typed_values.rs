//! Files of NumPy read with a type.

use crate::{
    corpus::{Entry, corpus},
    mapped::map_flat,
    values::{assert_same, elements, has_surrogates},
};
use npyrec::{
    Bytes, Datetime64, NpyRecord, Order, ReadOptions, Str, Timedelta64, Value, Void,
    half::{bf16, f16},
    num_complex::Complex,
    unit,
};
use serde_json::Value as Json;
use std::path::Path;

pub fn element(shape: &[usize], mut values: Vec<Value>) -> Value {
    match shape {
        [] => values.remove(0),
        _ => Value::Array(npyrec::value::Array::new(shape, values).unwrap()),
    }
}

fn encoded<T: NpyRecord>(records: &[T]) -> Vec<Vec<u8>> {
    let encoded = records.iter().map(|record| {
        let mut bytes = vec![0; T::ITEMSIZE];
        record.encode(&mut bytes).unwrap();
        bytes
    });
    encoded.collect()
}

/// Reads the elements of a file as records of type `T`, which may take a conversion, and returns
/// them as values of a file of `T`.
fn typed<T: NpyRecord>(entry: &Entry, path: &Path) -> Vec<Json> {
    let flat = ReadOptions::new().flat(true);
    let options = flat.in_c_order(true);
    let records = options
        .read::<T>(&entry.path)
        .unwrap_or_else(|e| panic!("{e}"));
    let reader = options.open::<T>(&entry.path).unwrap();
    assert_eq!(
        (reader.shape(), reader.order()),
        (&*entry.shape, Order::C),
        "{:?}",
        entry.path
    );
    assert_eq!(reader.remaining(), records.len() as u64);
    let mapped = map_flat::<T>(&entry.path).unwrap();
    let mapped: Vec<T> = mapped.iter().map(Result::unwrap).collect();
    let as_they_lie = flat.read::<T>(&entry.path).unwrap();
    assert_eq!(encoded(&mapped), encoded(&as_they_lie), "{:?}", entry.path);
    if entry.order == Order::C {
        assert_eq!(encoded(&mapped), encoded(&records), "{:?}", entry.path);
    }
    npyrec::write(path, &records).unwrap();
    elements(path)
}

macro_rules! by_dtype {
    ($descr:expr, $entry:expr, $path:expr, $($name:literal: $type:ty),+ $(,)?) => {
        match $descr {
            $($name => Some(typed::<$type>($entry, $path)),)+
            _ => None,
        }
    };
}

/// The elements of a file of scalars, read with the type of that dtype in this machine's order.
fn typed_elements(entry: &Entry, path: &Path) -> Option<Vec<Json>> {
    let name = entry.descr.get(1..).unwrap_or_default();
    by_dtype!(name, entry, path,
        "b1": bool, "i1": i8, "i2": i16, "i4": i32, "i8": i64, "u1": u8, "u2": u16, "u4": u32,
        "u8": u64, "f2": f16, "f4": f32, "f8": f64, "c8": Complex<f32>, "c16": Complex<f64>,
        "S1": Bytes<1>, "S5": Bytes<5>, "U1": Str<1>, "U4": Str<4>, "V1": Void<1>, "V4": Void<4>,
        "M8": Datetime64<unit::Generic>, "M8[Y]": Datetime64<unit::Year>,
        "M8[D]": Datetime64<unit::Day>, "M8[ns]": Datetime64<unit::Nanosecond>,
        "M8[25us]": Datetime64<unit::Multiple<unit::Microsecond, 25>>,
        "m8": Timedelta64<unit::Generic>, "m8[M]": Timedelta64<unit::Month>,
        "m8[s]": Timedelta64<unit::Second>, "m8[7D]": Timedelta64<unit::Multiple<unit::Day, 7>>,
    )
    .or_else(|| (entry.descr == "<V2").then(|| typed::<bf16>(entry, path)))
}

#[test]
fn with_a_type_every_file_of_scalars_gives_the_values_that_numpy_gives() {
    let Some(entries) = corpus() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("typed.npy");
    let mut checked = 0;
    let entries = entries
        .iter()
        .filter(|entry| !entry.refused && !has_surrogates(entry));
    for entry in entries {
        if let Some(found) = typed_elements(entry, &path) {
            assert_same(entry, &found);
            checked += 1;
        }
    }
    assert!(checked > 400, "{checked}");
}

#[derive(NpyRecord)]
struct Plain {
    time: Datetime64<unit::Nanosecond>,
    price: f64,
    size: u32,
    side: Bytes<1>,
    live: bool,
}

#[derive(NpyRecord)]
struct OneField {
    a: i32,
}

#[derive(NpyRecord)]
struct BigEndian {
    a: i32,
    b: Complex<f64>,
    c: Str<3>,
    d: Timedelta64<unit::Multiple<unit::Day, 7>>,
    e: f16,
}

#[derive(NpyRecord)]
struct MixedOrders {
    a: i32,
    b: i32,
    c: Str<2>,
    d: Str<2>,
    e: Point,
}

#[derive(NpyRecord)]
struct Point {
    x: f32,
    y: f32,
}

#[derive(NpyRecord)]
struct Latin1 {
    é: i32,
    b: bool,
}

#[derive(NpyRecord)]
struct NestedArrays {
    a: i32,
    b: [Inner; 3],
}

#[derive(NpyRecord)]
struct Inner {
    c: [f32; 2],
}

#[test]
fn with_a_struct_files_of_records_give_the_values_that_numpy_gives() {
    let Some(entries) = corpus() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("typed.npy");
    let mut checked = 0;
    let mut check = |name: &str, typed: fn(&Entry, &Path) -> Vec<Json>| {
        let is_of_name = |entry: &&Entry| {
            let file = entry.path.file_name().unwrap().to_str().unwrap();
            entry.descr.starts_with('[')
                && file
                    .trim_start_matches(|c: char| c.is_ascii_digit() || c == '-')
                    .starts_with(name)
        };
        for entry in entries.iter().filter(is_of_name) {
            assert_same(entry, &typed(entry, &path));
            checked += 1;
        }
    };
    check("plain-", typed::<Plain>);
    check("one-field-", typed::<OneField>);
    check("big-endian-", typed::<BigEndian>);
    check("mixed-orders-", typed::<MixedOrders>);
    check("latin1-padding.npy", typed::<Latin1>);
    check("nested.npy", typed::<NestedArrays>);
    assert!(checked >= 22, "{checked}");
}
