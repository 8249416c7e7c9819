//! `dtype = "…"` on a float rounds as a cast does, and keeps the bits of a NaN.

use std::path::Path;

use npyrec::{
    AppendOptions, Casting, NpyRecord, ReadOptions,
    half::{bf16, f16},
    num_complex::Complex,
};
use serde_json::json;

use crate::numpy::numpy;

/// Values near the ties of the narrower floats, and random ones in the range of all of them.
fn values() -> Vec<f64> {
    let mut values = vec![0.0, -0.0, f64::INFINITY, f64::MIN_POSITIVE, 65519.0, 5e-8];
    for tie in [8, 11, 24, 25] {
        for odd in 0..4 {
            // Half of the last place, with a bit that is lost first, or without one.
            let middle = 1.0 + f64::from(2 * odd + 1) * 2_f64.powi(-tie);
            for rest in [22, 30, 33, 40, 52] {
                let rest = 2_f64.powi(-rest);
                values.extend([middle, middle + rest, middle - rest, -middle - rest]);
            }
        }
    }
    let mut random = fastrand::Rng::with_seed(5);
    values.extend((0..2_000).map(|_| (random.f64() - 0.5) * 2_f64.powi(random.i32(-30..16))));
    values
}

macro_rules! stored {
    ($record:ident: $value:ty as $dtype:literal) => {
        #[derive(Debug, Clone, NpyRecord)]
        struct $record {
            #[npy(dtype = $dtype)]
            x: $value,
        }
    };
}

stored!(F64AsF4: f64 as "f4");
stored!(F64AsF2: f64 as ">f2");
stored!(F64AsBf16: f64 as "bfloat16");
stored!(F32AsF2: f32 as "f2");
stored!(F32AsBf16: f32 as "bfloat16");
stored!(F32AsF8: f32 as "f8");
stored!(F16AsF4: f16 as "f4");
stored!(F16AsF8: f16 as "f8");
stored!(Bf16AsF4: bf16 as "f4");
stored!(Bf16AsF8: bf16 as "f8");
stored!(ComplexAsC8: Complex<f64> as "c8");
stored!(ComplexAsC16: Complex<f32> as "c16");

/// Returns the data of a file of one struct field.
fn data_of(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    bytes[start..].to_vec()
}

/// Writes numbers by a cast to a dtype.
fn cast_to<T: NpyRecord>(path: &Path, dtype: &str, numbers: &[T]) -> Vec<u8> {
    let dtype = dtype.parse().unwrap();
    drop(npyrec::Appender::create_with_dtype(path, &dtype).unwrap());
    let options = AppendOptions::new().casting(Casting::SameKind);
    let mut appender = options.open::<T>(path).unwrap();
    appender.append_slice(numbers).unwrap();
    appender.close().unwrap();
    data_of(path)
}

fn stored<R: NpyRecord>(path: &Path, rows: &[R]) -> Vec<u8> {
    npyrec::write(path, rows).unwrap();
    data_of(path)
}

#[test]
fn a_derived_float_is_rounded_as_a_cast_and_as_numpy_round_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("floats.npy");
    let wide = values();
    let single: Vec<f32> = wide.iter().map(|&x| x as f32).collect();
    let f4: Vec<_> = wide.iter().map(|&x| F64AsF4 { x }).collect();
    let f2: Vec<_> = wide.iter().map(|&x| F64AsF2 { x }).collect();
    let bf16s: Vec<_> = wide.iter().map(|&x| F64AsBf16 { x }).collect();
    let single_f2: Vec<_> = single.iter().map(|&x| F32AsF2 { x }).collect();
    let single_bf16: Vec<_> = single.iter().map(|&x| F32AsBf16 { x }).collect();
    let found = [
        (
            "f8",
            "<f4",
            stored(&path, &f4),
            cast_to(&path, "<f4", &wide),
        ),
        (
            "f8",
            ">f2",
            stored(&path, &f2),
            cast_to(&path, ">f2", &wide),
        ),
        (
            "f8",
            "bfloat16",
            stored(&path, &bf16s),
            cast_to(&path, "<V2", &wide),
        ),
        (
            "f4",
            "<f2",
            stored(&path, &single_f2),
            cast_to(&path, "<f2", &single),
        ),
        (
            "f4",
            "bfloat16",
            stored(&path, &single_bf16),
            cast_to(&path, "<V2", &single),
        ),
    ];
    for (from, to, derived, cast) in &found {
        assert_eq!(derived, cast, "{from} as {to}");
    }
    let read: Vec<F64AsBf16> = npyrec::read(write(&path, &bf16s)).unwrap();
    let halves = found[2].2.chunks_exact(2);
    let halves = halves.map(|bytes| bf16::from_bits(u16::from_le_bytes([bytes[0], bytes[1]])));
    for (row, half) in read.iter().zip(halves) {
        let kept = f64::from(f32::from(half));
        assert_eq!(row.x.to_bits(), kept.to_bits(), "{half:?}");
    }
    let Some(mut numpy) = numpy() else { return };
    npyrec::write(&path, &wide).unwrap();
    for (from, to, derived, _) in &found {
        let code = format!(
            "import ml_dtypes\n\
             answer = np.load(path).astype('{from}').astype('{to}').tobytes().hex()"
        );
        let expected = numpy.python(&path, &code);
        let hex: String = derived.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(json!(hex), expected, "{from} as {to}");
    }
}

