//! What a file is to an appender: bytes at positions.

#[cfg(test)]
mod disk;
mod file;
mod header;
mod new_file;
mod traits;
mod whole;

#[cfg(test)]
pub(crate) use self::disk::{Call, Change, Disk, Fault, power_cut};
pub(crate) use self::{
    file::FileStorage,
    header::{read_header, read_header_with_limit},
    new_file::{NewFile, sync_folder_of},
    traits::Storage,
    whole::write_whole,
};
