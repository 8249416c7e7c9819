//! The generated impl.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::{
    ast::{Data, Record},
    bound,
    errors::Errors,
    expand_converted, expand_enum, expand_struct,
    fresh_lifetimes::FreshLifetimes,
    items::Items,
    paths::Paths,
    valid,
};

/// Returns the impl of `NpyRecord`. If there are errors, returns them and a stub that prevents further
/// errors.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let record = Record::new(input, &mut errors);
    valid::check(&record, &mut errors);
    let paths = Paths::new(record.attrs.krate.as_ref().map(|krate| &krate.value));
    let written = bound::written(&record);
    match (errors.finish(), &record.data) {
        (Ok(()), Data::Struct(data)) => {
            let bounds = bound::where_clause(&record, data, &paths);
            let items = expand_struct::items(&record, data, &bounds, &paths);
            expand(&record, &bounds, &items, &paths)
        }
        (Ok(()), Data::Enum(data)) => {
            let is_big_endian = record.attrs.big_endian.is_some();
            let items = expand_enum::items(&input.ident, data, is_big_endian, &paths);
            expand(&record, &quote!(where #written), &items, &paths)
        }
        (Ok(()), Data::Converted(_)) => match expand_converted::items(&record.attrs, &paths) {
            Some(items) => {
                let bounds = expand_converted::where_clause(&record, &paths);
                expand(&record, &bounds, &items, &paths)
            }
            None => TokenStream::new(), // Its error is reported already.
        },
        (Ok(()), Data::Union) => TokenStream::new(),
        // A stub would cause an error as well.
        (Err(error), Data::Struct(data)) if data.is_unsized() => error.into_compile_error(),
        (Err(error), data) => {
            let errors = error.into_compile_error();
            let stub = expand(
                &record,
                &quote!(where #written),
                &stub(data, &paths),
                &paths,
            );
            quote!(#errors #stub)
        }
    }
}

fn expand(record: &Record, bounds: &TokenStream, items: &Items, paths: &Paths) -> TokenStream {
    let Paths {
        import,
        krate,
        private,
    } = paths;
    let (usize, u8) = (paths.primitive("usize"), paths.primitive("u8"));
    let name = &record.original.ident;
    let (impl_generics, ty_generics, _) = record.original.generics.split_for_impl();
    let allow = record
        .allow_deprecated
        .then(|| quote!(#[allow(deprecated)]));
    let Items {
        itemsize,
        layout,
        dtype,
        attributes,
        encode,
        decode,
        decode_into,
        checks,
        impls,
    } = items;
    let attributes = (!attributes.is_empty()).then(|| {
        quote! {
            fn attributes(__attributes: &mut #private::FieldAttributes) {
                #attributes
            }
        }
    });
    let decode_into = (!decode_into.is_empty()).then(|| {
        quote! {
            #[inline]
            fn decode_into<'__slot>(
                __slot: #private::Slot<'__slot, Self>,
                __bytes: &[#u8],
            ) -> ::core::result::Result<#private::Filled<'__slot, Self>, #krate::DecodeError> {
                #decode_into
            }
        }
    });
    // `cargo check` evaluates a free constant, but not the constants of an impl.
    let is_generic = !record.original.generics.params.is_empty();
    let (checks, layout) = match (checks.is_empty(), is_generic) {
        (true, _) => (None, layout.clone()),
        (false, false) => {
            let layout_of = quote!(<#name as #krate::NpyRecord>::LAYOUT);
            let checks = quote!(const _: () = { let __layout = &#layout_of; #checks };);
            (Some(checks), layout.clone())
        }
        (false, true) => {
            let checks = quote!({ let __layout = &__layout; #checks });
            (None, quote!({ let __layout = #layout; #checks __layout }))
        }
    };
    let encode_as = encode_as(record, bounds, paths);
    quote! {
        const _: () = {
            #import
            #checks

            #[automatically_derived]
            #allow
            impl #impl_generics #krate::NpyRecord for #name #ty_generics #bounds {
                const ITEMSIZE: #usize = #itemsize;
                const LAYOUT: #private::Layout<Self> = #layout;

                fn dtype() -> #krate::DType {
                    #dtype
                }

                #attributes

                #[inline]
                fn encode(
                    &self,
                    __out: &mut [#u8],
                ) -> ::core::result::Result<(), #krate::EncodeError> {
                    #encode
                }

                #[inline]
                fn decode(
                    __bytes: &[#u8],
                ) -> ::core::result::Result<Self, #krate::DecodeError> {
                    #decode
                }

                #decode_into
            }

            #impls
            #encode_as
        };
    }
}

/// Returns the impls that let `append` take the record, and store it as itself or as a pointer to itself. A record
/// that borrows is stored as the same record of any lifetime, as it is encoded at once.
fn encode_as(record: &Record, bounds: &TokenStream, paths: &Paths) -> TokenStream {
    let Paths { krate, private, .. } = paths;
    let u8 = paths.primitive("u8");
    let name = &record.original.ident;
    let generics = &record.original.generics;
    let (_, ty_generics, _) = generics.split_for_impl();
    let fresh = FreshLifetimes::beside(record);
    let (both, bounds) = (fresh.add_to(generics), fresh.add_to_where(generics, bounds));
    let (impl_generics, ..) = both.split_for_impl();
    let allow = record
        .allow_deprecated
        .then(|| quote!(#[allow(deprecated)]));
    let element = quote!(#name #ty_generics);
    let stored = fresh.rename(element.clone());
    // The compiler allows a false bound if it has a lifetime.
    let clone = quote!(for<'__any> #stored: ::core::clone::Clone);
    let stored = [
        (stored.clone(), None),
        (quote!(#private::Box<#stored>), None),
        (quote!(#private::Rc<#stored>), None),
        (quote!(#private::Arc<#stored>), None),
        (quote!(#private::Cow<'_, #stored>), Some(clone)),
    ];
    let impls = stored.iter().map(|(stored, bound)| {
        quote! {
            #[automatically_derived]
            #allow
            impl #impl_generics #krate::EncodeAs<#stored> for #element #bounds #bound {
                #[inline]
                fn encode_as(
                    &self,
                    (): &(),
                    __out: &mut [#u8],
                ) -> ::core::result::Result<(), #krate::EncodeError> {
                    #krate::NpyRecord::encode(self, __out)
                }
            }
        }
    });
    quote!(#(#impls)*)
}

/// Returns the items of the stub for a struct or enum with errors.
fn stub(data: &Data, paths: &Paths) -> Items {
    let private = &paths.private;
    let never = quote!(::core::unreachable!());
    Items {
        itemsize: quote!(0),
        layout: match data {
            // It is a struct, so that another struct may flatten it.
            Data::Struct(_) | Data::Converted(_) => quote!(#private::Layout::without_fields()),
            Data::Enum(_) | Data::Union => quote!(#private::Layout::encoded(1)),
        },
        dtype: never.clone(),
        attributes: TokenStream::new(),
        encode: never.clone(),
        decode: never,
        decode_into: TokenStream::new(),
        checks: TokenStream::new(),
        impls: TokenStream::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the formatted output of the macro.
    fn expanded(item: &str) -> String {
        let input: DeriveInput = syn::parse_str(item).unwrap();
        let file = syn::parse2(derive(&input)).unwrap();
        prettyplease::unparse(&file)
    }

    #[test]
    fn a_struct_with_each_kind_of_field() {
        insta::assert_snapshot!(expanded(
            r#"
            struct Event {
                #[npy(dtype = ">M8[25us]")]
                time: SystemTime,
                #[npy(title = "Charge, in e", rename = "q")]
                charge: i8,
                #[npy(flatten)]
                at: Position,
                #[npy(skip)]
                seen: bool,
            }
            "#
        ));
    }

    #[test]
    fn a_struct_that_borrows_is_stored_as_one_of_any_lifetime() {
        insta::assert_snapshot!(expanded(
            r#"
            struct Line<'a, 'b: 'a, T: 'a> where T: Debug + 'b {
                #[npy(dtype = "U8")]
                host: &'a str,
                #[npy(dtype = "S4")]
                level: &'b str,
                more: More<'a, T>,
            }
            "#
        ));
    }

    #[test]
    fn a_generic_struct_of_a_crate_by_another_name() {
        let text = expanded(
            r#"
            #[npy(crate = "my::np", align)]
            struct Window<T: Copy, const N: usize = 3> where T: Send {
                first: T,
                #[npy(dtype = "f4")]
                rest: [T; N],
            }
            "#,
        );
        assert!(!text.contains("npyrec::"), "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_newtype() {
        insta::assert_snapshot!(expanded("struct Celsius(f32);"));
    }

    #[test]
    fn an_enum() {
        insta::assert_snapshot!(expanded("#[repr(i16)] enum Gear { Reverse = -1, Neutral }"));
    }

    #[test]
    fn a_struct_in_error() {
        insta::assert_snapshot!(expanded("struct Sample { #[npy(dtype = \"f3\")] a: f32 }"));
    }
}
