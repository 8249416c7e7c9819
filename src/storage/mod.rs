//! What a file is to an appender: bytes at positions.

mod file;
mod storage_read;
mod traits;

pub(crate) use self::{
    file::{FileStorage, sync_folder_of},
    storage_read::StorageRead,
    traits::Storage,
};
