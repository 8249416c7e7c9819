//! Parsing `#[npy(…)]` and `#[repr(…)]`. `valid.rs` checks which attributes go together.

use proc_macro2::{Ident, TokenTree};
use syn::{Attribute, LitStr, Path, Type};

use crate::{
    argument::{Given, arguments},
    case::Case,
    dtype::Target,
    errors::Errors,
};

const OF_CONTAINERS: &str = "`rename_all`, `align`, `into`, `from`, `try_from` and `crate`";
const OF_FIELDS: &str =
    "`rename`, `skip`, `default`, `flatten`, `title`, `dtype`, `with` and `cast`";

/// The attributes of a struct or an enum.
#[derive(Default)]
pub(crate) struct Container {
    pub(crate) rename_all: Option<Given<Case>>,
    pub(crate) align: Option<Given<()>>,
    pub(crate) krate: Option<Given<Path>>,
    pub(crate) into: Option<Given<Type>>,
    pub(crate) from: Option<Given<Type>>,
    pub(crate) try_from: Option<Given<Type>>,
}

impl Container {
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut found = Container::default();
        for argument in arguments(attrs, errors) {
            match &*argument.name.to_string() {
                "rename_all" => argument.text(&mut found.rename_all, errors, |text| {
                    Case::parse(&text.value())
                }),
                "align" => argument.word(&mut found.align, errors),
                "crate" => argument.text(&mut found.krate, errors, |text| {
                    text.parse_with(Path::parse_mod_style).map_err(|_| {
                        "`crate` takes the path of the npyrec crate, such as \
                         `crate = \"np\"` or `crate = \"some_crate::npyrec\"`"
                            .to_owned()
                    })
                }),
                "into" => argument.text(&mut found.into, errors, stored_type),
                "from" => argument.text(&mut found.from, errors, stored_type),
                "try_from" => argument.text(&mut found.try_from, errors, stored_type),
                name @ ("rename" | "skip" | "default" | "flatten" | "title" | "dtype" | "with"
                | "cast") => errors.at(
                    &argument.name,
                    format_args!("`{name}` belongs on a field; a struct takes {OF_CONTAINERS}"),
                ),
                name => errors.at(
                    &argument.name,
                    format_args!("unknown attribute `{name}`; a struct takes {OF_CONTAINERS}"),
                ),
            }
        }
        found
    }

    /// Returns the names of the given attributes about the form in the file.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Ident> {
        let types = [name(&self.into), name(&self.from), name(&self.try_from)];
        let others = [name(&self.rename_all), name(&self.align)];
        types.into_iter().chain(others).flatten()
    }
}

fn stored_type(text: &LitStr) -> Result<Type, &'static str> {
    text.parse()
        .map_err(|_| "expected the type of the record that is stored")
}

fn name<T>(given: &Option<Given<T>>) -> Option<&Ident> {
    given.as_ref().map(|given| &given.name)
}

/// The attributes of a field.
#[derive(Default)]
pub(crate) struct Field {
    pub(crate) rename: Option<Given<LitStr>>,
    pub(crate) skip: Option<Given<()>>,
    pub(crate) default: Option<Given<()>>,
    pub(crate) flatten: Option<Given<()>>,
    pub(crate) title: Option<Given<LitStr>>,
    pub(crate) dtype: Option<Given<Target>>,
    pub(crate) with: Option<Given<Path>>,
    pub(crate) cast: Option<Given<Type>>,
}

impl Field {
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut found = Field::default();
        for argument in arguments(attrs, errors) {
            match &*argument.name.to_string() {
                "rename" => argument.text(&mut found.rename, errors, |name| match &*name.value() {
                    "" => Err("a field needs a name: NumPy takes a nameless field for padding"),
                    _ => Ok(name.clone()),
                }),
                "skip" => argument.word(&mut found.skip, errors),
                "default" => argument.word(&mut found.default, errors),
                "flatten" => argument.word(&mut found.flatten, errors),
                "title" => argument.text(&mut found.title, errors, |title| match &*title.value() {
                    "" => Err("a title needs a text; without `title` the field has none"),
                    _ => Ok(title.clone()),
                }),
                "dtype" => argument.text(&mut found.dtype, errors, |text| {
                    Target::parse(&text.value())
                }),
                "with" => argument.text(&mut found.with, errors, |text| {
                    text.parse_with(Path::parse_mod_style).map_err(|_| {
                        "`with` takes the path of a module, such as `with = \"as_text\"` or \
                         `with = \"crate::formats::as_text\"`"
                    })
                }),
                "cast" => argument.text(&mut found.cast, errors, |text| {
                    text.parse().map_err(|_| {
                        "`cast` takes the type of a record of the same bytes, such as \
                         `cast = \"[f32; 3]\"`"
                    })
                }),
                name @ ("rename_all" | "align" | "into" | "from" | "try_from" | "crate") => errors
                    .at(
                        &argument.name,
                        format_args!(
                            "`{name}` belongs above the struct; a field takes {OF_FIELDS}"
                        ),
                    ),
                name => errors.at(
                    &argument.name,
                    format_args!("unknown attribute `{name}`; a field takes {OF_FIELDS}"),
                ),
            }
        }
        found
    }

    /// Returns the names of the given attributes.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Ident> {
        let words = [name(&self.skip), name(&self.default), name(&self.flatten)];
        let texts = [name(&self.rename), name(&self.title)];
        let forms = [name(&self.dtype), name(&self.with), name(&self.cast)];
        words.into_iter().chain(texts).chain(forms).flatten()
    }
}

/// Returns the words in all `#[repr(…)]`: `C`, `u8`, `packed`. The compiler checks their syntax.
pub(crate) fn reprs(attrs: &[Attribute]) -> Vec<Ident> {
    let reprs = attrs.iter().filter(|attr| attr.path().is_ident("repr"));
    let lists = reprs.filter_map(|attr| attr.meta.require_list().ok());
    let tokens = lists.flat_map(|list| list.tokens.clone());
    tokens
        .filter_map(|token| match token {
            TokenTree::Ident(word) => Some(word),
            _ => None,
        })
        .collect()
}

/// Returns true if the attributes mark an item as deprecated, or allow deprecated items.
pub(crate) fn allow_deprecated(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let lint = |attr: &Attribute| match attr.meta.require_list() {
            Ok(list) => list.tokens.to_string().contains("deprecated"),
            Err(_) => false,
        };
        let path = attr.path();
        path.is_ident("deprecated")
            || (path.is_ident("allow") || path.is_ident("expect")) && lint(attr)
    })
}
