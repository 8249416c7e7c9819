//! Arrays that are stored as another dtype are encoded in loops over many items; each item has the bytes that it
//! has alone.

use std::{
    fmt::Debug,
    time::{Duration, SystemTime},
};

use npyrec::{
    __private::BigEndian,
    Datetime64, NpyRecord, StoreAs, Timedelta64,
    half::{bf16, f16},
    num_complex::Complex,
    unit::{self, FixedUnit},
};

/// Encodes arrays of `N` items, and compares each with its items. Returns the number of arrays that were stored and
/// that were refused.
fn compare_arrays<T, D, const N: usize>(values: &[T]) -> (usize, usize)
where
    T: StoreAs<D> + Copy + Debug,
{
    let (mut stored, mut refused) = (0, 0);
    for window in values.windows(N).step_by(N / 3 + 1) {
        let array: [T; N] = window.try_into().unwrap();
        let mut expected = vec![0; N * T::STORED_ITEMSIZE];
        let places = expected.chunks_exact_mut(T::STORED_ITEMSIZE);
        let failed = places
            .zip(array)
            .enumerate()
            .find_map(|(index, (place, item))| {
                let error = item.encode_stored(place).err()?;
                Some(format!("element [{index}]: {error}"))
            });
        let mut found = vec![0; N * T::STORED_ITEMSIZE];
        match (array.encode_stored(&mut found), failed) {
            (Ok(()), None) => {
                assert_eq!(found, expected, "{array:?}");
                let mut nested = vec![0; found.len()];
                [array].encode_stored(&mut nested).unwrap();
                assert_eq!(nested, expected, "{array:?} in an array");
                stored += 1;
            }
            (Err(error), Some(expected)) => {
                assert_eq!(error.to_string(), expected, "{array:?}");
                refused += 1;
            }
            (found, expected) => panic!("{array:?}: {found:?} instead of {expected:?}"),
        }
    }
    (stored, refused)
}

/// Compares arrays of lengths around the number of items that a loop takes at once.
fn compare<T: StoreAs<D> + Copy + Debug, D>(values: &[T], is_refused: bool) {
    let counts = [
        compare_arrays::<T, D, 1>(values),
        compare_arrays::<T, D, 7>(values),
        compare_arrays::<T, D, 8>(values),
        compare_arrays::<T, D, 65>(values),
        compare_arrays::<T, D, 130>(values),
    ];
    for (stored, refused) in counts {
        assert!(stored > 0);
        assert!(refused == 0 || is_refused);
    }
    let refused: usize = counts.iter().map(|(_, refused)| refused).sum();
    assert_eq!(refused > 0, is_refused);
}

/// Finite floats of every size around the limits of each type, ties among them.
fn finite() -> Vec<f64> {
    let mut random = fastrand::Rng::with_seed(7);
    let number = |_| {
        let exponent = random.u64(1023 - 30..1023 + 15);
        let mantissa = match random.u8(..4) {
            0 => random.u64(..1 << 52),
            1 => random.u64(..1 << 11) << 41, // A half and one bit more: a tie.
            2 => random.u64(..1 << 11) << 41 | 1,
            _ => (random.u64(..1 << 11) << 41) | ((1 << 41) - 1),
        };
        f64::from_bits(random.u64(..2) << 63 | exponent << 52 | mantissa)
    };
    (0..3000).map(number).collect()
}

/// Finite floats, and some that are infinite, NaN or tiny.
fn with_special() -> Vec<f64> {
    let special = [
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        f64::from_bits(0x7ff0_0000_0000_0001), // A signalling NaN.
        f64::from_bits(0xfff4_0000_2000_0000),
        0.0,
        -0.0,
        f64::from_bits(1),
        f64::from(f32::MIN_POSITIVE) / 4.0,
    ];
    let mut floats = finite();
    for (nth, special) in special.into_iter().cycle().take(90).enumerate() {
        floats.insert(1500 + nth * 11, special);
    }
    floats
}

/// Floats around the least number that is rounded to infinity, among others.
fn with_large(least: f64) -> Vec<f64> {
    let mut floats = with_special();
    for (nth, large) in [least, -least, least.next_down(), f64::MAX]
        .into_iter()
        .enumerate()
    {
        floats.insert(2000 + nth * 200, large);
    }
    floats
}

