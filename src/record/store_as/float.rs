//! Floats, stored as any float or complex number, rounded to nearest.

use std::fmt;

use super::target::{StoreAs, out_of_range};
use crate::record::{
    big_endian::BigEndian,
    error::{DecodeError, EncodeError},
    float::{narrow, widen},
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

    /// Returns true for a number that is not infinite and not NaN.
    fn is_finite(self) -> bool;
}

/// A number as which floats are stored.
pub trait FloatTarget: Number {
    /// Returns the stored form of a float, or `None` for a finite float that is out of range.
    fn from_float<F: Float>(value: F) -> Option<Self>;

    /// Returns the stored form of a float without a branch, and false if it is out of range. `None` if the type
    /// has no such form.
    #[inline]
    fn from_float_unchecked<F: Float>(_: F) -> Option<(Self, bool)> {
        None
    }

    /// Returns the stored float, or `None` if the number is not real.
    fn to_float<F: Float>(&self) -> Option<F>;
}

/// Implements `Float` by functions that round, and `StoreAs` for every target.
macro_rules! floats {
    ($(
        $(#[$cfg:meta])?
        $float:ty, $digits:expr, $from_f32:expr, $from_f64:expr, $from:ident($wide:expr);
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
            fn is_finite(self) -> bool {
                self.is_finite()
            }
        }

        $(#[$cfg])?
        const _: () = {
            store_as! {
                [D: FloatTarget] $float as D: to_target, from_target, layout: layout::<_, D>(),
                unchecked: |value: &$float| D::from_float_unchecked(*value)
            }
        };
    )+};
}

floats! {
    f32, f32::MANTISSA_DIGITS, |value| value, narrow, from_f32(|value| value);
    f64, f64::MANTISSA_DIGITS, widen, |value| value, from_f64(|value| value);
    #[cfg(feature = "half")]
    half::f16, half::f16::MANTISSA_DIGITS, halves::f16, halves::wide_f16, from_f32(halves::f32);
    #[cfg(feature = "half")]
    half::bf16, half::bf16::MANTISSA_DIGITS, halves::bf16, halves::wide_bf16, from_f32(halves::brain_f32);
}

/// The conversions of the crate `half` round some `f64` twice, or ignore their low bits, and make every NaN
/// quiet.
#[cfg(feature = "half")]
mod halves {
    use crate::record::float::{from_bf16, from_f16, to_bf16, to_f16, wide_to_bf16, wide_to_f16};

    pub(super) fn f16(value: f32) -> half::f16 {
        half::f16::from_bits(to_f16(value))
    }

    pub(super) fn wide_f16(value: f64) -> half::f16 {
        half::f16::from_bits(wide_to_f16(value))
    }

    pub(super) fn f32(value: half::f16) -> f32 {
        from_f16(value.to_bits())
    }

    pub(super) fn bf16(value: f32) -> half::bf16 {
        half::bf16::from_bits(to_bf16(value))
    }

    pub(super) fn wide_bf16(value: f64) -> half::bf16 {
        half::bf16::from_bits(wide_to_bf16(value))
    }

    pub(super) fn brain_f32(value: half::bf16) -> f32 {
        from_bf16(value.to_bits())
    }
}

impl<F: Float> FloatTarget for F {
    #[inline]
    fn from_float<G: Float>(value: G) -> Option<Self> {
        let stored: Self = value.to();
        (stored.is_finite() == value.is_finite()).then_some(stored)
    }

    #[inline]
    fn from_float_unchecked<G: Float>(value: G) -> Option<(Self, bool)> {
        let stored: Self = value.to();
        Some((stored, stored.is_finite() == value.is_finite()))
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
    fn from_float_unchecked<F: Float>(value: F) -> Option<(Self, bool)> {
        let (stored, fits) = T::from_float_unchecked(value)?;
        Some((BigEndian(stored), fits))
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
