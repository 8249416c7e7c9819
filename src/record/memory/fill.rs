//! Decoding values in the memory where they stay, so that a large value is never on the stack.
#![allow(unsafe_code)]

use std::{
    alloc,
    mem::{self, MaybeUninit},
};

use super::{
    native::Wrapper,
    slot::{Filled, Slot, drop_at},
};
use crate::record::{error::DecodeError, npy_record::NpyRecord};

/// The size in memory above which a value is decoded in place. Smaller values are returned, and the
/// compiler keeps them in registers.
const LARGE: usize = 4096;

/// Returns true if values of the type are decoded in place.
pub(crate) const fn is_large<T>() -> bool {
    size_of::<T>() > LARGE
}

/// Fills memory with a value, and checks that the value is in that memory.
///
/// # Safety
///
/// As for [`Slot::at`].
#[inline]
unsafe fn fill_at<'a, T: 'a>(
    place: *mut T,
    fill: impl for<'b> FnOnce(Slot<'b, T>) -> Result<Filled<'b, T>, DecodeError>,
) -> Result<Filled<'a, T>, DecodeError> {
    // SAFETY: the caller vouches for it.
    fill(unsafe { Slot::at(place) })?.at(place)
}

/// Decodes the struct `Self` field by field in its slot. Its fields are all given: stored or skipped.
///
/// If a field cannot be decoded, the fields before it are dropped. A field that is missing or given twice
/// is a compile error.
#[doc(hidden)]
#[macro_export]
macro_rules! __npyrec_fill_struct {
    (
        $slot:expr, $bytes:expr,
        fields: { $($member:tt: $field:ident, $offset:expr, $name:expr, $decode:expr;)* },
        skipped: { $($skipped:tt: $default:ident, $value:expr;)* },
    ) => {{
        // Never called. It compiles only if each field is named once, because the pattern has no `..`.
        let _ = |value: &Self| {
            let Self { $($member: _,)* $($skipped: _,)* } = value;
        };
        $crate::__npyrec_fill_tuple! {
            $slot, $bytes,
            fields: { $($member: $field, $offset, $name, $decode;)* },
            skipped: { $($skipped: $default, $value;)* },
        }
    }};
}

/// Decodes `Self` field by field in its slot, from fields that the caller has checked.
#[doc(hidden)]
#[macro_export]
macro_rules! __npyrec_fill_tuple {
    (
        $slot:expr, $bytes:expr,
        fields: { $($member:tt: $field:ident, $offset:expr, $name:expr, $decode:expr;)* },
        skipped: { $($skipped:tt: $default:ident, $value:expr;)* },
    ) => {{
        let slot: $crate::__private::Slot<'_, Self> = $slot;
        let bytes = $bytes;
        let place = slot.as_mut_ptr();
        $(
            // The blocks keep scopes from nesting deeper with each field.
            let $field = {
                // SAFETY: the field is within the memory of the slot.
                let memory = unsafe { &raw mut (*place).$member };
                // SAFETY: this is the memory of a field, and the caller names each field once.
                let field = unsafe { slot.field(memory) };
                $decode(field, bytes, $offset, $name)?.at(memory)?
            };
        )*
        $(
            let $default = {
                let value = $value;
                // SAFETY: the field is within the memory of the slot.
                let memory = unsafe { &raw mut (*place).$skipped };
                // SAFETY: this is the memory of a field, and the caller names each field once.
                unsafe { slot.field(memory) }.write(value)
            };
        )*
        $($field.keep();)*
        $($default.keep();)*
        // SAFETY: each field was found in its memory, and is not dropped any more. These are all fields,
        // as the caller has checked.
        ::core::result::Result::Ok(unsafe { slot.assume_filled() })
    }};
}

impl<'a, T, const N: usize> Slot<'a, [T; N]> {
    /// Fills the items one after another. If one cannot be made, the items before it are dropped.
    ///
    /// # Errors
    ///
    /// Fails if `fill` fails, or returns a value in other memory.
    #[inline]
    pub(in crate::record) fn fill_items(
        self,
        mut fill: impl for<'b> FnMut(usize, Slot<'b, T>) -> Result<Filled<'b, T>, DecodeError>,
    ) -> Result<Filled<'a, [T; N]>, DecodeError> {
        let mut items = FilledItems {
            start: self.as_mut_ptr().cast::<T>(),
            len: 0,
        };
        while items.len < N {
            let (index, place) = (items.len, items.start.wrapping_add(items.len));
            // SAFETY: as the index is less than `N`, this is the memory of an item of the array. The array
            // belongs to this slot, and the item was not made yet.
            let item = unsafe { fill_at(place, |slot| fill(index, slot)) };
            item?.keep();
            items.len += 1;
        }
        mem::forget(items);
        // SAFETY: each of the `N` items was found in its memory, and `items` does not drop them any more.
        Ok(unsafe { self.assume_filled() })
    }
}

