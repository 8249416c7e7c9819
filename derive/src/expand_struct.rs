//! A struct: its stored fields one after another, or the one that it wraps.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::{
    ast::{Field, Role, Struct, Style},
    items::Items,
    paths::Paths,
};

/// A stored field, in tokens.
///
/// Its type is only ever used as `<Type as Trait>::…`, with items that name no other trait: of a type
/// that lacks the trait the compiler then says so once, and not once for each use.
struct Place<'a> {
    field: &'a Field<'a>,
    /// `<Type as Trait>`, the trait that stores it.
    storing: TokenStream,
    /// Its size in the file.
    itemsize: TokenStream,
    /// Its alignment in the file, and its layout in memory.
    layout: TokenStream,
    dtype: TokenStream,
    /// Its name in errors; empty if it has none.
    name: &'a str,
    /// Where it starts in the file: a number, or a variable that [`offsets`] gives.
    offset: TokenStream,
}

impl<'a> Place<'a> {
    fn new(index: usize, field: &'a Field<'a>, style: Style, paths: &Paths) -> Self {
        let krate = &paths.krate;
        let ty = &field.original.ty;
        let (name, offset) = match (&field.role, style) {
            (_, Style::Newtype) => ("", quote!(0)),
            (Role::Stored(name), _) => (&**name, offset(index).into_token_stream()),
            (_, _) => ("", offset(index).into_token_stream()),
        };
        match &field.attrs.dtype {
            None => {
                let storing = quote!(<#ty as #krate::NpyRecord>);
                Place {
                    field,
                    itemsize: quote!(#storing::ITEMSIZE),
                    layout: quote!(#storing::LAYOUT.alignment(), &#storing::LAYOUT),
                    dtype: quote!(#storing::dtype()),
                    storing,
                    name,
                    offset,
                }
            }
            Some(dtype) => {
                let dtype = dtype.value.to_tokens(paths);
                let storing = quote!(<#ty as #krate::StoreAs<#dtype>>);
                Place {
                    field,
                    itemsize: quote!(#storing::STORED_ITEMSIZE),
                    layout: quote!(#storing::STORED_ALIGNMENT, &#storing::STORED),
                    dtype: quote!(#storing::stored_dtype()),
                    storing,
                    name,
                    offset,
                }
            }
        }
    }

    fn layout(&self, paths: &Paths) -> TokenStream {
        let Place {
            itemsize, layout, ..
        } = self;
        let (private, member) = (&paths.private, &self.field.member);
        let offset = quote!(::core::mem::offset_of!(Self, #member));
        quote!(#private::FieldLayout::of(#offset, #itemsize, #layout))
    }

    fn dtype(&self) -> TokenStream {
        let Place {
            dtype,
            name,
            offset,
            ..
        } = self;
        match (&self.field.role, &self.field.attrs.title) {
            (Role::Flattened, _) => quote!(flatten(#offset, #dtype)),
            (_, Some(title)) => {
                let title = &title.value;
                quote!(titled(#title, #name, #offset, #dtype))
            }
            (_, None) => quote!(field(#name, #offset, #dtype)),
        }
    }

    fn encode(&self, is_packed: bool, paths: &Paths) -> TokenStream {
        let Place {
            storing,
            name,
            offset,
            ..
        } = self;
        let member = &self.field.member;
        if !is_packed {
            return quote!(#storing::encode_field(&self.#member, __out, #offset, #name));
        }
        // A field of a packed struct cannot be borrowed, only copied.
        let span = Span::call_site().located_at(self.field.original.ty.span());
        let with_copy = {
            let private = &paths.private;
            quote_spanned!(span=> #private::with_copy)
        };
        quote! {
            unsafe {
                #with_copy(&raw const self.#member, |__field| {
                    #storing::encode_field(__field, __out, #offset, #name)
                })
            }
        }
    }

    /// What it notes of its default, or asks its type to note.
    fn default(&self, paths: &Paths) -> TokenStream {
        let Place {
            storing,
            itemsize,
            name,
            offset,
            ..
        } = self;
        let ty = &self.field.original.ty;
        match &self.field.attrs {
            attrs if attrs.default.is_some() => quote! {
                __defaults.field(#offset, #itemsize, |__out| {
                    let __default = <#ty as ::core::default::Default>::default();
                    #storing::encode_field(&__default, __out, 0, #name)
                });
            },
            attrs if attrs.dtype.is_none() && !paths.is_primitive(ty) => {
                quote!(#storing::field_defaults(__defaults, #offset);)
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

    /// Decodes it in its memory in the struct at `__place`. A type of the user's may return a value in
    /// other memory, so this is checked before the struct is taken for complete.
    fn decode_into(&self, paths: &Paths) -> TokenStream {
        let Place {
            storing,
            name,
            offset,
            ..
        } = self;
        let (private, memory) = (&paths.private, memory(self.field));
        quote! {{
            let __memory = unsafe { #memory };
            let __slot = unsafe { #private::Slot::at(__memory) };
            #storing::decode_field_into(__slot, __bytes, #offset, #name)?.at(__memory)?
        }}
    }
}

/// The memory of a field of the struct at `__place`.
fn memory(field: &Field) -> TokenStream {
    let member = &field.member;
    quote!(&raw mut (*__place).#member)
}

fn offset(index: usize) -> Ident {
    format_ident!("__offset{index}")
}

/// Variables for where the fields start. They come from one constant, as a constant for each has
/// the compiler go through the function once for each.
fn offsets(places: &[Place], paths: &Paths) -> TokenStream {
    let krate = &paths.krate;
    let offsets = places.iter().map(|place| &place.offset);
    quote!(let [#(#offsets),*] = const { <Self as #krate::NpyRecord>::LAYOUT.offsets() };)
}

pub(crate) fn items(data: &Struct, is_aligned: bool, paths: &Paths) -> Items {
    let places = data.stored().enumerate();
    let places: Vec<_> = places
        .map(|(index, field)| Place::new(index, field, data.style, paths))
        .collect();
    let Paths { krate, private, .. } = paths;
    let record = quote!(<Self as #krate::NpyRecord>);
    let layouts = places.iter().map(|place| place.layout(paths));
    let layouts = quote!(&[#(#layouts),*]);
    let has_skipped = data.has_skipped();
    let itemsize = quote!(#record::LAYOUT.itemsize());
    let exactly = quote!(let __bytes = #private::exactly(__bytes, #record::ITEMSIZE)?;);
    let exactly_mut = quote!(let __out = #private::exactly_mut(__out, #record::ITEMSIZE)?;);
    let decode = decode(&places, data);
    let decode_into = decode_into(&places, data, paths);
    if let ([wrapped], Style::Newtype) = (&*places, data.style) {
        let encode = wrapped.encode(data.is_packed, paths);
        return Items {
            itemsize,
            layout: quote!(unsafe { #private::Layout::of_newtype(#has_skipped, #layouts) }),
            dtype: wrapped.dtype.clone(),
            defaults: wrapped.default(paths),
            encode: quote!(#exactly_mut #encode),
            decode: quote!(#exactly #decode),
            decode_into: quote!(#exactly #decode_into),
            checks: TokenStream::new(),
        };
    }
    let count = Literal::usize_unsuffixed(places.len());
    let offsets = offsets(&places, paths);
    let fields = places.iter().map(Place::dtype);
    let defaults: TokenStream = places.iter().map(|place| place.default(paths)).collect();
    let ok = quote!(::core::result::Result::Ok);
    let some = quote!(::core::option::Option::Some);
    let zero = is_aligned.then(|| quote!(__out.fill(0);));
    let encoded = places
        .iter()
        .map(|place| place.encode(data.is_packed, paths));
    Items {
        itemsize,
        layout: quote! {
            unsafe { #private::Layout::of_struct(#is_aligned, #has_skipped, #layouts) }
        },
        dtype: quote! {
            #offsets
            let __dtype = #private::StructDType::new(&#record::LAYOUT, #count);
            #(let __dtype = __dtype.#fields;)*
            __dtype.finish()
        },
        defaults: match defaults.is_empty() {
            true => defaults,
            false => quote!(#offsets #defaults),
        },
        encode: quote! {
            #exactly_mut
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
            #exactly
            if let #some(__record) = #private::Layout::from_bytes(__bytes) {
                return #ok(__record);
            }
            #offsets
            #decode
        },
        decode_into: quote!(#exactly #offsets #decode_into),
        checks: check_flattened(&places),
    }
}

/// The struct of the decoded fields. They are decoded one by one: in an expression of all, the
/// compiler has each `?` drop all that stands before it, in code of its own.
fn decode(places: &[Place], data: &Struct) -> TokenStream {
    let variables = (0..places.len()).map(|index| format_ident!("__field{index}"));
    let variables: Vec<_> = variables.collect();
    let decoded = places.iter().map(Place::decode);
    let members = places.iter().map(|place| &place.field.member);
    let skipped = data
        .fields
        .iter()
        .filter(|field| matches!(field.role, Role::Skipped));
    let skipped = skipped.map(|field| {
        let (member, ty) = (&field.member, &field.original.ty);
        quote!(#member: <#ty as ::core::default::Default>::default())
    });
    quote! {
        #(let #variables = #decoded?;)*
        ::core::result::Result::Ok(Self { #(#members: #variables,)* #(#skipped,)* })
    }
}

/// The same in the memory of the struct, so that no large field is ever on the stack. A field that was
/// decoded is dropped if another one cannot be.
fn decode_into(places: &[Place], data: &Struct, paths: &Paths) -> TokenStream {
    let decoded = (0..places.len()).map(|index| format_ident!("__field{index}"));
    let decoded: Vec<_> = decoded.collect();
    let fields = places.iter().map(|place| place.decode_into(paths));
    let skipped = data
        .fields
        .iter()
        .filter(|field| matches!(field.role, Role::Skipped));
    let skipped = skipped.map(|field| {
        let (private, memory, ty) = (&paths.private, memory(field), &field.original.ty);
        quote! {
            unsafe { #private::Slot::at(#memory) }
                .write(<#ty as ::core::default::Default>::default())
        }
    });
    let skipped: Vec<_> = skipped.collect();
    let defaults = (0..skipped.len()).map(|index| format_ident!("__skipped{index}"));
    let defaults: Vec<_> = defaults.collect();
    let ok = quote!(::core::result::Result::Ok);
    quote! {
        let __slot = match __slot.copy(__bytes) {
            #ok(__filled) => return #ok(__filled),
            ::core::result::Result::Err(__slot) => __slot,
        };
        let __place = __slot.as_mut_ptr();
        #(let #decoded = #fields;)*
        #(let #defaults = #skipped;)*
        #(#decoded.keep();)*
        #(#defaults.keep();)*
        #ok(unsafe { __slot.assume_filled() })
    }
}

/// Refuses to flatten a type without fields, where the types are known.
fn check_flattened(places: &[Place]) -> TokenStream {
    let places = places.iter();
    let flattened = places.filter(|place| matches!(place.field.role, Role::Flattened));
    let checks = flattened.map(|Place { field, storing, .. }| {
        quote_spanned! {field.original.ty.span()=>
            ::core::assert!(
                #storing::LAYOUT.is_struct(),
                "`#[npy(flatten)]` is for a field whose type is a struct with fields",
            );
        }
    });
    checks.collect()
}
