//! The struct or enum, with the user's tokens for error positions.

use std::iter;

use proc_macro2::Ident;
use syn::{Attribute, DeriveInput, Fields, Member, Type, ext::IdentExt};

use crate::{argument::of_npy, attr, errors::Errors};

pub(crate) struct Record<'a> {
    pub(crate) original: &'a DeriveInput,
    pub(crate) attrs: attr::Container,
    pub(crate) data: Data<'a>,
    /// True if the generated code may name deprecated items.
    pub(crate) allow_deprecated: bool,
}

pub(crate) enum Data<'a> {
    Struct(Struct<'a>),
    Enum(Enum<'a>),
    /// A type that is stored as another record, and the attributes of its fields.
    Converted(Vec<&'a Attribute>),
    /// A union, whose error is reported already.
    Union,
}

pub(crate) struct Struct<'a> {
    pub(crate) style: Style,
    pub(crate) is_packed: bool,
    pub(crate) fields: Vec<Field<'a>>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Style {
    Named,
    Tuple,
    /// A struct with one stored field, stored as that field: a tuple struct, or one that is `transparent`.
    Newtype,
    Unit,
}

pub(crate) struct Field<'a> {
    pub(crate) original: &'a syn::Field,
    pub(crate) attrs: attr::Field,
    pub(crate) member: Member,
    pub(crate) role: Role,
    /// True if the field or the struct is `big_endian`. A `dtype` then is in this order.
    pub(crate) is_big_endian: bool,
}

pub(crate) enum Role {
    Skipped,
    /// The fields of its struct are stored in its place.
    Flattened,
    /// A field with this name in the dtype.
    Stored(String),
}

pub(crate) struct Enum<'a> {
    /// The words in `#[repr(…)]`.
    pub(crate) reprs: Vec<Ident>,
    pub(crate) variants: Vec<Variant<'a>>,
}

pub(crate) struct Variant<'a> {
    pub(crate) original: &'a syn::Variant,
    pub(crate) attrs: attr::Variant,
    /// The name that a `dtype` of texts stores.
    pub(crate) name: String,
}

impl<'a> Record<'a> {
    pub(crate) fn new(input: &'a DeriveInput, errors: &mut Errors) -> Self {
        let attrs = attr::Container::parse(&input.attrs, errors);
        let reprs = attr::reprs(&input.attrs);
        let mut allow_deprecated = attr::allow_deprecated(&input.attrs);
        let is_converted = attrs.into.is_some() || attrs.from.is_some() || attrs.try_from.is_some();
        let data = match &input.data {
            syn::Data::Struct(data) if is_converted => {
                let attrs = data.fields.iter().flat_map(|field| of_npy(&field.attrs));
                Data::Converted(attrs.collect())
            }
            syn::Data::Enum(data) if is_converted => {
                let fields = data.variants.iter().flat_map(|variant| &variant.fields);
                let fields = fields.flat_map(|field| of_npy(&field.attrs));
                let variants = data.variants.iter();
                let attrs = variants.flat_map(|variant| of_npy(&variant.attrs));
                Data::Converted(attrs.chain(fields).collect())
            }
            syn::Data::Struct(data) => {
                let is_packed = reprs.iter().any(|word| word == "packed");
                allow_deprecated |= data.fields.iter().any(|f| attr::allow_deprecated(&f.attrs));
                Data::Struct(Struct::new(&data.fields, is_packed, &attrs, errors))
            }
            syn::Data::Enum(data) => {
                let variants = data.variants.iter();
                allow_deprecated |= variants.clone().any(|v| attr::allow_deprecated(&v.attrs));
                let variants = variants.map(|original| Variant::new(original, &attrs, errors));
                let variants = variants.collect();
                Data::Enum(Enum { reprs, variants })
            }
            syn::Data::Union(data) => {
                errors.at(
                    data.union_token,
                    "a union cannot be a record: NumPy has no dtype for it; make it a struct",
                );
                Data::Union
            }
        };
        Record {
            original: input,
            attrs,
            data,
            allow_deprecated,
        }
    }
}

