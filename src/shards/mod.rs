//! A directory of shards: the names of its files, and `info`, the list of sealed shards that Dask reads.

mod info;
mod names;
mod pickle;
mod unpickle;

pub(crate) use self::{
    info::{Info, info_of},
    names::{INFO, count_shards, missing_shard, shard_path, sum_of},
};
