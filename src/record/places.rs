//! Fields at their places in a record's bytes.

use super::{
    error::{DecodeError, EncodeError},
    npy_record::NpyRecord,
    store_as::StoreAs,
};

/// `out`, if it has `itemsize` bytes.
#[inline]
pub fn exactly_mut(out: &mut [u8], itemsize: usize) -> Result<&mut [u8], EncodeError> {
    if out.len() == itemsize {
        Ok(out)
    } else {
        Err(wrong_buffer(out.len(), itemsize))
    }
}

/// `bytes`, if they are `itemsize`.
#[inline]
pub fn exactly(bytes: &[u8], itemsize: usize) -> Result<&[u8], DecodeError> {
    if bytes.len() == itemsize {
        Ok(bytes)
    } else {
        Err(wrong_bytes(bytes.len(), itemsize))
    }
}

#[cold]
fn wrong_buffer(len: usize, itemsize: usize) -> EncodeError {
    EncodeError::new(
        format_args!("a buffer of {len} bytes"),
        format_args!("is not the {itemsize} of the record"),
    )
}

#[cold]
fn wrong_bytes(len: usize, itemsize: usize) -> DecodeError {
    DecodeError::new(format_args!(
        "{len} bytes are not the {itemsize} of the record"
    ))
}

/// Encodes the field `name` at its offset in `out`.
#[inline]
pub fn encode_field<T: NpyRecord>(
    value: &T,
    out: &mut [u8],
    offset: usize,
    name: &str,
) -> Result<(), EncodeError> {
    let len = out.len();
    match out
        .get_mut(offset..)
        .and_then(|rest| rest.get_mut(..T::ITEMSIZE))
    {
        Some(place) => value.encode(place).map_err(|e| e.in_field(name)),
        None => Err(wrong_buffer(len, offset.saturating_add(T::ITEMSIZE))),
    }
}

/// Encodes the field `name`, stored as a `D`, at its offset in `out`.
#[inline]
pub fn encode_as<D, T: StoreAs<D>>(
    value: &T,
    out: &mut [u8],
    offset: usize,
    name: &str,
) -> Result<(), EncodeError> {
    let stored = value.to_stored().map_err(|e| e.in_field(name))?;
    encode_field(&stored, out, offset, name)
}

/// Decodes the field `name` from its offset in `bytes`.
#[inline]
pub fn decode_field<T: NpyRecord>(
    bytes: &[u8],
    offset: usize,
    name: &str,
) -> Result<T, DecodeError> {
    match bytes.get(offset..).and_then(|rest| rest.get(..T::ITEMSIZE)) {
        Some(place) => T::decode(place).map_err(|e| e.in_field(name)),
        None => Err(wrong_bytes(bytes.len(), offset.saturating_add(T::ITEMSIZE))),
    }
}

/// Decodes the field `name`, stored as a `D`, from its offset in `bytes`.
#[inline]
pub fn decode_as<D, T: StoreAs<D>>(
    bytes: &[u8],
    offset: usize,
    name: &str,
) -> Result<T, DecodeError> {
    let stored = decode_field(bytes, offset, name)?;
    T::from_stored(stored).map_err(|e| e.in_field(name))
}