#[test]
fn floats_in_arrays_are_stored_as_single_floats_are() {
    let least = [
        65520.0,
        f64::from(f32::from_bits(0x7f7f_8000)),
        f64::from_bits(0x47ef_ffff_f000_0000),
    ];
    let [to_f16, to_bf16, to_f32] = least.map(with_large);
    for values in [finite(), with_special()] {
        compare::<f64, f16>(&values, false);
        compare::<f64, bf16>(&values, false);
        compare::<f64, f32>(&values, false);
        compare::<f64, f64>(&values, false);
        compare::<f64, BigEndian<f64>>(&values, false);
        compare::<f64, Complex<f32>>(&values, false);
    }
    compare::<f64, f16>(&to_f16, true);
    compare::<f64, BigEndian<f16>>(&to_f16, true);
    compare::<f64, bf16>(&to_bf16, true);
    compare::<f64, f32>(&to_f32, true);
    compare::<f64, BigEndian<f32>>(&to_f32, true);
    let narrow: Vec<f32> = to_f16.iter().map(|&value| value as f32).collect();
    compare::<f32, f16>(&narrow, true);
    compare::<f32, BigEndian<f16>>(&narrow, true);
    compare::<f32, f64>(&narrow, false);
    compare::<f32, BigEndian<f64>>(&narrow, false);
    compare::<f32, BigEndian<f32>>(&narrow, false);
    let halves: Vec<f16> = (0..=u16::MAX).step_by(3).map(f16::from_bits).collect();
    compare::<f16, f32>(&halves, false);
    compare::<f16, f64>(&halves, false);
    compare::<f16, bf16>(&halves, false);
    compare::<f16, BigEndian<f16>>(&halves, false);
    let brains: Vec<bf16> = (0..=u16::MAX).step_by(3).map(bf16::from_bits).collect();
    compare::<bf16, f32>(&brains, false);
    compare::<bf16, f64>(&brains, false);
    compare::<bf16, f16>(&brains, true);
}

#[test]
fn large_floats_whose_sum_is_infinite_are_stored() {
    let large = [f64::from(f32::MAX); 64];
    let mut bytes = [0; 256];
    StoreAs::<f32>::encode_stored(&large, &mut bytes).unwrap();
    assert!(
        bytes
            .as_chunks()
            .0
            .iter()
            .all(|&item| f32::from_le_bytes(item) == f32::MAX)
    );
}

#[test]
fn complex_numbers_in_arrays_are_stored_as_single_numbers_are() {
    let complex = |values: Vec<f64>| -> Vec<Complex<f64>> {
        values
            .windows(2)
            .map(|parts| Complex::new(parts[0], parts[1]))
            .collect()
    };
    let large = complex(with_large(f64::from_bits(0x47ef_ffff_f000_0000)));
    compare::<_, Complex<f32>>(&complex(with_special()), false);
    compare::<_, Complex<f32>>(&large, true);
    compare::<_, BigEndian<Complex<f32>>>(&large, true);
    compare::<_, BigEndian<Complex<f64>>>(&large, false);
    let narrow: Vec<_> = large
        .iter()
        .map(|z| Complex::new(z.re as f32, z.im as f32))
        .collect();
    compare::<_, Complex<f64>>(&narrow, false);
}

/// Compares integers that fit each type, and after them some that do not.
macro_rules! integers {
    ($($value:ident: $($target:ident $is_refused:literal),+;)+) => {$(
        let mut random = fastrand::Rng::with_seed(3);
        let mut values: Vec<$value> = (0..1000).map(|_| random.u8(..128) as $value).collect();
        let ends = [$value::MIN, $value::MAX, 128, 255, 256, 32767, 32768, 65535, 65536, 1 << 31];
        values.extend(ends.iter().cycle().take(130));
        $(
            compare::<$value, $target>(&values, $is_refused);
            compare::<$value, BigEndian<$target>>(&values, $is_refused);
        )+
    )+};
}

#[test]
#[allow(clippy::cast_lossless)]
fn integers_in_arrays_are_stored_as_single_integers_are() {
    integers! {
        i64: i8 true, u8 true, i16 true, u16 true, i32 true, u32 true, u64 true, f32 true, f64 true;
        u32: i8 true, i16 true, i32 true, i64 false, u64 false, f64 false;
        i128: i8 true, i64 true, u64 true;
        u128: u8 true, u64 true, i64 true;
    }
}

