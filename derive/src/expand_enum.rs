//! An enum, stored as the integer of its `#[repr(…)]`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;

use crate::{ast::Enum, items::Items, paths::Paths};

/// The largest number of variants that an error lists.
const LISTED: usize = 8;

/// Returns the items of the impl for an enum.
pub(crate) fn items(name: &Ident, data: &Enum, paths: &Paths) -> Items {
    let krate = &paths.krate;
    let repr = data.repr().map_or_else(String::new, Ident::to_string);
    let integer = paths.primitive(&repr);
    let record = quote!(<#integer as #krate::NpyRecord>);
    let variants: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let numbers: Vec<_> = variants
        .iter()
        .map(|variant| quote!(Self::#variant as #integer))
        .collect();
    let listed = numbers.iter().take(LISTED);
    let refusal = refusal(name, &variants);
    Items {
        itemsize: quote!(#record::ITEMSIZE),
        layout: quote!(#krate::__npyrec_enum_layout!(#integer)),
        dtype: quote!(#record::dtype()),
        defaults: TokenStream::new(),
        encode: quote! {
            let __number = match self {
                #(Self::#variants => #numbers,)*
            };
            #record::encode(&__number, __out)
        },
        decode: quote! {
            let __number = #record::decode(__bytes)?;
            #(if __number == #numbers {
                return ::core::result::Result::Ok(Self::#variants);
            })*
            ::core::result::Result::Err(#krate::DecodeError::new(
                ::core::format_args!(#refusal, __number #(, #listed)*),
            ))
        },
        decode_into: TokenStream::new(),
        checks: TokenStream::new(),
        impls: TokenStream::new(),
    }
}

/// Returns the format string of the error about a wrong number, followed by the numbers of variants.
fn refusal(name: &Ident, variants: &[&Ident]) -> String {
    let listed = variants.iter().take(LISTED);
    let listed: Vec<_> = listed
        .map(|variant| format!("{{}} ({})", variant.unraw()))
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
