//! Elements of any dtype, decoded without a type of their own.

mod codec;
mod display;
mod model;
mod serialize;

pub(crate) use self::codec::Codec;
pub use self::model::{Array, Record, Value};
