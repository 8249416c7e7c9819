use std::marker::PhantomData;

use super::field_form::FieldForm;
use crate::{
    dtype::DType,
    record::{
        big_endian::swapped,
        error::{DecodeError, EncodeError},
        field_attributes::FieldAttributes,
        memory::{Filled, Layout, Slot},
        npy_record::NpyRecord,
    },
};

/// The form of a record by itself.
#[derive(Debug)]
pub struct Itself<T>(PhantomData<fn() -> T>);

impl<T: NpyRecord> FieldForm for Itself<T> {
    type Value = T;
    const ITEMSIZE: usize = T::ITEMSIZE;
    const LAYOUT: Layout<T> = Layout::converted(&T::LAYOUT);

    fn dtype() -> DType {
        T::dtype()
    }

    #[inline]
    fn encode(value: &T, out: &mut [u8]) -> Result<(), EncodeError> {
        value.encode(out)
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<T, DecodeError> {
        T::decode(bytes)
    }

    #[inline]
    fn decode_into<'a>(slot: Slot<'a, T>, bytes: &[u8]) -> Result<Filled<'a, T>, DecodeError> {
        T::decode_into(slot, bytes)
    }

    fn field_attributes(attributes: &mut FieldAttributes, offset: usize) {
        T::field_attributes(attributes, offset);
    }
}

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
