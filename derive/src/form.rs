//! The form of a field with `with`, `cast` or `big_endian`, as the type that encodes and decodes its values.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, Type, spanned::Spanned};

use crate::{
    ast::{Field, Record, Struct},
    paths::Paths,
};

/// Returns the type of the items of an array of any number of dimensions, and its dimensions. For any other
/// type, returns that type.
pub(crate) fn items_of(ty: &Type) -> (&Type, Vec<&Expr>) {
    match ty {
        Type::Array(array) => {
            let (item, mut dims) = items_of(&array.elem);
            dims.insert(0, &array.len);
            (item, dims)
        }
        Type::Group(group) => items_of(&group.elem),
        Type::Paren(paren) => items_of(&paren.elem),
        other => (other, Vec::new()),
    }
}

/// Returns the form of a field of `record`, if an attribute says it.
pub(crate) fn form(
    record: &TokenStream,
    index: usize,
    field: &Field,
    paths: &Paths,
) -> Option<TokenStream> {
    let private = &paths.private;
    let form = converted(record, index, field, paths);
    // A `dtype` has its own order.
    if !field.is_big_endian || field.attrs.dtype.is_some() {
        return form;
    }
    let ty = &field.original.ty;
    let form = form.unwrap_or_else(|| quote!(#private::Itself<#ty>));
    Some(quote!(#private::InBigEndian<#form>))
}

/// Returns the place of errors about the form of a field.
pub(crate) fn form_span(field: &Field) -> Span {
    match (&field.attrs.with, &field.attrs.cast) {
        (Some(with), _) => with.value.span(),
        (None, Some(cast)) => cast.value.span(),
        (None, None) => field.original.ty.span(),
    }
}

/// Returns the form of a field that is converted by `with`, `cast`, `nan` or `nat`.
fn converted(
    record: &TokenStream,
    index: usize,
    field: &Field,
    paths: &Paths,
) -> Option<TokenStream> {
    let private = &paths.private;
    let (item, dims) = items_of(&field.original.ty);
    let attrs = &field.attrs;
    if let Some(form) = or_missing(field, paths) {
        return Some(of_items(&form, &dims, paths));
    }
    let form = match (&attrs.with, &attrs.cast) {
        (Some(with), _) => {
            let (index, module) = (Literal::usize_unsuffixed(index), &with.value);
            quote!(#private::With<#record, #index, #item, #module::Stored>)
        }
        (None, Some(cast)) => {
            let stored = &cast.value;
            quote!(#private::Cast<#item, #stored>)
        }
        (None, None) => return None,
    };
    Some(of_items(&form, &dims, paths))
}

/// Returns the form of a field with `nan` or `nat`, or of the items of its array.
pub(crate) fn or_missing(field: &Field, paths: &Paths) -> Option<TokenStream> {
    let private = &paths.private;
    let attrs = &field.attrs;
    let kind = match (&attrs.nan, &attrs.nat) {
        (Some(_), _) => quote!(#private::Nan),
        (None, Some(_)) => quote!(#private::Nat),
        (None, None) => return None,
    };
    let (item, _) = items_of(&field.original.ty);
    let stored = match &attrs.dtype {
        Some(dtype) => dtype.value.to_tokens(paths),
        None => quote!(<#item as #private::Optional>::Value),
    };
    Some(quote!(#private::OrMissing<#kind, #item, #stored>))
}

/// Returns the form of an array of these dimensions, whose items have a form.
fn of_items(form: &TokenStream, dims: &[&Expr], paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let dims = dims.iter().rev();
    dims.fold(
        form.clone(),
        |form, dim| quote!(#private::Items<#form, { #dim }>),
    )
}

/// Returns the impls that give the functions of `with` to the form of each such field.
pub(crate) fn impls(
    record: &Record,
    data: &Struct,
    bounds: &TokenStream,
    paths: &Paths,
) -> TokenStream {
    let Paths { krate, private, .. } = paths;
    let name = &record.original.ident;
    let (impl_generics, ty_generics, _) = record.original.generics.split_for_impl();
    let fields = data.stored().enumerate();
    let impls = fields.filter_map(|(index, field)| {
        let module = &field.attrs.with.as_ref()?.value;
        let (item, _) = items_of(&field.original.ty);
        let (index, stored) = (Literal::usize_unsuffixed(index), quote!(#module::Stored));
        // Errors about the functions are reported on the text of `with`.
        let span = Span::call_site().located_at(module.span());
        let store = quote_spanned!(span=> #module::store(__value));
        let load = quote_spanned!(span=> #module::load(__stored));
        Some(quote! {
            #[automatically_derived]
            impl #impl_generics #private::StoreWith<#index, #item, #stored>
                for #name #ty_generics #bounds
            {
                #[inline]
                fn store(
                    __value: &#item,
                ) -> ::core::result::Result<#stored, #krate::EncodeError> {
                    #store
                }

                #[inline]
                fn load(
                    __stored: #stored,
                ) -> ::core::result::Result<#item, #krate::DecodeError> {
                    #load
                }
            }
        })
    });
    impls.collect()
}
