//! Decoding elements of a map.

use super::{decoder::Decoder, huge_pages};
use crate::{
    convert::{Items, ItemsMut, copy},
    error::Result,
    record::{DecodeError, Element},
    storage::reserve_exact,
};

impl<E: Element> Decoder<E> {
    /// Decodes an element of a list: one of contiguous elements, or of those at distances of `stride`.
    #[inline]
    pub(super) fn decode_nth(
        &self,
        elements: &[u8],
        nth: usize,
        stride: Option<usize>,
    ) -> Result<E, DecodeError> {
        if self.plan.is_some() {
            let start = nth * stride.unwrap_or(self.itemsize);
            let element = elements.get(start..start + self.itemsize);
            // Boxed, so that the case below keeps its record in registers.
            return self.convert_boxed(element.unwrap_or_default()).map(|e| *e);
        }
        // A constant size makes this a load from memory.
        let itemsize = E::itemsize_of(&self.codec);
        let start = nth * stride.unwrap_or(itemsize);
        let element = elements.get(start..start + itemsize);
        // The error about a missing element is made by the same call: a call for it alone would need the record in
        // memory, not in registers.
        E::decode_as(&self.codec, element.unwrap_or_default())
    }

    /// Decodes `count` elements at distances of `stride`, up to the first that is not a valid `E`. Each block of them
    /// is copied to contiguous memory first: to the memory of the values, if it is their form in the file.
    ///
    /// # Errors
    ///
    /// Returns the error with the index of the element that is not a valid `E`.
    pub(super) fn decode_strided(
        &self,
        elements: &[u8],
        stride: usize,
        count: usize,
    ) -> Result<std::result::Result<Vec<E>, (usize, DecodeError)>> {
        // Small enough for the fastest cache.
        const AT_ONCE: usize = 16 * 1024;
        let itemsize = self.itemsize;
        let at_once = (AT_ONCE / itemsize.max(1)).max(1);
        let blocks = (0..count).step_by(at_once).map(|first| {
            let elements = elements.get(first * stride..).unwrap_or_default();
            Items::new(elements, itemsize, stride, at_once.min(count - first))
        });
        let in_place = self.in_place(count).filter(|_| self.decodes_where_read());
        if let Some(mut values) = in_place {
            huge_pages::advise(values.memory());
            for items in blocks {
                let memory = values.bytes(items.count() * itemsize);
                copy(items, ItemsMut::contiguous(memory, itemsize));
                if let Err(error) = values.decode(&self.codec, items.count()) {
                    return Ok(Err((values.len(), error)));
                }
            }
            return Ok(Ok(values.into_records()));
        }
        let mut values = Vec::new();
        reserve_exact(&mut values, count)?;
        let mut block = vec![0; at_once.min(count) * itemsize];
        for items in blocks {
            let block = block
                .get_mut(..items.count() * itemsize)
                .unwrap_or_default();
            copy(items, ItemsMut::contiguous(block, itemsize));
            if let Err(error) = self.decode_all(block, &mut values) {
                return Ok(Err((values.len(), error)));
            }
        }
        Ok(Ok(values))
    }

    #[inline(never)]
    fn convert_boxed(&self, element: &[u8]) -> Result<Box<E>, DecodeError> {
        self.decode(element).map(Box::new)
    }
}
