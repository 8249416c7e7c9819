//! Types whose memory is their form in the file on a little-endian machine.
#![allow(unsafe_code)]

use super::{
    layout::Layout,
    values::{Values, are_bools, are_chars},
};
use crate::record::{
    bytes::{Bytes, Void},
    number::BigEndian,
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
}

impl<T> Layout<T> {
    /// Describes a type of the list below.
    pub(in crate::record) const fn native() -> Self
    where
        T: Native,
    {
        // SAFETY: `Native` is implemented only for types with these properties.
        unsafe { Layout::in_host_order(T::ALIGNMENT, T::VALUES) }
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
    (values: $values:expr; $([$($generics:tt)*] $type:ty, $alignment:expr;)+) => {$(
        // SAFETY: the type has no padding, and its form in the file is its memory in little-endian order:
        // - numbers are their bytes, and any bytes are a number;
        // - a complex number is `repr(C)`: the real and the imaginary part;
        // - a `bool` is one byte, 0 or 1, as `are_bools` checks;
        // - a `char` is its code point, four bytes, as `are_chars` checks;
        // - the wrappers are `repr(transparent)` over `i64`, `[u8; N]` or `[char; N]`.
        unsafe impl<$($generics)*> Native for $type {
            const ALIGNMENT: usize = $alignment;
            const VALUES: Values = $values;
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
}

native! {
    values: Values::checked(are_bools, 1, 1);
    [] bool, 1;
}

native! {
    values: Values::checked(are_chars, 4, N);
    [const N: usize] Str<N>, 4;
}

#[cfg(feature = "half")]
native! {
    values: Values::ANY;
    [] half::f16, 2;
    [] half::bf16, 2;
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

// SAFETY: `Str` is transparent, and `Str::from` takes any characters.
unsafe impl<const N: usize> Wrapper for Str<N> {
    type Inner = [char; N];
}
