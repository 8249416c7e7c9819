//! Elements of any memory layout, put into C order a block at a time.

use std::slice;

use ndarray::{ArrayView, ArrayView1, Axis, Dimension};

use crate::record::{Element, Layout};

/// The bytes of a block, so that it is in the cache when it is written.
const BLOCK: usize = 64 * 1024;

/// The least rows of a block, so that all of a cache line is used where the elements of a column are contiguous.
const LEAST_ROWS: usize = 16;

/// The most bytes of a block of several rows.
const LARGEST: usize = 16 << 20;

/// Returns the number of rows in a block.
pub(super) fn rows_at_once(row_size: usize) -> usize {
    let row_size = row_size.max(1);
    (BLOCK / row_size)
        .max(LEAST_ROWS.min(LARGEST / row_size))
        .max(1)
}

/// Writes the bytes of elements to `block` in C order. Their form in the file is their memory.
pub(super) fn gather<T: Element, D: Dimension>(
    elements: &ArrayView<'_, T, D>,
    block: &mut Vec<u8>,
) {
    let size = size_of::<T>();
    block.resize(elements.len() * size, 0);
    // The elements of a lane along this axis are the closest in memory.
    let axes = (0..elements.ndim()).filter(|&axis| elements.len_of(Axis(axis)) > 1);
    let closest = axes.min_by_key(|&axis| elements.stride_of(Axis(axis)).unsigned_abs());
    let axis = Axis(closest.unwrap_or_default());
    let dims = elements.shape().iter().skip(axis.index() + 1);
    let step = dims.product::<usize>();
    let len = elements.len_of(axis);
    let (mut start, mut in_group) = (0, 0);
    for lane in elements.lanes(axis) {
        let places = block.get_mut(start * size..).unwrap_or_default();
        match step {
            1 => copy_lane(lane, places),
            _ => scatter(lane, places, step),
        }
        (start, in_group) = (start + 1, in_group + 1);
        if in_group == step {
            start += (len - 1) * step;
            in_group = 0;
        }
    }
}

/// Copies the elements of a lane to places one after another.
fn copy_lane<T: Element>(lane: ArrayView1<'_, T>, places: &mut [u8]) {
    if let Some(bytes) = lane.to_slice().and_then(Layout::bytes_of) {
        let places = places.get_mut(..bytes.len());
        return places.unwrap_or_default().copy_from_slice(bytes);
    }
    let places = places.chunks_exact_mut(size_of::<T>().max(1));
    for (place, element) in places.zip(lane) {
        copy_element(element, place);
    }
}

/// Copies the elements of a lane to places of which one in `step` is used.
fn scatter<T: Element>(lane: ArrayView1<'_, T>, places: &mut [u8], step: usize) {
    let size = size_of::<T>();
    let mut at = 0;
    for element in lane {
        copy_element(element, places.get_mut(at..at + size).unwrap_or_default());
        at += step * size;
    }
}

#[inline]
fn copy_element<T: Element>(element: &T, place: &mut [u8]) {
    if let Some(bytes) = Layout::bytes_of(slice::from_ref(element))
        && place.len() == bytes.len()
    {
        place.copy_from_slice(bytes);
    }
}
