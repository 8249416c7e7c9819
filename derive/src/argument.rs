//! The entries of `#[npy(…)]`: a word such as `skip`, or a name with a text such as `rename = "…"`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{
    Attribute, LitStr, Token,
    ext::IdentExt,
    parse::{End, Parse, ParseStream},
    punctuated::Punctuated,
    spanned::Spanned,
    token,
};

use crate::{errors::Errors, literal};

/// A given attribute: its name, for errors, and its value.
pub(crate) struct Given<T> {
    pub(crate) name: Ident,
    pub(crate) value: T,
}

/// An entry of `#[npy(…)]`, such as `skip` or `rename = "…"`.
pub(crate) struct Argument {
    pub(crate) name: Ident,
    value: Value,
}

enum Value {
    None,
    Text(LitStr),
    Other(TokenStream),
}

impl Argument {
    /// Reads the argument as `name = "…"`, and parses the text with `read`.
    pub(crate) fn text<T, E: std::fmt::Display>(
        &self,
        place: &mut Option<Given<T>>,
        errors: &mut Errors,
        read: impl FnOnce(&LitStr) -> Result<T, E>,
    ) {
        let name = &self.name;
        match &self.value {
            Value::Text(text) => match read(text) {
                Ok(value) => self.give(place, value, errors),
                Err(message) => errors.at(text, message),
            },
            Value::None => errors.at(
                name,
                format_args!("`{name}` needs a text: `{name} = \"…\"`"),
            ),
            Value::Other(tokens) if is_named(tokens) => errors.at(
                tokens,
                format_args!(
                    "a macro sees the name of a constant, not its text; write `{name} = \"…\"`, or \
                     `{name} = concat!(…)` of literals"
                ),
            ),
            Value::Other(tokens) => errors.at(
                tokens,
                format_args!("`{name}` takes a text in quotes: `{name} = \"…\"`"),
            ),
        }
    }

    /// Reads the argument as one of several of its name.
    pub(crate) fn text_of_several<T, E: std::fmt::Display>(
        &self,
        places: &mut Vec<Given<T>>,
        errors: &mut Errors,
        read: impl FnOnce(&LitStr) -> Result<T, E>,
    ) {
        let mut place = None;
        self.text(&mut place, errors, read);
        places.extend(place);
    }

    /// Reads the argument as `name` alone, which is `None`, or as `name = "…"`.
    pub(crate) fn word_or_text<T, E: std::fmt::Display>(
        &self,
        place: &mut Option<Given<Option<T>>>,
        errors: &mut Errors,
        read: impl FnOnce(&LitStr) -> Result<T, E>,
    ) {
        match &self.value {
            Value::None => self.give(place, None, errors),
            _ => self.text(place, errors, |text| read(text).map(Some)),
        }
    }

    /// Reads the argument as `name` alone.
    pub(crate) fn word(&self, place: &mut Option<Given<()>>, errors: &mut Errors) {
        let name = &self.name;
        let message = format_args!("`{name}` takes no value; write `#[npy({name})]`");
        match &self.value {
            Value::None => self.give(place, (), errors),
            Value::Text(text) => errors.at(text, message),
            Value::Other(tokens) => errors.at(tokens, message),
        }
    }

    fn give<T>(&self, place: &mut Option<Given<T>>, value: T, errors: &mut Errors) {
        let name = self.name.clone();
        match place {
            Some(_) => errors.at(&name, format_args!("`{name}` is given twice; keep one")),
            None => *place = Some(Given { name, value }),
        }
    }
}

impl Parse for Argument {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let Ok(name) = input.call(Ident::parse_any) else {
            return Err(input.error("expected the name of an attribute, such as `skip`"));
        };
        let value = if input.is_empty() || input.peek(Token![,]) {
            Value::None
        } else if input.peek(token::Paren) {
            Value::Other(input.parse::<TokenTree>()?.into())
        } else if input.parse::<Token![=]>().is_err() {
            return Err(input.error(format_args!("expected `,` or `=` after `{name}`")));
        } else if input.is_empty() || input.peek(Token![,]) {
            return Err(input.error(format_args!("expected the text of `{name}`, in quotes")));
        } else if input.peek(LitStr) && (input.peek2(Token![,]) || input.peek2(End)) {
            Value::Text(input.parse()?)
        } else {
            let tokens = until_comma(input)?;
            match literal::text(tokens.clone()) {
                Some(text) => Value::Text(LitStr::new(&text, tokens.span())),
                None => Value::Other(tokens),
            }
        };
        Ok(Argument { name, value })
    }
}

/// Returns true for the path of a constant, or a macro.
fn is_named(tokens: &TokenStream) -> bool {
    let mut tokens = tokens.clone().into_iter();
    tokens.any(|token| matches!(token, TokenTree::Ident(name) if name != "true" && name != "false"))
}

fn until_comma(input: ParseStream) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

/// Returns the entries of all `#[npy(…)]`.
pub(crate) fn arguments(attrs: &[Attribute], errors: &mut Errors) -> Vec<Argument> {
    let mut all = Vec::new();
    for attr in of_npy(attrs) {
        let list = attr.parse_args_with(Punctuated::<Argument, Token![,]>::parse_terminated);
        match list {
            Ok(list) => all.extend(list),
            Err(error) => errors.push(error),
        }
    }
    all
}

/// Returns the attributes that are `#[npy(…)]`.
pub(crate) fn of_npy(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("npy"))
}
