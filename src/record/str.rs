#![allow(unsafe_code)] // A layout is promised here, and used in `layout.rs`.

use std::fmt;

use super::{
    array::try_from_fn,
    error::{DecodeError, EncodeError},
    exactly::{exactly, exactly_mut},
    layout::Layout,
    npy_record::NpyRecord,
    number::SwapBytes,
    slot::{Filled, Slot},
};
use crate::dtype::{ByteOrder, DType, Kind, Scalar};

/// A text of at most `N` characters, `<UN`: UTF-32, padded with NULs, and without them when read.
///
/// ```
/// use npyrec::Str;
///
/// let name = Str::<4>::new("Ünal").unwrap();
/// assert_eq!(name.to_string(), "Ünal");
/// assert!(Str::<4>::new("Müller").is_none());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Str<const N: usize>([char; N]);

impl<const N: usize> Str<N> {
    /// The text, or `None` if it has more than `N` characters or ends in a NUL, which NumPy would
    /// take for padding.
    pub fn new(text: &str) -> Option<Self> {
        let mut padded = ['\0'; N];
        let mut places = padded.iter_mut();
        for c in text.chars() {
            *places.next()? = c;
        }
        (!text.ends_with('\0')).then_some(Str(padded))
    }

    /// The characters without the padding.
    pub fn as_chars(&self) -> &[char] {
        let len = self
            .0
            .iter()
            .rposition(|&c| c != '\0')
            .map_or(0, |last| last + 1);
        self.0.get(..len).unwrap_or_default()
    }
}

impl<const N: usize> From<[char; N]> for Str<N> {
    /// The text with its padding: NULs at the end do not count.
    fn from(padded: [char; N]) -> Self {
        Str(padded)
    }
}

impl<const N: usize> From<Str<N>> for [char; N] {
    fn from(text: Str<N>) -> Self {
        text.0
    }
}

impl<const N: usize> Default for Str<N> {
    fn default() -> Self {
        Str(['\0'; N])
    }
}

impl<const N: usize> fmt::Display for Str<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&String::from_iter(self.as_chars()))
    }
}

impl<const N: usize> fmt::Debug for Str<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_iter(self.as_chars()), f)
    }
}

impl<const N: usize> NpyRecord for Str<N> {
    const ITEMSIZE: usize = 4 * N;
    // SAFETY: a `char` is its code point, four bytes as in the file; not all of them are one, so it
    // is not plain.
    const LAYOUT: Layout<Self> = unsafe { Layout::native(4, false) };

    fn dtype() -> DType {
        Scalar::of(Kind::Str, 4 * N, ByteOrder::Little).into()
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        let places = exactly_mut(out, Self::ITEMSIZE)?.chunks_exact_mut(4);
        for (c, place) in self.0.iter().zip(places) {
            u32::from(*c).encode(place)?;
        }
        Ok(())
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut places = exactly(bytes, Self::ITEMSIZE)?.chunks_exact(4);
        try_from_fn(|_| char_of(places.next().unwrap_or_default())).map(Str)
    }

    #[inline]
    fn decode_into<'a>(
        slot: Slot<'a, Self>,
        bytes: &[u8],
    ) -> Result<Filled<'a, Self>, DecodeError> {
        let mut places = exactly(bytes, Self::ITEMSIZE)?.chunks_exact(4);
        // SAFETY: `Str` is a transparent array of characters: its memory is that of the array. It belongs
        // to the slot, which holds no value.
        let chars = unsafe { Slot::at(slot.as_mut_ptr().cast::<[char; N]>()) };
        let chars = chars.fill_items(|_, place| {
            let bytes = places.next().unwrap_or_default();
            Ok(place.write(char_of(bytes)?))
        })?;
        chars.keep();
        // SAFETY: `fill_items` returns the array in the memory of its slot, and it was kept there.
        Ok(unsafe { slot.assume_filled() })
    }
}

/// The character of a code point in little-endian order.
#[inline]
fn char_of(bytes: &[u8]) -> Result<char, DecodeError> {
    let code = u32::decode(bytes)?;
    char::from_u32(code).ok_or_else(|| not_a_character(code))
}

#[cold]
pub(super) fn not_a_character(code: u32) -> DecodeError {
    DecodeError::new(format_args!(
        "0x{code:x} is not the code point of a character"
    ))
}

impl<const N: usize> SwapBytes for Str<N> {
    const WORD: usize = 4;
}
