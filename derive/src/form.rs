//! The form of a field with `with`, `cast`, `nan`, `nat` or `big_endian`, as the type that encodes and decodes its
//! values.

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Expr, GenericArgument, Path, PathArguments, Type, spanned::Spanned};

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

/// The trait that stores the values of a field, or the items of its array, in a form.
struct Storing<'a> {
    /// The type of the values.
    value: &'a Type,
    /// The dimensions of the array of them.
    dims: Vec<&'a Expr>,
    /// `<Type as Trait>`.
    path: TokenStream,
    /// The place of errors about the trait.
    span: Span,
    /// True if the trait is `NpyRecord`, for the values or for what `with` stores.
    is_record: bool,
    /// The module of `with`.
    module: Option<&'a Path>,
}

impl<'a> Storing<'a> {
    /// Returns `None` for a field without such an attribute.
    fn new(field: &'a Field, paths: &Paths) -> Option<Self> {
        let Paths { krate, private, .. } = paths;
        let attrs = &field.attrs;
        let ty = &field.original.ty;
        let (value, dims) = items_of(ty);
        let storing = |span: Span, path, is_record| Storing {
            value,
            dims: dims.clone(),
            path,
            span: Span::call_site().located_at(span),
            is_record,
            module: None,
        };
        if let Some(or_missing) = or_missing(field, paths) {
            let path = quote!(<#value as #or_missing>);
            return Some(storing(ty.span(), path, false));
        }
        match (&attrs.with, &attrs.cast) {
            (Some(with), _) => {
                let module = &with.value;
                let span = Span::call_site().located_at(module.span());
                let stored = quote_spanned!(span=> #module::Stored);
                Some(Storing {
                    module: Some(module),
                    ..storing(span, quote!(<#stored as #krate::NpyRecord>), true)
                })
            }
            (None, Some(cast)) => {
                let stored = &cast.value;
                let path = quote!(<#value as #private::CastTo<#stored>>);
                Some(storing(stored.span(), path, false))
            }
            (None, None) if is_in_big_endian(field) => Some(Storing {
                value: ty,
                dims: Vec::new(),
                ..storing(ty.span(), quote!(<#ty as #krate::NpyRecord>), true)
            }),
            (None, None) => None,
        }
    }

    /// Returns the path of an item of the trait. All of the path is at one place, so that an error about the trait
    /// is reported once, and there.
    fn item(&self, name: &str) -> TokenStream {
        let (path, name) = (&self.path, Ident::new(name, self.span));
        located_at(self.span, quote!(#path::#name))
    }
}

/// Returns true if the form of a field is in big-endian order. A `dtype` has its own order.
fn is_in_big_endian(field: &Field) -> bool {
    field.is_big_endian && field.attrs.dtype.is_none()
}

/// Returns the form of a field of `record`, if an attribute says it.
pub(crate) fn form(
    record: &TokenStream,
    index: usize,
    field: &Field,
    paths: &Paths,
) -> Option<TokenStream> {
    let private = &paths.private;
    let Storing { value, dims, .. } = Storing::new(field, paths)?;
    let index = Literal::usize_unsuffixed(index);
    let one = quote!(#private::FieldOf<#record, #index, #value>);
    let dims = dims.iter().rev();
    let form = dims.fold(one, |form, dim| quote!(#private::Items<#form, { #dim }>));
    match is_in_big_endian(field) {
        true => Some(quote!(#private::InBigEndian<#form>)),
        false => Some(form),
    }
}

/// Returns the trait that stores the `Option` of a field with `nan` or `nat`, or the items of its array.
pub(crate) fn or_missing(field: &Field, paths: &Paths) -> Option<TokenStream> {
    let private = &paths.private;
    let attrs = &field.attrs;
    let kind = match (&attrs.nan, &attrs.nat) {
        (Some(_), _) => quote!(#private::Nan),
        (None, Some(_)) => quote!(#private::Nat),
        (None, None) => return None,
    };
    let (option, _) = items_of(&field.original.ty);
    let stored = match (&attrs.dtype, in_option(option)) {
        (Some(dtype), _) => dtype.value.to_tokens(paths),
        (None, Some(value)) => quote!(#value),
        (None, None) => quote!(<#option as #private::Optional>::Value),
    };
    Some(quote!(#private::OrMissing<#kind, #stored>))
}

/// Returns the type of the value in an `Option` that is written as one.
fn in_option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if last.ident == "Option" => {
            match arguments.args.first()? {
                GenericArgument::Type(value) => Some(value),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Returns the impls that store each field with a form.
///
/// They alone name the traits of the forms, so that an error about a type is reported for that type, and names none
/// of the library.
pub(crate) fn impls(
    record: &Record,
    data: &Struct,
    bounds: &TokenStream,
    paths: &Paths,
) -> TokenStream {
    let Paths { krate, private, .. } = paths;
    let (usize, u8) = (paths.primitive("usize"), paths.primitive("u8"));
    let name = &record.original.ident;
    let (impl_generics, ty_generics, _) = record.original.generics.split_for_impl();
    let fields = data.stored().enumerate();
    let impls = fields.filter_map(|(index, field)| {
        let storing = Storing::new(field, paths)?;
        let (value, index) = (storing.value, Literal::usize_unsuffixed(index));
        let (itemsize, layout, dtype) =
            (storing.item("ITEMSIZE"), storing.item("LAYOUT"), storing.item("dtype"));
        let layout = match storing.is_record {
            true => located_at(storing.span, quote!(#private::Layout::converted(&#layout))),
            false => layout,
        };
        let add = storing.item("field_attributes");
        let encode = encode(&storing, paths);
        let decode = decode(&storing, paths);
        Some(quote! {
            #[automatically_derived]
            impl #impl_generics #private::StoreField<#index, #value> for #name #ty_generics #bounds {
                const ITEMSIZE: #usize = #itemsize;
                const LAYOUT: #private::Layout<#value> = #layout;

                fn dtype() -> #krate::DType {
                    #dtype()
                }

                #[inline]
                fn encode(
                    __value: &#value,
                    __out: &mut [#u8],
                ) -> ::core::result::Result<(), #krate::EncodeError> {
                    #encode
                }

                #decode

                fn field_attributes(__attributes: &mut #private::FieldAttributes, __offset: #usize) {
                    #add(__attributes, __offset);
                }
            }
        })
    });
    impls.collect()
}

/// Returns the body of the function that encodes a value.
fn encode(storing: &Storing, paths: &Paths) -> TokenStream {
    let krate = &paths.krate;
    let encode = storing.item("encode");
    let Some(module) = storing.module else {
        return located_at(storing.span, quote!(#encode(__value, __out)));
    };
    let span = storing.span;
    let stored = quote_spanned!(span=> #module::Stored);
    let store = quote_spanned!(span=> #module::store(__value));
    quote! {
        let __stored: ::core::result::Result<#stored, #krate::EncodeError> = #store;
        #encode(&__stored?, __out)
    }
}

/// Returns the function that decodes a value, and the function that decodes it in its memory if a form has one.
fn decode(storing: &Storing, paths: &Paths) -> TokenStream {
    let Paths { krate, private, .. } = paths;
    let u8 = paths.primitive("u8");
    let (value, span) = (storing.value, storing.span);
    let decode = storing.item("decode");
    let body = match storing.module {
        Some(module) => {
            let stored = quote_spanned!(span=> #module::Stored);
            let load = quote_spanned!(span=> #module::load(__stored));
            quote! {
                let __stored: #stored = #decode(__bytes)?;
                #load
            }
        }
        None => located_at(span, quote!(#decode(__bytes))),
    };
    let decode_into = storing.module.is_none().then(|| {
        let decode_into = storing.item("decode_into");
        let decode_into = located_at(span, quote!(#decode_into(__slot, __bytes)));
        quote! {
            #[inline]
            fn decode_into<'__slot>(
                __slot: #private::Slot<'__slot, #value>,
                __bytes: &[#u8],
            ) -> ::core::result::Result<#private::Filled<'__slot, #value>, #krate::DecodeError> {
                #decode_into
            }
        }
    });
    quote! {
        #[inline]
        fn decode(
            __bytes: &[#u8],
        ) -> ::core::result::Result<#value, #krate::DecodeError> {
            #body
        }

        #decode_into
    }
}

/// Returns the tokens with another place for errors, and the names that they had.
fn located_at(place: Span, tokens: TokenStream) -> TokenStream {
    let tokens = tokens.into_iter().map(|token| {
        let span = token.span().located_at(place);
        let mut token = match token {
            TokenTree::Group(group) => {
                let stream = located_at(place, group.stream());
                TokenTree::Group(Group::new(group.delimiter(), stream))
            }
            other => other,
        };
        token.set_span(span);
        token
    });
    tokens.collect()
}
