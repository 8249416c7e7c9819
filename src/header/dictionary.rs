//! Reading of the dictionary of a header.

use super::{
    error::{HeaderError, HeaderReason},
    model::Header,
    order::Order,
    shape::Shape,
    version::Version,
};
use crate::{
    dtype::{MAX_DIMENSIONS, ReadDescr, read_descr},
    literal::{self, Int, Literal, Node},
};

impl Header {
    /// Reads a dictionary with the keys `descr`, `fortran_order` and `shape`. The version of the result is
    /// 1.0, as it is not in the dictionary.
    ///
    /// # Errors
    ///
    /// If a key is missing, unknown, or has a value that NumPy does not accept.
    ///
    pub(super) fn from_node(node: &Node<'_>) -> Result<Self, literal::Error> {
        let Literal::Dict(entries) = &node.literal else {
            return Err(expected("the dictionary of a header", node));
        };
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        for (key, value) in entries {
            match &key.literal {
                Literal::Str(name) => match &**name {
                    "descr" => descr = Some(value),
                    "fortran_order" => fortran_order = Some(value),
                    "shape" => shape = Some(value),
                    other => {
                        let message = format!(
                            "unknown key `{other}`; a header has `descr`, `fortran_order` and `shape`"
                        );
                        return Err(literal::Error::data(&message, key.at));
                    }
                },
                _ => return Err(expected("a key that is a string", key)),
            }
        }
        let missing =
            |key| literal::Error::data(&format_args!("the key `{key}` is missing"), node.at);
        let ReadDescr { dtype, named } = read_descr(descr.ok_or_else(|| missing("descr"))?)
            .map_err(|e| literal::Error::data(&e.error, e.at))?;
        // NumPy counts an axis for the elements before the axes of the dtype, even if it later drops the
        // axes.
        let dimensions = 1 + dtype.base_and_shape().1.len();
        if dimensions > MAX_DIMENSIONS {
            let error = HeaderError::new(HeaderReason::TooManyDimensions(dimensions));
            return Err(literal::Error::data(&error, node.at));
        }
        let order = order_of(fortran_order.ok_or_else(|| missing("fortran_order"))?)?;
        let shape = shape_of(shape.ok_or_else(|| missing("shape"))?)?;
        let header = Header {
            version: Version::V1_0,
            dtype: dtype.of_an_array(),
            named_descr: named,
            shape: Shape::new(shape, order),
        };
        let checked = header.check();
        checked.map_err(|error| literal::Error::data(&error, node.at))?;
        Ok(header)
    }
}

fn order_of(node: &Node<'_>) -> Result<Order, literal::Error> {
    match node.literal {
        Literal::Bool(true) => Ok(Order::Fortran),
        Literal::Bool(false) => Ok(Order::C),
        _ => Err(expected("`True` or `False` as the `fortran_order`", node)),
    }
}

fn shape_of(node: &Node<'_>) -> Result<Vec<u64>, literal::Error> {
    let (Literal::Tuple(dims) | Literal::Sequence(dims)) = &node.literal else {
        return Err(match node.literal {
            Literal::Int(Int::Unsigned(length)) => literal::Error::data(
                &format_args!(
                    "expected a tuple of lengths as the `shape`, such as `({length},)`, found an \
                     integer: a tuple of one item has a comma"
                ),
                node.at,
            ),
            _ => expected("a tuple of lengths as the `shape`", node),
        });
    };
    let length = |node: &Node<'_>| match node.literal {
        Literal::Int(Int::Unsigned(length)) => Ok(length),
        Literal::Int(Int::Negative(length)) => Err(literal::Error::data(
            &format_args!("expected the length of an axis, an integer from 0 on, found {length}"),
            node.at,
        )),
        _ => Err(expected(
            "the length of an axis, an integer from 0 on",
            node,
        )),
    };
    dims.iter().map(length).collect()
}

fn expected(what: &str, node: &Node<'_>) -> literal::Error {
    let found = node.description();
    literal::Error::data(&format_args!("expected {what}, found {found}"), node.at)
}
