//! Reading records back.

mod block;
#[cfg(feature = "mmap")]
mod column;
mod converted;
#[cfg(feature = "mmap")]
mod decode_mapped;
mod decoder;
mod follow;
mod followed_file;
mod followed_shards;
mod huge_pages;
#[cfg(feature = "mmap")]
mod iter;
#[cfg(feature = "mmap")]
mod layout_mismatch;
#[cfg(feature = "mmap")]
mod mapped;
#[cfg(feature = "mmap")]
mod mapped_mut;
#[cfg(feature = "mmap")]
mod mapped_rows;
mod member;
mod npy_file;
mod npy_range;
mod npy_rows;
mod options;
mod read_all;
mod reader;
mod rearrange;
mod row_type;
mod select;
mod shard;
mod shard_scan;
mod shards;
mod strided;
mod threads;
mod watch;

#[cfg(feature = "mmap")]
pub use self::{
    column::Column, iter::Iter, layout_mismatch::LayoutMismatch, mapped::Mapped,
    mapped_mut::MappedMut,
};
pub(crate) use self::{
    decoder::plan_of,
    reader::{SeekOver, is_last, seek_over},
};
pub use self::{
    follow::Follow,
    member::{Member, MemberData},
    npy_file::{NpyFile, NpyRows},
    options::ReadOptions,
    read_all::read,
    reader::Reader,
    shard::Shard,
    shards::{ShardRows, Shards},
};
