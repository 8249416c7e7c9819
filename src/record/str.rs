use std::{fmt, str::FromStr};

use super::{
    array::try_from_fn,
    bytes::not_storable,
    check_len::{check_len, check_len_mut},
    encode_as::encode_as_itself,
    error::{DecodeError, EncodeError},
    memory::{Filled, Layout, Slot},
    npy_record::NpyRecord,
};
use crate::dtype::{ByteOrder, DType, Kind, Scalar};

/// A text of at most `N` characters, `<UN`: UTF-32, padded with NULs in the file.
///
/// ```
/// use npyrec::Str;
///
/// let name: Str<4> = "Ünal".parse()?;
/// assert_eq!(name.to_string(), "Ünal");
/// assert!("Müller".parse::<Str<4>>().is_err());
/// # Ok::<(), npyrec::EncodeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Str<const N: usize>([char; N]);

impl<const N: usize> Str<N> {
    /// Returns the text, or `None` if it has more than `N` characters or ends in a NUL, which NumPy takes
    /// for padding.
    pub fn new(text: &str) -> Option<Self> {
        let mut padded = ['\0'; N];
        let mut places = padded.iter_mut();
        for c in text.chars() {
            *places.next()? = c;
        }
        (!text.ends_with('\0')).then_some(Str(padded))
    }

    /// Returns the characters without the padding.
    pub const fn as_chars(&self) -> &[char] {
        let mut chars = self.0.as_slice();
        while let [start @ .., '\0'] = chars {
            chars = start;
        }
        chars
    }
}

impl<const N: usize> TryFrom<&str> for Str<N> {
    type Error = EncodeError;

    /// Converts a text that [`new`](Self::new) takes.
    fn try_from(text: &str) -> Result<Self, EncodeError> {
        Str::new(text).ok_or_else(|| {
            let len = text.chars().count();
            not_storable(text, text.ends_with('\0'), len, "characters", N)
        })
    }
}

impl<const N: usize> FromStr for Str<N> {
    type Err = EncodeError;

    /// Converts a text that [`new`](Self::new) takes.
    fn from_str(text: &str) -> Result<Self, EncodeError> {
        text.try_into()
    }
}

impl<const N: usize> From<Str<N>> for String {
    /// Returns the text without its padding.
    fn from(text: Str<N>) -> Self {
        String::from_iter(text.as_chars())
    }
}

impl<const N: usize> From<[char; N]> for Str<N> {
    /// Takes the text with its padding: NULs at the end do not count.
    fn from(padded: [char; N]) -> Self {
        Str(padded)
    }
}

impl<const N: usize> From<Str<N>> for [char; N] {
    /// Returns the text with its padding.
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

encode_as_itself!(impl[const N: usize] Str<N>);

impl<const N: usize> NpyRecord for Str<N> {
    const ITEMSIZE: usize = 4 * N;
    const LAYOUT: Layout<Self> = Layout::native();

    fn dtype() -> DType {
        Scalar::of(Kind::Str, 4 * N, ByteOrder::Little).into()
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        let places = check_len_mut(out, Self::ITEMSIZE)?.chunks_exact_mut(4);
        for (c, place) in self.0.iter().zip(places) {
            u32::from(*c).encode(place)?;
        }
        Ok(())
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let bytes = check_len(bytes, Self::ITEMSIZE)?;
        if let Some(text) = Layout::from_checked_bytes(bytes) {
            return Ok(text);
        }
        let mut places = bytes.chunks_exact(4);
        try_from_fn(|_| char_of(places.next().unwrap_or_default())).map(Str)
    }

    #[inline]
    fn decode_into<'a>(
        slot: Slot<'a, Self>,
        bytes: &[u8],
    ) -> Result<Filled<'a, Self>, DecodeError> {
        let bytes = check_len(bytes, Self::ITEMSIZE)?;
        let slot = match slot.copy(bytes) {
            Ok(filled) => return Ok(filled),
            Err(slot) => slot,
        };
        let mut places = bytes.chunks_exact(4);
        slot.fill_inner(|chars| {
            chars.fill_items(|_, place| {
                let bytes = places.next().unwrap_or_default();
                Ok(place.write(char_of(bytes)?))
            })
        })
    }
}

encode_as_itself!(impl[] char);

impl NpyRecord for char {
    const ITEMSIZE: usize = 4;
    const LAYOUT: Layout<Self> = Layout::native();

    fn dtype() -> DType {
        Str::<1>::dtype()
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        u32::from(*self).encode(out)
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        char_of(bytes)
    }
}

/// Returns the character of a code point in little-endian order.
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
