//! Values are written as NumPy writes them.

use std::fmt::Write;

use npyrec::{
    DType, Kind,
    half::{bf16, f16},
    value::{Array, Record, Value},
};
use serde_json::json;

use crate::{
    numpy::{Numpy, numpy},
    sample::Random,
};

/// The value of a dtype that little-endian bytes are.
fn decode(dtype: &DType, bytes: &[u8]) -> Value {
    match dtype {
        DType::Scalar(scalar) => decode_scalar(&scalar.to_string(), scalar.kind(), bytes),
        DType::Struct(record) => {
            let field = |field: &npyrec::Field| {
                let end = field.offset() + field.dtype().itemsize();
                let value = decode(field.dtype(), &bytes[field.offset()..end]);
                (field.name().to_owned(), value)
            };
            Value::Record(record.fields().iter().map(field).collect())
        }
        DType::Subarray(_) => {
            let (base, shape) = dtype.base_and_shape();
            Value::Array(decode_array(base, &shape, bytes))
        }
        _ => panic!("{dtype}"),
    }
}

fn decode_array(dtype: &DType, shape: &[usize], bytes: &[u8]) -> Array {
    let values = bytes.chunks(dtype.itemsize()).map(|b| decode(dtype, b));
    Array::new(shape, values.collect()).expect("the bytes fill the shape")
}

