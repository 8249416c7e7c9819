//! Rows on their way from one file to another.

mod recast;
mod source;
mod write;

pub(crate) use self::{
    recast::Recast,
    source::{Feed, NpyFeed},
    write::{Target, write},
};
