//! Files as bytes at positions: reading, writing, mapping and replacing them.

mod allocate;
#[cfg(test)]
mod disk;
#[cfg(test)]
#[cfg(feature = "mmap")]
mod failing;
#[cfg(test)]
mod failing_memory;
mod file;
mod io_errors;
#[cfg(feature = "mmap")]
mod map;
#[cfg(feature = "mmap")]
mod mapped;
mod mark;
mod new_file;
mod open_folder;
mod read_header;
mod read_uninit;
mod storage_trait;
#[cfg(test)]
mod sweep;
mod temporary;
mod write_whole;

#[cfg(all(test, feature = "mmap"))]
pub(crate) use self::failing::FailingFile;
#[cfg(feature = "npz")]
pub(crate) use self::new_file::NewFile;
pub(crate) use self::{
    allocate::{allocation_refused, reserve, reserve_exact, resize, zeroed},
    file::FileStorage,
    io_errors::{is_final, is_io},
    mark::{ends_in_mark, is_preallocated},
    new_file::sync_folder_of,
    open_folder::OpenFolder,
    read_header::{read_header, read_header_with_limit},
    read_uninit::{READ_UNINIT, ReadUninit},
    storage_trait::Storage,
    temporary::folder_of,
    write_whole::{Content, Lock, Options, Replaced, replace, write_whole},
};
#[cfg(test)]
pub(crate) use self::{
    disk::{Call, Change, Disk, Fault, power_cut},
    failing_memory::FailingMemory,
    mark::MARK,
    sweep::{Cases, Plan, Seen, check_with_numpy, sweep},
};
#[cfg(feature = "mmap")]
pub(crate) use self::{map::Map, mapped::MappedStorage};
