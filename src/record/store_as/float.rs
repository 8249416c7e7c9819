//! Floats, stored as any float or complex number, rounded to nearest.

use std::fmt;

use super::{
    float_loops,
    target::{StoreAs, out_of_range},
};
use crate::record::{
    big_endian::BigEndian,
    error::{DecodeError, EncodeError},
    float::{narrow, number_to_odd, widen},
    memory::Layout,
    number::Number,
};

/// A float, which is rounded once when it becomes another. A signalling NaN stays one.
pub trait Float: Number + Copy + fmt::Debug {
    /// The number of significant bits.
    const DIGITS: u32;

    /// Returns the nearest float.
    fn from_f32(value: f32) -> Self;

    /// Returns the nearest float.
    fn from_f64(value: f64) -> Self;

    /// Returns the nearest float of another type.
    fn to<F: Float>(self) -> F;

    /// Returns the nearest float, or any NaN for a NaN.
    fn nearest_f32(self) -> f32;

    /// Returns the nearest float, or any NaN for a NaN.
    fn nearest_f64(self) -> f64;

    /// Returns a float from which a half can be rounded, or any NaN for a NaN.
    fn odd_f32(self) -> f32;

    /// Encodes the nearest floats of this type one after another, in either byte order. Returns false if a result
    /// may not be finite. The contents of `out` are then not specified.
    fn encode_floats<F: Float, const IS_BIG: bool>(values: &[F], out: &mut [u8]) -> bool;

    /// Returns true for a number that is not infinite and not NaN.
    fn is_finite(self) -> bool;
}

/// A number as which floats are stored.
pub trait FloatTarget: Number {
    /// Returns the stored form of a float, or `None` for a finite float that is out of range.
    fn from_float<F: Float>(value: F) -> Option<Self>;

    /// Encodes floats one after another, in either byte order, without a branch for each of them. Returns false if
    /// that cannot be done for all. The contents of `out` are then not specified.
    #[inline]
    fn encode_all<F: Float, const IS_BIG: bool>(_: &[F], _: &mut [u8]) -> bool {
        false
    }

    /// Returns the stored float, or `None` if the number is not real.
    fn to_float<F: Float>(&self) -> Option<F>;
}

