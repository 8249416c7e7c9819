//! A signalling NaN that is read and written again has the bits that it had.

use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

use npyrec::{
    AppendOptions, Appender, Casting, Header, NpyFile, NpyRecord, Order, ReadOptions, Reader,
    Value,
    half::{bf16, f16},
    npz,
    num_complex::Complex,
    stream,
};

/// Signalling and quiet NaNs of both signs, with payloads, as the bits of a float of a width and a
/// length of its mantissa.
fn nans(bits: u32, mantissa: u32) -> Vec<u64> {
    let exponent = ((1_u64 << (bits - 1 - mantissa)) - 1) << mantissa;
    let quiet = 1_u64 << (mantissa - 1);
    let payloads = [
        1,
        2,
        3,
        quiet - 1,
        quiet >> 1,
        quiet,
        quiet | 1,
        quiet | (quiet - 1),
    ];
    let signs = [0, 1_u64 << (bits - 1)];
    let payloads = payloads.into_iter();
    payloads
        .flat_map(|payload| signs.map(|sign| sign | exponent | payload))
        .collect()
}

/// A dtype, the size of its floats, and the bytes of an array of NaNs of it.
fn arrays() -> Vec<(&'static str, usize, Vec<u8>)> {
    let formats = [
        ("<f2", 16, 10, 1),
        (">f2", 16, 10, 1),
        ("<V2", 16, 7, 1),
        ("<f4", 32, 23, 1),
        (">f4", 32, 23, 1),
        ("<f8", 64, 52, 1),
        (">f8", 64, 52, 1),
        ("<c8", 32, 23, 2),
        (">c8", 32, 23, 2),
        ("<c16", 64, 52, 2),
        (">c16", 64, 52, 2),
    ];
    let array = |(dtype, bits, mantissa, _): (&'static str, u32, u32, usize)| {
        let size = bits as usize / 8;
        let bytes = nans(bits, mantissa).into_iter().flat_map(|nan| {
            let mut bytes = nan.to_le_bytes()[..size].to_vec();
            if dtype.starts_with('>') {
                bytes.reverse();
            }
            bytes
        });
        (dtype, size, bytes.collect())
    };
    formats.map(array).into()
}

fn saved(dir: &Path, dtype: &str, data: &[u8]) -> PathBuf {
    let dtype: npyrec::DType = dtype.parse().unwrap();
    let rows = data.len() as u64 / dtype.itemsize() as u64;
    let header = Header::new(dtype, Order::C, &[rows]).unwrap();
    let path = dir.join("nans.npy");
    fs::write(&path, [header.to_bytes(), data.to_vec()].concat()).unwrap();
    path
}

fn data_of(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()[128..].to_vec()
}

#[test]
fn values_keep_the_bits_of_signalling_nans() {
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("copy.npy");
    for (dtype, _, data) in arrays() {
        for text in [
            dtype.to_owned(),
            format!("[('x', '{dtype}'), ('y', '{dtype}')]"),
        ] {
            let path = saved(dir.path(), &text, &data);
            let parsed = text.parse().unwrap();
            let file = NpyFile::open(&path).unwrap();
            let values: Vec<Value> = file.rows().map(Result::unwrap).collect();
            let streamed = Reader::<Value>::new(fs::File::open(&path).unwrap()).unwrap();
            let streamed: Vec<Value> = streamed.map(Result::unwrap).collect();
            for values in [values, streamed] {
                let mut appender = Appender::create_with_dtype(&copy, &parsed).unwrap();
                appender.extend(&values).unwrap();
                appender.close().unwrap();
                assert_eq!(data_of(&copy), data, "{text}");
            }
        }
    }
}

/// Reads and writes an array of records by every typed door.
fn typed<T: NpyRecord + Clone>(dir: &Path, dtype: &str, other: &str, size: usize, data: &[u8]) {
    let copy = dir.join("copy.npy");
    let path = saved(dir, dtype, data);
    let records: Vec<T> = ReadOptions::new()
        .casting(Casting::Equiv)
        .read::<T>(&path)
        .unwrap();
    let little: Vec<u8> = match dtype.starts_with('>') {
        true => data
            .chunks(size)
            .flat_map(|part| part.iter().rev().copied())
            .collect(),
        false => data.to_vec(),
    };
    npyrec::write(&copy, &records).unwrap();
    assert_eq!(data_of(&copy), little, "{dtype}");

    let empty = saved(dir, other, &[]);
    let options = AppendOptions::new().casting(Casting::Equiv);
    let mut appender = options.open::<T>(&empty).unwrap();
    appender.append_slice(&records).unwrap();
    appender.close().unwrap();
    let swapped: Vec<u8> = match other.starts_with('>') {
        true => little
            .chunks(size)
            .flat_map(|part| part.iter().rev().copied())
            .collect(),
        false => little.clone(),
    };
    assert_eq!(data_of(&empty), swapped, "{dtype} as {other}");

    let mut archive = npz::Writer::new(Cursor::new(Vec::new()));
    archive.write("nans", &records).unwrap();
    let archive = archive.finish().unwrap();
    let mut archive = npz::Reader::new(archive).unwrap();
    let mut read = archive.read::<T>("nans").unwrap();
    let mut arrays = stream::Writer::new(Vec::new());
    arrays.write(&read).unwrap();
    let arrays = arrays.into_inner();
    let mut arrays = stream::Reader::new(&arrays[..]);
    let array = arrays.next_array().unwrap().unwrap();
    read = array.read::<T>().unwrap();
    let mut appender = Appender::<T>::create(&copy).unwrap();
    read.iter()
        .for_each(|record| appender.append(record).unwrap());
    appender.close().unwrap();
    assert_eq!(data_of(&copy), little, "{dtype}");
}

#[test]
fn records_keep_the_bits_of_signalling_nans() {
    let dir = tempfile::tempdir().unwrap();
    for (dtype, size, data) in arrays() {
        let order = if dtype.starts_with('<') { ">" } else { "<" };
        let (_, name) = dtype.split_at(1);
        let other = format!("{order}{name}");
        match name {
            "f2" => typed::<f16>(dir.path(), dtype, &other, size, &data),
            "f4" => typed::<f32>(dir.path(), dtype, &other, size, &data),
            "f8" => typed::<f64>(dir.path(), dtype, &other, size, &data),
            "c8" => typed::<Complex<f32>>(dir.path(), dtype, &other, size, &data),
            "c16" => typed::<Complex<f64>>(dir.path(), dtype, &other, size, &data),
            _ => typed::<bf16>(dir.path(), dtype, dtype, size, &data),
        }
    }
}
