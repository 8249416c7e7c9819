//! Checks: the attributes of each field, the names in a struct, an enum and its `repr`.

use std::collections::HashSet;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Attribute, Fields, Type};

use crate::{
    argument::of_npy,
    ast::{Data, Enum, Field, Record, Role, Struct, Style},
    attr,
    errors::Errors,
};

/// Checks a struct or an enum.
pub(crate) fn check(record: &Record, errors: &mut Errors) {
    match &record.data {
        Data::Struct(data) => {
            check_container(&record.attrs, data.style, errors);
            for field in &data.fields {
                check_attrs(field, data.style, errors);
                check_form(field, errors);
                check_type(field, errors);
            }
            check_names(data, errors);
        }
        Data::Enum(data) => check_enum(record, data, errors),
        Data::Converted(attrs) => check_converted(&record.attrs, attrs, errors),
        Data::Union => {}
    }
}

fn check_container(attrs: &attr::Container, style: Style, errors: &mut Errors) {
    let nothing_to_rename = match style {
        Style::Named => None,
        Style::Tuple => Some(
            "`rename_all` has nothing to rename: the fields of a tuple struct are `f0`, `f1`, …; \
             `#[npy(rename = \"…\")]` on a field names it",
        ),
        Style::Newtype => Some(
            "`rename_all` has nothing to rename: this struct is stored as the one field it wraps",
        ),
        Style::Unit => Some("`rename_all` has nothing to rename: this struct has no fields"),
    };
    if let (Some(rename_all), Some(why)) = (&attrs.rename_all, nothing_to_rename) {
        errors.at(&rename_all.name, why);
    }
    if let (Some(align), Style::Newtype) = (&attrs.align, style) {
        errors.at(
            &align.name,
            "`align` has no fields to place: this struct is stored as the one field it wraps",
        );
    }
}

/// Checks a type that is stored as another record: that type, and that nothing is said about its fields.
fn check_converted(container: &attr::Container, fields: &[&Attribute], errors: &mut Errors) {
    let attr::Container {
        into,
        from,
        try_from,
        ..
    } = container;
    match (into, from.as_ref().or(try_from.as_ref())) {
        (Some(into), None) => errors.at(
            &into.name,
            "`into` stores a value; `from = \"…\"` or `try_from = \"…\"` is needed to read one",
        ),
        (None, Some(from)) => errors.at(
            &from.name,
            format_args!(
                "`{}` reads a value; `into = \"…\"` is needed to store one",
                from.name
            ),
        ),
        (Some(into), Some(from)) => {
            let text = |ty: &Type| ty.to_token_stream().to_string();
            if text(&into.value) != text(&from.value) {
                errors.at(
                    &from.value,
                    format_args!(
                        "a value is stored as `{}`, by `into`, and must be read from the same type",
                        text(&into.value)
                    ),
                );
            }
        }
        (None, None) => {}
    }
    if let (Some(_), Some(try_from)) = (from, try_from) {
        errors.at(
            &try_from.name,
            "`from` and `try_from` both say how a value is read; keep one",
        );
    }
    for name in container.names() {
        if !["into", "from", "try_from"].iter().any(|form| name == form) {
            errors.at(
                name,
                format_args!(
                    "the fields are not stored, as `into` stores another type; remove `{name}`"
                ),
            );
        }
    }
    for attr in fields {
        errors.at(
            attr,
            "the fields are not stored, as `into` stores another type; remove `#[npy(…)]`",
        );
    }
}

fn check_attrs(field: &Field, style: Style, errors: &mut Errors) {
    for name in field.attrs.names() {
        let why = match (&field.role, style, &*name.to_string()) {
            (Role::Skipped, _, "skip") => continue,
            (Role::Skipped, _, other) => {
                format!("a skipped field is not stored; remove `{other}`, or `skip`")
            }
            (_, Style::Newtype, name @ ("rename" | "title" | "flatten")) => format!(
                "this struct is stored as the one field it wraps, which has no name there; remove \
                 `{name}`, or make it a struct with a named field"
            ),
            (Role::Flattened, _, "flatten" | "with" | "cast") => continue,
            (Role::Flattened, _, other) => format!(
                "the fields of a flattened struct take its place, so it has no `{other}` of its \
                 own; remove `{other}`, or `flatten`"
            ),
            (Role::Stored(_), _, _) => continue,
        };
        errors.at(name, why);
    }
}

