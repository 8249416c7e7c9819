//! What a file is to an appender: bytes at positions.

#[cfg(test)]
mod disk;
#[cfg(test)]
#[cfg(feature = "mmap")]
mod failing;
mod file;
mod header;
#[cfg(feature = "mmap")]
mod mappable;
#[cfg(feature = "mmap")]
mod mapped;
mod memory;
mod new_file;
mod preallocated;
mod refusal;
#[cfg(test)]
mod sweep;
mod temporary;
mod traits;
mod whole;

#[cfg(all(test, feature = "mmap"))]
pub(crate) use self::failing::FailingFile;
#[cfg(feature = "mmap")]
pub(crate) use self::mapped::MappedStorage;
#[cfg(feature = "npz")]
pub(crate) use self::new_file::NewFile;
#[cfg(test)]
pub(crate) use self::{
    disk::{Call, Change, Disk, Fault, power_cut},
    sweep::{Cases, Plan, Seen, check_with_numpy, sweep},
};
pub(crate) use self::{
    file::FileStorage,
    header::{read_header, read_header_with_limit},
    memory::{allocation_refused, reserve, reserve_exact, resize, zeroed},
    new_file::sync_folder_of,
    preallocated::{ends_in_mark, is_preallocated},
    refusal::{is_final, is_io},
    traits::Storage,
    whole::{Content, Lock, Options, Replaced, replace, write_whole},
};
