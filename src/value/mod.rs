//! Elements of any dtype, decoded without a type of their own.

mod display;
mod model;
mod serialize;

pub use self::model::{Array, Record, Value};
