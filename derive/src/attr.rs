//! Parsing `#[npy(…)]` and `#[repr(…)]`. `valid.rs` checks which attributes go together.

use proc_macro2::{Ident, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, ExprPath, LitStr, Meta, Path, Token, Type, WherePredicate, punctuated::Punctuated,
};

use crate::{
    argument::{Given, arguments},
    case::Case,
    dtype::Target,
    errors::Errors,
    literal,
};

const OF_CONTAINERS: &str = "`rename_all`, `align`, `big_endian`, `transparent`, `default`, \
                             `bound`, `into`, `from`, `try_from` and `crate`";
const OF_FIELDS: &str = "`rename`, `alias`, `skip`, `default`, `flatten`, `big_endian`, `nan`, \
                         `nat`, `title`, `unit`, `dtype`, `with` and `cast`";
const OF_VARIANTS: &str = "`rename`, `alias` and `other`";

/// The function that makes a default, or none for `Default::default`.
pub(crate) type Default = Option<ExprPath>;

fn function(text: &LitStr) -> Result<ExprPath, &'static str> {
    text.parse().map_err(
        |_| "`default` takes the path of a function without arguments, such as `default = \"one\"`",
    )
}

/// The attributes of a struct or an enum.
#[derive(core::default::Default)]
pub(crate) struct Container {
    pub(crate) rename_all: Option<Given<Case>>,
    pub(crate) align: Option<Given<()>>,
    pub(crate) big_endian: Option<Given<()>>,
    pub(crate) transparent: Option<Given<()>>,
    pub(crate) default: Option<Given<Default>>,
    pub(crate) bound: Option<Given<Vec<WherePredicate>>>,
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
                "big_endian" => argument.word(&mut found.big_endian, errors),
                "transparent" => argument.word(&mut found.transparent, errors),
                "default" => argument.word_or_text(&mut found.default, errors, function),
                "bound" => argument.text(&mut found.bound, errors, |text| {
                    let predicates = Punctuated::<_, Token![,]>::parse_terminated;
                    let predicates = text.parse_with(predicates);
                    predicates
                        .map(|list| list.into_iter().collect())
                        .map_err(|_| {
                            "`bound` takes the bounds of a `where` clause, such as \
                         `bound = \"T: NpyRecord, U: Copy\"`"
                        })
                }),
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
                "rename_all_fields" => errors.at(
                    &argument.name,
                    "a record has no variants with fields; `rename_all` renames the fields of a struct, or \
                     the variants of an enum",
                ),
                name @ ("rename" | "alias" | "skip" | "flatten" | "title" | "unit" | "dtype" | "with"
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
        let layout = [&self.align, &self.transparent].map(name);
        let fields = [name(&self.rename_all), name(&self.default)];
        types.into_iter().chain(layout).chain(fields).flatten()
    }
}

/// Returns the name of a variant, which may be empty.
fn any_text(text: &LitStr) -> Result<LitStr, &'static str> {
    Ok(text.clone())
}

fn stored_type(text: &LitStr) -> Result<Type, &'static str> {
    text.parse()
        .map_err(|_| "expected the type of the record that is stored")
}

fn name<T>(given: &Option<Given<T>>) -> Option<&Ident> {
    given.as_ref().map(|given| &given.name)
}

/// The attributes of a field.
#[derive(core::default::Default)]
pub(crate) struct Field {
    pub(crate) rename: Option<Given<LitStr>>,
    pub(crate) aliases: Vec<Given<LitStr>>,
    pub(crate) skip: Option<Given<()>>,
    pub(crate) default: Option<Given<Default>>,
    pub(crate) flatten: Option<Given<()>>,
    pub(crate) big_endian: Option<Given<()>>,
    pub(crate) nan: Option<Given<()>>,
    pub(crate) nat: Option<Given<()>>,
    pub(crate) title: Option<Given<LitStr>>,
    pub(crate) unit: Option<Given<LitStr>>,
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
                "alias" => argument.text_of_several(&mut found.aliases, errors, |alias| {
                    match &*alias.value() {
                        "" => Err("an alias needs a name"),
                        _ => Ok(alias.clone()),
                    }
                }),
                "default" => argument.word_or_text(&mut found.default, errors, function),
                "flatten" => argument.word(&mut found.flatten, errors),
                "big_endian" => argument.word(&mut found.big_endian, errors),
                "nan" => argument.word(&mut found.nan, errors),
                "nat" => argument.word(&mut found.nat, errors),
                "title" => argument.text(&mut found.title, errors, |title| match &*title.value() {
                    "" => Err("a title needs a text; without `title` the field has none"),
                    _ => Ok(title.clone()),
                }),
                "unit" => argument.text(&mut found.unit, errors, |unit| match &*unit.value() {
                    "" => Err("a unit needs a text; a number without a unit has none"),
                    _ => Ok(unit.clone()),
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
                name @ ("rename_all" | "align" | "transparent" | "bound" | "into" | "from"
                | "try_from" | "crate") => errors.at(
                    &argument.name,
                    format_args!("`{name}` belongs above the struct; a field takes {OF_FIELDS}"),
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
        let texts = [name(&self.rename), name(&self.title), name(&self.unit)];
        let forms = [name(&self.dtype), name(&self.with), name(&self.cast)];
        let aliases = self.aliases.iter().map(|alias| &alias.name);
        let values = [name(&self.big_endian), name(&self.nan), name(&self.nat)];
        let once = words.into_iter().chain(texts).chain(forms).chain(values);
        let once = once.flatten();
        once.chain(aliases)
    }
}

/// The attributes of a variant of an enum.
#[derive(core::default::Default)]
pub(crate) struct Variant {
    pub(crate) other: Option<Given<()>>,
    pub(crate) rename: Option<Given<LitStr>>,
    pub(crate) aliases: Vec<Given<LitStr>>,
}

impl Variant {
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut found = Variant::default();
        for argument in arguments(attrs, errors) {
            match &*argument.name.to_string() {
                "other" => argument.word(&mut found.other, errors),
                "rename" => argument.text(&mut found.rename, errors, any_text),
                "alias" => argument.text_of_several(&mut found.aliases, errors, any_text),
                name => errors.at(
                    &argument.name,
                    format_args!(
                        "a variant is stored as its number, which `Variant = 1` sets, or as its name; it \
                         takes {OF_VARIANTS} and not `{name}`"
                    ),
                ),
            }
        }
        found
    }
}

/// Returns the documentation of an item, as it is written.
pub(crate) fn documentation(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter_map(|attr| match &attr.meta {
        Meta::NameValue(doc) if doc.path.is_ident("doc") => {
            let text = literal::text(doc.value.to_token_stream())?;
            Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
        }
        _ => None,
    });
    let lines: Vec<_> = lines.collect();
    lines.join("\n").trim().to_owned()
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
