use super::{
    check_len::{check_len, check_len_mut},
    encode_as::encode_as_itself,
    error::{DecodeError, EncodeError},
    field_attributes::FieldAttributes,
    memory::{Filled, Layout, Slot},
    npy_record::NpyRecord,
    part::part,
};
use crate::dtype::DType;

encode_as_itself!(impl[T: NpyRecord, const N: usize] [T; N]);

impl<T: NpyRecord, const N: usize> NpyRecord for [T; N] {
    const ITEMSIZE: usize = N * T::ITEMSIZE;
    const LAYOUT: Layout<Self> = Layout::of_items(&T::LAYOUT);

    fn dtype() -> DType {
        DType::merged_subarray(T::dtype(), &[N])
    }

    fn attributes(attributes: &mut FieldAttributes) {
        (0..N).for_each(|index| T::field_attributes(attributes, index * T::ITEMSIZE));
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        let out = check_len_mut(out, Self::ITEMSIZE)?;
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
        let bytes = check_len(bytes, Self::ITEMSIZE)?;
        if let Some(array) = Layout::from_checked_bytes(bytes) {
            return Ok(array);
        }
        try_from_fn(|index| {
            let place = part(bytes, index * T::ITEMSIZE, T::ITEMSIZE)?;
            T::decode(place).map_err(|e| e.in_item(index))
        })
    }

    #[inline]
    fn decode_into<'a>(
        slot: Slot<'a, Self>,
        bytes: &[u8],
    ) -> Result<Filled<'a, Self>, DecodeError> {
        let bytes = check_len(bytes, Self::ITEMSIZE)?;
        match slot.copy(bytes) {
            Ok(filled) => Ok(filled),
            Err(slot) => slot.fill_items(|index, slot| {
                let place = part(bytes, index * T::ITEMSIZE, T::ITEMSIZE)?;
                T::decode_into(slot, place).map_err(|e| e.in_item(index))
            }),
        }
    }
}

/// Builds an array as `std::array::from_fn` does, from items that may fail.
pub(super) fn try_from_fn<T, const N: usize>(
    item: impl FnMut(usize) -> Result<T, DecodeError>,
) -> Result<[T; N], DecodeError> {
    let items: Vec<T> = (0..N).map(item).collect::<Result<_, _>>()?;
    <[T; N]>::try_from(items).map_err(|_| DecodeError::new("an item of an array is missing"))
}
