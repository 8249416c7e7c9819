//! Checks: the attributes of each field, and the names in a struct.

use std::collections::HashSet;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Attribute, GenericArgument, PathArguments, PathSegment, Type};

use crate::{
    ast::{Data, Field, Record, Role, Struct, Style},
    attr,
    errors::Errors,
    paths::is_primitive,
    valid_enum,
};

/// Checks a struct or an enum.
pub(crate) fn check(record: &Record, errors: &mut Errors) {
    match &record.data {
        Data::Struct(data) => {
            check_container(&record.attrs, data, errors);
            for field in &data.fields {
                check_attrs(field, data.style, errors);
                check_form(field, errors);
                check_type(field, errors);
            }
            check_names(data, errors);
        }
        Data::Enum(data) => valid_enum::check(record, data, errors),
        Data::Converted(attrs) => check_converted(&record.attrs, attrs, errors),
        Data::Union => {}
    }
}

fn check_container(attrs: &attr::Container, data: &Struct, errors: &mut Errors) {
    let style = data.style;
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
    if let (Some(transparent), false) = (&attrs.transparent, style == Style::Newtype) {
        errors.at(
            &transparent.name,
            format_args!(
                "`transparent` stores a struct as its only field, and {} fields of this one are stored; \
                 mark the others `#[npy(skip)]`",
                data.stored().count()
            ),
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
    let big_endian = container.big_endian.iter().map(|given| &given.name);
    for name in container.names().chain(big_endian) {
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
            (Role::Skipped, _, "skip" | "default") => continue,
            (Role::Skipped, _, other) => {
                format!("a skipped field is not stored; remove `{other}`, or `skip`")
            }
            (_, Style::Newtype, name @ ("rename" | "alias" | "title" | "flatten")) => format!(
                "this struct is stored as the one field it wraps, which has no name there; remove \
                 `{name}`, or make it a struct with a named field"
            ),
            (_, _, "big_endian") => match &field.attrs.dtype {
                Some(_) => {
                    "`dtype` names the byte order: write `dtype = \">f4\"`, without `big_endian`"
                        .to_owned()
                }
                None => continue,
            },
            (Role::Flattened, _, "flatten" | "default" | "with" | "cast") => continue,
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
    // A missing value is stored as one of the dtype.
    for one_of in [
        ["dtype", "with", "cast"].as_slice(),
        &["with", "cast", "nan", "nat"],
    ] {
        let is_form = |name: &&Ident| one_of.iter().any(|form| name == form);
        let mut forms = field.attrs.names().filter(is_form);
        let (Some(first), Some(second)) = (forms.next(), forms.next()) else {
            continue;
        };
        errors.at(
            second,
            format_args!(
                "`{first}` and `{second}` both say in what form the field is stored; keep one"
            ),
        );
    }
}

fn check_type(field: &Field, errors: &mut Errors) {
    let attrs = &field.attrs;
    let missing = attrs.names().find(|name| *name == "nan" || *name == "nat");
    if let Some(missing) = missing.filter(|_| is_primitive(&field.original.ty)) {
        errors.at(
            &field.original.ty,
            format_args!("`{missing}` is for an `Option`, such as `Option<f64>`"),
        );
    }
    let is_converted = attrs.dtype.is_some() || attrs.with.is_some() || attrs.cast.is_some();
    let is_stored = !matches!(field.role, Role::Skipped);
    if let Type::Slice(slice) = &field.original.ty {
        errors.at(
            slice,
            "a slice has no fixed length, as a row of an array must; use an array: `[f64; 3]`",
        );
    } else if is_stored && !is_converted {
        check_pointers(&field.original.ty, errors);
    }
}

/// Checks that a type has no part that is stored only with a `dtype`. The compiler would report it once for each
/// function of the trait.
fn check_pointers(ty: &Type, errors: &mut Errors) {
    let mut report = |target| {
        let advice = if is_named(target, "str") {
            "a text needs its length: `#[npy(dtype = \"S16\")]` (bytes) or `#[npy(dtype = \"U16\")]` (characters)"
        } else if matches!(target, Type::Slice(slice) if is_named(&slice.elem, "u8")) {
            "bytes need their length: `#[npy(dtype = \"S16\")]` (a string) or `#[npy(dtype = \"V16\")]` (raw bytes)"
        } else if matches!(target, Type::Slice(_)) {
            "a slice has no fixed length, as a row of an array must; use an array: `[f64; 3]`"
        } else {
            "a reference is not stored; use the value itself, or a `Cow` of it"
        };
        errors.at(ty, advice);
    };
    match ty {
        Type::Reference(reference) => report(&reference.elem),
        Type::Array(array) => check_pointers(&array.elem, errors),
        Type::Tuple(tuple) => tuple
            .elems
            .iter()
            .for_each(|item| check_pointers(item, errors)),
        Type::Group(group) => check_pointers(&group.elem, errors),
        Type::Paren(paren) => check_pointers(&paren.elem, errors),
        // Such as `Box<str>` and `Cow<[u8]>`.
        Type::Path(path) => {
            if let Some(target) = path.path.segments.last().and_then(unsized_argument) {
                report(target);
            }
        }
        _ => {}
    }
}

/// Returns the last type argument of a pointer of std, if it has no fixed size.
fn unsized_argument(segment: &PathSegment) -> Option<&Type> {
    let is_pointer = ["Arc", "Box", "Cow", "Rc"]
        .iter()
        .any(|name| segment.ident == name);
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) if is_pointer => arguments,
        _ => return None,
    };
    match arguments.args.last()? {
        GenericArgument::Type(ty) if matches!(ty, Type::Slice(_)) || is_named(ty, "str") => {
            Some(ty)
        }
        _ => None,
    }
}

fn is_named(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident(name))
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
        for alias in field.attrs.aliases.iter().map(|alias| &alias.value) {
            if !taken.insert(alias.value()) {
                errors.at(
                    alias,
                    format_args!(
                        "`{}` is a name, title or alias already, so that it does not say which field \
                         is meant; choose another alias",
                        alias.value()
                    ),
                );
            }
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
