//! Integers, and `bool`, stored as any integer, float or complex number that has the same value.

use std::{fmt, net::Ipv4Addr, num::NonZero};

use super::{
    float::Float,
    target::{StoreAs, out_of_range},
};
use crate::record::{
    big_endian::BigEndian,
    error::{DecodeError, EncodeError},
    memory::Layout,
    npy_record::NpyRecord,
    number::{Code, Number},
};

/// An integer type of Rust.
pub(super) trait Integer: Copy + fmt::Display {
    /// The name of the type, for errors.
    const NAME: &'static str;
    /// The dtype that is the type itself, if there is one.
    const CODE: Code;
    /// The layout of a value that is stored as the type itself.
    const ITSELF: Layout<Self>;
    /// The size in bits.
    const BITS: u32;

    /// Returns the value, or `None` if no dtype is that large.
    fn widen(self) -> Option<i128>;

    /// Returns the value as this type, if it is in range.
    fn narrow(wide: i128) -> Option<Self>;
}

/// A number as which integers are stored.
pub trait IntegerTarget: Number + fmt::Debug {
    /// Returns the stored form of an integer of at most `bits` bits, or `None` if no number is equal to it.
    fn from_integer(value: i128, bits: u32) -> Option<Self>;

    /// Encodes integers one after another, in either byte order, without a branch for each of them. Returns false
    /// if that cannot be done for all. The contents of `out` are then not specified.
    #[inline]
    fn encode_all<const IS_BIG: bool>(_: impl Iterator<Item = i128>, _: &mut [u8]) -> bool {
        false
    }

    /// Returns the stored integer, or `None` if the number is not an integer.
    fn to_integer(&self) -> Option<i128>;
}

/// Implements `Integer` by conversions to and from `i128`, and `StoreAs` for every target.
macro_rules! integer {
    ($integer:ty, $name:expr, $code:expr, $layout:expr, $bits:expr, $widen:expr, $narrow:expr) => {
        impl Integer for $integer {
            const NAME: &'static str = $name;
            const CODE: Code = $code;
            const ITSELF: Layout<Self> = $layout;
            const BITS: u32 = $bits;

            #[inline]
            fn widen(self) -> Option<i128> {
                $widen(self)
            }

            #[inline]
            fn narrow(wide: i128) -> Option<Self> {
                $narrow(wide)
            }
        }

        store_as! {
            [D: IntegerTarget] $integer as D: to_target, from_target, layout: layout::<_, D>(),
            encode_all: encode_all::<_, D>
        }
    };
}

/// Implements `Integer` for types without a dtype, and the target for types that are one.
macro_rules! integers {
    (of_numpy: $($integer:ident),+) => {$(
        integer! {
            $integer,
            stringify!($integer),
            <$integer as Number>::CODE,
            <$integer>::LAYOUT,
            <$integer>::BITS,
            |value: $integer| Some(value.into()),
            |wide: i128| wide.try_into().ok()
        }

        impl IntegerTarget for $integer {
            #[inline]
            fn from_integer(value: i128, _: u32) -> Option<Self> {
                value.try_into().ok()
            }

            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Compared.
            #[inline]
            fn encode_all<const IS_BIG: bool>(
                values: impl Iterator<Item = i128>,
                out: &mut [u8],
            ) -> bool {
                let mut all_fit = true;
                for (place, value) in out.as_chunks_mut().0.iter_mut().zip(values) {
                    let stored = value as $integer;
                    all_fit &= i128::from(stored) == value;
                    *place = if IS_BIG { stored.to_be_bytes() } else { stored.to_le_bytes() };
                }
                all_fit
            }

            #[inline]
            fn to_integer(&self) -> Option<i128> {
                Some((*self).into())
            }
        }
    )+};
    (of_rust: $($integer:ident),+) => {$(
        integer! {
            $integer,
            stringify!($integer),
            Code::NONE,
            Layout::encoded(1),
            <$integer>::BITS,
            |value: $integer| value.try_into().ok(),
            |wide: i128| wide.try_into().ok()
        }
    )+};
}

