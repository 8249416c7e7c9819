//! What may be cast, and to what, against `np.can_cast` and `astype`.

use std::{fs, path::Path};

use npyrec::{
    Bytes, Casting, Datetime64, ErrorKind, NpyRecord, ReadOptions, Scalar, Str, Timedelta64, Void,
    half::{bf16, f16},
    num_complex::Complex,
    unit,
};
use serde_json::json;

use crate::numpy::{Numpy, numpy, shares_long_double};

const LEVELS: [Casting; 4] = [
    Casting::No,
    Casting::Equiv,
    Casting::Safe,
    Casting::SameKind,
];

/// All scalar dtypes, in both byte orders, with a few lengths for texts and raw bytes.
fn dtypes() -> Vec<String> {
    let mut names: Vec<String> = "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 f16 c8 c16 c32 \
         S1 S3 S4 S5 S6 S10 S11 S20 S21 S32 S48 S64 S96 U1 U3 U5 U20 U21 U32 U48 U64 U96 \
         V1 V2 V4 V7 V8 V16 V32 V64"
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let units =
        "Y M W D h m s ms us ns ps fs as 7D 25us 12M 2Y 86400s 3h 1500ms".split_whitespace();
    let units: Vec<String> = units.map(|unit| format!("8[{unit}]")).collect();
    for kind in ["M", "m"] {
        names.push(format!("{kind}8"));
        names.extend(units.iter().map(|unit| format!("{kind}{unit}")));
    }
    let orders = ["<", ">"].into_iter();
    orders
        .flat_map(|order| names.iter().map(move |name| format!("{order}{name}")))
        .collect()
}

