//! The kinds of literals: the names of an enum's variants.

pub(super) const NONE: &str = "None";
pub(super) const BOOL: &str = "Bool";
pub(super) const INT: &str = "Int";
pub(super) const STR: &str = "Str";
pub(super) const LIST: &str = "List";
pub(super) const TUPLE: &str = "Tuple";
pub(super) const DICT: &str = "Dict";

/// The name of the newtype of a literal of any kind.
pub(super) const NODE: &str = "$npyrec::literal::Node";