macro_rules! nonzero {
    ($($integer:ident),+) => {$(
        integer! {
            NonZero<$integer>,
            concat!("NonZero<", stringify!($integer), ">"),
            <$integer as Number>::CODE,
            NonZero::<$integer>::LAYOUT,
            $integer::BITS,
            |value: NonZero<$integer>| Some(value.get().into()),
            |wide: i128| $integer::try_from(wide).ok().and_then(NonZero::new)
        }
    )+};
}

nonzero!(i8, i16, i32, i64, u8, u16, u32, u64);
integers!(of_numpy: i8, i16, i32, i64, u8, u16, u32, u64);
integers!(of_rust: i128, isize, u128, usize);

integer! {
    bool,
    "bool",
    Code::NONE,
    Layout::encoded(1),
    1,
    |value: bool| Some(value.into()),
    |wide: i128| match wide {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

// An address is stored as the integer of its bytes, of which the first is the most significant.
integer! {
    Ipv4Addr,
    "Ipv4Addr",
    Code::NONE,
    Layout::encoded(1),
    32,
    |address: Ipv4Addr| Some(address.to_bits().into()),
    |wide: i128| u32::try_from(wide).ok().map(Ipv4Addr::from_bits)
}

store_as!([] bool as bool: |value: &bool| Ok(*value), Ok, layout: bool::LAYOUT);

impl<F: Float> IntegerTarget for F {
    #[inline]
    fn from_integer(value: i128, bits: u32) -> Option<Self> {
        let magnitude = value.unsigned_abs();
        let is_exact = bits <= F::DIGITS
            || value == 0
            || u128::BITS - magnitude.leading_zeros() - magnitude.trailing_zeros() <= F::DIGITS;
        #[allow(clippy::cast_precision_loss)] // Used if it is exact.
        let float = F::from_f64(value as f64);
        (is_exact && float.is_finite()).then_some(float)
    }

    #[inline]
    fn to_integer(&self) -> Option<i128> {
        let float: f64 = self.to();
        // The fraction of an infinity or a NaN is NaN.
        let is_integer = float.fract() == 0.0 && float.abs() < 2_f64.powi(127);
        #[allow(clippy::cast_possible_truncation)] // In range.
        is_integer.then_some(float as i128)
    }
}

impl<T: IntegerTarget> IntegerTarget for BigEndian<T> {
    #[inline]
    fn from_integer(value: i128, bits: u32) -> Option<Self> {
        T::from_integer(value, bits).map(BigEndian)
    }

    #[inline]
    fn encode_all<const IS_BIG: bool>(values: impl Iterator<Item = i128>, out: &mut [u8]) -> bool {
        T::encode_all::<true>(values, out)
    }

    #[inline]
    fn to_integer(&self) -> Option<i128> {
        self.0.to_integer()
    }
}

const fn layout<T: Integer, D: IntegerTarget>() -> Layout<T> {
    match T::CODE.is(D::CODE) {
        true => T::ITSELF,
        false => Layout::converted(&D::LAYOUT),
    }
}

#[inline]
fn to_target<T: Integer, D: IntegerTarget>(value: &T) -> Result<D, EncodeError> {
    let stored = value
        .widen()
        .and_then(|wide| D::from_integer(wide, T::BITS));
    stored.ok_or_else(|| no_target::<D>(value))
}

#[inline]
fn encode_all<T: Integer, D: IntegerTarget>(values: &[T], out: &mut [u8]) -> bool {
    // No dtype holds the largest value.
    let wide = values
        .iter()
        .map(|value| value.widen().unwrap_or(i128::MAX));
    D::encode_all::<false>(wide, out)
}

#[cold]
fn no_target<D: IntegerTarget>(value: impl fmt::Display) -> EncodeError {
    match D::CODE.is_integer() {
        true => out_of_range::<D>(value),
        false => EncodeError::new(value, format_args!("has no equal in {}", D::dtype())),
    }
}

#[inline]
fn from_target<T: Integer, D: IntegerTarget>(stored: D) -> Result<T, DecodeError> {
    let value = stored.to_integer().and_then(T::narrow);
    value.ok_or_else(|| does_not_fit(stored, T::NAME))
}

#[cold]
fn does_not_fit(stored: impl fmt::Debug, name: &str) -> DecodeError {
    DecodeError::new(format_args!("{stored:?} does not fit {name}"))
}
