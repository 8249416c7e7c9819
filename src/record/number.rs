//! Numbers and booleans, and the other byte order.
use super::{
    check_len::{check_len, check_len_mut},
    encode_as::encode_as_itself,
    error::{DecodeError, EncodeError},
    memory::{Filled, Layout, Slot},
    npy_record::NpyRecord,
};
use crate::dtype::{ByteOrder, DType, Kind, Scalar};

macro_rules! numbers {
    ($($kind:ident: $($number:ty),+;)+) => {$($(
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

        impl SwapBytes for $number {
            const WORD: usize = size_of::<$number>();
        }
    )+)+};
}

numbers! {
    Int: i8, i16, i32, i64;
    Uint: u8, u16, u32, u64;
    Float: f32, f64;
}

#[cfg(feature = "half")]
numbers! {
    Float: half::f16;
    Void: half::bf16;
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

        impl SwapBytes for num_complex::Complex<$part> {
            const WORD: usize = size_of::<$part>();
        }
    )+};
}

#[cfg(feature = "complex")]
complex!(f32, f64);

/// A type made of words, whose bytes are reversed in the big-endian form.
pub trait SwapBytes: NpyRecord {
    /// The size of a word in bytes.
    const WORD: usize;
}

/// A value stored with its most significant byte first: `>f8`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(transparent)]
pub struct BigEndian<T>(pub T);

encode_as_itself!(impl[T: SwapBytes] BigEndian<T>);

impl<T: SwapBytes> NpyRecord for BigEndian<T> {
    const ITEMSIZE: usize = T::ITEMSIZE;
    const LAYOUT: Layout<Self> = Layout::encoded(T::LAYOUT.alignment());

    fn dtype() -> DType {
        match T::dtype() {
            DType::Scalar(scalar) => scalar.with_byte_order(ByteOrder::Big).into(),
            other => other,
        }
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        self.0.encode(out)?;
        out.chunks_exact_mut(T::WORD).for_each(<[u8]>::reverse);
        Ok(())
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        swapped::<T, _>(bytes, T::decode).map(BigEndian)
    }

    #[inline]
    fn decode_into<'a>(
        slot: Slot<'a, Self>,
        bytes: &[u8],
    ) -> Result<Filled<'a, Self>, DecodeError> {
        slot.fill_inner(|inner| swapped::<T, _>(bytes, |bytes| T::decode_into(inner, bytes)))
    }
}

/// Reverses the bytes of each word, and decodes them.
#[inline]
fn swapped<T: SwapBytes, D>(
    bytes: &[u8],
    decode: impl FnOnce(&[u8]) -> Result<D, DecodeError>,
) -> Result<D, DecodeError> {
    // All types except texts fit into this buffer.
    let mut buffer = [0; 16];
    let mut long;
    let swapped = match buffer.get_mut(..bytes.len()) {
        Some(short) => {
            short.copy_from_slice(bytes);
            short
        }
        None => {
            long = bytes.to_vec();
            &mut long
        }
    };
    swapped.chunks_exact_mut(T::WORD).for_each(<[u8]>::reverse);
    decode(swapped)
}