/// Implements `Float` by functions that round, and `StoreAs` for every target.
macro_rules! floats {
    ($(
        $(#[$cfg:meta])?
        $float:ty, $digits:expr, $from_f32:expr, $from_f64:expr, $from:ident($wide:expr),
        nearest: $nearest_f32:expr, $nearest_f64:expr, $odd:expr, $encode_floats:expr;
    )+) => {$(
        $(#[$cfg])?
        impl Float for $float {
            const DIGITS: u32 = $digits;

            #[inline]
            fn from_f32(value: f32) -> Self {
                $from_f32(value)
            }

            #[inline]
            fn from_f64(value: f64) -> Self {
                $from_f64(value)
            }

            #[inline]
            fn to<F: Float>(self) -> F {
                F::$from($wide(self))
            }

            #[inline]
            fn nearest_f32(self) -> f32 {
                $nearest_f32(self)
            }

            #[inline]
            fn nearest_f64(self) -> f64 {
                $nearest_f64(self)
            }

            #[inline]
            fn odd_f32(self) -> f32 {
                $odd(self)
            }

            #[inline]
            fn encode_floats<F: Float, const IS_BIG: bool>(values: &[F], out: &mut [u8]) -> bool {
                $encode_floats(values, out)
            }

            #[inline]
            fn is_finite(self) -> bool {
                self.is_finite()
            }
        }

        $(#[$cfg])?
        const _: () = {
            store_as! {
                [D: FloatTarget] $float as D: to_target, from_target, layout: layout::<_, D>(),
                encode_all: D::encode_all::<Self, false>
            }
        };
    )+};
}

#[allow(clippy::cast_possible_truncation)] // Rounded.
fn nearest_f32(value: f64) -> f32 {
    value as f32
}

floats! {
    f32, f32::MANTISSA_DIGITS, |value| value, narrow, from_f32(|value| value),
    nearest: |value| value, f64::from, |value| value, |values: &[F], out| {
        float_loops::as_f32::<_, IS_BIG>(values, out, F::nearest_f32) || F::CODE.is(Self::CODE)
    };
    f64, f64::MANTISSA_DIGITS, widen, |value| value, from_f64(|value| value),
    nearest: nearest_f32, |value| value, number_to_odd, |values: &[F], out| {
        float_loops::as_f64::<_, IS_BIG>(values, out, F::nearest_f64) || F::CODE.is(Self::CODE)
    };
    #[cfg(feature = "half")]
    half::f16, half::f16::MANTISSA_DIGITS, halves::f16, halves::wide_f16, from_f32(halves::f32),
    nearest: halves::f32, |value| halves::f32(value).into(), halves::f32, halves::encode_f16::<F, IS_BIG>;
    #[cfg(feature = "half")]
    half::bf16, half::bf16::MANTISSA_DIGITS, halves::bf16, halves::wide_bf16, from_f32(halves::brain_f32),
    nearest: halves::brain_f32, |value| halves::brain_f32(value).into(), halves::brain_f32,
        halves::encode_bf16::<F, IS_BIG>;
}

/// The conversions of the crate `half` round some `f64` twice, or ignore their low bits, and make every NaN
/// quiet.
#[cfg(feature = "half")]
mod halves {
    use super::{super::float_loops::as_half, Float};
    use crate::record::float::{
        TOO_LARGE, from_bf16, from_f16, small_to_f16, to_bf16, to_f16, wide_to_bf16, wide_to_f16,
    };

    #[inline]
    pub(super) fn f16(value: f32) -> half::f16 {
        half::f16::from_bits(to_f16(value))
    }

    #[inline]
    pub(super) fn wide_f16(value: f64) -> half::f16 {
        half::f16::from_bits(wide_to_f16(value))
    }

    #[inline]
    pub(super) fn f32(value: half::f16) -> f32 {
        from_f16(value.to_bits())
    }

    #[inline]
    pub(super) fn bf16(value: f32) -> half::bf16 {
        half::bf16::from_bits(to_bf16(value))
    }

    #[inline]
    pub(super) fn wide_bf16(value: f64) -> half::bf16 {
        half::bf16::from_bits(wide_to_bf16(value))
    }

    #[inline]
    pub(super) fn brain_f32(value: half::bf16) -> f32 {
        from_bf16(value.to_bits())
    }

    pub(super) fn encode_f16<F: Float, const IS_BIG: bool>(values: &[F], out: &mut [u8]) -> bool {
        let [too_large, _] = TOO_LARGE;
        as_half::<F, IS_BIG>(values, out, F::odd_f32, too_large, small_to_f16)
    }

    pub(super) fn encode_bf16<F: Float, const IS_BIG: bool>(values: &[F], out: &mut [u8]) -> bool {
        let [_, too_large] = TOO_LARGE;
        as_half::<F, IS_BIG>(values, out, F::odd_f32, too_large, to_bf16)
    }
}

impl<F: Float> FloatTarget for F {
    #[inline]
    fn from_float<G: Float>(value: G) -> Option<Self> {
        let stored: Self = value.to();
        (stored.is_finite() || !value.is_finite()).then_some(stored)
    }

    #[inline]
    fn encode_all<G: Float, const IS_BIG: bool>(values: &[G], out: &mut [u8]) -> bool {
        Self::encode_floats::<G, IS_BIG>(values, out)
    }

    #[inline]
    fn to_float<G: Float>(&self) -> Option<G> {
        Some(self.to())
    }
}

impl<T: FloatTarget> FloatTarget for BigEndian<T> {
    #[inline]
    fn from_float<F: Float>(value: F) -> Option<Self> {
        T::from_float(value).map(BigEndian)
    }

    #[inline]
    fn encode_all<F: Float, const IS_BIG: bool>(values: &[F], out: &mut [u8]) -> bool {
        T::encode_all::<F, true>(values, out)
    }

    #[inline]
    fn to_float<F: Float>(&self) -> Option<F> {
        self.0.to_float()
    }
}

const fn layout<T: Float, D: FloatTarget>() -> Layout<T> {
    match T::CODE.is(D::CODE) {
        true => T::LAYOUT,
        false => Layout::converted(&D::LAYOUT),
    }
}

#[inline]
fn to_target<T: Float, D: FloatTarget>(value: &T) -> Result<D, EncodeError> {
    let stored = D::from_float(*value);
    stored.ok_or_else(|| out_of_range::<D>(format_args!("{value:?}")))
}

#[inline]
fn from_target<T: Float, D: FloatTarget>(stored: D) -> Result<T, DecodeError> {
    let value = stored.to_float();
    value.ok_or_else(|| DecodeError::new("a complex number is not a float"))
}
