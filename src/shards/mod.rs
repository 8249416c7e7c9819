//! A directory of shards: the names of its files, and `info`, the list of sealed shards that Dask reads.

mod info;
mod lock;
mod names;
mod pickle;
mod unpickle;

pub(crate) use self::{
    info::{Info, TOO_LARGE, info_of},
    lock::lock_before,
    names::{INFO, count_shards, missing_shard, shard_path, sum_of},
};
