use super::target::{StoreAs, out_of_range};
use crate::record::{
    error::{DecodeError, EncodeError},
    float::{narrow, widen},
    memory::Layout,
    npy_record::NpyRecord,
    number::BigEndian,
};

macro_rules! unchanged {
    ($($(#[$cfg:meta])? $number:ty),+ $(,)?) => {$($(#[$cfg])? const _: () = {
        store_as_either!([] $number as $number: |value: &$number| Ok(*value), Ok, layout: <$number>::LAYOUT);
    };)+};
}

unchanged! {
    i8, i16, i32, i64, u8, u16, u32, u64, f32, f64,
    #[cfg(feature = "half")] half::f16,
    #[cfg(feature = "half")] half::bf16,
    #[cfg(feature = "complex")] num_complex::Complex<f32>,
    #[cfg(feature = "complex")] num_complex::Complex<f64>,
}

store_as!([] bool as bool: |value: &bool| Ok(*value), Ok, layout: bool::LAYOUT);

macro_rules! integers {
    ($($value:ident as $($stored:ident)+;)+) => {$($(
        store_as_either! {
            [] $value as $stored:
            |value: &$value| <$stored>::try_from(*value).map_err(|_| out_of_range::<$stored>(value)),
            |stored| <$value>::try_from(stored).map_err(|_| {
                DecodeError::new(format_args!("{stored} does not fit {}", stringify!($value)))
            })
        }
    )+)+};
}

integers! {
    i8 as i16 i32 i64;
    i16 as i8 i32 i64;
    i32 as i8 i16 i64;
    i64 as i8 i16 i32;
    i128 as i8 i16 i32 i64;
    isize as i8 i16 i32 i64;
    u8 as u16 u32 u64;
    u16 as u8 u32 u64;
    u32 as u8 u16 u64;
    u64 as u8 u16 u32;
    u128 as u8 u16 u32 u64;
    usize as u8 u16 u32 u64;
}

/// Stores floats by two functions, which round to nearest.
macro_rules! floats {
    ($($value:ty as $stored:ty: $to:expr, $from:expr;)+) => {$(
        store_as_either! {
            [] $value as $stored:
            |value: &$value| {
                let stored: $stored = $to(*value);
                match stored.is_finite() == value.is_finite() {
                    true => Ok(stored),
                    false => Err(out_of_range::<$stored>(format_args!("{value:?}"))),
                }
            },
            |stored: $stored| Ok($from(stored))
        }
    )+};
}

floats! {
    f32 as f64: widen, narrow;
    f64 as f32: narrow, widen;
}

#[cfg(feature = "half")]
mod halves {
    use half::{bf16, f16};

    use super::*;
    use crate::record::float::{from_bf16, from_f16, to_bf16, to_f16, wide_to_bf16, wide_to_f16};

    // The conversions of `half` round some `f64` twice, or ignore their low bits, and make every NaN quiet.
    floats! {
        f32 as f16: f16_of, f32_of;
        f64 as f16: f16_of_wide, |stored| widen(f32_of(stored));
        f16 as f32: f32_of, f16_of;
        f16 as f64: |value| widen(f32_of(value)), f16_of_wide;
        f32 as bf16: bf16_of, f32_of_bf16;
        f64 as bf16: bf16_of_wide, |stored| widen(f32_of_bf16(stored));
        bf16 as f32: f32_of_bf16, bf16_of;
        bf16 as f64: |value| widen(f32_of_bf16(value)), bf16_of_wide;
    }

    fn f16_of(value: f32) -> f16 {
        f16::from_bits(to_f16(value))
    }

    fn f16_of_wide(value: f64) -> f16 {
        f16::from_bits(wide_to_f16(value))
    }

    fn f32_of(value: f16) -> f32 {
        from_f16(value.to_bits())
    }

    fn bf16_of(value: f32) -> bf16 {
        bf16::from_bits(to_bf16(value))
    }

    fn bf16_of_wide(value: f64) -> bf16 {
        bf16::from_bits(wide_to_bf16(value))
    }

    fn f32_of_bf16(value: bf16) -> f32 {
        from_bf16(value.to_bits())
    }
}

#[cfg(feature = "complex")]
mod complex {
    use num_complex::Complex;

    use super::*;

    floats! {
        Complex<f32> as Complex<f64>: widen_parts, narrow_parts;
        Complex<f64> as Complex<f32>: narrow_parts, widen_parts;
    }

    fn widen_parts(value: Complex<f32>) -> Complex<f64> {
        Complex::new(widen(value.re), widen(value.im))
    }

    fn narrow_parts(value: Complex<f64>) -> Complex<f32> {
        Complex::new(narrow(value.re), narrow(value.im))
    }
}
