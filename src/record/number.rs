//! Numbers and booleans, and the other byte order.

use super::{
    check_len::{check_len, check_len_mut},
    encode_as::encode_as_itself,
    error::{DecodeError, EncodeError},
    memory::Layout,
    npy_record::NpyRecord,
};
use crate::dtype::{ByteOrder, DType, Kind, Scalar};

macro_rules! numbers {
    ($($kind:ident $code:literal: $($number:ty),+;)+) => {$($(
        encode_as_itself!(impl[] $number);

        impl NpyRecord for $number {
            const ITEMSIZE: usize = size_of::<$number>();
            const LAYOUT: Layout<Self> = Layout::native();

            fn dtype() -> DType {
                Scalar::of(Kind::$kind, size_of::<$number>(), ByteOrder::Little).into()
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                check_len_mut(out, Self::ITEMSIZE)?.copy_from_slice(&self.to_le_bytes());
                Ok(())
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                let mut array = [0; size_of::<$number>()];
                array.copy_from_slice(check_len(bytes, Self::ITEMSIZE)?);
                Ok(<$number>::from_le_bytes(array))
            }
        }

        impl Number for $number {
            const CODE: Code = Code($code, size_of::<$number>());
        }
    )+)+};
}

numbers! {
    Int 'i': i8, i16, i32, i64;
    Uint 'u': u8, u16, u32, u64;
    Float 'f': f32, f64;
}

#[cfg(feature = "half")]
numbers! {
    Float 'f': half::f16;
    Void 'V': half::bf16;
}

/// A stand-in for `half::f16` without the feature `half`. No type is stored as it, so `dtype = "f2"` is a
/// compile error.
#[cfg(not(feature = "half"))]
#[allow(non_camel_case_types)]
#[derive(Debug)]
pub enum f16 {}

/// A stand-in for `half::bf16` without the feature `half`.
#[cfg(not(feature = "half"))]
#[allow(non_camel_case_types)]
#[derive(Debug)]
pub enum bf16 {}

/// A stand-in for the type of `num_complex` without the feature `complex`.
#[cfg(not(feature = "complex"))]
#[derive(Debug)]
pub enum Complex32 {}

/// A stand-in for the type of `num_complex` without the feature `complex`.
#[cfg(not(feature = "complex"))]
#[derive(Debug)]
pub enum Complex64 {}

encode_as_itself!(impl[] bool);

impl NpyRecord for bool {
    const ITEMSIZE: usize = 1;
    const LAYOUT: Layout<Self> = Layout::native();

    fn dtype() -> DType {
        Scalar::of(Kind::Bool, 1, ByteOrder::NotApplicable).into()
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        u8::from(*self).encode(out)
    }

    /// Takes any byte except zero for true, as NumPy does.
    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        u8::decode(bytes).map(|byte| byte != 0)
    }
}

#[cfg(feature = "complex")]
macro_rules! complex {
    ($($part:ty),+) => {$(
        encode_as_itself!(impl[] num_complex::Complex<$part>);

        impl NpyRecord for num_complex::Complex<$part> {
            const ITEMSIZE: usize = 2 * size_of::<$part>();
            const LAYOUT: Layout<Self> = Layout::native();

            fn dtype() -> DType {
                Scalar::of(Kind::Complex, Self::ITEMSIZE, ByteOrder::Little).into()
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                let (re, im) = check_len_mut(out, Self::ITEMSIZE)?.split_at_mut(<$part>::ITEMSIZE);
                self.re.encode(re)?;
                self.im.encode(im)
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                let (re, im) = check_len(bytes, Self::ITEMSIZE)?.split_at(<$part>::ITEMSIZE);
                Ok(Self::new(<$part>::decode(re)?, <$part>::decode(im)?))
            }
        }

        impl Number for num_complex::Complex<$part> {
            const CODE: Code = Code('c', 2 * size_of::<$part>());
        }
    )+};
}

#[cfg(feature = "complex")]
complex!(f32, f64);

/// A number that is a dtype.
pub trait Number: NpyRecord {
    /// The dtype.
    const CODE: Code;
}

/// NumPy's letter of a number, and its size in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Code(char, usize);

impl Code {
    /// The code of a type that NumPy lacks. No other code is equal to it.
    pub(super) const NONE: Self = Code('O', 0);

    /// Returns true if both are the same dtype.
    pub(super) const fn is(self, other: Self) -> bool {
        self.1 > 0 && self.0 == other.0 && self.1 == other.1
    }

    /// Returns the code of the type with its bytes reversed. No other code is equal to it.
    pub(super) const fn of_swapped_bytes(self) -> Self {
        Code(self.0, 0)
    }

    /// Returns true for the dtype of an integer.
    pub(super) const fn is_integer(self) -> bool {
        matches!(self.0, 'i' | 'u')
    }
}
