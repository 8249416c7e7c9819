//! Fields of packed structs, which cannot be borrowed.
#![allow(unsafe_code)]

use std::ptr;

use super::fill::is_large;

/// Encodes a field of a packed struct, from an aligned copy.
#[doc(hidden)]
#[macro_export]
macro_rules! __npyrec_encode_packed_field {
    ($value:ident.$member:tt, $out:expr, $offset:expr, $name:expr, $encode:expr) => {{
        let (field, out, offset, name) = (&raw const $value.$member, &mut *$out, $offset, $name);
        // SAFETY: `field` points to a field of a value, which is borrowed meanwhile.
        unsafe { $crate::__private::with_copy(field, |field| $encode(field, out, offset, name)) }
    }};
}

/// Calls a function with an aligned copy of a value, which is on the heap if it is large.
///
/// # Safety
///
/// There is a value at `place`, which need not be aligned.
#[inline]
pub unsafe fn with_copy<T: Copy, O>(place: *const T, call: impl FnOnce(&T) -> O) -> O {
    // Two functions, as each reserves stack for all its values, used or not.
    if const { is_large::<T>() } {
        // SAFETY: the caller vouches for it.
        unsafe { with_boxed_copy(place, call) }
    } else {
        // SAFETY: the caller vouches for it.
        unsafe { with_small_copy(place, call) }
    }
}

/// Calls the function with a copy on the stack.
///
/// # Safety
///
/// As for [`with_copy`].
#[inline]
unsafe fn with_small_copy<T: Copy, O>(place: *const T, call: impl FnOnce(&T) -> O) -> O {
    // SAFETY: the caller vouches for it.
    call(&unsafe { place.read_unaligned() })
}

/// Calls the function with a copy on the heap.
///
/// # Safety
///
/// As for [`with_copy`].
unsafe fn with_boxed_copy<T: Copy, O>(place: *const T, call: impl FnOnce(&T) -> O) -> O {
    let mut copy = Box::<T>::new_uninit();
    let target = copy.as_mut_ptr().cast::<u8>();
    // SAFETY: both are `size_of::<T>()` bytes, and `place` holds a value, as the caller vouches.
    unsafe { ptr::copy_nonoverlapping(place.cast::<u8>(), target, size_of::<T>()) };
    // SAFETY: the value was just copied, as a `Copy` type allows.
    let copy = unsafe { copy.assume_init() };
    call(&copy)
}
