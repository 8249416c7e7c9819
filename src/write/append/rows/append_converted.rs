//! Appending elements that are converted to the dtype of the file, many at once.

use super::{Conversion, Rows};
use crate::{error::Result, record::Element, storage::zeroed};

/// The bytes of elements that are converted at once.
const BLOCK: usize = 16 * 1024;

/// Elements that are encoded, and not yet converted and appended.
///
/// Encoding an element may panic. Dropping the block then appends the elements before it.
struct Unconverted<'a> {
    rows: &'a mut Rows,
    encoded: Vec<u8>,
    converted: Vec<u8>,
    /// The size of an element before and after its conversion.
    sizes: (usize, usize),
    elements: usize,
}

impl Rows {
    /// Appends elements up to the first one that does not fit.
    pub(super) fn append_converted<'a, E: Element + 'a>(
        &mut self,
        codec: &E::Codec,
        mut elements: impl ExactSizeIterator<Item = &'a E>,
    ) -> Result<()> {
        let (size, itemsize) = (E::itemsize_of(codec), self.file.extent.itemsize);
        let at_once = (BLOCK / size.max(itemsize).max(1)).clamp(1, elements.len().max(1));
        let mut block = Unconverted {
            rows: self,
            encoded: zeroed(at_once * size)?,
            converted: zeroed(at_once * itemsize)?,
            sizes: (size, itemsize),
            elements: 0,
        };
        loop {
            while block.elements < at_once
                && let Some(element) = elements.next()
            {
                let start = block.elements * size;
                let place = block.encoded.get_mut(start..start + size);
                if let Err(error) = element.encode_as(codec, place.unwrap_or_default()) {
                    block.append()?;
                    return Err(block.rows.refused(error));
                }
                block.elements += 1;
            }
            let is_last = block.elements < at_once;
            block.append()?;
            if is_last {
                return Ok(());
            }
        }
    }
}

impl Unconverted<'_> {
    /// Converts the elements, and appends them up to the first one that does not fit.
    fn append(&mut self) -> Result<()> {
        let (size, itemsize) = self.sizes;
        let (mut elements, mut refused) = (std::mem::take(&mut self.elements), None);
        if let Some(Conversion { plan, .. }) = &self.rows.conversion {
            let encoded = self.encoded.get(..elements * size).unwrap_or_default();
            let converted = self.converted.get_mut(..elements * itemsize);
            if let Err((index, error)) =
                plan.convert_all(encoded, self.sizes, converted.unwrap_or_default())
            {
                (elements, refused) = (index, Some(error));
            }
        }
        let conversion = self.rows.conversion.take();
        let appended = (0..elements).try_for_each(|index| {
            let bytes = self.converted.get(index * itemsize..(index + 1) * itemsize);
            self.rows.append(itemsize, |place| {
                place.copy_from_slice(bytes.unwrap_or_default());
                Ok(())
            })
        });
        self.rows.conversion = conversion;
        appended?;
        match refused {
            Some(error) => Err(self.rows.refused(error)),
            None => Ok(()),
        }
    }
}

impl Drop for Unconverted<'_> {
    fn drop(&mut self) {
        let _ = self.append();
    }
}
