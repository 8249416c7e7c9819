//! A struct: its stored fields one after another, or the field that it wraps.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::{
    ast::{Record, Struct, Style},
    attr::Container,
    checks, default, form,
    items::Items,
    paths::Paths,
    small,
    stored_field::{StoredField, offsets, variable},
};

/// Returns the items of the impl for a struct.
pub(crate) fn items(record: &Record, data: &Struct, bounds: &TokenStream, paths: &Paths) -> Items {
    let is_aligned = record.attrs.align.is_some();
    let container = &record.attrs;
    let impls = form::impls(record, data, bounds, paths);
    let (name, (_, generics, _)) = (
        &record.original.ident,
        record.original.generics.split_for_impl(),
    );
    let ty = quote!(#name #generics);
    let fields = data.stored().enumerate();
    let fields: Vec<_> = fields
        .map(|(index, field)| StoredField::new(&ty, index, field, data.style, paths))
        .collect();
    let checks = checks::checks(&fields, paths);
    let Paths { krate, private, .. } = paths;
    let record = quote!(<Self as #krate::NpyRecord>);
    let itemsize = quote!(#record::LAYOUT.itemsize());
    let layout = layout(&fields, data, is_aligned, paths);
    let check_len = quote!(let __bytes = #private::check_len(__bytes, #record::ITEMSIZE)?;);
    let check_len_mut = quote!(let __out = #private::check_len_mut(__out, #record::ITEMSIZE)?;);
    let decode = decode(&fields, data, container);
    let decode_into = match small::is_small(data) {
        true => TokenStream::new(),
        false => {
            let decode_into = decode_into(&fields, data, container, paths);
            let offsets = (data.style != Style::Newtype).then(|| offsets(&fields, paths));
            quote!(#check_len #offsets #decode_into)
        }
    };
    let attributes = fields.iter();
    let attributes: TokenStream = attributes
        .map(|field| field.attributes(data, container, paths))
        .collect();
    let default = default::of_struct(container);
    let attributes = match attributes.is_empty() {
        true => attributes,
        false => quote!(#default #attributes),
    };
    let this = quote!(self);
    if let ([wrapped], Style::Newtype) = (&*fields, data.style) {
        let encode = wrapped.encode(&this, data.is_packed, paths);
        return Items {
            itemsize,
            layout: quote!(#layout.into_newtype()),
            dtype: wrapped.dtype(),
            attributes,
            encode: quote!(#check_len_mut #encode),
            decode: quote!(#check_len #decode),
            decode_into,
            checks,
            impls,
        };
    }
    let offsets = offsets(&fields, paths);
    let ok = quote!(::core::result::Result::Ok);
    let some = quote!(::core::option::Option::Some);
    let zero = is_aligned.then(|| quote!(__out.fill(0);));
    let encoded = fields
        .iter()
        .map(|field| field.encode(&this, data.is_packed, paths));
    Items {
        itemsize,
        layout,
        dtype: quote!(#private::struct_dtype(&#record::LAYOUT)),
        attributes: match attributes.is_empty() {
            true => attributes,
            false => quote!(#offsets #attributes),
        },
        encode: quote! {
            #check_len_mut
            if let #some(__bytes) = #private::Layout::bytes_to_copy(self) {
                __out.copy_from_slice(__bytes);
                return #ok(());
            }
            #zero
            #offsets
            #(#encoded?;)*
            #ok(())
        },
        decode: quote! {
            #check_len
            if let #some(__record) = #private::Layout::from_bytes(__bytes) {
                return #ok(__record);
            }
            #offsets
            #decode
        },
        decode_into,
        checks,
        impls,
    }
}

/// Returns the layout, from a macro of the library that checks the fields.
fn layout(fields: &[StoredField], data: &Struct, is_aligned: bool, paths: &Paths) -> TokenStream {
    let krate = &paths.krate;
    let fields = fields.iter().map(|field| field.layout(paths));
    let skipped = data.skipped().map(|field| &field.member);
    quote! {
        #krate::__npyrec_struct_layout! {
            is_aligned: #is_aligned,
            fields: { #(#fields)* },
            skipped: { #(#skipped;)* },
        }
    }
}

/// Returns the decoding by value, one statement a field. In a single expression, each `?` would compile to
/// separate code that drops the fields before it.
fn decode(fields: &[StoredField], data: &Struct, container: &Container) -> TokenStream {
    let variables: Vec<_> = (0..fields.len()).map(variable).collect();
    let decoded = fields.iter().map(StoredField::decode);
    let members = fields.iter().map(|field| &field.field.member);
    let skipped = data.skipped().map(|field| {
        let (member, value) = (&field.member, default::of_skipped(field, container));
        quote!(#member: #value)
    });
    let default = data
        .takes_default(container)
        .then(|| default::of_struct(container));
    let default = default.flatten();
    quote! {
        #default
        #(let #variables = #decoded?;)*
        ::core::result::Result::Ok(Self { #(#members: #variables,)* #(#skipped,)* })
    }
}

/// Returns the decoding in the memory of the struct, so that no large field is ever on the stack. A macro
/// of the library has the unsafe code.
fn decode_into(
    fields: &[StoredField],
    data: &Struct,
    container: &Container,
    paths: &Paths,
) -> TokenStream {
    let krate = &paths.krate;
    let fields = fields.iter().enumerate();
    let fields = fields.map(|(index, field)| field.fill(index));
    let skipped = data.skipped().enumerate().map(|(index, field)| {
        let (member, value) = (&field.member, default::of_skipped(field, container));
        let variable = format_ident!("__skipped{index}");
        quote!(#member: #variable, #value;)
    });
    let default = data
        .takes_default(container)
        .then(|| default::of_struct(container));
    let default = default.flatten();
    let ok = quote!(::core::result::Result::Ok);
    quote! {
        let __slot = match __slot.copy(__bytes) {
            #ok(__filled) => return #ok(__filled),
            ::core::result::Result::Err(__slot) => __slot,
        };
        #default
        #krate::__npyrec_fill_struct! {
            __slot, __bytes,
            fields: { #(#fields)* },
            skipped: { #(#skipped)* },
        }
    }
}
