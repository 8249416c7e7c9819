//! Arrays of characters, stored as texts in UTF-32.

use super::{target::StoreAs, text::decode_chars};
use crate::record::{
    big_endian::BigEndian,
    bytes::not_storable,
    check_len::{check_len, check_len_mut},
    error::{DecodeError, EncodeError},
    memory::{Filled, Layout, Slot},
    npy_record::NpyRecord,
    str::{Str, not_a_character},
};

fn encode_padded_chars(
    padded: &[char],
    out: &mut [u8],
    code: impl Fn(u32) -> [u8; 4],
) -> Result<(), EncodeError> {
    let last = padded.iter().rposition(|&c| c != '\0');
    let text = padded.get(..last.map_or(0, |last| last + 1));
    let text = text.unwrap_or_default();
    let (places, _) = out.as_chunks_mut::<4>();
    if text.len() > places.len() {
        let (shown, limit) = (String::from_iter(text), places.len());
        return Err(not_storable(shown, false, text.len(), "characters", limit));
    }
    let mut chars = text.iter();
    for place in places {
        *place = code(chars.next().map_or(0, |&c| u32::from(c)));
    }
    Ok(())
}

fn padded_chars_into<'a, const M: usize>(
    slot: Slot<'a, [char; M]>,
    bytes: &[u8],
    code: impl Fn([u8; 4]) -> u32,
) -> Result<Filled<'a, [char; M]>, DecodeError> {
    let (codes, _) = bytes.as_chunks();
    let len = codes.iter().rposition(|&bytes| bytes != [0; 4]);
    if len.is_some_and(|last| last >= M) {
        let text = decode_chars(bytes, code)?;
        return Err(DecodeError::new(format_args!(
            "{text:?} does not fit [char; {M}]"
        )));
    }
    slot.fill_items(|index, slot| {
        let code = codes.get(index).map_or(0, |&bytes| code(bytes));
        let c = char::from_u32(code).ok_or_else(|| not_a_character(code))?;
        Ok(slot.write(c))
    })
}

macro_rules! store_padded_chars {
    ($($stored:ty: $wrap:expr, $inner:expr, $to:expr, $from:expr;)+) => {$(
        store_as! {
            [const M: usize, const N: usize] [char; M] as $stored:
            |padded: &[char; M]| {
                let stored = resized(padded).map(Str::from).map($wrap);
                let text = Str::from(*padded);
                let len = text.as_chars().len();
                stored.ok_or_else(|| not_storable(text, false, len, "characters", N))
            },
            |stored: $stored| resized(&<[char; N]>::from($inner(stored))).ok_or_else(|| {
                DecodeError::new(format_args!("{:?} does not fit [char; {M}]", $inner(stored)))
            }),
            encode: |padded: &[char; M], out| encode_padded_chars(padded, out, $to),
            decode: |bytes| <Self as StoreAs<$stored>>::from_stored(<$stored>::decode(bytes)?),
            decode_into: |slot, bytes| padded_chars_into(slot, bytes, $from)
        }
    )+};
}

store_padded_chars! {
    Str<N>: |text| text, |text| text, u32::to_le_bytes, u32::from_le_bytes;
    BigEndian<Str<N>>: BigEndian, |text: BigEndian<Str<N>>| text.0, u32::to_be_bytes, u32::from_be_bytes;
}

// A `U1`.
store_as_either!([] char as char: |value: &char| Ok(*value), Ok, layout: char::LAYOUT);

/// Stores a text as one of another length, as the array of its characters.
macro_rules! store_str {
    ($($stored:ty: $layout:expr;)+) => {$(
        store_as! {
            [const M: usize, const N: usize] Str<M> as $stored:
            |text: &Self| StoreAs::<$stored>::to_stored(&<[char; M]>::from(*text)),
            |stored| <[char; M] as StoreAs<$stored>>::from_stored(stored).map(Str::from),
            layout: $layout
        }
    )+};
}

store_str! {
    Str<N>: if M == N { Self::LAYOUT } else { Layout::converted(&<Str<N> as NpyRecord>::LAYOUT) };
    BigEndian<Str<N>>: Layout::converted(&<BigEndian<Str<N>> as NpyRecord>::LAYOUT);
}

/// Returns the items with more or less padding, or `None` if other items than padding would be lost.
fn resized<T: Copy + Default + PartialEq, const M: usize, const N: usize>(
    items: &[T; M],
) -> Option<[T; N]> {
    let mut resized = [T::default(); N];
    for (index, &item) in items.iter().enumerate() {
        match resized.get_mut(index) {
            Some(place) => *place = item,
            None if item == T::default() => {}
            None => return None,
        }
    }
    Some(resized)
}
