//! Records as elements.

use super::{
    element::{Element, MAX_EMPTY},
    error::DecodeError,
    field_attributes::FieldAttributes,
    memory::{Layout, boxed, push_decoded},
    npy_record::NpyRecord,
};
use crate::dtype::DType;

/// The most memory that elements of no bytes take.
const MAX_EMPTY_MEMORY: u64 = 1 << 20;

impl<R: NpyRecord> Element for R {
    type Codec = ();

    const MEMORY: Layout<Self> = R::LAYOUT;

    fn fixed_dtype() -> Option<DType> {
        Some(R::dtype())
    }

    fn codec_of(_: &DType) -> Self::Codec {}

    #[inline]
    fn itemsize_of((): &()) -> usize {
        R::ITEMSIZE
    }

    #[inline]
    fn decode_as((): &(), bytes: &[u8]) -> Result<Self, DecodeError> {
        R::decode(bytes)
    }

    fn decode_boxed((): &(), bytes: &[u8]) -> Result<Box<Self>, DecodeError> {
        boxed(|slot| R::decode_into(slot, bytes))
    }

    #[inline]
    fn decode_onto((): &(), bytes: &[u8], elements: &mut Vec<Self>) -> Result<(), DecodeError> {
        push_decoded(elements, bytes)
    }

    fn is_in_proportion((): &(), itemsize: usize, elements: u64, _: bool) -> bool {
        let memory = elements.saturating_mul(size_of::<R>() as u64);
        itemsize > 0 || elements <= MAX_EMPTY && memory <= MAX_EMPTY_MEMORY
    }

    fn attributes_of() -> FieldAttributes {
        FieldAttributes::of(R::ITEMSIZE, R::attributes)
    }
}
