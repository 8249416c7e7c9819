#![allow(unsafe_code)] // A layout is promised here, and used in `layout.rs`.

use super::{
    defaults::Defaults,
    error::{DecodeError, EncodeError},
    exactly::{exactly, exactly_mut},
    layout::Layout,
    npy_record::NpyRecord,
    slot::{Filled, Slot},
};
use crate::dtype::DType;

impl<T: NpyRecord, const N: usize> NpyRecord for [T; N] {
    const ITEMSIZE: usize = N * T::ITEMSIZE;
    // SAFETY: an array is its items one after another, in memory as in the file.
    const LAYOUT: Layout<Self> = unsafe { Layout::array(&T::LAYOUT) };

    fn dtype() -> DType {
        DType::merged_subarray(T::dtype(), &[N])
    }

    fn defaults(defaults: &mut Defaults) {
        (0..N).for_each(|index| T::field_defaults(defaults, index * T::ITEMSIZE));
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        let out = exactly_mut(out, Self::ITEMSIZE)?;
        if let Some(bytes) = Layout::bytes_of(self) {
            out.copy_from_slice(bytes);
            return Ok(());
        }
        let places = out.chunks_exact_mut(T::ITEMSIZE.max(1));
        for (index, (item, place)) in self.iter().zip(places).enumerate() {
            item.encode(place).map_err(|e| e.in_item(index))?;
        }
        Ok(())
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let bytes = exactly(bytes, Self::ITEMSIZE)?;
        if let Some(array) = Layout::from_bytes(bytes) {
            return Ok(array);
        }
        try_from_fn(|index| {
            let place = bytes
                .get(index * T::ITEMSIZE..)
                .and_then(|b| b.get(..T::ITEMSIZE));
            T::decode(place.unwrap_or_default()).map_err(|e| e.in_item(index))
        })
    }

    #[inline]
    fn decode_into<'a>(
        slot: Slot<'a, Self>,
        bytes: &[u8],
    ) -> Result<Filled<'a, Self>, DecodeError> {
        let bytes = exactly(bytes, Self::ITEMSIZE)?;
        match slot.copy(bytes) {
            Ok(filled) => Ok(filled),
            Err(slot) => slot.fill_items(|index, slot| {
                let place = bytes
                    .get(index * T::ITEMSIZE..)
                    .and_then(|b| b.get(..T::ITEMSIZE));
                let item = T::decode_into(slot, place.unwrap_or_default());
                item.map_err(|e| e.in_item(index))
            }),
        }
    }
}

/// `std::array::from_fn` of what may fail.
pub(super) fn try_from_fn<T, const N: usize>(
    item: impl FnMut(usize) -> Result<T, DecodeError>,
) -> Result<[T; N], DecodeError> {
    let items: Vec<T> = (0..N).map(item).collect::<Result<_, _>>()?;
    <[T; N]>::try_from(items).map_err(|_| DecodeError::new("an item of an array is missing"))
}
