//! Types whose memory is their form in the file on a little-endian machine.
#![allow(unsafe_code)]

use std::{
    marker::PhantomData,
    num::{NonZero, Saturating, Wrapping},
};

use super::{
    layout::Layout,
    values::{Values, are_bools, are_chars, are_not_zero, are_texts},
};
use crate::record::{
    big_endian::BigEndian,
    bytes::{Bytes, Void},
    str::Str,
    time::{Datetime64, Timedelta64},
};

/// A type without padding, stored as it is in memory.
///
/// # Safety
///
/// On a little-endian host, or if the type is made of single bytes, all bytes of every value are
/// initialized and are its form in the file. Bytes among `VALUES` are a value.
pub(in crate::record) unsafe trait Native: Sized {
    /// The alignment that `np.dtype(…, align=True)` gives the type.
    const ALIGNMENT: usize;
    /// The bytes that are a value.
    const VALUES: Values;
    /// True if NumPy knows the type with its bytes reversed.
    const HAS_ORDER: bool = true;
}

impl<T> Layout<T> {
    /// Describes a type of the list below.
    pub(in crate::record) const fn native() -> Self
    where
        T: Native,
    {
        // SAFETY: `Native` is implemented only for types with these properties.
        let layout = unsafe { Layout::in_host_order(T::ALIGNMENT, T::VALUES) };
        match T::HAS_ORDER {
            true => layout,
            false => layout.without_words(),
        }
    }

    /// Describes a wrapper by the layout of what it wraps.
    pub(in crate::record) const fn wrapper(inner: &Layout<T::Inner>) -> Self
    where
        T: Wrapper,
    {
        // SAFETY: `Wrapper` is implemented only for types with these properties.
        unsafe { Layout::transparent(inner) }
    }
}

/// A type that is one value of another type, in memory and in its meaning.
///
/// # Safety
///
/// `Self` is `#[repr(transparent)]` over `Inner`, and any `Inner` makes a `Self`.
pub(in crate::record) unsafe trait Wrapper: Sized {
    type Inner;
}

/// Promises that types are native, and which bytes are a value.
macro_rules! native {
    (values: $values:expr; $([$($generics:tt)*] $type:ty, $alignment:expr $(, $order:ident)?;)+) => {$(
        // SAFETY: the type has no padding, and its form in the file is its memory in little-endian order:
        // - numbers are their bytes, and any bytes are a number;
        // - a complex number is `repr(C)`: the real and the imaginary part;
        // - a `bool` is one byte, 0 or 1, as `are_bools` checks;
        // - a `char` is its code point, four bytes, as `are_chars` and `are_texts` check;
        // - a `NonZero` has the layout of its integer, and 0 is not a value, as `are_not_zero` checks;
        // - `()` and `PhantomData` have no bytes;
        // - the wrappers are `repr(transparent)` over `i64`, `[u8; N]` or `[char; N]`.
        unsafe impl<$($generics)*> Native for $type {
            const ALIGNMENT: usize = $alignment;
            const VALUES: Values = $values;
            $(const $order: bool = false;)?
        }
    )+};
}

native! {
    values: Values::ANY;
    [] i8, 1;
    [] i16, 2;
    [] i32, 4;
    [] i64, 8;
    [] u8, 1;
    [] u16, 2;
    [] u32, 4;
    [] u64, 8;
    [] f32, 4;
    [] f64, 8;
    [const N: usize] Bytes<N>, 1;
    [const N: usize] Void<N>, 1;
    [U] Datetime64<U>, 8;
    [U] Timedelta64<U>, 8;
    [] (), 1;
    [T: ?Sized] PhantomData<T>, 1;
}

native! {
    values: Values::checked(are_bools, 1, 1);
    [] bool, 1;
}

native! {
    values: Values::checked(are_not_zero::<1>, 1, 1);
    [] NonZero<i8>, 1;
    [] NonZero<u8>, 1;
}

native! {
    values: Values::checked(are_not_zero::<2>, 2, 1);
    [] NonZero<i16>, 2;
    [] NonZero<u16>, 2;
}

native! {
    values: Values::checked(are_not_zero::<4>, 4, 1);
    [] NonZero<i32>, 4;
    [] NonZero<u32>, 4;
}

native! {
    values: Values::checked(are_not_zero::<8>, 8, 1);
    [] NonZero<i64>, 8;
    [] NonZero<u64>, 8;
}

native! {
    values: Values::checked(are_chars, 4, 1);
    [] char, 4;
}

native! {
    values: Values::checked(are_texts::<N>, 4 * N, 1);
    [const N: usize] Str<N>, 4;
}

#[cfg(feature = "half")]
native! {
    values: Values::ANY;
    [] half::f16, 2;
    [] half::bf16, 2, HAS_ORDER;
}

#[cfg(feature = "complex")]
native! {
    values: Values::ANY;
    [] num_complex::Complex<f32>, 4;
    [] num_complex::Complex<f64>, 8;
}

/// Promises `bytemuck`'s traits.
macro_rules! pod {
    ($([$($zeroable:tt)*] [$($pod:tt)*] $type:ty;)+) => {$(
        // SAFETY: the type is a transparent `i64` or `[u8; N]`, of which zeros are a value.
        unsafe impl<$($zeroable)*> bytemuck::Zeroable for $type {}

        // SAFETY: the type is a transparent `i64` or `[u8; N]`, which are `Pod`.
        unsafe impl<$($pod)*> bytemuck::Pod for $type {}
    )+};
}

pod! {
    [const N: usize] [const N: usize] Bytes<N>;
    [const N: usize] [const N: usize] Void<N>;
    [U] [U: 'static] Datetime64<U>;
    [U] [U: 'static] Timedelta64<U>;
}

// SAFETY: `BigEndian` is transparent, and its field is public.
unsafe impl<T> Wrapper for BigEndian<T> {
    type Inner = T;
}

// SAFETY: `Wrapping` is transparent, and its field is public.
unsafe impl<T> Wrapper for Wrapping<T> {
    type Inner = T;
}

// SAFETY: `Saturating` is transparent, and its field is public.
unsafe impl<T> Wrapper for Saturating<T> {
    type Inner = T;
}

// SAFETY: `Str` is transparent, and `Str::from` takes any characters.
unsafe impl<const N: usize> Wrapper for Str<N> {
    type Inner = [char; N];
}
