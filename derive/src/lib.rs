//! `#[derive(NpyRecord)]`, for the crate `npyrec`, whose documentation describes it.

mod ast;
mod attr;
mod bound;
mod case;
mod dtype;
mod errors;
mod expand;
mod expand_enum;
mod expand_struct;
mod grammar;
mod items;
mod paths;
mod valid;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Implements `npyrec::NpyRecord` for a struct or an enum.
#[proc_macro_derive(NpyRecord, attributes(npy))]
pub fn derive_npy_record(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::derive(&input).into()
}
