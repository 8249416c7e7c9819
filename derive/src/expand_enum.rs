//! An enum, stored as the integer of its `#[repr(…)]`.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use syn::ext::IdentExt;

use crate::{
    ast::{Enum, Variant},
    items::Items,
    paths::Paths,
};

/// The largest number of variants that an error lists.
const LISTED: usize = 8;

/// Returns the items of the impl for an enum.
pub(crate) fn items(name: &Ident, data: &Enum, is_big_endian: bool, paths: &Paths) -> Items {
    let Paths { krate, private, .. } = paths;
    let repr = data.repr().map_or_else(String::new, Ident::to_string);
    let integer = paths.primitive(&repr);
    let own = quote!(<#integer as #krate::NpyRecord>);
    let (record, wrap, unwrap) = match is_big_endian {
        true => (
            quote!(<#private::BigEndian<#integer> as #krate::NpyRecord>),
            quote!(#private::BigEndian),
            quote!(.0),
        ),
        false => (own.clone(), TokenStream::new(), TokenStream::new()),
    };
    let numbers = numbers(data, &integer);
    let holder = data.variants.iter().find(|variant| variant.holds_number());
    let holder = holder.map(|variant| &variant.original.ident);
    let plain = data.variants.iter().zip(&numbers);
    let plain = plain.filter(|(variant, _)| !variant.holds_number());
    let (named, numbers): (Vec<&Variant>, Vec<_>) = plain.unzip();
    let variants: Vec<_> = named
        .iter()
        .map(|variant| &variant.original.ident)
        .collect();
    let other = data
        .variants
        .iter()
        .find(|variant| variant.attrs.other.is_some());
    let other = other.map(|variant| {
        let name = &variant.original.ident;
        match holder {
            Some(_) => quote!(::core::result::Result::Ok(Self::#name(__number))),
            None => quote!(::core::result::Result::Ok(Self::#name)),
        }
    });
    let unknown = other.unwrap_or_else(|| {
        let listed = numbers.iter().take(LISTED);
        let refusal = refusal(name, &named);
        quote! {
            ::core::result::Result::Err(#krate::DecodeError::new(
                ::core::format_args!(#refusal, __number #(, #listed)*),
            ))
        }
    });
    let layout = match holder {
        _ if is_big_endian => quote!(#private::Layout::in_big_endian(&#own::LAYOUT)),
        Some(_) => quote!(#private::Layout::converted(&#record::LAYOUT)),
        None => quote!(#krate::__npyrec_enum_layout!(#integer: #(#variants),*)),
    };
    let holder = holder.into_iter();
    Items {
        itemsize: quote!(#record::ITEMSIZE),
        layout,
        dtype: quote!(#record::dtype()),
        attributes: listed(&named, &numbers, paths),
        encode: quote! {
            let __number = match self {
                #(Self::#variants => #numbers,)*
                #(Self::#holder(__number) => *__number,)*
            };
            #record::encode(&#wrap(__number), __out)
        },
        decode: quote! {
            let __number = #record::decode(__bytes)?#unwrap;
            #(if __number == #numbers {
                return ::core::result::Result::Ok(Self::#variants);
            })*
            #unknown
        },
        decode_into: TokenStream::new(),
        checks: TokenStream::new(),
        impls: store_as(name, data, paths),
    }
}

/// Returns the impl that stores the enum as another dtype on a field.
fn store_as(name: &Ident, data: &Enum, paths: &Paths) -> TokenStream {
    let Paths { krate, private, .. } = paths;
    let repr = data.repr().map_or_else(String::new, Ident::to_string);
    let integer = paths.primitive(&repr);
    let ok = quote!(::core::result::Result::Ok);
    let i128 = paths.primitive("i128");
    let variants: Vec<_> = data.variants.iter().collect();
    let numbers = numbers(data, &integer);
    let plain = data.variants.iter().zip(&numbers);
    let plain = plain.filter(|(variant, _)| !variant.holds_number());
    let (named, numbers): (Vec<&Variant>, Vec<_>) = plain.unzip();
    let names: Vec<_> = named
        .iter()
        .map(|variant| &variant.original.ident)
        .collect();
    let texts = named.iter().map(|variant| &variant.name);
    // Each number once for each text that is read as it.
    let read = named.iter().zip(&numbers).map(|(variant, number)| {
        let (name, texts) = (&variant.original.ident, variant.names());
        quote! {
            if #(#private::EnumTarget::is_variant(&__stored, #number as #i128, #texts))||* {
                return #ok(Self::#name);
            }
        }
    });
    let holder = variants.iter().find(|variant| variant.holds_number());
    let holder = holder.map(|variant| &variant.original.ident).into_iter();
    let other = variants
        .iter()
        .find(|variant| variant.attrs.other.is_some());
    let unknown = other.map(|variant| {
        let name = &variant.original.ident;
        match variant.holds_number() {
            true => quote! {
                if let ::core::option::Option::Some(__number) = __stored.number() {
                    if let #ok(__number) = ::core::convert::TryFrom::try_from(__number) {
                        return #ok(Self::#name(__number));
                    }
                }
            },
            false => quote!(return #ok(Self::#name);),
        }
    });
    // Nothing follows a `return`.
    let refused = other.is_none_or(|variant| variant.holds_number()).then(|| {
        let listed = numbers.iter().take(LISTED);
        let refusal = refusal(name, &named);
        quote! {
            ::core::result::Result::Err(#krate::DecodeError::new(::core::format_args!(
                #refusal,
                #private::EnumTarget::show(&__stored)
                #(, #listed)*
            )))
        }
    });
    let listed = listed(&named, &numbers, paths);
    quote! {
        #[automatically_derived]
        impl<__D: #private::EnumTarget> #krate::StoreAs<__D> for #name {
            type Stored = __D;

            fn stored_attributes(__attributes: &mut #private::FieldAttributes) {
                #listed
            }

            fn to_stored(&self) -> ::core::result::Result<__D, #krate::EncodeError> {
                match self {
                    #(Self::#names => #private::EnumTarget::from_variant(#numbers as #i128, #texts),)*
                    #(Self::#holder(__number) => #private::EnumTarget::from_number(*__number as #i128),)*
                }
            }

            fn from_stored(
                __stored: __D,
            ) -> ::core::result::Result<Self, #krate::DecodeError> {
                #(#read)*
                #unknown
                #refused
            }
        }
    }
}

/// Returns the number of each variant.
fn numbers(data: &Enum, integer: &TokenStream) -> Vec<TokenStream> {
    if !data.variants.iter().any(Variant::holds_number) {
        let names = data.variants.iter().map(|variant| &variant.original.ident);
        return names.map(|name| quote!(Self::#name as #integer)).collect();
    }
    // An enum with a field cannot be cast to its number, so that the numbers are counted as Rust does.
    let (mut start, mut after) = (quote!(0), 0_u64);
    let numbers = data.variants.iter().map(|variant| {
        if let Some((_, number)) = &variant.original.discriminant {
            (start, after) = (quote!((#number)), 0);
        }
        let more = Literal::u64_unsuffixed(after);
        after += 1;
        quote!(const { let __number: #integer = #start + #more; __number })
    });
    numbers.collect()
}

/// Returns the statement that adds the names and numbers of the variants.
fn listed(variants: &[&Variant], numbers: &[&TokenStream], paths: &Paths) -> TokenStream {
    let names = variants.iter().map(|variant| &variant.name);
    let i128 = paths.primitive("i128");
    quote!(__attributes.variants(&[#((#names, #numbers as #i128)),*]);)
}

/// Returns the format string of the error about a wrong number, followed by the numbers of variants.
fn refusal(name: &Ident, variants: &[&Variant]) -> String {
    let listed = variants.iter().take(LISTED);
    let listed: Vec<_> = listed
        .map(|variant| {
            let name = variant.name.replace('{', "{{").replace('}', "}}");
            format!("{{}} ({name})")
        })
        .collect();
    let more = match variants.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" or {more} more"),
    };
    format!(
        "{{}} is not a value of {}; expected {}{more}",
        name.unraw(),
        listed.join(", ")
    )
}
