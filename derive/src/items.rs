//! What the impls of structs and of enums differ in.

use proc_macro2::TokenStream;

/// The values and bodies of the items of the impl.
pub(crate) struct Items {
    pub(crate) itemsize: TokenStream,
    pub(crate) layout: TokenStream,
    pub(crate) dtype: TokenStream,
    /// To `__defaults`; empty if no field has one.
    pub(crate) defaults: TokenStream,
    /// From `self` to `__out`.
    pub(crate) encode: TokenStream,
    /// From `__bytes`.
    pub(crate) decode: TokenStream,
    /// From `__bytes` to `__slot`; empty for a type that is small.
    pub(crate) decode_into: TokenStream,
    /// Statements that panic at compile time where the types are not what they must be.
    pub(crate) checks: TokenStream,
}
