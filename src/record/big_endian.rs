//! Records in big-endian order.

use std::fmt;

use super::{
    encode_as::encode_as_itself,
    error::{DecodeError, EncodeError},
    memory::{Filled, Layout, Slot},
    npy_record::NpyRecord,
    number::{Code, Number},
};
use crate::dtype::DType;

/// A value whose words are stored with the most significant byte first: `>f8`.
#[derive(Clone, Copy, PartialEq)]
#[repr(transparent)]
pub struct BigEndian<T>(pub T);

impl<T: fmt::Debug> fmt::Debug for BigEndian<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

encode_as_itself!(impl[T: NpyRecord] BigEndian<T>);

impl<T: NpyRecord> NpyRecord for BigEndian<T> {
    const ITEMSIZE: usize = T::ITEMSIZE;
    const LAYOUT: Layout<Self> = Layout::in_big_endian(&T::LAYOUT);

    fn dtype() -> DType {
        T::dtype().to_big_endian()
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        self.0.encode(out)?;
        T::LAYOUT.reverse_words(out);
        Ok(())
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        swapped(&T::LAYOUT, bytes, T::decode).map(BigEndian)
    }

    #[inline]
    fn decode_into<'a>(
        slot: Slot<'a, Self>,
        bytes: &[u8],
    ) -> Result<Filled<'a, Self>, DecodeError> {
        slot.fill_inner(|inner| swapped(&T::LAYOUT, bytes, |bytes| T::decode_into(inner, bytes)))
    }
}

/// Reverses the bytes of each word, and decodes them.
#[inline]
pub(super) fn swapped<T, D>(
    layout: &Layout<T>,
    bytes: &[u8],
    decode: impl FnOnce(&[u8]) -> Result<D, DecodeError>,
) -> Result<D, DecodeError> {
    // All numbers fit into this buffer.
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
    layout.reverse_words(swapped);
    decode(swapped)
}

impl<T: Number> Number for BigEndian<T> {
    /// Never the type itself, as its bytes are swapped.
    const CODE: Code = T::CODE.of_swapped_bytes();
}
