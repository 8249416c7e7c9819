//! Numbers and booleans, and the other byte order.
#![allow(unsafe_code)] // Layouts are promised here, and used in `layout.rs`.

use super::{
    error::{DecodeError, EncodeError},
    exactly::{exactly, exactly_mut},
    layout::Layout,
    npy_record::NpyRecord,
    slot::{Filled, Slot},
};
use crate::dtype::{ByteOrder, DType, Kind, Scalar};

macro_rules! numbers {
    ($($kind:ident: $($number:ty),+;)+) => {$($(
        impl NpyRecord for $number {
            const ITEMSIZE: usize = size_of::<$number>();
            // SAFETY: the number has no padding, its form in the file is its little-endian bytes, and
            // any bytes are a number.
            const LAYOUT: Layout<Self> = unsafe { Layout::native(size_of::<$number>(), true) };

            fn dtype() -> DType {
                Scalar::of(Kind::$kind, size_of::<$number>(), ByteOrder::Little).into()
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                exactly_mut(out, Self::ITEMSIZE)?.copy_from_slice(&self.to_le_bytes());
                Ok(())
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                let mut array = [0; size_of::<$number>()];
                array.copy_from_slice(exactly(bytes, Self::ITEMSIZE)?);
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

/// Stands for `half::f16` where the feature `half` is off, so that `dtype = "f2"` is refused as a
/// type that nothing is stored as.
#[cfg(not(feature = "half"))]
#[allow(non_camel_case_types)]
#[derive(Debug)]
pub enum f16 {}

/// Stands for `half::bf16` where the feature `half` is off, to the same end.
#[cfg(not(feature = "half"))]
#[allow(non_camel_case_types)]
#[derive(Debug)]
pub enum bf16 {}

/// Stands for the type of `num_complex` where the feature `complex` is off, to the same end.
#[cfg(not(feature = "complex"))]
#[derive(Debug)]
pub enum Complex32 {}

/// Likewise.
#[cfg(not(feature = "complex"))]
#[derive(Debug)]
pub enum Complex64 {}

impl NpyRecord for bool {
    const ITEMSIZE: usize = 1;
    // SAFETY: a `bool` is one byte, 0 or 1, as in the file; other bytes are none, so it is not plain.
    const LAYOUT: Layout<Self> = unsafe { Layout::native(1, false) };

    fn dtype() -> DType {
        Scalar::of(Kind::Bool, 1, ByteOrder::NotApplicable).into()
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        u8::from(*self).encode(out)
    }

    /// Any byte but zero is true, as it is to NumPy.
    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        u8::decode(bytes).map(|byte| byte != 0)
    }
}

#[cfg(feature = "complex")]
macro_rules! complex {
    ($($part:ty),+) => {$(
        impl NpyRecord for num_complex::Complex<$part> {
            const ITEMSIZE: usize = 2 * size_of::<$part>();
            // SAFETY: `Complex` is `repr(C)`: its real and its imaginary part, in the order of the
            // file, without padding; any bytes are numbers.
            const LAYOUT: Layout<Self> = unsafe { Layout::native(size_of::<$part>(), true) };

            fn dtype() -> DType {
                Scalar::of(Kind::Complex, Self::ITEMSIZE, ByteOrder::Little).into()
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                let (re, im) = exactly_mut(out, Self::ITEMSIZE)?.split_at_mut(<$part>::ITEMSIZE);
                self.re.encode(re)?;
                self.im.encode(im)
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                let (re, im) = exactly(bytes, Self::ITEMSIZE)?.split_at(<$part>::ITEMSIZE);
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

/// A type made of numbers of so many bytes each, in the file as in its big-endian form.
pub trait SwapBytes: NpyRecord {
    const WORD: usize;
}

/// A value stored with its most significant byte first: `>f8`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BigEndian<T>(pub T);

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
        let place = slot.as_mut_ptr();
        // SAFETY: the place of a field is within the memory of the slot.
        let field = unsafe { &raw mut (*place).0 };
        // SAFETY: it is the memory of the only field. It belongs to the slot, which holds no value.
        let inner = unsafe { Slot::at(field) };
        let inner = swapped::<T, _>(bytes, |bytes| T::decode_into(inner, bytes))?;
        inner.at(field)?.keep();
        // SAFETY: `at` found the only field in its memory, and it does not drop its value any more.
        Ok(unsafe { slot.assume_filled() })
    }
}

/// Decodes bytes in the other order.
#[inline]
fn swapped<T: SwapBytes, D>(
    bytes: &[u8],
    decode: impl FnOnce(&[u8]) -> Result<D, DecodeError>,
) -> Result<D, DecodeError> {
    // All but texts fit here.
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