impl<'a> Struct<'a> {
    fn new(
        fields: &'a Fields,
        is_packed: bool,
        container: &attr::Container,
        errors: &mut Errors,
    ) -> Self {
        let mut stored = 0_usize;
        let described: Vec<_> = fields
            .iter()
            .zip(fields.members())
            .map(|(original, member)| {
                let mut attrs = attr::Field::parse(&original.attrs, errors);
                let is_big_endian = attrs.big_endian.is_some() || container.big_endian.is_some();
                if let Some(dtype) = &mut attrs.dtype {
                    dtype.value.suit(&original.ty, is_big_endian);
                }
                let role = Role::new(&attrs, container, &member, stored);
                stored += usize::from(!matches!(role, Role::Skipped));
                Field {
                    original,
                    attrs,
                    member,
                    role,
                    is_big_endian,
                }
            })
            .collect();
        let style = match fields {
            _ if stored == 1 && container.transparent.is_some() => Style::Newtype,
            Fields::Named(_) => Style::Named,
            Fields::Unnamed(_) if stored == 1 => Style::Newtype,
            Fields::Unnamed(_) => Style::Tuple,
            Fields::Unit => Style::Unit,
        };
        Struct {
            style,
            is_packed,
            fields: described,
        }
    }

    /// Returns the fields that are in the file, in order.
    pub(crate) fn stored(&self) -> impl Iterator<Item = &Field<'a>> {
        let fields = self.fields.iter();
        fields.filter(|field| !matches!(field.role, Role::Skipped))
    }

    /// Returns true if the struct is not `Sized`, which is an error.
    pub(crate) fn is_unsized(&self) -> bool {
        let last = self.fields.last();
        last.is_some_and(|field| matches!(field.original.ty, Type::Slice(_)))
    }

    /// Returns true if a field that is not in the file gets its value from a default of the whole struct.
    pub(crate) fn takes_default(&self, container: &attr::Container) -> bool {
        container.default.is_some() && self.skipped().any(|field| field.attrs.default.is_none())
    }

    /// Returns the fields that are not in the file.
    pub(crate) fn skipped(&self) -> impl Iterator<Item = &Field<'a>> {
        let fields = self.fields.iter();
        fields.filter(|field| matches!(field.role, Role::Skipped))
    }
}

impl Enum<'_> {
    /// Returns the integer type that stores the enum.
    pub(crate) fn repr(&self) -> Option<&Ident> {
        let known = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"];
        let mut reprs = self.reprs.iter();
        reprs.find(|word| known.iter().any(|known| word == known))
    }
}

impl<'a> Variant<'a> {
    fn new(original: &'a syn::Variant, container: &attr::Container, errors: &mut Errors) -> Self {
        let attrs = attr::Variant::parse(&original.attrs, errors);
        let name = original.ident.unraw().to_string();
        let name = match (&attrs.rename, &container.rename_all) {
            (Some(rename), _) => rename.value.value(),
            (None, Some(case)) => case.value.apply_to_variant(&name),
            (None, None) => name,
        };
        Variant {
            original,
            attrs,
            name,
        }
    }

    /// Returns the texts that are read as the variant, the name first.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        let aliases = self.attrs.aliases.iter().map(|alias| alias.value.value());
        iter::once(self.name.clone()).chain(aliases)
    }

    /// Returns true for the variant that holds the numbers that no variant has.
    pub(crate) fn holds_number(&self) -> bool {
        self.attrs.other.is_some() && !self.original.fields.is_empty()
    }
}

impl Role {
    /// Returns the role of a field, which has this index among the stored fields.
    fn new(
        attrs: &attr::Field,
        container: &attr::Container,
        member: &Member,
        index: usize,
    ) -> Role {
        if attrs.skip.is_some() {
            return Role::Skipped;
        }
        if attrs.flatten.is_some() {
            return Role::Flattened;
        }
        Role::Stored(match (&attrs.rename, member) {
            (Some(name), _) => name.value.value(),
            (None, Member::Unnamed(_)) => format!("f{index}"),
            (None, Member::Named(ident)) => {
                let name = ident.unraw().to_string();
                match &container.rename_all {
                    Some(case) => case.value.apply(&name),
                    None => name,
                }
            }
        })
    }
}
