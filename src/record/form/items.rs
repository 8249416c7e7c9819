use std::marker::PhantomData;

use super::field_form::FieldForm;
use crate::{
    dtype::DType,
    record::{
        array::try_from_fn,
        check_len::{check_len, check_len_mut},
        error::{DecodeError, EncodeError},
        field_attributes::FieldAttributes,
        memory::{Filled, Layout, Slot},
        part::part,
    },
};

/// The form of an array of `N` items, each in the form `F`.
#[derive(Debug)]
pub struct Items<F, const N: usize>(PhantomData<fn() -> F>);

impl<F: FieldForm, const N: usize> FieldForm for Items<F, N> {
    type Value = [F::Value; N];
    const ITEMSIZE: usize = N * F::ITEMSIZE;
    const LAYOUT: Layout<Self::Value> = Layout::of_items(&F::LAYOUT);

    fn dtype() -> DType {
        DType::merged_subarray(F::dtype(), &[N])
    }

    #[inline]
    fn encode(value: &Self::Value, out: &mut [u8]) -> Result<(), EncodeError> {
        let places = check_len_mut(out, Self::ITEMSIZE)?;
        let places = places.chunks_exact_mut(F::ITEMSIZE.max(1));
        for (index, (item, place)) in value.iter().zip(places).enumerate() {
            F::encode(item, place).map_err(|e| e.in_item(index))?;
        }
        Ok(())
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self::Value, DecodeError> {
        let bytes = check_len(bytes, Self::ITEMSIZE)?;
        try_from_fn(|index| {
            let item = part(bytes, index * F::ITEMSIZE, F::ITEMSIZE)?;
            F::decode(item).map_err(|e| e.in_item(index))
        })
    }

    #[inline]
    fn decode_into<'a>(
        slot: Slot<'a, Self::Value>,
        bytes: &[u8],
    ) -> Result<Filled<'a, Self::Value>, DecodeError> {
        let bytes = check_len(bytes, Self::ITEMSIZE)?;
        match slot.copy_as(&Self::LAYOUT, bytes) {
            Ok(filled) => Ok(filled),
            Err(slot) => slot.fill_items(|index, slot| {
                let item = part(bytes, index * F::ITEMSIZE, F::ITEMSIZE)?;
                F::decode_into(slot, item).map_err(|e| e.in_item(index))
            }),
        }
    }

    fn field_attributes(attributes: &mut FieldAttributes, offset: usize) {
        (0..N).for_each(|index| F::field_attributes(attributes, offset + index * F::ITEMSIZE));
    }
}
