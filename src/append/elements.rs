//! Elements that are there all at once, written in their form in the file.

use std::io::Write;

use crate::{
    error::{Error, Result},
    record::{Layout, NpyRecord},
};

/// The number of bytes that are encoded at once, one element at the least.
const BLOCK: usize = 64 * 1024;

/// Writes elements that lie one after another in memory, without a copy where that is their form in the
/// file.
pub(crate) fn write_slice<T: NpyRecord>(writer: &mut impl Write, elements: &[T]) -> Result<()> {
    match Layout::bytes_of(elements) {
        Some(bytes) => write_all(writer, bytes),
        None => write_elements(writer, elements.iter()),
    }
}

/// Writes elements a block at a time.
pub(crate) fn write_elements<'a, T: NpyRecord + 'a>(
    writer: &mut impl Write,
    elements: impl Iterator<Item = &'a T>,
) -> Result<()> {
    let capacity = (BLOCK / T::ITEMSIZE.max(1)).max(1) * T::ITEMSIZE;
    let mut block = Vec::with_capacity(capacity);
    for (nth, element) in elements.enumerate() {
        let start = block.len();
        block.resize(start + T::ITEMSIZE, 0);
        let place = block.get_mut(start..).unwrap_or_default();
        encode(element, place, nth)?;
        if block.len() >= capacity {
            write_all(writer, &block)?;
            block.clear();
        }
    }
    write_all(writer, &block)
}

/// Checks that all elements can be encoded.
pub(crate) fn check_elements<'a, T: NpyRecord + 'a>(
    elements: impl Iterator<Item = &'a T>,
) -> Result<()> {
    if Layout::<T>::bytes_of(&[]).is_some() {
        return Ok(());
    }
    let mut place = vec![0; T::ITEMSIZE];
    elements
        .enumerate()
        .try_for_each(|(nth, element)| encode(element, &mut place, nth))
}

fn encode<T: NpyRecord>(element: &T, place: &mut [u8], nth: usize) -> Result<()> {
    let encoded = element.encode(place);
    encoded.map_err(|e| Error::from(e).at_row(nth as u64))
}

fn write_all(writer: &mut impl Write, bytes: &[u8]) -> Result<()> {
    let written = writer.write_all(bytes);
    written.map_err(|e| Error::io("write the array", e))
}