/// Checks that only one attribute says in what form the field is stored.
fn check_form(field: &Field, errors: &mut Errors) {
    let is_form = |name: &&Ident| ["dtype", "with", "cast"].iter().any(|form| name == form);
    let mut forms = field.attrs.names().filter(is_form);
    if let (Some(first), Some(second)) = (forms.next(), forms.next()) {
        errors.at(
            second,
            format_args!(
                "`{first}` and `{second}` both say in what form the field is stored; keep one"
            ),
        );
    }
}

fn check_type(field: &Field, errors: &mut Errors) {
    if let Type::Slice(slice) = &field.original.ty {
        errors.at(
            slice,
            "a slice has no fixed length, as a row of an array must; use an array: `[f64; 3]`",
        );
    }
}

/// Checks that names and titles are unique, as NumPy finds a field by both.
fn check_names(data: &Struct, errors: &mut Errors) {
    let mut taken = HashSet::new();
    for field in data.stored() {
        let Role::Stored(name) = &field.role else {
            continue;
        };
        let place = match &field.attrs.rename {
            Some(rename) => rename.value.to_token_stream(),
            None => match &field.original.ident {
                Some(ident) => ident.to_token_stream(),
                None => field.original.ty.to_token_stream(),
            },
        };
        if name.is_empty() {
            errors.at(
                place,
                "`rename_all` leaves nothing of this name; add `#[npy(rename = \"…\")]`",
            );
        } else if !taken.insert(name.clone()) {
            errors.at(
                place,
                format_args!(
                    "another field has the name or title `{name}`, and NumPy finds fields by \
                     both; change it with `#[npy(rename = \"…\")]`"
                ),
            );
        }
        let title = field.attrs.title.as_ref().map(|title| &title.value);
        if let Some(title) = title
            && !taken.insert(title.value())
        {
            errors.at(
                title,
                format_args!(
                    "`{}` is the name or title of a field already, and NumPy finds fields by \
                     both; choose another title",
                    title.value()
                ),
            );
        }
    }
}

fn check_enum(record: &Record, data: &Enum, errors: &mut Errors) {
    for (name, attr) in [
        (
            "rename_all",
            record.attrs.rename_all.as_ref().map(|given| &given.name),
        ),
        (
            "align",
            record.attrs.align.as_ref().map(|given| &given.name),
        ),
    ] {
        if let Some(attr) = attr {
            errors.at(
                attr,
                format_args!("an enum is stored as an integer, without fields; remove `{name}`"),
            );
        }
    }
    let name = &record.original.ident;
    if data.variants.is_empty() {
        errors.at(
            name,
            "an enum without variants has no values to store; add a variant",
        );
    }
    for variant in &data.variants {
        for attr in of_npy(&variant.attrs) {
            errors.at(
                attr,
                "a variant is stored as its number, which `Variant = 1` sets; remove `#[npy(…)]`",
            );
        }
        if !matches!(variant.fields, Fields::Unit) {
            errors.at(
                &variant.fields,
                "a variant of a record cannot hold values, as every row has the same fields; \
                 make it a plain variant, or store a struct",
            );
        }
    }
    check_repr(record, data, errors);
}

fn check_repr(record: &Record, data: &Enum, errors: &mut Errors) {
    if data.repr().is_some() || data.variants.is_empty() {
        return;
    }
    let refused = data.reprs.iter().find_map(|word| {
        let instead = match &*word.to_string() {
            "usize" => "its size depends on the machine; write `#[repr(u64)]`",
            "isize" => "its size depends on the machine; write `#[repr(i64)]`",
            "u128" => "NumPy has no integer of 128 bits; write `#[repr(u64)]`",
            "i128" => "NumPy has no integer of 128 bits; write `#[repr(i64)]`",
            _ => return None,
        };
        Some((word, instead))
    });
    match refused {
        Some((word, instead)) => errors.at(
            word,
            format_args!("an enum cannot be stored as `{word}`: {instead}"),
        ),
        None => errors.at(
            &record.original.ident,
            "an enum is stored as an integer of a fixed size: add `#[repr(u8)]` above it, or another \
             of `u8` to `u64` and `i8` to `i64`",
        ),
    }
}
