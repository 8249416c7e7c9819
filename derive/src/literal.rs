//! Texts that a macro of the user's makes of literals: `concat!(…)` and `stringify!(…)`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{
    Lit, LitBool, Token,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

/// Returns the text of a literal in quotes, of `concat!` or of `stringify!`. Other tokens have no text that a macro
/// can know.
pub(crate) fn text(tokens: TokenStream) -> Option<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    match &*tokens {
        // The fragment of a macro by example.
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => text(group.stream()),
        [
            TokenTree::Ident(name),
            TokenTree::Punct(punct),
            TokenTree::Group(group),
        ] if punct.as_char() == '!' => match &*name.to_string() {
            "stringify" => Some(group.stream().to_string()),
            "concat" => syn::parse2::<Parts>(group.stream()).ok()?.0,
            _ => None,
        },
        [literal] => match syn::parse2(literal.clone().into()) {
            Ok(Lit::Str(text)) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// The arguments of `concat!`, as one text.
struct Parts(Option<String>);

impl Parse for Parts {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let parts = Punctuated::<Part, Token![,]>::parse_terminated(input)?;
        Ok(Parts(parts.into_iter().map(|part| part.0).collect()))
    }
}

struct Part(Option<String>);

impl Parse for Part {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut tokens = TokenStream::new();
        while !input.is_empty() && !input.peek(Token![,]) {
            tokens.extend([input.parse::<TokenTree>()?]);
        }
        Ok(Part(text(tokens.clone()).or_else(|| number(tokens))))
    }
}

/// Returns a literal other than a text, as `concat!` writes it.
fn number(tokens: TokenStream) -> Option<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let (sign, literal) = match &*tokens {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            return number(group.stream());
        }
        [TokenTree::Punct(punct), literal] if punct.as_char() == '-' => ("-", literal),
        [literal] => ("", literal),
        _ => return None,
    };
    let number = match syn::parse2(literal.clone().into()).ok()? {
        Lit::Char(char) => char.value().to_string(),
        Lit::Int(number) => number.base10_digits().to_owned(),
        Lit::Float(number) => number.base10_digits().to_owned(),
        Lit::Bool(LitBool { value, .. }) => value.to_string(),
        _ => return None,
    };
    Some(format!("{sign}{number}"))
}

#[cfg(test)]
mod tests {
    fn text(tokens: &str) -> Option<String> {
        super::text(tokens.parse().unwrap())
    }

    #[test]
    fn a_text_is_what_rust_makes_of_it() {
        assert_eq!(text(r#"concat!("S", 16)"#).unwrap(), concat!("S", 16));
        assert_eq!(
            text(r#"concat!("a", 'b', -1, 2u8, 1.50, true, concat!("x", stringify!(y)),)"#)
                .unwrap(),
            concat!("a", 'b', -1, 2u8, 1.50, true, concat!("x", stringify!(y)),)
        );
        assert_eq!(text("stringify!(price)").unwrap(), "price");
    }

    #[test]
    fn a_constant_has_no_text() {
        assert_eq!(text("8"), None);
        assert_eq!(text("DTYPE"), None);
        assert_eq!(text(r#"concat!("S", LENGTH)"#), None);
        assert_eq!(text(r#"env!("DTYPE")"#), None);
    }
}
