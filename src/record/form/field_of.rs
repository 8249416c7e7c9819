use std::marker::PhantomData;

use super::field_form::FieldForm;
use crate::{
    dtype::DType,
    record::{
        error::{DecodeError, EncodeError},
        field_attributes::FieldAttributes,
        memory::{Filled, Layout, Slot},
    },
};

/// A struct that stores the field with the index `FIELD`, or the items of its array, in a form: each a `T`. The
/// derive implements it.
pub trait StoreField<const FIELD: usize, T> {
    /// The size of a stored value, in bytes.
    const ITEMSIZE: usize;
    /// The memory of a value compared with its form in the file.
    const LAYOUT: Layout<T>;

    /// Returns the dtype of a stored value.
    fn dtype() -> DType;

    /// Encodes a value to `out`.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be stored, or `out` has another length.
    fn encode(value: &T, out: &mut [u8]) -> Result<(), EncodeError>;

    /// Decodes a value.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are not a value, or have another length.
    fn decode(bytes: &[u8]) -> Result<T, DecodeError>;

    /// Decodes a value in its final memory.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    #[inline]
    fn decode_into<'a>(slot: Slot<'a, T>, bytes: &[u8]) -> Result<Filled<'a, T>, DecodeError> {
        Ok(slot.write(Self::decode(bytes)?))
    }

    /// Adds the attributes within a field, at an offset in a struct.
    fn field_attributes(attributes: &mut FieldAttributes, offset: usize);
}

/// The form in which `R` stores its field with the index `FIELD`.
#[derive(Debug)]
pub struct FieldOf<R, const FIELD: usize, T>(PhantomData<(R, T)>);

impl<R: StoreField<FIELD, T>, const FIELD: usize, T> FieldForm for FieldOf<R, FIELD, T> {
    type Value = T;
    const ITEMSIZE: usize = R::ITEMSIZE;
    const LAYOUT: Layout<T> = R::LAYOUT;

    fn dtype() -> DType {
        R::dtype()
    }

    #[inline]
    fn encode(value: &T, out: &mut [u8]) -> Result<(), EncodeError> {
        R::encode(value, out)
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<T, DecodeError> {
        R::decode(bytes)
    }

    #[inline]
    fn decode_into<'a>(slot: Slot<'a, T>, bytes: &[u8]) -> Result<Filled<'a, T>, DecodeError> {
        R::decode_into(slot, bytes)
    }

    fn field_attributes(attributes: &mut FieldAttributes, offset: usize) {
        R::field_attributes(attributes, offset);
    }
}
