//! Parsing of a dtype: a type string, or a descr as Python writes it.

use std::str::FromStr;

use super::{
    error::DTypeError,
    model::DType,
    read_descr::{read_descr, read_type_string},
};
use crate::literal::{self, Limits};

impl FromStr for DType {
    type Err = DTypeError;

    fn from_str(text: &str) -> Result<Self, DTypeError> {
        let start = text.trim_start();
        let inner = start.strip_prefix('(').map(str::trim_start);
        // `(2, 3)f4` starts with a shape, and `('f4', (2, 3))` is a literal.
        let is_literal = start.starts_with(['[', '\'', '"'])
            || inner
                .is_some_and(|inner| !inner.starts_with(|c: char| c == ')' || c.is_ascii_digit()));
        if !is_literal {
            return read_type_string(text);
        }
        let node = literal::parse(start, Limits::default(), false);
        let skipped = text.len() - start.len();
        let node = node.map_err(|error| DTypeError::from(error.moved_by(skipped)))?;
        let read = read_descr(&node);
        read.map(|read| read.dtype)
            .map_err(|e| DTypeError::from(literal::Error::data(&e.error, e.at + skipped)))
    }
}
