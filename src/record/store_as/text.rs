#![allow(unsafe_code)] // Layouts are promised here, and used in `layout.rs`.

use std::fmt;

use super::target::StoreAs;
use crate::record::{
    bytes::{Bytes, Void},
    error::{DecodeError, EncodeError},
    layout::Layout,
    number::BigEndian,
    str::Str,
};

#[cold]
fn not_storable(
    text: impl fmt::Debug,
    ends_in_nul: bool,
    len: usize,
    what: &str,
    limit: usize,
) -> EncodeError {
    let text = format!("{text:?}");
    if ends_in_nul {
        EncodeError::new(text, "ends in a NUL, which NumPy would take for padding")
    } else {
        EncodeError::new(
            text,
            format_args!("is {len} {what} long, the dtype holds {limit}"),
        )
    }
}

store_as! {
    [const N: usize] String as Bytes<N>:
    |text: &String| Bytes::new(text.as_bytes()).ok_or_else(|| {
        not_storable(text, text.ends_with('\0'), text.len(), "bytes", N)
    }),
    |stored: Bytes<N>| match str::from_utf8(stored.as_bytes()) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(DecodeError::new(format_args!("{stored:?} is not UTF-8"))),
    }
}

store_as_either! {
    [const N: usize] String as Str<N>:
    |text: &String| Str::new(text).ok_or_else(|| {
        not_storable(text, text.ends_with('\0'), text.chars().count(), "characters", N)
    }),
    |stored: Str<N>| Ok(String::from_iter(stored.as_chars()))
}

store_as! {
    [const M: usize, const N: usize] [u8; M] as Bytes<N>:
    |padded: &[u8; M]| resized(padded).map(Bytes::from).ok_or_else(|| {
        not_storable(Bytes::from(*padded), false, Bytes::from(*padded).as_bytes().len(), "bytes", N)
    }),
    |stored: Bytes<N>| resized(&<[u8; N]>::from(stored)).ok_or_else(|| {
        DecodeError::new(format_args!("{stored:?} does not fit [u8; {M}]"))
    }),
    if M == N {
        // SAFETY: the bytes are stored as they are.
        unsafe { Layout::native(1, true) }
    } else {
        Layout::encoded(1)
    }
}

store_as_either! {
    [const M: usize, const N: usize] [char; M] as Str<N>:
    |padded: &[char; M]| resized(padded).map(Str::from).ok_or_else(|| {
        not_storable(Str::from(*padded), false, Str::from(*padded).as_chars().len(), "characters", N)
    }),
    |stored: Str<N>| resized(&<[char; N]>::from(stored)).ok_or_else(|| {
        DecodeError::new(format_args!("{stored:?} does not fit [char; {M}]"))
    })
}

store_as! {
    [const N: usize] [u8; N] as Void<N>:
    |bytes: &[u8; N]| Ok(Void(*bytes)),
    |stored: Void<N>| Ok(stored.0),
    // SAFETY: the bytes are stored as they are.
    unsafe { Layout::native(1, true) }
}

/// The same items with more or less padding; `None` if more than padding would be lost.
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
