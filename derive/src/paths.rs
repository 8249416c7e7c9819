//! Paths that no name of the user's is in the way of.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Path, Type, spanned::Spanned};

pub(crate) struct Paths {
    /// Brings the crate `npyrec` in, under a name of the macro's; if it is not there, the compiler
    /// says so once.
    pub(crate) import: TokenStream,
    /// The crate.
    pub(crate) krate: TokenStream,
    /// Its `__private`.
    pub(crate) private: TokenStream,
}

impl Paths {
    /// Paths into the crate where the user says it is, or `::npyrec`.
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

    /// Whether a type is, by its name, one of the language's own, which has no fields.
    pub(crate) fn is_primitive(&self, ty: &Type) -> bool {
        const NAMES: [&str; 11] = [
            "bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64",
        ];
        match ty {
            Type::Array(array) => self.is_primitive(&array.elem),
            Type::Path(path) => path
                .path
                .get_ident()
                .is_some_and(|name| NAMES.iter().any(|known| name == known)),
            _ => false,
        }
    }
}
