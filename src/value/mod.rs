//! Elements of any dtype, decoded without a type of their own.

mod display;
mod model;

pub use self::model::{Array, Record, Value};
