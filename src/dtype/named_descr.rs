//! A descr with type names of `ml_dtypes`. The [`DType`](super::DType) does not keep these names.

use super::descr_parts::is_shape;
use crate::literal::{Literal, Node};

/// Returns a descr as Python writes it, with its own type strings. A descr from JSON has sequences in the
/// place of tuples.
pub(super) fn as_python(descr: &Node<'_>) -> Node<'static> {
    let literal = match &descr.literal {
        Literal::Sequence(items) => match &**items {
            [base, second] if is_shape(second) => {
                Literal::Tuple(vec![as_python(base), as_tuple(second)])
            }
            fields => Literal::List(fields.iter().map(field).collect()),
        },
        Literal::List(fields) => Literal::List(fields.iter().map(field).collect()),
        Literal::Tuple(parts) => Literal::Tuple(parts.iter().map(second_or_base).collect()),
        _ => return as_tuple(descr),
    };
    literal.into()
}

/// Returns a field: its name, its type and its optional shape.
fn field(node: &Node<'_>) -> Node<'static> {
    match node.items() {
        Some([names, parts @ ..]) => {
            let parts = parts.iter().map(second_or_base);
            Literal::Tuple([as_tuple(names)].into_iter().chain(parts).collect()).into()
        }
        // A string of two letters is a field too.
        _ => as_tuple(node),
    }
}

fn second_or_base(node: &Node<'_>) -> Node<'static> {
    match is_shape(node) {
        true => as_tuple(node),
        false => as_python(node),
    }
}

/// Returns a literal in which every sequence is a tuple.
fn as_tuple(node: &Node<'_>) -> Node<'static> {
    let literal = match (&node.literal, node.items()) {
        (_, Some(items)) => Literal::Tuple(items.iter().map(as_tuple).collect()),
        (Literal::Str(text), _) => Literal::Str(text.clone().into_owned().into()),
        (Literal::Bool(value), _) => Literal::Bool(*value),
        (Literal::Int(value), _) => Literal::Int(*value),
        // A descr has no dictionary.
        _ => Literal::None,
    };
    literal.into()
}
