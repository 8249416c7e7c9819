use crate::{
    dtype::DType,
    record::{
        check_len::{wrong_buffer, wrong_bytes},
        error::{DecodeError, EncodeError},
        field_attributes::FieldAttributes,
        memory::{Filled, Layout, Slot},
    },
};

/// A form of a field's values in the file that does not follow from their type alone. An attribute of the
/// field chooses it.
pub trait FieldForm {
    /// The type of the field, or of the items of its array.
    type Value;
    /// The size of a stored value, in bytes.
    const ITEMSIZE: usize;
    /// The memory of a value compared with its form in the file.
    const LAYOUT: Layout<Self::Value>;

    /// Returns the dtype of a stored value.
    fn dtype() -> DType;

    /// Encodes a value to `out`, which has [`ITEMSIZE`](Self::ITEMSIZE) bytes.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be stored, or `out` has another length.
    fn encode(value: &Self::Value, out: &mut [u8]) -> Result<(), EncodeError>;

    /// Decodes a value.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are not a value, or have another length.
    fn decode(bytes: &[u8]) -> Result<Self::Value, DecodeError>;

    /// Decodes a value in its final memory.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    #[inline]
    fn decode_into<'a>(
        slot: Slot<'a, Self::Value>,
        bytes: &[u8],
    ) -> Result<Filled<'a, Self::Value>, DecodeError> {
        Ok(slot.write(Self::decode(bytes)?))
    }

    /// Adds the attributes within a field, at an offset in a struct.
    fn field_attributes(attributes: &mut FieldAttributes, offset: usize);

    /// Encodes a field of a struct to its offset in `out`.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    #[inline]
    fn encode_field(
        value: &Self::Value,
        out: &mut [u8],
        offset: usize,
        name: &str,
    ) -> Result<(), EncodeError> {
        let len = out.len();
        match out
            .get_mut(offset..)
            .and_then(|rest| rest.get_mut(..Self::ITEMSIZE))
        {
            Some(place) => Self::encode(value, place).map_err(|e| e.in_field(name)),
            None => Err(wrong_buffer(len, offset.saturating_add(Self::ITEMSIZE))),
        }
    }

    /// Decodes a field of a struct from its offset in `bytes`.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    #[inline]
    fn decode_field(bytes: &[u8], offset: usize, name: &str) -> Result<Self::Value, DecodeError> {
        match stored_at::<Self>(bytes, offset) {
            Ok(place) => Self::decode(place).map_err(|e| e.in_field(name)),
            Err(error) => Err(error),
        }
    }

    /// Decodes a field of a struct in the memory of the field.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    #[inline]
    fn decode_field_into<'a>(
        slot: Slot<'a, Self::Value>,
        bytes: &[u8],
        offset: usize,
        name: &str,
    ) -> Result<Filled<'a, Self::Value>, DecodeError> {
        match stored_at::<Self>(bytes, offset) {
            Ok(place) => Self::decode_into(slot, place).map_err(|e| e.in_field(name)),
            Err(error) => Err(error),
        }
    }
}

/// Returns the bytes of a stored value at an offset.
///
/// # Errors
///
/// Fails if the bytes end before the value does.
#[inline]
pub(super) fn stored_at<F: FieldForm + ?Sized>(
    bytes: &[u8],
    offset: usize,
) -> Result<&[u8], DecodeError> {
    let stored = bytes.get(offset..).and_then(|rest| rest.get(..F::ITEMSIZE));
    stored.ok_or_else(|| wrong_bytes(bytes.len(), offset.saturating_add(F::ITEMSIZE)))
}
