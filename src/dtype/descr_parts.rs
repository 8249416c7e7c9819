//! The parts of a field in a descr.

use super::{
    descr_error::{DescrError, DescrResult},
    error::DTypeReason,
};
use crate::literal::{Literal, Node};

/// Returns true if the literal can only be the shape in `(descr, shape)`: a field starts with its name.
pub(super) fn is_shape(node: &Node<'_>) -> bool {
    let is_int = |node: &Node<'_>| matches!(node.literal, Literal::Int(_));
    is_int(node) || node.items().is_some_and(|items| items.iter().all(is_int))
}

/// Returns the parts of a field. The shape is optional.
pub(super) fn name_type_and_shape<'n, 'de>(
    parts: &'n [Node<'de>],
) -> Option<(&'n Node<'de>, &'n Node<'de>, Option<&'n Node<'de>>)> {
    match parts {
        [names, base] => Some((names, base, None)),
        [names, base, shape] => Some((names, base, Some(shape))),
        _ => None,
    }
}

pub(super) fn letters_of(text: &str, at: usize) -> Vec<Node<'static>> {
    let letter = |c: char| Node {
        at,
        literal: Literal::Str(c.to_string().into()),
    };
    text.chars().map(letter).collect()
}

/// Returns the optional title, and the name.
pub(super) fn names_of(node: &Node<'_>) -> DescrResult<(Option<String>, String)> {
    match &node.literal {
        Literal::Str(name) => Ok((None, name.clone().into_owned())),
        Literal::Tuple(items) | Literal::Sequence(items) => match &**items {
            [title, name] => {
                let title = match &title.literal {
                    Literal::None => None,
                    _ => Some(text_of(title, "a field's title")?),
                };
                Ok((title, text_of(name, "a field's name")?))
            }
            _ => {
                let reason = DTypeReason::Expected("`(title, name)`", "a tuple of another length");
                Err(DescrError::new(reason, node.at))
            }
        },
        _ => Err(DescrError::expected("a field's name", node)),
    }
}

fn text_of(node: &Node<'_>, what: &'static str) -> DescrResult<String> {
    match &node.literal {
        Literal::Str(text) => Ok(text.clone().into_owned()),
        _ => Err(DescrError::expected(what, node)),
    }
}
