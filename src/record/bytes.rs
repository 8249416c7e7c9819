#![allow(unsafe_code)] // Layouts are promised here, and used in `layout.rs`.

use std::fmt;

use super::{
    error::{DecodeError, EncodeError},
    exactly::{exactly, exactly_mut, wrong_bytes},
    layout::Layout,
    npy_record::NpyRecord,
    slot::{Filled, Slot},
};
use crate::dtype::{ByteOrder, DType, Kind, Scalar};

/// A byte string of at most `N` bytes, `|SN`: padded with NULs, and without them when read.
///
/// ```
/// use npyrec::Bytes;
///
/// let symbol = Bytes::<8>::new(b"BTCUSD").unwrap();
/// assert_eq!(symbol.as_bytes(), b"BTCUSD");
/// assert!(Bytes::<4>::new(b"BTCUSD").is_none());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Bytes<const N: usize>([u8; N]);

/// `N` raw bytes, `|VN`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Void<const N: usize>(pub [u8; N]);

impl<const N: usize> Bytes<N> {
    /// The string, or `None` if it is longer than `N` bytes or ends in a NUL, which NumPy would take
    /// for padding.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut padded = [0; N];
        padded.get_mut(..bytes.len())?.copy_from_slice(bytes);
        (bytes.last() != Some(&0)).then_some(Bytes(padded))
    }

    /// The string without its padding.
    pub fn as_bytes(&self) -> &[u8] {
        without_padding(&self.0)
    }
}

/// Bytes without the NULs at their end.
pub(crate) fn without_padding(bytes: &[u8]) -> &[u8] {
    let last = bytes.iter().rposition(|&byte| byte != 0);
    let len = last.map_or(0, |last| last + 1);
    bytes.get(..len).unwrap_or_default()
}

impl<const N: usize> From<[u8; N]> for Bytes<N> {
    /// The string with its padding: NULs at the end do not count.
    fn from(padded: [u8; N]) -> Self {
        Bytes(padded)
    }
}

impl<const N: usize> From<Bytes<N>> for [u8; N] {
    fn from(bytes: Bytes<N>) -> Self {
        bytes.0
    }
}

impl<const N: usize> Default for Bytes<N> {
    fn default() -> Self {
        Bytes([0; N])
    }
}

impl<const N: usize> Default for Void<N> {
    fn default() -> Self {
        Void([0; N])
    }
}

impl<const N: usize> fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.as_bytes().escape_ascii())
    }
}

impl<const N: usize> fmt::Debug for Void<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Void(b\"{}\")", self.0.escape_ascii())
    }
}

macro_rules! byte_arrays {
    ($($name:ident: $kind:ident),+) => {$(
        impl<const N: usize> NpyRecord for $name<N> {
            const ITEMSIZE: usize = N;
            // SAFETY: it is a transparent array of bytes, which are its form in the file.
            const LAYOUT: Layout<Self> = unsafe { Layout::native(1, true) };

            fn dtype() -> DType {
                Scalar::of(Kind::$kind, N, ByteOrder::NotApplicable).into()
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
                exactly_mut(out, N)?.copy_from_slice(&self.0);
                Ok(())
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                let mut array = [0; N];
                array.copy_from_slice(exactly(bytes, N)?);
                Ok($name(array))
            }

            #[inline]
            fn decode_into<'a>(
                slot: Slot<'a, Self>,
                bytes: &[u8],
            ) -> Result<Filled<'a, Self>, DecodeError> {
                slot.copy(exactly(bytes, N)?)
                    .map_err(|_| wrong_bytes(bytes.len(), N))
            }
        }

        // SAFETY: it is a transparent array of bytes.
        unsafe impl<const N: usize> bytemuck::Zeroable for $name<N> {}

        // SAFETY: it is a transparent array of bytes.
        unsafe impl<const N: usize> bytemuck::Pod for $name<N> {}
    )+};
}

byte_arrays!(Bytes: Bytes, Void: Void);
