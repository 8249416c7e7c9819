//! Maps of a part of a file.
#![allow(unsafe_code)] // The creator of a map vouches for the file.

use std::{fs::File, io, slice};

use memmap2::{MmapOptions, MmapRaw};

/// A part of a file in memory, shared with other programs.
pub(crate) struct Map {
    memory: MmapRaw,
    is_writable: bool,
}

impl Map {
    /// Maps `len` bytes of a file from `offset` on.
    ///
    /// # Safety
    ///
    /// While it is mapped, no other program or thread cuts the file shorter than these bytes or overwrites
    /// them. If it is writable, no other map of these bytes is read or written.
    pub(crate) unsafe fn new(
        file: &File,
        offset: u64,
        len: usize,
        is_writable: bool,
    ) -> io::Result<Self> {
        let options = part(offset, len);
        let memory = match is_writable {
            true => options.map_raw(file)?,
            false => options.map_raw_read_only(file)?,
        };
        Ok(Map {
            memory,
            is_writable,
        })
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: the memory is mapped and readable, and as long as `self` is borrowed, only `bytes_mut`
        // could write it here, which borrows `self` mutably. Nobody else does, by the promise of `new`.
        unsafe { slice::from_raw_parts(self.memory.as_ptr(), self.memory.len()) }
    }

    /// Returns the bytes to change them, or no bytes if the map is not writable.
    #[inline]
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        match self.is_writable {
            // SAFETY: the memory is mapped and writable, and borrowed from `self` alone. Nobody else reads
            // or writes it, by the promise of `new`.
            true => unsafe {
                slice::from_raw_parts_mut(self.memory.as_mut_ptr(), self.memory.len())
            },
            false => &mut [],
        }
    }

    /// Waits until changed bytes are on the device.
    pub(crate) fn flush(&self) -> io::Result<()> {
        self.memory.flush()
    }
}

/// Maps a part of a file by its address, without any reference to the memory.
pub(super) fn map_raw(file: &File, offset: u64, len: usize) -> io::Result<MmapRaw> {
    part(offset, len).map_raw(file)
}

fn part(offset: u64, len: usize) -> MmapOptions {
    let mut options = MmapOptions::new();
    options.offset(offset).len(len);
    options
}