#[test]
fn every_pair_of_scalars_is_cast_where_numpy_casts_it() {
    let Some(mut numpy) = numpy() else { return };
    let names = dtypes();
    let levels = numpy.ask(json!({"ask": "can_cast", "dtypes": names}));
    let scalars: Vec<Scalar> = names.iter().map(|name| name.parse().unwrap()).collect();
    let mut checked = 0;
    for (from, levels) in scalars.iter().zip(levels.as_array().unwrap()) {
        for (to, level) in scalars.iter().zip(levels.as_array().unwrap()) {
            // A void of two bytes is taken for the `bfloat16` that it may have been.
            let are_both =
                |text: &str| from.to_string().ends_with(text) && to.to_string().ends_with(text);
            if are_both("V2") {
                assert!(from.can_cast(*to, Casting::No));
                continue;
            }
            if from.kind() == npyrec::Kind::Complex && to.to_string() == "<V2" {
                // A `bfloat16` that `ml_dtypes` makes of it loses the imaginary part.
                assert!(!from.can_cast(*to, Casting::SameKind));
                continue;
            }
            for (nth, casting) in LEVELS.into_iter().enumerate() {
                let expected = level.as_u64().is_some_and(|least| least as usize <= nth);
                assert_eq!(
                    from.can_cast(*to, casting),
                    expected,
                    "{from} as {to}, {casting}"
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 100_000, "{checked}");
}

/// Casts a file of each dtype to records of type `T`, as `astype` does, at each level that allows it.
fn agrees<T: NpyRecord>(numpy: &mut Numpy, folder: &Path, shares_long_double: bool) -> usize {
    let to = T::dtype().to_string();
    let files = numpy.ask(json!({"ask": "astype", "dtypes": dtypes(), "to": to, "folder": folder}));
    let mut checked = 0;
    for file in files.as_array().unwrap() {
        let path = folder.join(file["file"].as_str().unwrap());
        let from = file["from"].as_str().unwrap();
        let is_long_double = from.ends_with("f16") || from.ends_with("c32");
        if is_long_double && !shares_long_double {
            continue;
        }
        // The text of a `long double` is not given, as it is rounded.
        let is_long = is_long_double && to.contains(['S', 'U']);
        let least = file["level"].as_u64().filter(|_| !is_long);
        let is_complex = from.contains('c') && to == "<V2";
        let least = least.filter(|_| !is_complex);
        if from == ">V2" && to == "<V2" {
            continue;
        }
        for (nth, casting) in LEVELS.into_iter().enumerate() {
            let rows = ReadOptions::new().casting(casting).read::<T>(&path);
            if least.is_none_or(|least| nth < least as usize) {
                let error = rows
                    .err()
                    .unwrap_or_else(|| panic!("{from} as {to}, {casting}"));
                assert_eq!(error.kind(), ErrorKind::DType, "{from} as {to}: {error}");
                continue;
            }
            let rows = rows.unwrap_or_else(|e| panic!("{from} as {to}: {e}"));
            let mut bytes = vec![0; rows.len() * T::ITEMSIZE];
            for (row, place) in rows.iter().zip(bytes.chunks_exact_mut(T::ITEMSIZE)) {
                row.encode(place).unwrap();
            }
            let expected = fs::read(path.with_extension("cast")).unwrap();
            let differs = bytes
                .chunks(T::ITEMSIZE)
                .zip(expected.chunks(T::ITEMSIZE))
                .position(|(found, expected)| found != expected && !are_nan(&to, found, expected));
            if let Some(at) = differs {
                let range = at * T::ITEMSIZE..(at + 1) * T::ITEMSIZE;
                panic!(
                    "{from} as {to}, {casting}, row {at}: found {:?}, expected {:?}",
                    bytes[range.clone()].escape_ascii().to_string(),
                    expected[range].escape_ascii().to_string()
                );
            }
            assert_eq!(bytes.len(), expected.len());
            checked += 1;
        }
    }
    checked
}

/// Returns true if both are NaN. C leaves the kind of NaN open.
fn are_nan(dtype: &str, found: &[u8], expected: &[u8]) -> bool {
    let parts = |bytes: &[u8]| -> Vec<Option<u64>> {
        let part = |bytes: &[u8]| match bytes.len() {
            2 if dtype == "<V2" => f64::from(bf16::from_le_bytes(bytes.try_into().unwrap())),
            2 => f64::from(f16::from_le_bytes(bytes.try_into().unwrap())),
            4 => f64::from(f32::from_le_bytes(bytes.try_into().unwrap())),
            _ => f64::from_le_bytes(bytes.try_into().unwrap()),
        };
        let len = if dtype.contains('c') {
            bytes.len() / 2
        } else {
            bytes.len()
        };
        let parts = bytes.chunks(len).map(part);
        parts
            .map(|part| (!part.is_nan()).then_some(part.to_bits()))
            .collect()
    };
    (dtype.starts_with("<f") || dtype == "<V2" || dtype.starts_with("<c"))
        && parts(found) == parts(expected)
}

macro_rules! agrees {
    ($($name:ident: $($type:ty),+;)+) => {$(
        #[test]
        fn $name() {
            let shares_long_double = shares_long_double();
            let Some(mut numpy) = numpy() else { return };
            let dir = tempfile::tempdir().unwrap();
            $({
                let checked = agrees::<$type>(&mut numpy, dir.path(), shares_long_double);
                assert!(checked > 3, "{} of {checked}", <$type>::dtype());
            })+
        }
    )+};
}

agrees! {
    numbers_are_those_of_astype: bool, i8, i16, i32, i64, u8, u16, u32, u64, f16, f32, f64, bf16,
        Complex<f32>, Complex<f64>;
    texts_are_those_of_astype: Bytes<1>, Bytes<5>, Bytes<21>, Bytes<32>, Bytes<64>, Str<1>, Str<5>,
        Str<32>, Str<64>;
    voids_are_those_of_astype: Void<1>, Void<4>, Void<8>, Void<32>;
    times_are_those_of_astype: Datetime64<unit::Generic>, Datetime64<unit::Year>,
        Datetime64<unit::Month>, Datetime64<unit::Week>, Datetime64<unit::Day>,
        Datetime64<unit::Second>, Datetime64<unit::Nanosecond>, Datetime64<unit::Attosecond>,
        Datetime64<unit::Multiple<unit::Day, 7>>, Datetime64<unit::Multiple<unit::Month, 5>>;
    durations_are_those_of_astype: Timedelta64<unit::Generic>, Timedelta64<unit::Year>,
        Timedelta64<unit::Month>, Timedelta64<unit::Day>, Timedelta64<unit::Second>,
        Timedelta64<unit::Nanosecond>, Timedelta64<unit::Multiple<unit::Second, 7>>;
}
