//! Records seen as bytes, and bytes seen as records.
#![allow(unsafe_code)]

use std::{ptr, slice};

use super::{layout::Layout, numbers::Numbers, values::Values};
use crate::record::element::Element;

impl<T: Element> Layout<T> {
    /// Returns the form of `records` in the file, if it is their memory.
    #[inline]
    pub fn bytes_of(records: &[T]) -> Option<&[u8]> {
        if !T::MEMORY.is_whole() {
            return None;
        }
        // SAFETY: the slice is `size_of_val` bytes long, all of them initialized as the layout is
        // whole, and borrowed for as long as the result.
        Some(unsafe { slice::from_raw_parts(records.as_ptr().cast(), size_of_val(records)) })
    }

    /// Returns the form of a record in the file, if it is its memory and copying the memory is fast.
    ///
    /// A small record is often new, and its fields are still in registers. Copying it would wait for the
    /// stores of the fields.
    #[inline]
    pub fn bytes_to_copy(record: &T) -> Option<&[u8]> {
        const SMALL: usize = 64;
        match size_of::<T>() {
            ..=SMALL => None,
            _ => Layout::bytes_of(slice::from_ref(record)),
        }
    }

    /// Returns the memory of `records`, to be filled from a file, if any bytes are a record.
    pub(crate) fn bytes_of_mut(records: &mut [T]) -> Option<&mut [u8]> {
        if !T::MEMORY.is_plain() {
            return None;
        }
        let (start, len) = (records.as_mut_ptr().cast(), size_of_val(records));
        // SAFETY: as in `bytes_of`. Any bytes written there are records, as the layout is plain.
        Some(unsafe { slice::from_raw_parts_mut(start, len) })
    }

    /// Returns the value of `bytes`, if they are its memory and this is checked in little time: for numbers, truth
    /// values, texts, and arrays of them.
    #[inline]
    pub(in crate::record) fn from_checked_bytes(bytes: &[u8]) -> Option<T> {
        if !T::MEMORY.is_value(bytes) {
            return None;
        }
        // SAFETY: `bytes` are `size_of::<T>()` initialized bytes, and are a `T`; they need not be aligned.
        Some(unsafe { ptr::read_unaligned(bytes.as_ptr().cast()) })
    }

    /// Returns the record of `bytes`, if any bytes of its size are a record.
    #[inline]
    pub fn from_bytes(bytes: &[u8]) -> Option<T> {
        if !T::MEMORY.is_plain() || bytes.len() != size_of::<T>() {
            return None;
        }
        // SAFETY: `bytes` are `size_of::<T>()` initialized bytes, and any such are a `T` as the
        // layout is plain; they need not be aligned.
        Some(unsafe { ptr::read_unaligned(bytes.as_ptr().cast()) })
    }

    /// Returns a copy of a record, if any bytes of its size are a record.
    #[cfg(feature = "mmap")]
    #[inline]
    pub(crate) fn copy_of(record: &T) -> Option<T> {
        Layout::bytes_of(slice::from_ref(record)).and_then(Layout::from_bytes)
    }

    /// Returns `bytes` as records. Any bytes must be a record, and `bytes` complete records that are
    /// aligned for `T`.
    #[cfg(feature = "mmap")]
    #[inline]
    pub(crate) fn cast(bytes: &[u8]) -> Option<&[T]> {
        let start = bytes.as_ptr().cast::<T>();
        let len = bytes.len().checked_div(size_of::<T>())?;
        if !T::MEMORY.is_plain() || len * size_of::<T>() != bytes.len() || !start.is_aligned() {
            return None;
        }
        // SAFETY: `start` is aligned and points to `len` times `size_of::<T>()` initialized bytes,
        // borrowed for as long as the result; any such are records as the layout is plain.
        Some(unsafe { slice::from_raw_parts(start, len) })
    }

    /// Returns `bytes` as records that can be changed, as [`cast`](Self::cast) does.
    #[cfg(feature = "mmap")]
    pub(crate) fn cast_mut(bytes: &mut [u8]) -> Option<&mut [T]> {
        let len = Layout::<T>::cast(bytes)?.len();
        // SAFETY: by `cast`, `bytes` are aligned and `len` records, borrowed for as long as the result.
        // The layout is plain: any bytes are records, and all bytes of any record are initialized.
        Some(unsafe { slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), len) })
    }
}

impl Values {
    /// Describes an enum of `size` bytes by the numbers of its variants.
    ///
    /// # Safety
    ///
    /// The memory of each number, as an integer of `size` bytes, is a value.
    pub const unsafe fn of_variants(numbers: &'static [Numbers], size: usize) -> Self {
        Values::numbers(numbers, size)
    }
}
