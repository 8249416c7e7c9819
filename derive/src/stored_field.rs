//! A stored field, as tokens: its layout, its dtype, and how it is encoded and decoded.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::{
    ast::{Field, Role, Struct, Style},
    attr::{self, Container},
    default,
    form::form,
    paths::{Paths, is_primitive},
};

/// A stored field, in tokens.
///
/// The type is used in paths of the form `<Type as Trait>::…` only, and the items named there require no
/// other trait. If the type lacks the trait, the compiler then reports one error, and not one for each use.
pub(crate) struct StoredField<'a> {
    pub(crate) field: &'a Field<'a>,
    /// `<Type as Trait>`, with the trait that stores the field.
    pub(crate) storing: TokenStream,
    /// The size in the file.
    itemsize: TokenStream,
    /// The alignment in the file, and the layout in memory.
    layout: TokenStream,
    /// The function that returns the dtype.
    dtype: TokenStream,
    /// The call that adds the attributes within the field.
    add_attributes: TokenStream,
    /// The name in errors; empty for a flattened or wrapped field.
    name: &'a str,
    /// The offset in the file: a number, or one of the variables of [`offsets`].
    offset: TokenStream,
}

impl<'a> StoredField<'a> {
    /// Describes the field of that index among the stored fields of a struct, whose type is `record`.
    pub(crate) fn new(
        record: &TokenStream,
        index: usize,
        field: &'a Field<'a>,
        style: Style,
        paths: &Paths,
    ) -> Self {
        let Paths { krate, private, .. } = paths;
        let ty = &field.original.ty;
        let (name, offset) = match (&field.role, style) {
            (_, Style::Newtype) => ("", quote!(0)),
            (Role::Stored(name), _) => (&**name, offset(index).into_token_stream()),
            (_, _) => ("", offset(index).into_token_stream()),
        };
        let form = form(record, index, field, paths);
        let (storing, itemsize, layout, dtype, add_attributes) = match (form, &field.attrs.dtype) {
            (None, Some(dtype)) => {
                let dtype = dtype.value.to_tokens(paths);
                let storing = quote!(<#ty as #krate::StoreAs<#dtype>>);
                let itemsize = quote!(#storing::STORED_ITEMSIZE);
                let layout = quote!(#storing::STORED_ALIGNMENT, &#storing::STORED);
                let dtype = quote!(#storing::stored_dtype);
                let add = quote!(#storing::stored_attributes(__attributes));
                (storing, itemsize, layout, dtype, add)
            }
            (form, _) => {
                let storing = match form {
                    Some(form) => quote!(<#form as #private::FieldForm>),
                    None => quote!(<#ty as #krate::NpyRecord>),
                };
                let itemsize = quote!(#storing::ITEMSIZE);
                let layout = quote!(#storing::LAYOUT.alignment(), &#storing::LAYOUT);
                let dtype = quote!(#storing::dtype);
                let add = quote!(#storing::field_attributes(__attributes, #offset));
                (storing, itemsize, layout, dtype, add)
            }
        };
        StoredField {
            field,
            storing,
            itemsize,
            layout,
            dtype,
            add_attributes,
            name,
            offset,
        }
    }

    /// Returns the line of the field in `__npyrec_struct_layout!`.
    pub(crate) fn layout(&self, paths: &Paths) -> TokenStream {
        let StoredField {
            itemsize, layout, ..
        } = self;
        let (member, ty) = (&self.field.member, &self.field.original.ty);
        let dtype = self.field_dtype(paths);
        quote!(#member: #ty, #itemsize, #layout, #dtype;)
    }

    /// Returns the dtype of the field.
    pub(crate) fn dtype(&self) -> TokenStream {
        let dtype = &self.dtype;
        quote!(#dtype())
    }

    /// Returns the description of the field in the dtype of its struct.
    fn field_dtype(&self, paths: &Paths) -> TokenStream {
        let private = &paths.private;
        let StoredField { dtype, name, .. } = self;
        match (&self.field.role, &self.field.attrs.title) {
            (Role::Flattened, _) => quote!(#private::FieldDType::flattened(#dtype)),
            (_, Some(title)) => {
                let title = &title.value;
                quote!(#private::FieldDType::titled(#title, #name, #dtype))
            }
            (_, None) => quote!(#private::FieldDType::new(#name, #dtype)),
        }
    }

    /// Returns the call that encodes the field of `value` to `__out`.
    pub(crate) fn encode(
        &self,
        value: &TokenStream,
        is_packed: bool,
        paths: &Paths,
    ) -> TokenStream {
        self.encode_at(value, &self.offset, is_packed, paths)
    }

    fn encode_at(
        &self,
        value: &TokenStream,
        offset: &TokenStream,
        is_packed: bool,
        paths: &Paths,
    ) -> TokenStream {
        let StoredField { storing, name, .. } = self;
        let member = &self.field.member;
        if !is_packed {
            return quote!(#storing::encode_field(&#value.#member, __out, #offset, #name));
        }
        // A field of a packed struct cannot be borrowed, only copied. If it is not `Copy`, the error is
        // reported on its type.
        let span = Span::call_site().located_at(self.field.original.ty.span());
        let encode = {
            let krate = &paths.krate;
            quote_spanned!(span=> #krate::__npyrec_encode_packed_field!)
        };
        quote!(#encode(#value.#member, __out, #offset, #name, #storing::encode_field))
    }

    /// Returns the statements that add the attributes of the field, and the attributes within it.
    /// `__default` is in their scope if the struct has a default.
    pub(crate) fn attributes(
        &self,
        data: &Struct,
        container: &Container,
        paths: &Paths,
    ) -> TokenStream {
        let StoredField {
            storing,
            itemsize,
            name,
            offset,
            ..
        } = self;
        let Field {
            original, attrs, ..
        } = self.field;
        let ty = &original.ty;
        let aliases = attrs.aliases.iter().map(|alias| &alias.value);
        let aliases = quote!(#(__attributes.alias(#name, #aliases);)*);
        let unit = attrs.unit.as_ref().map(|unit| unit.value.value());
        let unit = unit.unwrap_or_default();
        let description = match (&self.field.role, data.style) {
            (Role::Flattened, _) | (_, Style::Newtype) => String::new(),
            _ => attr::documentation(&original.attrs),
        };
        let is_described = !unit.is_empty() || !description.is_empty();
        let texts =
            is_described.then(|| quote!(__attributes.describe(#name, #unit, #description);));
        let encode_default = match default::of_field(self.field) {
            Some(value) => Some(quote! {
                let __default: #ty = #value;
                #storing::encode_field(&__default, __out, 0, #name)
            }),
            None if container.default.is_some() => {
                Some(self.encode_at(&quote!(__default), &quote!(0), data.is_packed, paths))
            }
            None => None,
        };
        let default = encode_default
            .map(|encode| quote!(__attributes.default(#offset, #itemsize, |__out| { #encode });));
        let has_form = attrs.with.is_some() || attrs.cast.is_some();
        let is_leaf = !has_form && is_primitive(ty);
        let within = (!is_leaf).then(|| {
            let add = &self.add_attributes;
            match *name {
                "" => quote!(#add;),
                name => quote!(__attributes.in_field(#name, |__attributes| { #add; });),
            }
        });
        // The texts of the field come after the texts of its type, which may be a wrapper.
        quote!(#aliases #within #default #texts)
    }

    /// Returns the call that decodes the field from `__bytes`.
    pub(crate) fn decode(&self) -> TokenStream {
        let StoredField {
            storing,
            name,
            offset,
            ..
        } = self;
        quote!(#storing::decode_field(__bytes, #offset, #name))
    }

    /// Returns the line of the field in `__npyrec_fill_struct!`.
    pub(crate) fn fill(&self, index: usize) -> TokenStream {
        let StoredField {
            storing,
            name,
            offset,
            ..
        } = self;
        let (member, variable) = (&self.field.member, variable(index));
        quote!(#member: #variable, #offset, #name, #storing::decode_field_into;)
    }
}

/// Returns the variable of the decoded field of that index.
pub(crate) fn variable(index: usize) -> Ident {
    format_ident!("__field{index}")
}

fn offset(index: usize) -> Ident {
    format_ident!("__offset{index}")
}

/// Returns the statement that sets the variables of the offsets. They come from one constant: with a
/// constant for each, the compiler would evaluate the function once for each.
pub(crate) fn offsets(fields: &[StoredField], paths: &Paths) -> TokenStream {
    let krate = &paths.krate;
    let offsets = fields.iter().map(|field| &field.offset);
    quote!(let [#(#offsets),*] = const { <Self as #krate::NpyRecord>::LAYOUT.offsets() };)
}
