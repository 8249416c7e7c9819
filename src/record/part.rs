//! The fields of a struct and the items of an array, within the bytes of the whole.

use super::{
    check_len::{wrong_buffer, wrong_bytes},
    error::{DecodeError, EncodeError},
};

/// Returns the `len` bytes at an offset.
///
/// # Errors
///
/// Fails if the bytes end before.
#[inline]
pub(super) fn part(bytes: &[u8], offset: usize, len: usize) -> Result<&[u8], DecodeError> {
    let part = bytes.get(offset..).and_then(|rest| rest.get(..len));
    part.ok_or_else(|| wrong_bytes(bytes.len(), offset.saturating_add(len)))
}

/// Encodes the field `name` of a struct by `encode`, to the `len` bytes at an offset.
///
/// # Errors
///
/// Fails if the field cannot be stored, or the bytes end before.
#[inline]
pub(super) fn encode_field(
    out: &mut [u8],
    offset: usize,
    len: usize,
    name: &str,
    encode: impl FnOnce(&mut [u8]) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let all = out.len();
    let place = out.get_mut(offset..).and_then(|rest| rest.get_mut(..len));
    match place {
        Some(place) => encode(place).map_err(|e| e.in_field(name)),
        None => Err(wrong_buffer(all, offset.saturating_add(len))),
    }
}

/// Decodes the field `name` of a struct by `decode`, from the `len` bytes at an offset.
///
/// # Errors
///
/// Fails if the bytes are not a value of the field, or end before.
#[inline]
pub(super) fn decode_field<T>(
    bytes: &[u8],
    offset: usize,
    len: usize,
    name: &str,
    decode: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    match part(bytes, offset, len) {
        Ok(place) => decode(place).map_err(|e| e.in_field(name)),
        Err(error) => Err(error),
    }
}
