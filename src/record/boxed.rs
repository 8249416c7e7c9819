use super::{
    element::EncodeAs,
    error::{DecodeError, EncodeError},
    field_attributes::FieldAttributes,
    memory::{Layout, boxed},
    npy_record::NpyRecord,
};
use crate::dtype::DType;

/// Stored as the value in the box, and decoded on the heap: for records that are larger than the stack.
impl<T: NpyRecord + EncodeAs<Box<T>>> NpyRecord for Box<T> {
    const ITEMSIZE: usize = T::ITEMSIZE;
    const LAYOUT: Layout<Self> = Layout::converted(&T::LAYOUT);

    fn dtype() -> DType {
        T::dtype()
    }

    fn attributes(attributes: &mut FieldAttributes) {
        T::attributes(attributes);
    }

    fn field_attributes(attributes: &mut FieldAttributes, offset: usize) {
        T::field_attributes(attributes, offset);
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        T::encode(self, out)
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        boxed(|slot| T::decode_into(slot, bytes))
    }
}
