//! Casts to and between texts and raw bytes.

use std::fmt;

use super::loss::Loss;
use crate::{
    dtype::{ByteOrder, Kind, Scalar},
    record::{EncodeError, without_padding},
};

/// The form of a text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text {
    Ascii,
    Utf32(ByteOrder),
}

impl Text {
    /// Returns the form of a scalar, if it is a text.
    pub(super) fn of(scalar: Scalar) -> Option<Self> {
        match scalar.kind() {
            Kind::Bytes => Some(Text::Ascii),
            Kind::Str => Some(Text::Utf32(scalar.byte_order())),
            _ => None,
        }
    }

    /// Converts a text of this form to another form.
    pub(super) fn cast(
        self,
        from: &[u8],
        to: Text,
        out: &mut [u8],
        loss: Loss,
    ) -> Result<(), EncodeError> {
        match self {
            Text::Ascii if from.is_ascii() => {
                let text = without_padding(from).iter().copied();
                to.write(text.map(char::from), out, loss)
            }
            Text::Ascii => Err(EncodeError::new(
                from.escape_ascii(),
                "is not ASCII, as bytes that become a text have to be",
            )),
            // Invalid code points are copied as well.
            Text::Utf32(order) => {
                let len = from.len().min(out.len());
                let (kept, cut) = from.split_at(len);
                if loss == Loss::Refused && !without_padding(cut).is_empty() {
                    return Err(too_long(lossy(from, order), out.len() / 4));
                }
                let (start, rest) = out.split_at_mut(len);
                match to {
                    Text::Utf32(other) if other == order => start.copy_from_slice(kept),
                    _ => swap(4, kept, start),
                }
                rest.fill(0);
                Ok(())
            }
        }
    }

    /// Writes a text.
    pub(super) fn write(
        self,
        text: impl Iterator<Item = char> + Clone,
        out: &mut [u8],
        loss: Loss,
    ) -> Result<(), EncodeError> {
        let width = match self {
            Text::Ascii => 1,
            Text::Utf32(_) => 4,
        };
        out.fill(0);
        let len = out.len() / width;
        let mut rest = text.clone();
        for (place, c) in out.chunks_exact_mut(width).zip(rest.by_ref()) {
            let code = match self {
                Text::Utf32(ByteOrder::Big) => u32::from(c).to_be_bytes(),
                _ => u32::from(c).to_le_bytes(),
            };
            place
                .iter_mut()
                .zip(code)
                .for_each(|(place, byte)| *place = byte);
        }
        match rest.next().is_none() || loss == Loss::Allowed {
            true => Ok(()),
            false => Err(too_long(String::from_iter(text), len)),
        }
    }
}

/// Returns the text of UTF-32, for an error message.
fn lossy(bytes: &[u8], order: ByteOrder) -> String {
    let chars = bytes.as_chunks().0.iter().map(|code| match order {
        ByteOrder::Big => u32::from_be_bytes(*code),
        _ => u32::from_le_bytes(*code),
    });
    let text = chars.map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    String::from_iter(text).trim_end_matches('\0').to_owned()
}

#[cold]
fn too_long(text: impl fmt::Display, room: usize) -> EncodeError {
    EncodeError::new(text, format_args!("is longer than {room} characters"))
}

/// Copies bytes, and truncates them or pads them with NULs.
pub(super) fn pad(from: &[u8], to: &mut [u8], loss: Loss) -> Result<(), EncodeError> {
    let len = from.len().min(to.len());
    let (kept, cut) = from.split_at(len);
    if loss == Loss::Refused && !without_padding(cut).is_empty() {
        let text = without_padding(from).escape_ascii();
        let len = to.len();
        let reason = format_args!("is longer than {len} bytes");
        return Err(EncodeError::new(text, reason));
    }
    let (start, rest) = to.split_at_mut(len);
    start.copy_from_slice(kept);
    rest.fill(0);
    Ok(())
}

/// Copies bytes, and reverses the bytes of each word.
#[inline]
pub(super) fn swap(word: usize, from: &[u8], to: &mut [u8]) {
    // With a constant size, reversing a word is one instruction.
    fn words<const N: usize>(from: &[u8], to: &mut [u8]) {
        let (from, to) = (from.as_chunks::<N>().0, to.as_chunks_mut::<N>().0);
        for (from, to) in from.iter().zip(to) {
            *to = *from;
            to.reverse();
        }
    }
    match word {
        2 => words::<2>(from, to),
        4 => words::<4>(from, to),
        8 => words::<8>(from, to),
        16 => words::<16>(from, to),
        _ => to.iter_mut().zip(from).for_each(|(to, from)| *to = *from),
    }
}
