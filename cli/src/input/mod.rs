//! What is read: files, pipes, members of archives, and the rows of them that are wanted.

pub(crate) mod columns;
mod rows;
mod slice;
mod source;

pub(crate) use self::{
    columns::Column,
    rows::{Layout, Rows},
    slice::{Picked, Slice},
    source::{Input, explained, is_archive, shards_header},
};
