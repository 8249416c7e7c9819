//! Rewriting a file as records of another type.

mod migration;
mod rewrite;

pub use self::{migration::Migration, rewrite::migrate};
