//! NumPy's data types: the type of each byte of an element.

mod big_endian;
mod canonical;
mod casting;
mod descr;
mod descr_error;
mod descr_parts;
mod difference;
mod error;
mod find;
mod from_str;
mod grammar;
mod layout;
mod list_string;
mod model;
mod named_descr;
mod objects;
mod read_descr;
mod scalar;
mod second_part;
mod type_string;
mod unit;

pub use self::{
    casting::Casting,
    difference::Difference,
    error::DTypeError,
    model::{DType, Field, Struct, Subarray},
    scalar::{ByteOrder, Kind, Scalar},
    unit::{DateUnit, TimeUnit},
};
pub(crate) use self::{
    difference::join,
    layout::align_up,
    read_descr::{ReadDescr, read_descr},
};

/// The maximum of an itemsize, and of a dimension of a subarray. NumPy keeps both in a C `int`.
pub(crate) const MAX_ITEMSIZE: usize = i32::MAX as usize;

/// The maximum number of dimensions of an array: `NPY_MAXDIMS` of NumPy 2.
pub(crate) const MAX_DIMENSIONS: usize = 64;
