//! The bounds on the parameters of a generic struct.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Generics, Type, WherePredicate};

use crate::{
    ast::{Record, Role, Struct},
    form::{items_of, or_missing},
    fresh_lifetimes::FreshLifetimes,
    paths::Paths,
};

/// Returns the predicates that the user wrote: of the `where` clause, and of `bound`.
pub(crate) fn predicates<'a>(record: &'a Record) -> impl Iterator<Item = &'a WherePredicate> {
    let clause = record.original.generics.where_clause.iter();
    let clause = clause.flat_map(|clause| &clause.predicates);
    let bound = record.attrs.bound.iter().flat_map(|bound| &bound.value);
    clause.chain(bound)
}

/// Returns these predicates in tokens.
pub(crate) fn written(record: &Record) -> TokenStream {
    let predicates = predicates(record);
    quote!(#(#predicates,)*)
}

/// Returns the `where` clause of the impl: the user's predicates, and without `bound` a predicate for each
/// part of a field's type that contains a parameter. For `a: [T; 3]` the part is `T`. For `t: Datetime64<U>` it is the whole type, as
/// `U` is a unit and not a record.
pub(crate) fn where_clause(record: &Record, data: &Struct, paths: &Paths) -> TokenStream {
    let written = written(record);
    if record.attrs.bound.is_some() {
        return quote!(where #written);
    }
    let params = record.original.generics.type_params();
    let params: HashSet<_> = params.map(|param| param.ident.to_string()).collect();
    let Paths { krate, private, .. } = paths;
    let mut bounds = Bounds::new(&record.original.generics);
    for field in data.fields.iter().filter(|_| !params.is_empty()) {
        let ty = &field.original.ty;
        let is_skipped = matches!(field.role, Role::Skipped);
        let takes_default = match &field.attrs.default {
            Some(default) => default.value.is_none(),
            None => is_skipped && record.attrs.default.is_none(),
        };
        if takes_default {
            bounds.add_if_generic(ty, &params, quote!(::core::default::Default));
        }
        let attrs = &field.attrs;
        if is_skipped || attrs.with.is_some() {
            continue; // The functions of `with` have bounds of their own, which the user writes.
        }
        if let Some(or_missing) = or_missing(field, paths) {
            let (item, _) = items_of(ty);
            bounds.add_if_generic(item, &params, or_missing);
        } else if let Some(dtype) = &attrs.dtype {
            let dtype = dtype.value.to_tokens(paths);
            bounds.add_if_generic(ty, &params, quote!(#krate::StoreAs<#dtype>));
        } else if let Some(cast) = &attrs.cast {
            let ((item, _), stored) = (items_of(ty), &cast.value);
            bounds.add_if_generic(item, &params, quote!(#private::CastTo<#stored>));
        } else {
            add_parts(ty, &params, &quote!(#krate::NpyRecord), &mut bounds);
        }
    }
    if let Some(default) = &record.attrs.default
        && default.value.is_none()
        && !params.is_empty()
    {
        let name = &record.original.ident;
        let (_, ty_generics, _) = record.original.generics.split_for_impl();
        bounds.add(quote!(#name #ty_generics: ::core::default::Default));
    }
    let added = bounds.predicates;
    quote!(where #written #(#added,)*)
}

struct Bounds {
    predicates: Vec<TokenStream>,
    seen: HashSet<String>,
    lifetimes: FreshLifetimes,
}

impl Bounds {
    fn new(generics: &Generics) -> Self {
        Bounds {
            predicates: Vec::new(),
            seen: HashSet::new(),
            lifetimes: FreshLifetimes::of_predicate(generics),
        }
    }

    fn add_if_generic(&mut self, ty: &impl ToTokens, params: &HashSet<String>, bound: TokenStream) {
        if mentions(ty.to_token_stream(), params) {
            self.add(quote!(#ty: #bound));
        }
    }

    fn add(&mut self, predicate: TokenStream) {
        // A predicate for all lifetimes is one predicate, where an impl has two sets of them.
        let predicate = self.lifetimes.for_all(predicate);
        if self.seen.insert(predicate.to_string()) {
            self.predicates.push(predicate);
        }
    }
}

/// Adds bounds on the items of arrays and tuples.
fn add_parts(ty: &Type, params: &HashSet<String>, bound: &TokenStream, bounds: &mut Bounds) {
    match ty {
        Type::Array(array) => add_parts(&array.elem, params, bound, bounds),
        Type::Group(group) => add_parts(&group.elem, params, bound, bounds),
        Type::Paren(paren) => add_parts(&paren.elem, params, bound, bounds),
        Type::Tuple(tuple) => {
            for item in &tuple.elems {
                add_parts(item, params, bound, bounds);
            }
        }
        // `PhantomData` is never a record. The error in the impl is clearer than an error in a bound.
        Type::Path(path)
            if path
                .path
                .segments
                .last()
                .is_some_and(|s| s.ident == "PhantomData") => {}
        ty => bounds.add_if_generic(ty, params, bound.clone()),
    }
}

/// Returns true if a type contains one of the parameters.
fn mentions(tokens: TokenStream, params: &HashSet<String>) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => params.contains(&ident.to_string()),
        TokenTree::Group(group) => mentions(group.stream(), params),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
