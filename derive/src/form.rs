//! The form of a field with `with` or `cast`, as the type that encodes and decodes its values.

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
    let (item, dims) = items_of(&field.original.ty);
    let form = match (&field.attrs.with, &field.attrs.cast) {
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
    let dims = dims.iter().rev();
    Some(dims.fold(form, |form, dim| quote!(#private::Items<#form, { #dim }>)))
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

/// Returns the check that the types of `cast` have one size.
pub(crate) fn check_cast(field: &Field) -> Option<TokenStream> {
    let cast = &field.attrs.cast.as_ref()?.value;
    let (item, _) = items_of(&field.original.ty);
    Some(quote_spanned! {cast.span()=>
        ::core::assert!(
            ::core::mem::size_of::<#item>() == ::core::mem::size_of::<#cast>(),
            "`cast` needs a type of the same size as the type of the field",
        );
    })
}
