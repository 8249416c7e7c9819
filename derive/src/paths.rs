//! Paths that the names of the user cannot shadow.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Path, Type, spanned::Spanned};

pub(crate) struct Paths {
    /// Imports the crate `npyrec` under the name `__np`. If the crate is missing, the compiler reports one
    /// error.
    pub(crate) import: TokenStream,
    /// The path of the crate.
    pub(crate) krate: TokenStream,
    /// The path of its module `__private`.
    pub(crate) private: TokenStream,
}

impl Paths {
    /// Returns the paths for the crate at the path that the user gives, or at `::npyrec`.
    pub(crate) fn new(krate: Option<&Path>) -> Self {
        let path = krate.map_or_else(|| quote!(::npyrec), |path| quote!(#path));
        let span = Span::call_site().located_at(path.span());
        Paths {
            import: quote_spanned!(span=> use #path as __np;),
            krate: quote!(__np),
            private: quote!(__np::__private),
        }
    }

    pub(crate) fn primitive(&self, name: &str) -> TokenStream {
        let name = format_ident!("{name}");
        quote!(::core::primitive::#name)
    }
}

/// Returns true if a type has the name of a primitive type, or is an array of one. It has no attributes within.
pub(crate) fn is_primitive(ty: &Type) -> bool {
    const NAMES: [&str; 11] = [
        "bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64",
    ];
    match ty {
        Type::Array(array) => is_primitive(&array.elem),
        Type::Path(path) => path
            .path
            .get_ident()
            .is_some_and(|name| NAMES.iter().any(|known| name == known)),
        _ => false,
    }
}
