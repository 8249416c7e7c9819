//! Checks that a buffer has the length of a record.

use super::error::{DecodeError, EncodeError};

/// Returns `out` if it has `itemsize` bytes.
///
/// # Errors
///
/// Fails if it has another length.
#[inline]
pub fn check_len_mut(out: &mut [u8], itemsize: usize) -> Result<&mut [u8], EncodeError> {
    if out.len() == itemsize {
        Ok(out)
    } else {
        Err(wrong_buffer(out.len(), itemsize))
    }
}

/// Returns `bytes` if there are `itemsize`.
///
/// # Errors
///
/// Fails if there are more or fewer.
#[inline]
pub fn check_len(bytes: &[u8], itemsize: usize) -> Result<&[u8], DecodeError> {
    if bytes.len() == itemsize {
        Ok(bytes)
    } else {
        Err(wrong_bytes(bytes.len(), itemsize))
    }
}

#[cold]
pub(super) fn wrong_buffer(len: usize, itemsize: usize) -> EncodeError {
    EncodeError::new(
        format_args!("a buffer of {len} bytes"),
        format_args!("is not the {itemsize} of the record"),
    )
}

#[cold]
pub(super) fn wrong_bytes(len: usize, itemsize: usize) -> DecodeError {
    DecodeError::new(format_args!(
        "{len} bytes are not the {itemsize} of the record"
    ))
}
