//! The header of an `.npy` file: [the magic, the version and the dictionary].
//!
//! [the magic, the version and the dictionary]: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

mod damaged;
mod dictionary;
mod error;
mod growing;
mod model;
mod numpy;
mod order;
mod read;
mod shape;
mod text;
mod version;

pub(crate) use self::{
    damaged::{Damaged, DamagedRows},
    growing::{GrowingHeader, Reorder, Rewrite},
    shape::Shape,
    version::MAGIC,
};
pub use self::{error::HeaderError, model::Header, order::Order, version::Version};
