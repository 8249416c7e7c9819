use super::target::StoreAs;
use crate::record::{
    bytes::{Bytes, Void, not_storable, without_padding},
    check_len::{check_len, check_len_mut, wrong_bytes},
    error::{DecodeError, EncodeError},
    memory::{Filled, Layout, Slot},
    npy_record::NpyRecord,
    number::BigEndian,
    str::{Str, not_a_character},
};

fn encode_bytes(text: &str, out: &mut [u8]) -> Result<(), EncodeError> {
    let (ends_in_nul, limit) = (text.ends_with('\0'), out.len());
    match out.split_at_mut_checked(text.len()) {
        Some((start, rest)) if !ends_in_nul => {
            start.copy_from_slice(text.as_bytes());
            rest.fill(0);
            Ok(())
        }
        _ => Err(not_storable(text, ends_in_nul, text.len(), "bytes", limit)),
    }
}

fn decode_bytes(bytes: &[u8]) -> Result<String, DecodeError> {
    let bytes = without_padding(bytes);
    match str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(DecodeError::new(format_args!(
            "b\"{}\" is not UTF-8",
            bytes.escape_ascii()
        ))),
    }
}

fn encode_chars(
    text: &str,
    out: &mut [u8],
    code: impl Fn(u32) -> [u8; 4],
) -> Result<(), EncodeError> {
    let (ends_in_nul, (places, _)) = (text.ends_with('\0'), out.as_chunks_mut::<4>());
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

fn decode_chars(bytes: &[u8], code: impl Fn([u8; 4]) -> u32) -> Result<String, DecodeError> {
    let (codes, _) = bytes.as_chunks();
    let last = codes.iter().rposition(|&bytes| bytes != [0; 4]);
    let chars = codes.iter().take(last.map_or(0, |last| last + 1));
    let chars = chars.map(|&bytes| {
        let code = code(bytes);
        char::from_u32(code).ok_or_else(|| not_a_character(code))
    });
    chars.collect()
}

store_as! {
    [const N: usize] String as Bytes<N>:
    |text: &str| Bytes::try_from(text),
    |stored: Bytes<N>| decode_bytes(stored.as_bytes()),
    encode: encode_bytes,
    decode: decode_bytes
}

store_as! {
    [const N: usize] String as Str<N>:
    |text: &str| Str::try_from(text),
    |stored: Str<N>| Ok(stored.into()),
    encode: |text: &str, out| encode_chars(text, out, u32::to_le_bytes),
    decode: |bytes| decode_chars(bytes, u32::from_le_bytes)
}

store_as! {
    [const N: usize] String as BigEndian<Str<N>>:
    |text: &str| Str::try_from(text).map(BigEndian),
    |stored: BigEndian<Str<N>>| Ok(stored.0.into()),
    encode: |text: &str, out| encode_chars(text, out, u32::to_be_bytes),
    decode: |bytes| decode_chars(bytes, u32::from_be_bytes)
}

/// Implements `StoreAs` for a `&str`, which is encoded without an allocation and cannot be decoded.
macro_rules! store_borrowed_text {
    ($($stored:ty: $wrap:expr, $encode:expr;)+) => {$(
        store_as! {
            ['t, const N: usize] &'t str as $stored:
            |text: &&str| $wrap(*text),
            |_| Err(borrows_text()),
            layout: Layout::borrowed(),
            encode: |text: &&str, out| $encode(text, out),
            decode: |_| Err(borrows_text())
        }
    )+};
}

store_borrowed_text! {
    Bytes<N>: Bytes::try_from, encode_bytes;
    Str<N>: Str::try_from, |text, out| encode_chars(text, out, u32::to_le_bytes);
    BigEndian<Str<N>>:
        |text| Str::try_from(text).map(BigEndian),
        |text, out| encode_chars(text, out, u32::to_be_bytes);
}

#[cold]
fn borrows_text() -> DecodeError {
    DecodeError::new("a `&str` borrows its text, so it is written but never read")
}

fn encode_padded(padded: &[u8], out: &mut [u8]) -> Result<(), EncodeError> {
    let text = without_padding(padded);
    let limit = out.len();
    match out.split_at_mut_checked(text.len()) {
        Some((start, rest)) => {
            start.copy_from_slice(text);
            rest.fill(0);
            Ok(())
        }
        None => {
            let text_len = text.len();
            let text = text.escape_ascii();
            let shown = format_args!("b\"{text}\"");
            Err(not_storable(shown, false, text_len, "bytes", limit))
        }
    }
}

fn does_not_fit(bytes: &[u8], len: usize) -> DecodeError {
    let shown = bytes.escape_ascii();
    DecodeError::new(format_args!("b\"{shown}\" does not fit [u8; {len}]"))
}

fn padded_into<'a, const M: usize>(
    slot: Slot<'a, [u8; M]>,
    bytes: &[u8],
) -> Result<Filled<'a, [u8; M]>, DecodeError> {
    let text = without_padding(bytes);
    if text.len() > M {
        return Err(does_not_fit(text, M));
    }
    slot.fill_items(|index, slot| Ok(slot.write(text.get(index).copied().unwrap_or_default())))
}

store_as! {
    [const M: usize, const N: usize] [u8; M] as Bytes<N>:
    |padded: &[u8; M]| {
        let mut stored = [0; N];
        encode_padded(padded, &mut stored)?;
        Ok(Bytes::from(stored))
    },
    |stored: Bytes<N>| padded(stored.as_bytes()),
    layout: if M == N {
        <[u8; M]>::LAYOUT
    } else {
        Layout::encoded(1)
    },
    encode: encode_padded,
    decode: padded,
    decode_into: padded_into
}

/// Returns the text of `bytes`, padded to the length of the array.
fn padded<const M: usize>(bytes: &[u8]) -> Result<[u8; M], DecodeError> {
    let (text, mut padded) = (without_padding(bytes), [0; M]);
    match padded.get_mut(..text.len()) {
        Some(place) => place.copy_from_slice(text),
        None => return Err(does_not_fit(text, M)),
    }
    Ok(padded)
}

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

store_as! {
    [const N: usize] [u8; N] as Void<N>:
    |bytes: &[u8; N]| Ok(Void(*bytes)),
    |stored: Void<N>| Ok(stored.0),
    layout: <[u8; N]>::LAYOUT,
    encode: |bytes: &[u8; N], out: &mut [u8]| {
        out.copy_from_slice(bytes);
        Ok(())
    },
    decode: |bytes| Void::<N>::decode(bytes).map(|void| void.0),
    decode_into: |slot: Slot<'a, [u8; N]>, bytes: &[u8]| {
        slot.copy(bytes).map_err(|_| wrong_bytes(bytes.len(), N))
    }
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
