//! The defaults of fields and structs, as expressions.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::{ast::Field, attr};

/// Returns the default of a type.
pub(crate) fn value(ty: &impl ToTokens, default: &attr::Default) -> TokenStream {
    match default {
        Some(function) => {
            let span = Span::call_site().located_at(function.span());
            quote_spanned!(span=> #function())
        }
        None => quote!(<#ty as ::core::default::Default>::default()),
    }
}

/// Returns the default of a field that says how it is made.
pub(crate) fn of_field(field: &Field) -> Option<TokenStream> {
    let default = field.attrs.default.as_ref()?;
    Some(value(&field.original.ty, &default.value))
}

/// Returns the statement that sets `__default` to a default of the whole struct.
pub(crate) fn of_struct(container: &attr::Container) -> Option<TokenStream> {
    let value = value(&quote!(Self), &container.default.as_ref()?.value);
    Some(quote!(let __default: Self = #value;))
}

/// Returns the value of a skipped field, in the scope of `__default` if the struct has a default.
pub(crate) fn of_skipped(field: &Field, container: &attr::Container) -> TokenStream {
    let member = &field.member;
    match of_field(field) {
        Some(value) => value,
        None if container.default.is_some() => quote!(__default.#member),
        None => value(&field.original.ty, &None),
    }
}
