//! Memory that waits for a value, and the value in it.
#![allow(unsafe_code)]

use std::{
    marker::PhantomData,
    mem::{self, MaybeUninit},
    ptr,
};

use super::layout::Layout;
use crate::record::error::DecodeError;

/// Memory for a value, which holds no value yet and need not be aligned.
#[derive(Debug)]
pub struct Slot<'a, T> {
    place: *mut T,
    memory: PhantomData<&'a mut MaybeUninit<T>>,
}

/// A value in its memory, which is dropped there unless it is [kept](Self::keep).
#[derive(Debug)]
pub struct Filled<'a, T> {
    place: *mut T,
    value: PhantomData<&'a mut T>,
}

impl<'a, T> Slot<'a, T> {
    /// Returns the slot of memory that is aligned.
    pub(super) fn new(memory: &'a mut MaybeUninit<T>) -> Self {
        Slot {
            place: memory.as_mut_ptr(),
            memory: PhantomData,
        }
    }

    /// Returns the slot at an address.
    ///
    /// # Safety
    ///
    /// The `size_of::<T>()` bytes at `place` can be written during `'a`, by nothing else, and hold no
    /// value that is still to be dropped.
    pub const unsafe fn at(place: *mut T) -> Self {
        Slot {
            place,
            memory: PhantomData,
        }
    }

    /// Returns the slot of a field of the value, for as long as this slot is borrowed.
    ///
    /// # Safety
    ///
    /// `place` is the memory of a field within the memory of this slot. No other slot has that memory, and
    /// it holds no value that is still to be dropped.
    pub const unsafe fn field<F>(&self, place: *mut F) -> Slot<'_, F> {
        // SAFETY: the memory belongs to this slot, and the caller vouches for the rest.
        unsafe { Slot::at(place) }
    }

    /// Returns the address of the memory.
    pub const fn as_mut_ptr(&self) -> *mut T {
        self.place
    }

    /// Moves a value into the memory.
    #[inline]
    pub fn write(self, value: T) -> Filled<'a, T> {
        // SAFETY: by `new` and `at`, the memory belongs to this slot and holds no value.
        unsafe { self.place.write_unaligned(value) };
        // SAFETY: the value was just written.
        unsafe { self.assume_filled() }
    }

    /// Takes the value that was put in the memory, such as field by field.
    ///
    /// # Safety
    ///
    /// The memory holds a value, which nothing else drops.
    #[inline]
    pub const unsafe fn assume_filled(self) -> Filled<'a, T> {
        Filled {
            place: self.place,
            value: PhantomData,
        }
    }

    /// Copies a value from its form in a file if `layout` says that the bytes are a value.
    ///
    /// # Errors
    ///
    /// Returns the slot if the bytes may be no value.
    #[inline]
    pub(in crate::record) fn copy_as(
        self,
        layout: &Layout<T>,
        bytes: &[u8],
    ) -> Result<Filled<'a, T>, Self> {
        if !layout.is_value(bytes) {
            return Err(self);
        }
        // SAFETY: both are `size_of::<T>()` bytes. They do not overlap, as the memory belongs to this slot
        // alone and `bytes` are borrowed, and are a `T`.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.place.cast(), bytes.len()) };
        // SAFETY: the value was just copied.
        Ok(unsafe { self.assume_filled() })
    }
}

impl<T> Filled<'_, T> {
    /// Leaves the value in the memory, whose owner then drops it.
    #[inline]
    pub fn keep(self) {
        mem::forget(self);
    }

    /// Returns the value if it is in the given memory.
    ///
    /// # Errors
    ///
    /// Fails if the value is in other memory, where it is dropped. [`NpyRecord::decode_into`](crate::NpyRecord::decode_into) of another
    /// crate may return such a value. Its caller checks this before it relies on the memory.
    #[inline]
    pub fn at(self, place: *mut T) -> Result<Self, DecodeError> {
        // A value without bytes is a value at any address.
        if size_of::<T>() > 0 && self.place != place {
            return Err(elsewhere());
        }
        Ok(self)
    }
}

#[cold]
fn elsewhere() -> DecodeError {
    DecodeError::new("the record was decoded into other memory than its own")
}

impl<T> Drop for Filled<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: by `assume_filled`, the memory holds a value that nothing else drops.
        unsafe { drop_at(self.place) };
    }
}

/// Drops a value that need not be aligned.
///
/// # Safety
///
/// There is a value at `place`, which nothing else drops or uses.
#[inline]
pub(super) unsafe fn drop_at<T>(place: *mut T) {
    if !mem::needs_drop::<T>() {
        return;
    }
    match place.is_aligned() {
        // SAFETY: the caller vouches for it.
        true => unsafe { place.drop_in_place() },
        // SAFETY: the caller vouches for it.
        false => unsafe { drop_unaligned(place) },
    }
}

/// Drops a value that is not aligned.
///
/// # Safety
///
/// As for [`drop_at`].
#[cold]
unsafe fn drop_unaligned<T>(place: *mut T) {
    // SAFETY: the caller vouches for it.
    drop(unsafe { place.read_unaligned() });
}
