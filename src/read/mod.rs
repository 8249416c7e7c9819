//! Reading records back.

mod block;
#[cfg(feature = "mmap")]
mod by_index;
#[cfg(feature = "mmap")]
mod column;
mod decoder;
mod first_axis;
mod follow;
mod huge_pages;
#[cfg(feature = "mmap")]
mod layout_mismatch;
#[cfg(feature = "mmap")]
mod mapped;
#[cfg(feature = "mmap")]
mod mapped_mut;
mod npy_file;
mod npy_range;
mod npy_rows;
mod options;
mod place;
mod read_all;
mod reader;
mod rearrange;
mod value_reader;
mod watch;

#[cfg(feature = "mmap")]
pub use self::{
    column::Column, layout_mismatch::LayoutMismatch, mapped::Mapped, mapped_mut::MappedMut,
};
pub use self::{
    follow::Follow, npy_file::NpyFile, options::ReadOptions, read_all::read, reader::Reader,
    value_reader::ValueReader,
};
pub(crate) use self::{
    place::Place,
    reader::{SeekOver, is_last, seek_over},
};
