//! Texts, stored as bytes in UTF-8 or as UTF-32.

use std::{borrow::Cow, rc::Rc, sync::Arc};

use super::target::StoreAs;
use crate::record::{
    big_endian::BigEndian,
    bytes::{Bytes, not_storable, without_padding},
    check_len::{check_len, check_len_mut},
    error::{DecodeError, EncodeError},
    memory::Layout,
    npy_record::NpyRecord,
    str::{Str, not_a_character},
};

/// A dtype that stores texts.
pub trait TextTarget: NpyRecord {
    /// Returns the stored form of a text.
    fn from_text(text: &str) -> Result<Self, EncodeError>;

    /// Returns the stored text.
    fn into_text(self) -> Result<String, DecodeError>;

    /// Encodes a text to `out`, which has the itemsize of the dtype.
    fn encode_text(text: &str, out: &mut [u8]) -> Result<(), EncodeError>;

    /// Decodes a text.
    fn decode_text(bytes: &[u8]) -> Result<String, DecodeError>;
}

impl<const N: usize> TextTarget for Bytes<N> {
    fn from_text(text: &str) -> Result<Self, EncodeError> {
        text.try_into()
    }

    fn into_text(self) -> Result<String, DecodeError> {
        Self::decode_text(self.as_bytes())
    }

    #[inline]
    fn encode_text(text: &str, out: &mut [u8]) -> Result<(), EncodeError> {
        let (ends_in_nul, limit) = (text.as_bytes().ends_with(&[0]), out.len());
        // A size that the compiler knows is filled faster than the rest after the text.
        out.fill(0);
        match out.get_mut(..text.len()) {
            Some(start) if !ends_in_nul => {
                start.copy_from_slice(text.as_bytes());
                Ok(())
            }
            _ => Err(not_storable(text, ends_in_nul, text.len(), "bytes", limit)),
        }
    }

    #[inline]
    fn decode_text(bytes: &[u8]) -> Result<String, DecodeError> {
        let bytes = without_padding(bytes);
        match str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(DecodeError::new(format_args!(
                "b\"{}\" is not UTF-8",
                bytes.escape_ascii()
            ))),
        }
    }
}

/// Implements `TextTarget` for UTF-32 in one order of bytes.
macro_rules! utf_32 {
    ($($stored:ty: $wrap:expr, $unwrap:expr, $to:expr, $from:expr;)+) => {$(
        impl<const N: usize> TextTarget for $stored {
            fn from_text(text: &str) -> Result<Self, EncodeError> {
                text.try_into().map($wrap)
            }

            fn into_text(self) -> Result<String, DecodeError> {
                Ok($unwrap(self).into())
            }

            #[inline]
            fn encode_text(text: &str, out: &mut [u8]) -> Result<(), EncodeError> {
                encode_chars(text, out, $to)
            }

            #[inline]
            fn decode_text(bytes: &[u8]) -> Result<String, DecodeError> {
                decode_chars(bytes, $from)
            }
        }
    )+};
}

utf_32! {
    Str<N>: |text: Str<N>| text, |text: Str<N>| text, u32::to_le_bytes, u32::from_le_bytes;
    BigEndian<Str<N>>: BigEndian, |text: Self| text.0, u32::to_be_bytes, u32::from_be_bytes;
}

#[inline]
fn encode_chars(
    text: &str,
    out: &mut [u8],
    code: impl Fn(u32) -> [u8; 4],
) -> Result<(), EncodeError> {
    let ends_in_nul = text.as_bytes().ends_with(&[0]);
    out.fill(0);
    let (places, _) = out.as_chunks_mut::<4>();
    if !ends_in_nul && let Some(places) = places.get_mut(..text.len()) {
        let mut all = 0;
        for (place, &byte) in places.iter_mut().zip(text.as_bytes()) {
            all |= byte;
            *place = code(byte.into());
        }
        if all.is_ascii() {
            return Ok(());
        }
    }
    encode_other_chars(text, places, ends_in_nul, code)
}

/// Encodes a text that is not ASCII.
#[inline(never)]
fn encode_other_chars(
    text: &str,
    places: &mut [[u8; 4]],
    ends_in_nul: bool,
    code: impl Fn(u32) -> [u8; 4],
) -> Result<(), EncodeError> {
    if ends_in_nul || text.len() > places.len() && text.chars().count() > places.len() {
        let (len, limit) = (text.chars().count(), places.len());
        return Err(not_storable(text, ends_in_nul, len, "characters", limit));
    }
    let mut chars = text.chars();
    for place in places {
        *place = code(chars.next().map_or(0, u32::from));
    }
    Ok(())
}

pub(super) fn decode_chars(
    bytes: &[u8],
    code: impl Fn([u8; 4]) -> u32,
) -> Result<String, DecodeError> {
    let (codes, _) = bytes.as_chunks();
    let last = codes.iter().rposition(|&bytes| bytes != [0; 4]);
    let chars = codes.iter().take(last.map_or(0, |last| last + 1));
    let chars = chars.map(|&bytes| {
        let code = code(bytes);
        char::from_u32(code).ok_or_else(|| not_a_character(code))
    });
    chars.collect()
}

/// Implements `StoreAs` for the owners of a text.
macro_rules! texts {
    ($([$($generics:tt)*] $text:ty;)+) => {$(
        store_as! {
            [$($generics)* D: TextTarget] $text as D:
            |text: &str| D::from_text(text),
            |stored: D| stored.into_text().map(Into::into),
            encode: D::encode_text,
            decode: |bytes| D::decode_text(bytes).map(Into::into)
        }
    )+};
}

texts! {
    [] String;
    [] Box<str>;
    [] Rc<str>;
    [] Arc<str>;
    ['t,] Cow<'t, str>;
}

// Encoded without an allocation, and never decoded.
store_as! {
    ['t, D: TextTarget] &'t str as D:
    |text: &str| D::from_text(text),
    |_| Err(borrows_text()),
    layout: Layout::borrowed(&D::LAYOUT),
    encode: |text: &&str, out| D::encode_text(text, out),
    decode: |_| Err(borrows_text())
}

#[cold]
fn borrows_text() -> DecodeError {
    DecodeError::new("a `&str` borrows its text, so it is written but never read")
}
