//! Absolute paths, so that no name of the user's is in the way of the generated code.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Path;

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
}
