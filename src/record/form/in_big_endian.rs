use std::marker::PhantomData;

use super::field_form::FieldForm;
use crate::{
    dtype::DType,
    record::{
        big_endian::swapped,
        error::{DecodeError, EncodeError},
        field_attributes::FieldAttributes,
        memory::{Filled, Layout, Slot},
    },
};

/// The form `F` in big-endian order.
#[derive(Debug)]
pub struct InBigEndian<F>(PhantomData<fn() -> F>);

impl<F: FieldForm> FieldForm for InBigEndian<F> {
    type Value = F::Value;
    const ITEMSIZE: usize = F::ITEMSIZE;
    const LAYOUT: Layout<F::Value> = Layout::in_big_endian(&F::LAYOUT);

    fn dtype() -> DType {
        F::dtype().to_big_endian()
    }

    #[inline]
    fn encode(value: &F::Value, out: &mut [u8]) -> Result<(), EncodeError> {
        F::encode(value, out)?;
        F::LAYOUT.reverse_words(out);
        Ok(())
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<F::Value, DecodeError> {
        swapped(&F::LAYOUT, bytes, F::decode)
    }

    #[inline]
    fn decode_into<'a>(
        slot: Slot<'a, F::Value>,
        bytes: &[u8],
    ) -> Result<Filled<'a, F::Value>, DecodeError> {
        swapped(&F::LAYOUT, bytes, |bytes| F::decode_into(slot, bytes))
    }

    fn field_attributes(attributes: &mut FieldAttributes, offset: usize) {
        F::field_attributes(attributes, offset);
        attributes.change_default(offset, F::ITEMSIZE, |bytes| F::LAYOUT.reverse_words(bytes));
    }
}
