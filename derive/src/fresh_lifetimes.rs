//! A second set of lifetimes: a record that borrows is stored as the same record of any lifetime.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericParam, Generics, Lifetime, TypeParamBound, WherePredicate, parse_quote};

use crate::{
    ast::{Data, Record},
    bound,
};

/// The lifetime parameters of a struct, each with a fresh name.
pub(crate) struct FreshLifetimes(Vec<(Ident, Ident)>);

impl FreshLifetimes {
    /// Returns the lifetimes of a predicate that holds for all of them.
    pub(crate) fn of_predicate(generics: &Generics) -> Self {
        FreshLifetimes::named("__all", generics)
    }

    fn named(prefix: &str, generics: &Generics) -> Self {
        let names = generics.lifetimes().map(|param| &param.lifetime.ident);
        let both = names.map(|name| (name.clone(), format_ident!("{prefix}_{name}")));
        FreshLifetimes(both.collect())
    }

    /// Returns the fresh lifetimes of an impl that names the other lifetimes too. The list is empty if the
    /// bounds name a lifetime, or a type that contains one, as a part of a trait: the compiler cannot choose between
    /// `T: From<&'a str>` and `T: From<&'__any_a str>`.
    pub(crate) fn beside(record: &Record) -> Self {
        let generics = &record.original.generics;
        let fresh = FreshLifetimes::named("__any", generics);
        let in_where = bound::predicates(record).filter_map(|predicate| match predicate {
            WherePredicate::Type(predicate) => {
                Some((Some(&predicate.bounded_ty), &predicate.bounds))
            }
            _ => None,
        });
        let in_params = generics.type_params().map(|param| (None, &param.bounds));
        let is_ambiguous = in_params.chain(in_where).any(|(ty, bounds)| {
            let mut traits = bounds.iter();
            traits.any(|bound| match bound {
                TypeParamBound::Trait(bound) => fresh.is_named_in(bound) || fresh.is_named_in(&ty),
                _ => false,
            })
        });
        // The impl has the bounds of `Self`.
        let is_converted = matches!(record.data, Data::Converted(_));
        match is_ambiguous || is_converted {
            true => FreshLifetimes(Vec::new()),
            false => fresh,
        }
    }

    fn is_named_in(&self, tokens: &impl ToTokens) -> bool {
        let tokens = tokens.to_token_stream();
        self.rename(tokens.clone()).to_string() != tokens.to_string()
    }

    fn lifetimes(&self) -> impl Iterator<Item = Lifetime> {
        let fresh = self.0.iter().map(|(_, fresh)| fresh);
        fresh.map(|name| Lifetime::new(&format!("'{name}"), name.span()))
    }

    /// Returns the tokens with each lifetime parameter replaced by the fresh lifetime.
    pub(crate) fn rename(&self, tokens: TokenStream) -> TokenStream {
        // A lifetime is two tokens, of which the first is a quote.
        let mut is_lifetime = false;
        let renamed = tokens.into_iter().map(|token| {
            let token = match token {
                TokenTree::Ident(name) if is_lifetime => {
                    let found = self.0.iter().find(|(old, _)| *old == name);
                    found.map_or(name, |(_, fresh)| fresh.clone()).into()
                }
                TokenTree::Group(group) => {
                    let mut renamed = Group::new(group.delimiter(), self.rename(group.stream()));
                    renamed.set_span(group.span());
                    renamed.into()
                }
                token => token,
            };
            is_lifetime = matches!(&token, TokenTree::Punct(quote) if quote.as_char() == '\'');
            token
        });
        renamed.collect()
    }

    /// Returns a predicate that holds for all lifetimes, if it names one.
    pub(crate) fn for_all(&self, predicate: TokenStream) -> TokenStream {
        if !self.is_named_in(&predicate) {
            return predicate;
        }
        let (lifetimes, predicate) = (self.lifetimes(), self.rename(predicate));
        quote!(for<#(#lifetimes),*> #predicate)
    }

    /// Returns the parameters with the fresh lifetimes before them.
    pub(crate) fn add_to(&self, generics: &Generics) -> Generics {
        let mut both = generics.clone();
        let fresh = self
            .lifetimes()
            .map(|lifetime| -> GenericParam { parse_quote!(#lifetime) });
        both.params = fresh.chain(both.params).collect();
        both
    }

    /// Returns a `where` clause that holds for the fresh lifetimes too. It ends in a comma, as `bounds` does.
    pub(crate) fn add_to_where(&self, generics: &Generics, bounds: &TokenStream) -> TokenStream {
        let written = bounds.clone().into_iter().skip(1).collect();
        let of_params = generics.params.iter().map(|param| match param {
            GenericParam::Lifetime(param) if !param.bounds.is_empty() => {
                let (lifetime, bounds) = (&param.lifetime, &param.bounds);
                quote!(#lifetime: #bounds,)
            }
            GenericParam::Type(param) if !param.bounds.is_empty() => {
                let (ident, bounds) = (&param.ident, &param.bounds);
                quote!(#ident: #bounds,)
            }
            _ => TokenStream::new(),
        });
        let all = of_params.chain([written]);
        let fresh = all.filter(|bounds| self.is_named_in(bounds));
        let fresh: TokenStream = fresh.map(|bounds| self.rename(bounds)).collect();
        quote!(#bounds #fresh)
    }
}
