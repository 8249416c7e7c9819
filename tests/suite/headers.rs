//! Headers that tests write with.

use npyrec::{Header, NpyRecord, Order};

/// The header of an array of records. The axes of a record that is an array are its last ones.
pub fn header_of<R: NpyRecord>(shape: &[u64], order: Order) -> Header {
    let dtype = R::dtype();
    let (base, inner) = dtype.base_and_shape();
    let axes = shape.iter().copied();
    let axes: Vec<u64> = axes.chain(inner.iter().map(|&dim| dim as u64)).collect();
    Header::new(base.clone(), order, &axes).unwrap()
}
