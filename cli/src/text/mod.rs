//! Rows from CSV, TSV and lines of JSON.

mod build;
mod guess;
mod json;
mod rows;

pub(crate) use self::rows::{TextFormat, TextRows};
