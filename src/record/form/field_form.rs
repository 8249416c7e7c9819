use crate::{
    dtype::DType,
    record::{
        error::{DecodeError, EncodeError},
        field_attributes::FieldAttributes,
        memory::{Filled, Layout, Slot},
        part,
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
        part::encode_field(out, offset, Self::ITEMSIZE, name, |place| {
            Self::encode(value, place)
        })
    }

    /// Decodes a field of a struct from its offset in `bytes`.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    #[inline]
    fn decode_field(bytes: &[u8], offset: usize, name: &str) -> Result<Self::Value, DecodeError> {
        part::decode_field(bytes, offset, Self::ITEMSIZE, name, Self::decode)
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
        part::decode_field(bytes, offset, Self::ITEMSIZE, name, |place| {
            Self::decode_into(slot, place)
        })
    }
}