fn write<'a, R: NpyRecord>(path: &'a Path, rows: &[R]) -> &'a Path {
    npyrec::write(path, rows).unwrap();
    path
}

/// Signalling NaNs of both signs, with payloads that the narrowest float holds.
#[test]
fn a_derived_float_keeps_the_bits_of_signalling_nans() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("nans.npy");
    for (sign, payload) in [
        (0, 1),
        (1, 1),
        (0, 0b10_0000),
        (1, 0b11_1111),
        (0, 0b100_0000),
    ] {
        let wide = f64::from_bits(sign << 63 | 0x7ff << 52 | payload << 45);
        let single = f32::from_bits((sign << 31 | 0xff << 23 | payload << 16) as u32);
        let half = f16::from_bits((sign << 15 | 0x1f << 10 | payload << 3) as u16);
        let brain = bf16::from_bits((sign << 15 | 0xff << 7 | payload) as u16);
        macro_rules! keeps {
            ($record:ident, $value:expr, $bytes:expr) => {
                let data = stored(&path, &[$record { x: $value }]);
                assert_eq!(data, $bytes, "{} {sign} {payload}", stringify!($record));
                let read: Vec<$record> = npyrec::read(&path).unwrap();
                let bits = read[0].x.to_bits();
                assert_eq!(
                    bits,
                    $value.to_bits(),
                    "{} {sign} {payload}",
                    stringify!($record)
                );
            };
        }
        keeps!(F64AsF4, wide, single.to_bits().to_le_bytes());
        keeps!(F64AsF2, wide, half.to_bits().to_be_bytes());
        keeps!(F64AsBf16, wide, brain.to_bits().to_le_bytes());
        keeps!(F32AsF2, single, half.to_bits().to_le_bytes());
        keeps!(F32AsBf16, single, brain.to_bits().to_le_bytes());
        keeps!(F32AsF8, single, wide.to_bits().to_le_bytes());
        keeps!(F16AsF4, half, single.to_bits().to_le_bytes());
        keeps!(F16AsF8, half, wide.to_bits().to_le_bytes());
        keeps!(Bf16AsF4, brain, single.to_bits().to_le_bytes());
        keeps!(Bf16AsF8, brain, wide.to_bits().to_le_bytes());

        let x = Complex::new(wide, wide);
        let data = stored(&path, &[ComplexAsC8 { x }]);
        assert_eq!(data, [single.to_bits().to_le_bytes(); 2].concat());
        let x = Complex::new(single, single);
        let data = stored(&path, &[ComplexAsC16 { x }]);
        assert_eq!(data, [wide.to_bits().to_le_bytes(); 2].concat());
    }
}

/// As a `long double` of x87 a NaN has the payload of an `f8` before eleven zeros.
#[test]
fn a_nan_keeps_its_bits_as_a_long_double() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long.npy");
    for bits in [1_u64, 1 << 50, (1 << 51) - 1, 1 << 51, (1 << 52) - 1] {
        for sign in [0, 1 << 63] {
            let nan = f64::from_bits(sign | 0x7ff << 52 | bits);
            let data = cast_to(&path, "<f16", &[nan]);
            if cfg!(target_arch = "x86_64") {
                assert_eq!(data[..8], (1 << 63 | bits << 11).to_le_bytes());
                assert_eq!(data[8..10], [0xff, if sign == 0 { 0x7f } else { 0xff }]);
            }
            let options = ReadOptions::new().casting(Casting::SameKind);
            let read = options.read::<f64>(&path).unwrap();
            assert_eq!(read[0].to_bits(), nan.to_bits());
        }
    }
}