/// Compares times around the limits of a unit with exact arithmetic.
fn compare_times<U: FixedUnit>() {
    const NANOSECOND: i128 = 1_000_000_000;
    let (mut stored, mut refused) = (0, 0);
    // Coarse units hold every time of this system.
    let is_coarse = U::ATTOSECONDS > 1_000_000_000_000;
    let attoseconds = if is_coarse {
        NANOSECOND
    } else {
        U::ATTOSECONDS
    };
    let limit = (i128::from(i64::MAX) * attoseconds) / NANOSECOND;
    let mut times = vec![
        0,
        1,
        999_999_999,
        1_700_000_000_123_456_789,
        86_400_000_000_000,
        i64::MAX.into(),
    ];
    times.extend([
        limit,
        limit + 1,
        limit + U::ATTOSECONDS / NANOSECOND,
        limit / 2,
        limit / 3,
    ]);
    let times = times
        .iter()
        .flat_map(|&nanos| [nanos, -nanos, nanos + 1, -nanos - 1]);
    for nanos in times {
        let ticks = (nanos * NANOSECOND).div_euclid(U::ATTOSECONDS);
        let expected = i64::try_from(ticks).ok().filter(|&ticks| ticks != i64::MIN);
        let magnitude = nanos.unsigned_abs();
        let Ok(seconds) = u64::try_from(magnitude / 1_000_000_000) else {
            continue;
        };
        let span = Duration::new(seconds, (magnitude % 1_000_000_000) as u32);
        let time = match nanos < 0 {
            true => SystemTime::UNIX_EPOCH.checked_sub(span),
            false => SystemTime::UNIX_EPOCH.checked_add(span),
        };
        if let Some(time) = time {
            let found = Datetime64::<U>::try_from(time).ok().map(Datetime64::ticks);
            assert_eq!(
                found,
                expected,
                "{nanos} ns in {}",
                Datetime64::<U>::dtype()
            );
            *(if found.is_some() {
                &mut stored
            } else {
                &mut refused
            }) += 1;
        }
        if nanos >= 0 {
            let found = Timedelta64::<U>::try_from(span)
                .ok()
                .map(Timedelta64::ticks);
            assert_eq!(
                found,
                expected,
                "{nanos} ns in {}",
                Timedelta64::<U>::dtype()
            );
        }
    }
    assert!(stored > 5, "{}", Datetime64::<U>::dtype());
    assert!(refused > 5 || is_coarse, "{}", Datetime64::<U>::dtype());
}

#[test]
fn times_are_rounded_down_to_each_unit_as_by_exact_arithmetic() {
    compare_times::<unit::Week>();
    compare_times::<unit::Hour>();
    compare_times::<unit::Second>();
    compare_times::<unit::Multiple<unit::Second, 7>>();
    compare_times::<unit::Millisecond>();
    compare_times::<unit::Multiple<unit::Millisecond, 25>>();
    compare_times::<unit::Multiple<unit::Millisecond, 7>>();
    compare_times::<unit::Multiple<unit::Millisecond, 1500>>();
    compare_times::<unit::Microsecond>();
    compare_times::<unit::Nanosecond>();
    compare_times::<unit::Multiple<unit::Nanosecond, 3>>();
    compare_times::<unit::Picosecond>();
    compare_times::<unit::Multiple<unit::Picosecond, 250>>();
    compare_times::<unit::Multiple<unit::Picosecond, 300>>();
    compare_times::<unit::Femtosecond>();
    compare_times::<unit::Attosecond>();
}

#[test]
fn texts_that_are_not_ascii_are_stored_character_by_character() {
    for text in [
        "",
        "a",
        "EURUSD",
        "12345678",
        "\u{e4}",
        "a\u{e4}b",
        "abcdefg\u{1f600}",
        "\u{1f600}\u{1f600}",
    ] {
        let mut found = [1; 32];
        StoreAs::<npyrec::Str<8>>::encode_stored(&text.to_owned(), &mut found).unwrap();
        let mut expected: Vec<u8> = text
            .chars()
            .flat_map(|c| u32::from(c).to_le_bytes())
            .collect();
        expected.resize(32, 0);
        assert_eq!(found[..], expected, "{text}");
        let mut found = [1; 8];
        let stored = StoreAs::<npyrec::Bytes<8>>::encode_stored(&text.to_owned(), &mut found);
        let mut expected = text.as_bytes().to_vec();
        assert_eq!(stored.is_ok(), expected.len() <= 8, "{text}");
        expected.resize(expected.len().max(8), 0);
        assert!(stored.is_err() || found[..] == expected, "{text}");
    }
    for text in ["123456789", "a\0", "\0", "\u{e4}2345678\u{e4}"] {
        let mut out = [0; 32];
        let stored = StoreAs::<npyrec::Str<8>>::encode_stored(&text.to_owned(), &mut out);
        assert!(stored.is_err(), "{text:?}");
    }
}
