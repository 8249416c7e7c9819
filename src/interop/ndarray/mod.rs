//! Arrays of the crate `ndarray`, of any number of axes.

mod encode;
mod read;
mod shape;

pub use self::encode::write_array_to;
