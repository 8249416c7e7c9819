//! Bytes, stored as padded strings or as raw data.

use std::{borrow::Cow, rc::Rc, sync::Arc};

use super::target::StoreAs;
use crate::record::{
    bytes::{Bytes, Void, not_storable, without_padding},
    check_len::{check_len, check_len_mut, wrong_bytes},
    error::{DecodeError, EncodeError},
    memory::{Filled, Layout, Slot},
    npy_record::NpyRecord,
};

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

store_as!([const N: usize] Void<N> as Void<N>: |void: &Self| Ok(*void), Ok, layout: Self::LAYOUT);

store_as! {
    [const M: usize, const N: usize] Bytes<M> as Bytes<N>:
    |bytes: &Self| Bytes::try_from(bytes.as_bytes()),
    |stored: Bytes<N>| Self::try_from(stored.as_bytes()).map_err(EncodeError::into_decode),
    layout: if M == N {
        Self::LAYOUT
    } else {
        Layout::encoded(1)
    }
}

/// A dtype that stores bytes.
pub trait BytesTarget: NpyRecord + AsRef<[u8]> {
    /// Returns the stored form of bytes.
    fn from_bytes(bytes: &[u8]) -> Result<Self, EncodeError>;
}

impl<const N: usize> BytesTarget for Bytes<N> {
    #[inline]
    fn from_bytes(bytes: &[u8]) -> Result<Self, EncodeError> {
        bytes.try_into()
    }
}

impl<const N: usize> BytesTarget for Void<N> {
    #[inline]
    fn from_bytes(bytes: &[u8]) -> Result<Self, EncodeError> {
        bytes.try_into().map(Void).map_err(|_| {
            let shown = format_args!("b\"{}\"", bytes.escape_ascii()).to_string();
            let len = bytes.len();
            EncodeError::new(
                shown,
                format_args!("is {len} bytes long, the dtype needs {N}"),
            )
        })
    }
}

/// Implements `StoreAs` for the owners of bytes.
macro_rules! owners {
    ($([$($generics:tt)*] $owner:ty;)+) => {$(
        store_as! {
            [$($generics)* D: BytesTarget] $owner as D:
            |bytes: &[u8]| D::from_bytes(bytes),
            |stored: D| Ok(stored.as_ref().to_vec().into())
        }
    )+};
}

owners! {
    [] Vec<u8>;
    [] Box<[u8]>;
    [] Rc<[u8]>;
    [] Arc<[u8]>;
    ['b,] Cow<'b, [u8]>;
}

// Encoded without an allocation, and never decoded.
store_as! {
    ['b, D: BytesTarget] &'b [u8] as D:
    |bytes: &[u8]| D::from_bytes(bytes),
    |_| Err(DecodeError::new("a `&[u8]` borrows its bytes, so it is written but never read")),
    layout: Layout::borrowed(&D::LAYOUT)
}
