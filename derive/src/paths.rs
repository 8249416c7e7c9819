//! Absolute paths, so that no name of the user's is in the way of the generated code.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Path, Type};

pub(crate) struct Paths {
    /// The crate `npyrec`.
    pub(crate) krate: TokenStream,
    /// Its `__private`.
    pub(crate) private: TokenStream,
}

impl Paths {
    pub(crate) fn new(krate: Option<&Path>) -> Self {
        let krate = krate.map_or_else(|| quote!(::npyrec), |path| quote!(#path));
        let private = quote!(#krate::__private);
        Paths { krate, private }
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
