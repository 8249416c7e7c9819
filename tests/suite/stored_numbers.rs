//! `dtype = "…"` on a number: every number of its kind or a later one, in both byte orders, as `astype` has it.

use std::{fmt::Debug, fs, path::Path};

use npyrec::{
    __private::BigEndian,
    NpyRecord, StoreAs,
    half::{bf16, f16},
    num_complex::Complex,
};
use serde_json::{Value, json};

use crate::{every_door::through_every_door, numpy::numpy};

/// The pairs of types that are stored as each other, by NumPy's names of both.
struct Pairs<'a> {
    dir: &'a Path,
    compared: Vec<(String, String)>,
}

impl Pairs<'_> {
    /// Compares what values are stored as with what `astype` makes of them.
    fn compare<T, D>(&mut self)
    where
        T: NpyRecord + StoreAs<D> + Clone + Debug,
        D: NpyRecord,
    {
        let (source, target) = (T::dtype().to_string(), D::dtype().to_string());
        let values: Vec<T> = npyrec::read(self.dir.join(format!("{source}.npy"))).unwrap();
        let answer = fs::read(self.dir.join(format!("{source}-{target}"))).unwrap();
        let (held, cast) = answer.split_at(values.len());
        let stored_bytes = cast.chunks_exact(D::ITEMSIZE);
        let is_integer = source.contains(['b', 'i', 'u']);
        let mut refused = 0;
        for ((value, &is_held), expected) in values.iter().zip(held).zip(stored_bytes) {
            let context = format!("{value:?}: {source} as {target}");
            let mut bytes = vec![0; D::ITEMSIZE];
            match value.encode_stored(&mut bytes) {
                Ok(()) => {
                    assert!(is_held == 1, "{context} was stored");
                    assert_eq!(bytes, expected, "{context}");
                    if !is_integer {
                        continue; // A rounded float is another value.
                    }
                    let back = T::decode_stored(&bytes).unwrap();
                    let mut again = vec![0; D::ITEMSIZE];
                    back.encode_stored(&mut again).unwrap();
                    assert_eq!(again, bytes, "{context}, read back");
                }
                Err(error) => {
                    assert!(is_held == 0, "{context}: {error}");
                    refused += 1;
                }
            }
        }
        assert!(refused < values.len(), "{source} as {target}");
        self.compared.push((source, target));
    }
}

/// Compares a type with some of its targets, in both byte orders.
macro_rules! each_target {
    ($pairs:ident, $value:ty: $($target:ty),+) => {$(
        $pairs.compare::<$value, $target>();
        $pairs.compare::<$value, BigEndian<$target>>();
    )+};
}

macro_rules! complexes {
    ($pairs:ident: $($value:ty),+) => {$(
        each_target!($pairs, $value: Complex<f32>, Complex<f64>);
    )+};
}

macro_rules! floats {
    ($pairs:ident: $($value:ty),+) => {$(
        each_target!($pairs, $value: f16, f32, f64);
        $pairs.compare::<$value, bf16>();
        complexes!($pairs: $value);
    )+};
}

macro_rules! integers {
    ($pairs:ident: $($value:ty),+) => {$(
        each_target!($pairs, $value: i8, i16, i32, i64, u8, u16, u32, u64);
        floats!($pairs: $value);
    )+};
}

const SOURCES: &str = "|b1 |i1 <i2 <i4 <i8 |u1 <u2 <u4 <u8 <f2 <V2 <f4 <f8 <c8 <c16";
const TARGETS: &str = "|b1 |i1 <i2 <i4 <i8 |u1 <u2 <u4 <u8 <f2 <V2 <f4 <f8 <c8 <c16 \
                       >i2 >i4 >i8 >u2 >u4 >u8 >f2 >f4 >f8 >c8 >c16";

#[test]
fn every_number_is_stored_as_astype_has_it() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let words = |text: &str| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (sources, targets) = (words(SOURCES), words(TARGETS));
    let levels = numpy.ask(json!({
        "ask": "stored", "sources": sources, "targets": targets, "folder": dir.path(),
    }));
    let mut pairs = Pairs {
        dir: dir.path(),
        compared: Vec::new(),
    };
    pairs.compare::<bool, bool>();
    integers!(pairs: bool, i8, i16, i32, i64, u8, u16, u32, u64);
    floats!(pairs: f16, bf16, f32, f64);
    complexes!(pairs: Complex<f32>, Complex<f64>);
    // All that NumPy calls safe is here.
    let levels = levels.as_array().unwrap().iter().map(Value::as_u64);
    let both = sources
        .iter()
        .flat_map(|source| targets.iter().map(move |target| (source, target)));
    let is_safe = |level: Option<u64>| level.is_some_and(|level| level <= 2);
    let safe: Vec<_> = both
        .zip(levels)
        .filter(|(_, level)| is_safe(*level))
        .map(|(pair, _)| pair)
        .collect();
    assert!(safe.len() > 150, "{}", safe.len());
    for (source, target) in safe {
        let pair = (source.clone(), target.clone());
        assert!(pairs.compared.contains(&pair), "{source} as {target}");
    }
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Converted {
    #[npy(dtype = "i1")]
    small: u32,
    #[npy(dtype = ">f4")]
    count: u64,
    #[npy(dtype = "u1")]
    flags: [bool; 3],
    #[npy(dtype = "c8")]
    real: f64,
}

const CONVERTED: Converted = Converted {
    small: 127,
    count: 1 << 40,
    flags: [true, false, true],
    real: 0.5,
};

#[test]
fn a_record_of_converted_numbers_goes_through_every_door() {
    let expected = json!([127, 2_f64.powi(40), [1, 0, 1], [0.5, 0.0]]);
    through_every_door(
        &CONVERTED,
        expected,
        "(127, 1.0995116e+12, [1, 0, 1], 0.5+0.j)",
    );
}

#[test]
fn a_number_that_the_dtype_does_not_have_is_refused_by_name() {
    let refusal = |record: Converted| {
        record
            .encode(&mut [0; Converted::ITEMSIZE])
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refusal(Converted {
            small: 128,
            ..CONVERTED
        }),
        "field `small`: 128 is out of the range of |i1"
    );
    assert_eq!(
        refusal(Converted {
            count: (1 << 24) + 1,
            ..CONVERTED
        }),
        "field `count`: 16777217 has no equal in >f4"
    );
    assert_eq!(
        refusal(Converted {
            real: 1e39,
            ..CONVERTED
        }),
        "field `real`: 1e39 is out of the range of <c8"
    );
}

#[test]
fn a_stored_number_that_the_type_does_not_have_is_refused_by_name() {
    let mut good = [0; Converted::ITEMSIZE];
    CONVERTED.encode(&mut good).unwrap();
    let refusal = |start: usize, bytes: &[u8]| {
        let mut changed = good;
        changed[start..start + bytes.len()].copy_from_slice(bytes);
        Converted::decode(&changed).unwrap_err().to_string()
    };
    assert_eq!(refusal(0, &[0xff]), "field `small`: -1 does not fit u32");
    assert_eq!(
        refusal(1, &1.5_f32.to_be_bytes()),
        "field `count`: 1.5 does not fit u64"
    );
    assert_eq!(
        refusal(1, &f32::NAN.to_be_bytes()),
        "field `count`: NaN does not fit u64"
    );
    assert_eq!(refusal(6, &[2]), "field `flags[1]`: 2 does not fit bool");
    assert_eq!(
        refusal(12, &1_f32.to_le_bytes()),
        "field `real`: a complex number is not a float"
    );
}
