//! The parts in which the impls of structs and enums differ.

use proc_macro2::TokenStream;

/// The values and bodies of the items of the impl.
pub(crate) struct Items {
    pub(crate) itemsize: TokenStream,
    pub(crate) layout: TokenStream,
    pub(crate) dtype: TokenStream,
    /// Adds to `__attributes`; empty if no field has an attribute to add.
    pub(crate) attributes: TokenStream,
    /// Encodes `self` to `__out`.
    pub(crate) encode: TokenStream,
    /// Decodes `__bytes`.
    pub(crate) decode: TokenStream,
    /// Decodes `__bytes` in `__slot`; empty for what is small.
    pub(crate) decode_into: TokenStream,
    /// Statements that fail to compile if a type is not as required. `__layout` is a reference to the layout.
    pub(crate) checks: TokenStream,
    /// Impls of other traits for the type.
    pub(crate) impls: TokenStream,
}