fn decode_scalar(dtype: &str, kind: Kind, bytes: &[u8]) -> Value {
    let mut word = [0; 8];
    if bytes.len() <= 8 {
        word[..bytes.len()].copy_from_slice(bytes);
    }
    let word = u64::from_le_bytes(word);
    let unused = 64 - 8 * bytes.len().min(8);
    let f4 = |at: usize| f32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let f8 = |at: usize| f64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    match (kind, dtype) {
        (_, "<V2") => Value::BFloat16(bf16::from_bits(word as u16).to_f32()),
        (Kind::Bool, _) => Value::Bool(word != 0),
        (Kind::Int, _) => Value::Int((word << unused) as i64 >> unused),
        (Kind::Uint, _) => Value::Uint(word),
        (_, "<f2") => Value::Float16(f16::from_bits(word as u16).to_f32()),
        (_, "<f4") => Value::Float32(f4(0)),
        (_, "<f8") => Value::Float64(f8(0)),
        (_, "<c8") => Value::Complex64(f4(0), f4(4)),
        (_, "<c16") => Value::Complex128(f8(0), f8(8)),
        (Kind::Datetime(unit), _) => Value::Datetime(word as i64, unit),
        (Kind::Timedelta(unit), _) => Value::Timedelta(word as i64, unit),
        (Kind::Bytes, _) => {
            let end = bytes
                .iter()
                .rposition(|b| *b != 0)
                .map_or(0, |last| last + 1);
            Value::Bytes(bytes[..end].to_vec())
        }
        (Kind::Str, _) => {
            let code = |b: &[u8]| u32::from_le_bytes(b.try_into().unwrap());
            let chars = bytes.chunks(4).map(|b| char::from_u32(code(b)).unwrap());
            Value::Str(chars.collect::<String>().trim_end_matches('\0').to_owned())
        }
        (Kind::Void, _) => Value::Void(bytes.to_vec()),
        _ => panic!("{dtype}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Compares our texts to those that NumPy answers.
fn compare(numpy: &mut Numpy, request: serde_json::Value, texts: &[String]) {
    let descr = request["descr"].clone();
    let answer = numpy.ask(request);
    let expected = answer.as_array().unwrap();
    assert_eq!(texts.len(), expected.len());
    let pairs = texts.iter().zip(expected);
    let differ = pairs.filter(|(text, expected)| Some(&***text) != expected.as_str());
    let differ: Vec<_> = differ.collect();
    let shown: Vec<String> = differ
        .iter()
        .take(8)
        .map(|(text, expected)| format!("ours  {text}\nNumPy {}", expected.as_str().unwrap()))
        .collect();
    assert!(
        differ.is_empty(),
        "{descr}: {} of {} differ\n{}",
        differ.len(),
        texts.len(),
        shown.join("\n")
    );
}

/// The elements of a dtype that are these bytes have the text that `str` gives for NumPy's.
pub fn check_scalars(numpy: &mut Numpy, descr: &str, bytes: &[u8]) -> Vec<String> {
    let dtype: DType = descr.parse().unwrap();
    let values = bytes.chunks(dtype.itemsize()).map(|b| decode(&dtype, b));
    let texts: Vec<String> = values.map(|value| value.to_string()).collect();
    let request = json!({"ask": "scalars", "descr": descr, "hex": hex(bytes)});
    compare(numpy, request, &texts);
    texts
}

/// As well as that, it is what a cast to `S` gives.
fn check_numbers(numpy: &mut Numpy, descr: &str, bytes: &[u8]) {
    let texts = check_scalars(numpy, descr, bytes);
    let request = json!({"ask": "cast", "descr": descr, "hex": hex(bytes)});
    compare(numpy, request, &texts);
}

pub fn check_arrays(numpy: &mut Numpy, descr: &str, shape: &[usize], bytes: &[u8]) {
    let dtype: DType = descr.parse().unwrap();
    let len = shape.iter().product::<usize>() * dtype.itemsize();
    let texts: Vec<String> = bytes
        .chunks(len)
        .map(|b| decode_array(&dtype, shape, b).to_string())
        .collect();
    let request = json!({"ask": "arrays", "descr": descr, "shape": shape, "hex": hex(bytes)});
    compare(numpy, request, &texts);
}

/// Doubles of a few kinds, each such as an array may be full of.
pub fn double(random: &mut Random, kind: u64) -> f64 {
    let any = f64::from_bits(random.next());
    let fraction = random.next() as f64 / u64::MAX as f64;
    let sign = random.pick(&[1.0, 1.0, -1.0]);
    match kind {
        0 => any,
        1 => sign * 10_f64.powf(fraction * 24.0 - 6.0),
        2 => sign * 10_f64.powf(fraction * 2.9 - 2.0),
        3 => random.below(1000) as f64 / 4.0,
        4 => sign * random.below(1 << 20) as f64,
        5 => random.below(100_000) as f64 / 1e4,
        6 => random.pick(&[
            0.0,
            -0.0,
            1.0,
            f64::NAN,
            f64::INFINITY,
            -1.5,
            f64::NEG_INFINITY,
        ]),
        7 => random.pick(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
        _ => {
            let kind = random.below(8);
            double(random, kind)
        }
    }
}

const MANY: usize = 100_000;

fn doubles() -> Vec<f64> {
    let mut random = Random(8);
    let powers = (-1074..1024).map(|exponent| 2_f64.powi(exponent));
    let tens = (-320..309).map(|exponent| format!("1e{exponent}").parse::<f64>().unwrap());
    let near = powers
        .chain(tens)
        .flat_map(|value| [value, value.next_up(), value.next_down()]);
    let special = [
        0.0,
        -0.0,
        f64::NAN,
        -f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    let random = (0..MANY as u64).map(|i| double(&mut random, i % 7));
    near.chain(special).chain(random).collect()
}

fn floats() -> Vec<f32> {
    let mut random = Random(4);
    let all_powers = (-149..128).map(|exponent| 2_f32.powi(exponent));
    let tens = (-46..39).map(|exponent| format!("1e{exponent}").parse::<f32>().unwrap());
    let near = all_powers
        .chain(tens)
        .flat_map(|value| [value, value.next_up(), value.next_down()]);
    let doubles: Vec<f32> = doubles().into_iter().map(|value| value as f32).collect();
    let random = (0..MANY).map(|_| f32::from_bits(random.next() as u32));
    near.chain(random).chain(doubles).collect()
}

#[test]
fn every_number_of_16_bits_is_written_as_numpy_does() {
    let Some(mut numpy) = numpy() else { return };
    let bytes: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_le_bytes).collect();
    for descr in ["<f2", "<i2", "<u2"] {
        check_numbers(&mut numpy, descr, &bytes);
    }
    // What `ml_dtypes` has is not cast to strings by NumPy's rules.
    check_scalars(&mut numpy, "<V2", &bytes);
}

#[test]
fn floats_are_written_as_numpy_does() {
    let Some(mut numpy) = numpy() else { return };
    let bytes: Vec<u8> = floats().into_iter().flat_map(f32::to_le_bytes).collect();
    check_numbers(&mut numpy, "<f4", &bytes);
    let bytes: Vec<u8> = doubles().into_iter().flat_map(f64::to_le_bytes).collect();
    check_numbers(&mut numpy, "<f8", &bytes);
}

#[test]
fn complex_numbers_are_written_as_numpy_does() {
    let Some(mut numpy) = numpy() else { return };
    let mut random = Random(16);
    let mut pairs: Vec<[f64; 2]> = Vec::new();
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        f64::NAN,
        -f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    for re in special {
        pairs.extend(special.map(|im| [re, im]));
    }
    pairs.extend((0..MANY).map(|_| [double(&mut random, 8), double(&mut random, 8)]));
    let doubles: Vec<u8> = pairs
        .iter()
        .flatten()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    check_numbers(&mut numpy, "<c16", &doubles);
    let floats = pairs.iter().flatten().map(|v| *v as f32);
    let floats: Vec<u8> = floats.flat_map(f32::to_le_bytes).collect();
    check_numbers(&mut numpy, "<c8", &floats);
}

#[test]
fn integers_and_truth_values_are_written_as_numpy_does() {
    let Some(mut numpy) = numpy() else { return };
    let ints = [0, 1, -1, i64::MIN, i64::MAX, i64::MIN + 1, 10, -10];
    let bytes: Vec<u8> = ints.into_iter().flat_map(i64::to_le_bytes).collect();
    for descr in ["|i1", "|u1", "<i2", "<u4", "<i4", "<i8", "<u8"] {
        check_numbers(&mut numpy, descr, &bytes);
    }
    check_numbers(&mut numpy, "|b1", &[0, 1]);
}

const UNITS: [&str; 13] = [
    "Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as",
];

/// Ticks that NumPy multiplies by `count` and by seven without an overflow.
fn ticks(random: &mut Random, count: i64) -> Vec<i64> {
    let mut ticks = vec![0, i64::MIN];
    // The first days of years and months, around leap years, the years 0 and 10000.
    let days = [
        59, 60, 365, -1, -719_528, -719_529, -719_162, 2_932_896, 2_932_897, 11_016,
    ];
    for days in days {
        for scale in [1, 24, 1440, 86_400, 86_400_000] {
            ticks.extend([days * scale, days * scale - 1, days * scale + 1]);
        }
    }
    ticks.extend([-1970, -1971, 8029, 8030, -2969, -2970, -11_970]);
    ticks.extend((0..200).map(|bits| random.next() as i64 >> (4 + bits % 58)));
    ticks.retain(|ticks| *ticks == i64::MIN || ticks.checked_mul(count * 8).is_some());
    ticks
}

#[test]
fn times_are_written_as_numpy_does() {
    let Some(mut numpy) = numpy() else { return };
    let mut random = Random(1970);
    for unit in UNITS {
        for count in [1, 2, 7, 25, 100, 1440, 86_400, 999_999, i32::MAX.into()] {
            let bytes: Vec<u8> = ticks(&mut random, count)
                .into_iter()
                .flat_map(i64::to_le_bytes)
                .collect();
            check_numbers(&mut numpy, &format!("<M8[{count}{unit}]"), &bytes);
            check_scalars(&mut numpy, &format!("<m8[{count}{unit}]"), &bytes);
        }
    }
    let bytes: Vec<u8> = [0, 7, -7, i64::MAX, i64::MIN]
        .into_iter()
        .flat_map(i64::to_le_bytes)
        .collect();
    check_scalars(&mut numpy, "<m8", &bytes);
    check_scalars(&mut numpy, "<M8", &i64::MIN.to_le_bytes());
}

/// Values for which NumPy fails or has no text still have a text.
#[test]
fn any_ticks_have_a_text() {
    for unit in UNITS {
        for count in [1, i32::MAX as u32] {
            let unit = format!("{count}{unit}").parse().unwrap();
            for ticks in [i64::MIN + 1, i64::MAX] {
                assert!(Value::Datetime(ticks, unit).to_string().len() > 18);
                assert!(Value::Timedelta(ticks, unit).to_string().len() > 18);
            }
        }
    }
    let years = "100Y".parse().unwrap();
    let last = Value::Datetime(i64::MAX, years).to_string();
    assert_eq!(last, "922337203685477582670");
    let generic = "".parse().unwrap();
    assert_eq!(Value::Datetime(-7, generic).to_string(), "-7");
}

#[test]
fn text_and_bytes_are_written_as_numpy_does() {
    let Some(mut numpy) = numpy() else { return };
    let mut bytes: Vec<u8> = Vec::new();
    for byte in 0..=255 {
        bytes.extend([byte, b'x', byte, b'x']);
        bytes.extend([b'\'', byte, b'"', b'x']);
        bytes.extend([b'\'', byte, 0, 0]);
    }
    check_scalars(&mut numpy, "|S4", &bytes);
    check_scalars(&mut numpy, "|V4", &bytes);
    check_scalars(&mut numpy, "[('a', '|S4')]", &bytes);
    check_arrays(&mut numpy, "|S4", &[6, 4], &bytes);
    let chars = [
        '\0', '\'', '"', '\\', '\n', '\u{7f}', '\u{a0}', 'é', '\u{2028}', '\u{301}', '😀',
    ];
    let mut text = Vec::new();
    for a in chars {
        for b in chars {
            text.extend([a, b, 'x'].map(|c| u32::from(c).to_le_bytes()).concat());
        }
    }
    check_scalars(&mut numpy, "<U3", &text);
    check_scalars(&mut numpy, "[('a', '<U3')]", &text);
    check_arrays(&mut numpy, "<U3", &[11], &text);
}

#[test]
fn records_of_any_length_are_written_as_numpy_does() {
    let Some(mut numpy) = numpy() else { return };
    let mut random = Random(9);
    for len in [1, 60, 100, 190, 240, 255, 256, 300, 600] {
        let descr = format!(
            "[('text', '|S{len}'), ('time', '<M8[as]'), ('a', '<i8'), ('b', '<u8'), ('c', '<f8'), ('d', '<f4'), \
             ('e', '|b1'), ('in', [('span', '<m8[s]'), ('f', '<f2')]), ('end', '<M8[ns]')]"
        );
        let mut bytes = Vec::new();
        for _ in 0..50 {
            let start = random.below(len as u64);
            bytes.extend((0..len).map(|nth| if nth < start as usize { b'x' } else { 0 }));
            for shift in [0, 20, 3] {
                bytes.extend((random.next() as i64 >> shift).to_le_bytes());
            }
            bytes.extend(double(&mut random, 8).to_le_bytes());
            bytes.extend((double(&mut random, 8) as f32).to_le_bytes());
            bytes.push(random.below(2) as u8);
            bytes.extend((random.next() as i64 >> 30).to_le_bytes());
            bytes.extend((random.next() as u16).to_le_bytes());
            bytes.extend((random.next() as i64).to_le_bytes());
        }
        check_scalars(&mut numpy, &descr, &bytes);
    }
}

#[test]
fn what_numpy_would_not_make_has_a_text() {
    let record: Record = [("x", Value::Float16(0.1)), ("y", Value::Int(1))]
        .into_iter()
        .collect();
    assert_eq!(record.to_string(), "(0.1, 1)");
    assert_eq!(Record::default().to_string(), "()");
    let mixed = vec![Value::Int(100), Value::Float64(0.5), Value::Record(record)];
    let mixed = Array::new(&[3], mixed).unwrap();
    assert_eq!(mixed.to_string(), "[100 0.5 (0.1, 1)]");
    for shape in [&[0][..], &[2, 0], &[usize::MAX, 0]] {
        assert_eq!(Array::new(shape, vec![]).unwrap().to_string(), "[]");
    }
    let scalar = Array::new(&[], vec![Value::Str("a".to_owned())]).unwrap();
    assert_eq!(scalar.to_string(), "a");
}
