//! A type that is stored as another record, to which `into` and `from` convert it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::{ast::Record, attr::Container, bound, items::Items, paths::Paths};

/// Returns the items of the impl, for attributes that are checked.
pub(crate) fn items(attrs: &Container, paths: &Paths) -> Option<Items> {
    let Paths { krate, private, .. } = paths;
    let stored = &attrs.into.as_ref()?.value;
    let span = Span::call_site().located_at(stored.span());
    let record = quote_spanned!(span=> <#stored as #krate::NpyRecord>);
    let into = quote_spanned! {span=>
        <Self as ::core::convert::Into<#stored>>::into(<Self as ::core::clone::Clone>::clone(self))
    };
    let from = match (&attrs.from, &attrs.try_from) {
        (Some(from), _) => {
            let span = Span::call_site().located_at(from.value.span());
            quote_spanned! {span=>
                ::core::result::Result::Ok(<Self as ::core::convert::From<#stored>>::from(__stored))
            }
        }
        (None, Some(try_from)) => {
            let span = Span::call_site().located_at(try_from.value.span());
            quote_spanned! {span=>
                <Self as ::core::convert::TryFrom<#stored>>::try_from(__stored)
                    .map_err(#krate::DecodeError::new)
            }
        }
        (None, None) => return None,
    };
    Some(Items {
        itemsize: quote!(#record::ITEMSIZE),
        layout: quote!(#private::Layout::converted(&#record::LAYOUT)),
        dtype: quote!(#record::dtype()),
        attributes: quote!(#record::attributes(__attributes);),
        encode: quote! {
            let __stored = #into;
            #record::encode(&__stored, __out)
        },
        decode: quote! {
            let __stored = #record::decode(__bytes)?;
            #from
        },
        decode_into: TokenStream::new(),
        checks: TokenStream::new(),
        impls: TokenStream::new(),
    })
}

/// Returns the `where` clause of the impl: the user's predicates, and without `bound` the conversions.
pub(crate) fn where_clause(record: &Record, paths: &Paths) -> TokenStream {
    let written = bound::written(record);
    let attrs = &record.attrs;
    let is_generic = record.original.generics.type_params().next().is_some();
    let stored = match &attrs.into {
        Some(into) if is_generic && attrs.bound.is_none() => &into.value,
        _ => return quote!(where #written),
    };
    let krate = &paths.krate;
    let read = match &attrs.try_from {
        Some(_) => quote! {
            Self: ::core::convert::TryFrom<#stored>,
            <Self as ::core::convert::TryFrom<#stored>>::Error: ::core::fmt::Display,
        },
        None => quote!(Self: ::core::convert::From<#stored>,),
    };
    quote! {
        where
            #written
            Self: ::core::clone::Clone + ::core::convert::Into<#stored>,
            #read
            #stored: #krate::NpyRecord,
    }
}
