//! What a file is to an appender: bytes at positions.

#[cfg(test)]
mod disk;
mod file;
mod new_file;
mod storage_read;
mod traits;

#[cfg(test)]
pub(crate) use self::disk::{Call, Change, Disk, Fault, power_cut};
pub(crate) use self::{
    file::FileStorage, new_file::NewFile, storage_read::StorageRead, traits::Storage,
};
