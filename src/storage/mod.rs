//! What a file is to an appender: bytes at positions.

#[cfg(test)]
mod disk;
mod file;
mod header;
#[cfg(feature = "mmap")]
mod mapped;
mod memory;
mod new_file;
mod preallocated;
mod refusal;
mod traits;
mod whole;

#[cfg(test)]
pub(crate) use self::disk::{Call, Change, Disk, Fault, power_cut};
#[cfg(feature = "mmap")]
pub(crate) use self::mapped::MappedStorage;
pub(crate) use self::{
    file::FileStorage,
    header::{read_header, read_header_with_limit},
    memory::{allocation_refused, reserve, reserve_exact, resize, zeroed},
    new_file::{NewFile, sync_folder_of},
    preallocated::is_preallocated,
    refusal::{is_final, is_io, is_tied},
    traits::Storage,
    whole::write_whole,
};