/// The first items of an array, which are dropped unless the array is completed.
struct FilledItems<T> {
    start: *mut T,
    len: usize,
}

impl<T> Drop for FilledItems<T> {
    fn drop(&mut self) {
        for index in 0..self.len {
            // SAFETY: the first `len` items were found in their memory. They were kept, so that nothing
            // else drops them.
            unsafe { drop_at(self.start.wrapping_add(index)) };
        }
    }
}

impl<'a, T> Slot<'a, T> {
    /// Fills a wrapper with the value that it wraps.
    ///
    /// # Errors
    ///
    /// Fails if `fill` fails, or returns a value in other memory.
    #[inline]
    pub(in crate::record) fn fill_inner(
        self,
        fill: impl for<'b> FnOnce(Slot<'b, T::Inner>) -> Result<Filled<'b, T::Inner>, DecodeError>,
    ) -> Result<Filled<'a, T>, DecodeError>
    where
        T: Wrapper,
    {
        // SAFETY: a wrapper is transparent, so its memory is the memory of the inner value. It belongs to
        // this slot, which holds no value.
        let inner = unsafe { fill_at(self.as_mut_ptr().cast::<T::Inner>(), fill) };
        inner?.keep();
        // SAFETY: the inner value was found in this memory, and makes a `T`. It is not dropped any more.
        Ok(unsafe { self.assume_filled() })
    }
}

impl<'a, T: NpyRecord> Slot<'a, T> {
    /// Copies a value from its form in a file.
    ///
    /// # Errors
    ///
    /// Returns the slot if the bytes may be no value.
    #[inline]
    pub fn copy(self, bytes: &[u8]) -> Result<Filled<'a, T>, Self> {
        self.copy_as(&T::LAYOUT, bytes)
    }
}

/// Decodes a record and appends it to `records`.
///
/// # Errors
///
/// Fails if the bytes are not a record.
#[inline]
pub(crate) fn push_decoded<T: NpyRecord>(
    records: &mut Vec<T>,
    bytes: &[u8],
) -> Result<(), DecodeError> {
    // Two functions, as each reserves stack for all its values, used or not.
    if const { is_large::<T>() } {
        push_in_place(records, bytes)
    } else {
        push_value(records, bytes)
    }
}

#[inline]
fn push_value<T: NpyRecord>(records: &mut Vec<T>, bytes: &[u8]) -> Result<(), DecodeError> {
    records.push(T::decode(bytes)?);
    Ok(())
}

pub(super) fn push_in_place<T: NpyRecord>(
    records: &mut Vec<T>,
    bytes: &[u8],
) -> Result<(), DecodeError> {
    records.reserve(1);
    let len = records.len();
    if let [memory, ..] = records.spare_capacity_mut() {
        let place = memory.as_mut_ptr();
        T::decode_into(Slot::new(memory), bytes)?.at(place)?.keep();
        // SAFETY: `at` found a record in the memory after the first `len`, within the capacity, and it was
        // kept there.
        unsafe { records.set_len(len + 1) };
    }
    Ok(())
}

/// Makes a value on the heap.
///
/// # Errors
///
/// Fails if `fill` fails or returns a value in other memory, or if the system refuses the memory.
pub(in crate::record) fn boxed<T>(
    fill: impl for<'a> FnOnce(Slot<'a, T>) -> Result<Filled<'a, T>, DecodeError>,
) -> Result<Box<T>, DecodeError> {
    let layout = alloc::Layout::new::<T>();
    let mut memory = match layout.size() {
        0 => Box::<T>::new_uninit(),
        size => {
            // SAFETY: the size is not zero.
            let start = unsafe { alloc::alloc(layout) };
            if start.is_null() {
                return Err(DecodeError::new(format_args!(
                    "there is no memory for the {size} bytes of a record"
                )));
            }
            // SAFETY: `start` was allocated by the global allocator with the layout of a `T`.
            unsafe { Box::from_raw(start.cast::<MaybeUninit<T>>()) }
        }
    };
    let place = memory.as_mut_ptr();
    fill(Slot::new(&mut memory))?.at(place)?.keep();
    // SAFETY: `at` found the value in this memory, and it was kept there.
    Ok(unsafe { memory.assume_init() })
}
