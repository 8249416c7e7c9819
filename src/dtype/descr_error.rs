use super::error::{DTypeError, DTypeReason};
use crate::literal::Node;

/// An error of a dtype, at a byte of the literal.
#[derive(Debug)]
pub(crate) struct DescrError {
    pub(crate) error: DTypeError,
    pub(crate) at: usize,
}

pub(super) type DescrResult<T> = std::result::Result<T, DescrError>;

impl DescrError {
    pub(super) fn new(reason: DTypeReason, at: usize) -> Self {
        DTypeError::new(reason).at(at)
    }

    pub(super) fn expected(what: &'static str, node: &Node<'_>) -> Self {
        DescrError::new(DTypeReason::Expected(what, node.description()), node.at)
    }

    pub(super) fn in_field(self, name: &str) -> Self {
        DescrError {
            error: self.error.in_field(name),
            at: self.at,
        }
    }
}

impl DTypeError {
    pub(super) fn at(self, at: usize) -> DescrError {
        DescrError { error: self, at }
    }
}
