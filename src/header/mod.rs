//! The header of an `.npy` file: [the magic, the version and the dictionary].
//!
//! [the magic, the version and the dictionary]: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

mod damaged;
mod error;
mod growing;
mod model;
mod read;
mod shape;
mod text;
mod version;

pub use self::{
    error::HeaderError,
    model::{Header, Order},
    version::Version,
};
pub(crate) use self::{
    growing::{GrowingHeader, Reorder, Rewrite},
    shape::Shape,
    version::MAGIC,
};
