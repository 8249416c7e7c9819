//! Arrays of the crate `ndarray`, of any number of axes.

mod encode;
mod read;
mod rows;
mod shape;
#[cfg(feature = "mmap")]
mod view;
mod write;

pub(crate) use self::encode::in_order;
pub use self::{
    encode::write_array_to,
    read::{read_array, read_array_dim},
    write::write_array,
};
