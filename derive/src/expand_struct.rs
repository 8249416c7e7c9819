//! A struct: its stored fields one after another, or the one that it wraps.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::{
    ast::{Field, Role, Struct, Style},
    items::Items,
    paths::Paths,
};

/// A stored field, in tokens.
///
/// Its type is only ever used as `<Type as Trait>::…`: of a type that lacks the trait the compiler
/// then says so once, and not once for each use.
struct Place<'a> {
    field: &'a Field<'a>,
    /// `<Type as Trait>`, the trait that stores it.
    storing: TokenStream,
    /// `<Type as NpyRecord>` of what is stored.
    stored: TokenStream,
    /// The constant of `storing` that is the layout in memory.
    layout: TokenStream,
    /// Its name in errors; empty if it has none.
    name: &'a str,
    /// Where it starts in the file.
    offset: TokenStream,
}

impl<'a> Place<'a> {
    fn new(index: usize, field: &'a Field<'a>, style: Style, paths: &Paths) -> Self {
        let Paths { krate, .. } = paths;
        let ty = &field.original.ty;
        let (storing, stored, layout) = match &field.attrs.dtype {
            None => {
                let record = quote!(<#ty as #krate::NpyRecord>);
                (record.clone(), record, quote!(LAYOUT))
            }
            Some(dtype) => {
                let dtype = dtype.value.to_tokens(paths);
                let storing = quote!(<#ty as #krate::StoreAs<#dtype>>);
                let stored = quote!(<#storing::Stored as #krate::NpyRecord>);
                (storing, stored, quote!(STORED))
            }
        };
        let index = Literal::usize_unsuffixed(index);
        Place {
            field,
            storing,
            stored,
            layout,
            name: match (&field.role, style) {
                (Role::Stored(name), Style::Named | Style::Tuple) => name,
                _ => "",
            },
            offset: match style {
                Style::Newtype => quote!(0),
                _ => quote!(const { <Self as #krate::NpyRecord>::LAYOUT.offset(#index) }),
            },
        }
    }

    fn layout(&self, paths: &Paths) -> TokenStream {
        let Place {
            storing,
            stored,
            layout,
            ..
        } = self;
        let member = &self.field.member;
        let private = &paths.private;
        quote! {
            #private::FieldLayout::of(
                ::core::mem::offset_of!(Self, #member),
                #stored::ITEMSIZE,
                &#stored::LAYOUT,
                &#storing::#layout,
            )
        }
    }

    fn dtype(&self) -> TokenStream {
        let Place {
            stored,
            name,
            offset,
            ..
        } = self;
        let dtype = quote!(#stored::dtype());
        match (&self.field.role, &self.field.attrs.title) {
            (Role::Flattened, _) => quote!(flatten(#offset, #dtype)),
            (_, Some(title)) => {
                let title = &title.value;
                quote!(titled(#title, #name, #offset, #dtype))
            }
            (_, None) => quote!(field(#name, #offset, #dtype)),
        }
    }

    fn encode(&self, is_packed: bool) -> TokenStream {
        let Place {
            storing,
            name,
            offset,
            ..
        } = self;
        let member = &self.field.member;
        let value = match is_packed {
            // A field of a packed struct cannot be borrowed.
            true => {
                let span = Span::call_site().located_at(self.field.original.ty.span());
                quote_spanned!(span=> { self.#member })
            }
            false => quote!(self.#member),
        };
        quote!(#storing::encode_field(&#value, __out, #offset, #name))
    }

    /// What it notes of its default, or asks its type to note.
    fn default(&self, paths: &Paths) -> TokenStream {
        let Place {
            storing,
            stored,
            name,
            offset,
            ..
        } = self;
        let ty = &self.field.original.ty;
        match &self.field.attrs {
            attrs if attrs.default.is_some() => quote! {
                __defaults.field(#offset, #stored::ITEMSIZE, |__out| {
                    let __default = <#ty as ::core::default::Default>::default();
                    #storing::encode_field(&__default, __out, 0, #name)
                });
            },
            attrs if attrs.dtype.is_none() && !paths.is_primitive(ty) => {
                quote!(#stored::field_defaults(__defaults, #offset);)
            }
            _ => TokenStream::new(),
        }
    }

    fn decode(&self) -> TokenStream {
        let Place {
            storing,
            name,
            offset,
            ..
        } = self;
        quote!(#storing::decode_field(__bytes, #offset, #name))
    }
}

pub(crate) fn items(data: &Struct, is_aligned: bool, paths: &Paths) -> Items {
    let places = data.stored().enumerate();
    let places: Vec<_> = places
        .map(|(index, field)| Place::new(index, field, data.style, paths))
        .collect();
    let Paths { krate, private } = paths;
    let record = quote!(<Self as #krate::NpyRecord>);
    let layouts = places.iter().map(|place| place.layout(paths));
    let layouts = quote!(&[#(#layouts),*]);
    let has_skipped = data.has_skipped();
    let itemsize = quote!(#record::LAYOUT.itemsize());
    let decode = decode(&places, data);
    if let ([wrapped], Style::Newtype) = (&*places, data.style) {
        let stored = &wrapped.stored;
        return Items {
            itemsize,
            layout: quote!(unsafe { #private::Layout::of_newtype(#has_skipped, #layouts) }),
            dtype: quote!(#stored::dtype()),
            defaults: wrapped.default(paths),
            encode: wrapped.encode(data.is_packed),
            decode,
            checks: TokenStream::new(),
        };
    }
    let count = Literal::usize_unsuffixed(places.len());
    let fields = places.iter().map(Place::dtype);
    let ok = quote!(::core::result::Result::Ok);
    let some = quote!(::core::option::Option::Some);
    let zero = is_aligned.then(|| quote!(__out.fill(0);));
    let encoded = places.iter().map(|place| place.encode(data.is_packed));
    Items {
        itemsize,
        layout: quote! {
            unsafe { #private::Layout::of_struct(#is_aligned, #has_skipped, #layouts) }
        },
        dtype: quote! {
            let __dtype = #private::StructDType::new(&#record::LAYOUT, #count);
            #(let __dtype = __dtype.#fields;)*
            __dtype.finish()
        },
        defaults: places.iter().map(|place| place.default(paths)).collect(),
        encode: quote! {
            let __out = #private::exactly_mut(__out, #record::ITEMSIZE)?;
            if let #some(__bytes) = #private::Layout::bytes_to_copy(self) {
                __out.copy_from_slice(__bytes);
                return #ok(());
            }
            #zero
            #(#encoded?;)*
            #ok(())
        },
        decode: quote! {
            let __bytes = #private::exactly(__bytes, #record::ITEMSIZE)?;
            if let #some(__record) = #private::Layout::from_bytes(__bytes) {
                return #ok(__record);
            }
            #decode
        },
        checks: check_flattened(&places),
    }
}

fn decode(places: &[Place], data: &Struct) -> TokenStream {
    let stored = places.iter().map(|place| {
        let (member, decode) = (&place.field.member, place.decode());
        quote!(#member: #decode?)
    });
    let skipped = data
        .fields
        .iter()
        .filter(|field| matches!(field.role, Role::Skipped));
    let skipped = skipped.map(|field| {
        let (member, ty) = (&field.member, &field.original.ty);
        quote!(#member: <#ty as ::core::default::Default>::default())
    });
    quote!(::core::result::Result::Ok(Self { #(#stored,)* #(#skipped,)* }))
}

/// Refuses to flatten a type without fields, where the types are known.
fn check_flattened(places: &[Place]) -> TokenStream {
    let places = places.iter();
    let flattened = places.filter(|place| matches!(place.field.role, Role::Flattened));
    let checks = flattened.map(|Place { field, stored, .. }| {
        quote_spanned! {field.original.ty.span()=>
            ::core::assert!(
                #stored::LAYOUT.is_struct(),
                "`#[npy(flatten)]` is for a field whose type is a struct with fields",
            );
        }
    });
    checks.collect()
}
