//! The kinds of literal, by the names that an enum's variants give them.

pub(super) const NONE: &str = "None";
pub(super) const BOOL: &str = "Bool";
pub(super) const INT: &str = "Int";
pub(super) const STR: &str = "Str";
pub(super) const LIST: &str = "List";
pub(super) const TUPLE: &str = "Tuple";
pub(super) const DICT: &str = "Dict";

/// The newtype that stands for a literal of any kind.
pub(super) const NODE: &str = "$npyrec::literal::Node";
