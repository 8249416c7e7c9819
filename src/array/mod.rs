//! Arrays of the crate `ndarray`, of any number of axes.

mod read;
mod rows;
mod shape;
#[cfg(feature = "mmap")]
mod view;
mod write;

pub(crate) use self::write::whole_array;
pub use self::{
    read::{read_array, read_array_dim},
    write::{write_array, write_array_to},
};
