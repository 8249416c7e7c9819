use std::io;

use memmap2::MmapRaw;

use crate::storage::{file::FileStorage, map::map_raw, storage_trait::Storage};

/// A file that can be mapped and extended.
pub(crate) trait Mappable: Storage {
    /// Allocates the bytes from `start` to `end` on the device, without changing the length of the file.
    fn allocate_ahead(&self, start: u64, end: u64) -> io::Result<()>;

    /// Writes zeros from `start` to `end`, which are holes until then.
    fn fill(&self, start: u64, end: u64) -> io::Result<()> {
        let zeros = [0; 4096];
        let mut offset = start;
        while offset < end {
            let len = usize::try_from(end - offset).map_or(zeros.len(), |len| len.min(zeros.len()));
            self.write_all_at(zeros.get(..len).unwrap_or_default(), offset)?;
            offset += len as u64;
        }
        Ok(())
    }

    /// Returns the largest length that this process may give to a file.
    fn max_len(&self) -> u64;

    /// Maps `len` bytes from `offset`.
    fn map(&self, offset: u64, len: usize) -> io::Result<MmapRaw>;
}

impl Mappable for FileStorage {
    fn allocate_ahead(&self, start: u64, end: u64) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{FallocateFlags, fallocate};
            let len = end.saturating_sub(start);
            Ok(fallocate(
                self.as_file(),
                FallocateFlags::KEEP_SIZE,
                start,
                len,
            )?)
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = (start, end);
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    fn max_len(&self) -> u64 {
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{Resource, getrlimit};
            getrlimit(Resource::Fsize).current.unwrap_or(u64::MAX)
        }
        #[cfg(not(target_os = "linux"))]
        u64::MAX
    }

    fn map(&self, offset: u64, len: usize) -> io::Result<MmapRaw> {
        map_raw(self.as_file(), offset, len)
    }
}
