//! What is read: files, pipes, members of archives, and the rows of them that are wanted.

mod blocks;
pub(crate) mod columns;
mod rows;
mod slice;
mod source;

pub(crate) use self::{
    blocks::{in_threads, threads},
    columns::Column,
    rows::{Layout, Rows},
    slice::{Picked, Slice},
    source::{Input, explained, is_archive, shards_header},
};
