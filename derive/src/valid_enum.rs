//! Checks of an enum: its variants and its `repr`.

use std::{collections::HashMap, iter};

use quote::ToTokens;
use syn::{Fields, Type};

use crate::{
    ast::{Enum, Record, Variant},
    errors::Errors,
};

/// Checks an enum.
pub(crate) fn check(record: &Record, data: &Enum, errors: &mut Errors) {
    for name in record.attrs.names().filter(|name| *name != "rename_all") {
        errors.at(
            name,
            format_args!("an enum is stored as an integer, without fields; remove `{name}`"),
        );
    }
    let name = &record.original.ident;
    if data.variants.is_empty() {
        errors.at(
            name,
            "an enum without variants has no values to store; add a variant",
        );
    }
    for variant in &data.variants {
        check_variant(variant, data, errors);
    }
    let others = data.variants.iter();
    let others = others.filter_map(|variant| variant.attrs.other.as_ref());
    for other in others.skip(1) {
        errors.at(
            &other.name,
            "another variant is `other` already; all numbers without a variant are one of them",
        );
    }
    check_names(data, errors);
    check_repr(record, data, errors);
}

/// Checks that each text is the name of one variant.
fn check_names(data: &Enum, errors: &mut Errors) {
    let mut taken = HashMap::new();
    for (nth, variant) in data.variants.iter().enumerate() {
        let attrs = &variant.attrs;
        if variant.holds_number() {
            let names = attrs.rename.iter().chain(&attrs.aliases);
            for name in names.map(|given| &given.name) {
                errors.at(
                    name,
                    format_args!("this variant holds any number, and has no name; remove `{name}`"),
                );
            }
            continue;
        }
        let place = match &attrs.rename {
            Some(rename) => rename.value.to_token_stream(),
            None => variant.original.ident.to_token_stream(),
        };
        let aliases = attrs.aliases.iter();
        let aliases = aliases.map(|alias| alias.value.to_token_stream());
        for (name, place) in variant.names().zip(iter::once(place).chain(aliases)) {
            match taken.insert(name.clone(), nth) {
                Some(other) if other == nth => errors.at(
                    place,
                    format_args!("this variant has the name `{name}` already; keep one"),
                ),
                Some(_) => errors.at(
                    place,
                    format_args!(
                        "another variant has the name `{name}`, so that it cannot be read"
                    ),
                ),
                None => {}
            }
        }
    }
}

fn check_variant(variant: &Variant, data: &Enum, errors: &mut Errors) {
    match (&variant.attrs.other, &variant.original.fields) {
        (_, Fields::Unit) => {}
        (None, fields) => errors.at(
            fields,
            "a variant of a record cannot hold values, as every row has the same fields; make it a \
             plain variant, or store the enum as a struct: `#[npy(into = \"…\", try_from = \"…\")]`",
        ),
        (Some(_), fields) => {
            let is_number = |field: &syn::Field| match (&field.ty, data.repr()) {
                (Type::Path(path), Some(repr)) => path.path.is_ident(repr),
                _ => false,
            };
            let is_tuple = matches!(fields, Fields::Unnamed(_));
            if data.repr().is_some()
                && !(is_tuple && fields.len() == 1 && fields.iter().all(is_number))
            {
                errors.at(
                    fields,
                    "the variant `other` is plain, or holds the number: the integer of `#[repr(…)]`",
                );
            }
        }
    }
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
