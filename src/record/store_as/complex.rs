//! Complex numbers, stored as any complex number, and as the target of real ones.

use num_complex::Complex;

use super::{
    float::{Float, FloatTarget},
    integer::IntegerTarget,
    target::{StoreAs, out_of_range},
};
use crate::record::{
    big_endian::BigEndian,
    error::{DecodeError, EncodeError},
    memory::Layout,
    npy_record::NpyRecord,
    number::Number,
};

/// A number as which complex numbers are stored.
pub trait ComplexTarget: Number {
    /// Returns the stored form of a complex number, or `None` if a finite part is out of range.
    fn from_complex<F: Float>(value: Complex<F>) -> Option<Self>;

    /// Encodes the parts of complex numbers one after another, in either byte order, without a branch for each of
    /// them. Returns false if that cannot be done for all. The contents of `out` are then not specified.
    fn encode_parts<F: Float, const IS_BIG: bool>(parts: &[F], out: &mut [u8]) -> bool;

    /// Returns the stored complex number.
    fn to_complex<F: Float>(&self) -> Complex<F>;
}

macro_rules! complex {
    ($($part:ident),+) => {$(
        impl IntegerTarget for Complex<$part> {
            #[inline]
            fn from_integer(value: i128, bits: u32) -> Option<Self> {
                $part::from_integer(value, bits).map(Complex::from)
            }

            #[inline]
            fn to_integer(&self) -> Option<i128> {
                (self.im == 0.0).then(|| self.re.to_integer())?
            }
        }

        impl FloatTarget for Complex<$part> {
            #[inline]
            fn from_float<F: Float>(value: F) -> Option<Self> {
                $part::from_float(value).map(Complex::from)
            }

            #[inline]
            fn to_float<F: Float>(&self) -> Option<F> {
                (self.im == 0.0).then(|| self.re.to())
            }
        }

        impl ComplexTarget for Complex<$part> {
            #[inline]
            fn from_complex<F: Float>(value: Complex<F>) -> Option<Self> {
                let (re, im) = ($part::from_float(value.re)?, $part::from_float(value.im)?);
                Some(Complex::new(re, im))
            }

            #[inline]
            fn encode_parts<F: Float, const IS_BIG: bool>(parts: &[F], out: &mut [u8]) -> bool {
                $part::encode_floats::<F, IS_BIG>(parts, out)
            }

            #[inline]
            fn to_complex<F: Float>(&self) -> Complex<F> {
                Complex::new(self.re.to(), self.im.to())
            }
        }

        store_as! {
            [D: ComplexTarget] Complex<$part> as D:
            to_target,
            |stored: D| Ok(stored.to_complex()),
            layout: match <Self as Number>::CODE.is(D::CODE) {
                true => Self::LAYOUT,
                false => Layout::converted(&D::LAYOUT),
            },
            encode_all: |numbers, out| {
                D::encode_parts::<$part, false>(bytemuck::cast_slice::<Self, $part>(numbers), out)
            }
        }
    )+};
}

complex!(f32, f64);

impl<T: ComplexTarget> ComplexTarget for BigEndian<T> {
    #[inline]
    fn from_complex<F: Float>(value: Complex<F>) -> Option<Self> {
        T::from_complex(value).map(BigEndian)
    }

    #[inline]
    fn encode_parts<F: Float, const IS_BIG: bool>(parts: &[F], out: &mut [u8]) -> bool {
        T::encode_parts::<F, true>(parts, out)
    }

    #[inline]
    fn to_complex<F: Float>(&self) -> Complex<F> {
        self.0.to_complex()
    }
}

#[inline]
fn to_target<F: Float, D: ComplexTarget>(value: &Complex<F>) -> Result<D, EncodeError> {
    let stored = D::from_complex(*value);
    stored.ok_or_else(|| {
        let Complex { re, im } = value;
        out_of_range::<D>(format_args!("{re:?}{im:+?}j"))
    })
}
