//! Checks of a struct that need the types of its fields. The compiler evaluates them, and reports a failure on
//! the field.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Type, spanned::Spanned};

use crate::{
    ast::{Field, Role},
    form::items_of,
    paths::Paths,
    small,
    stored_field::StoredField,
};

/// Returns the checks of all fields, in the scope of a reference `__layout` to the layout of the struct.
pub(crate) fn checks(fields: &[StoredField], paths: &Paths) -> TokenStream {
    let checks = fields.iter().enumerate().map(|(index, stored)| {
        let index = Literal::usize_unsuffixed(index);
        let field = stored.field;
        let cast = check_cast(field);
        let name = match &field.role {
            Role::Flattened => check_flattened(stored, &index, paths),
            Role::Stored(name) if name.contains('.') => check_path(field, name, &index),
            Role::Stored(_) | Role::Skipped => TokenStream::new(),
        };
        quote!(#cast #name)
    });
    let sizes = check_sizes(fields);
    let all = quote!(#(#checks)* #sizes);
    match all.is_empty() {
        true => all,
        false => quote!(use ::core::assert as __assert; #all),
    }
}

/// Returns an assertion whose failure is reported at `span`. The condition and the message keep the hygiene of
/// the macro, as they name its variables.
fn assertion(span: Span, condition: &TokenStream, message: &TokenStream) -> TokenStream {
    // At the span of a field, `::core` is a path of the user's edition, and edition 2015 has no such path.
    quote_spanned!(span=> __assert!(#condition, #message);)
}

/// Returns the check that the types of `cast` have one size.
fn check_cast(field: &Field) -> Option<TokenStream> {
    let cast = &field.attrs.cast.as_ref()?.value;
    let (item, dims) = items_of(&field.original.ty);
    let size = |ty: &Type| quote!(::core::mem::size_of::<#ty>());
    let (item, stored) = (size(item), size(cast));
    let message = match dims.is_empty() {
        true => "`cast` needs a type of the same size as the type of the field",
        false => {
            "`cast` needs a type of the same size as an item of the array, as each item is stored so"
        }
    };
    Some(assertion(
        cast.span(),
        &quote!(#item == #stored),
        &quote!(#message),
    ))
}

/// Returns the checks that a flattened field has fields, whose names no other field has.
fn check_flattened(stored: &StoredField, index: &Literal, paths: &Paths) -> TokenStream {
    let (private, storing) = (&paths.private, &stored.storing);
    let span = stored.field.original.ty.span();
    let is_struct = assertion(
        span,
        &quote!(#storing::LAYOUT.is_struct()),
        &quote!("`#[npy(flatten)]` is for a field whose type is a struct with fields"),
    );
    let shared = quote!(__layout.shared_name(#index));
    let are_unique = assertion(
        span,
        &quote!(#shared.is_none()),
        &quote!("{}", #private::NameMessage::shared(#shared).as_str()),
    );
    quote!(#is_struct #are_unique)
}

/// Returns the check that a name with a dot is not the path of another field.
fn check_path(field: &Field, name: &str, index: &Literal) -> TokenStream {
    let message = format!(
        "`{name}` is also the path of a field within another field; change it with `#[npy(rename = \"…\")]`"
    );
    let span = match &field.attrs.rename {
        Some(rename) => rename.value.span(),
        None => field.original.ty.span(),
    };
    assertion(
        span,
        &quote!(!__layout.is_path(#index)),
        &quote!("{}", #message),
    )
}

/// Returns the checks that NumPy allows the size of the record, unless all fields are small.
fn check_sizes(fields: &[StoredField]) -> Option<TokenStream> {
    let mut types = fields.iter().map(|stored| &stored.field.original.ty);
    if types.all(small::is_small_type) {
        return None;
    }
    let last = fields.len() - 1;
    let checks = fields.iter().enumerate().map(|(index, stored)| {
        // In a newtype, the index may belong to a field of the wrapped struct.
        let from = (index == last).then(|| quote!(..));
        let index = Literal::usize_unsuffixed(index);
        assertion(
            stored.field.original.ty.span(),
            &quote!(
                !::core::matches!(__too_large_from, ::core::option::Option::Some(#index #from))
            ),
            &quote!(
                "with this field, the record is larger than the 2147483647 bytes that NumPy allows"
            ),
        )
    });
    Some(quote!(let __too_large_from = __layout.too_large_from(); #(#checks)*))
}
