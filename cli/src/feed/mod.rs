//! Rows on their way from one file to another.

mod fit;
mod recast;
mod source;
mod write;

pub(crate) use self::{
    fit::fit,
    recast::Recast,
    source::{Feed, NpyFeed},
    write::{Target, write},
};
