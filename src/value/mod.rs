//! Elements of any dtype, without a Rust type for it.

mod codec;
mod display;
mod element;
mod model;
mod parse;
mod scalar;
mod serialize;

pub use self::model::{Array, Record, RecordIter, Value};
