use memmap2::MmapRaw;

use crate::storage::mark::MARK;

/// The mapped part of a file in which rows are stored.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) map: MmapRaw,
    pub(super) start: u64,
}

/// The first extension, which is small as a file may stay small, and the largest.
pub(super) const EXTENSIONS: [u64; 2] = [64 << 10, 64 << 20];

/// A multiple of the page size of every system, and of the start of a map.
pub(super) const PAGE: u64 = 64 << 10;

impl Window {
    /// Returns the address of `len` bytes at an offset of the file, if they are mapped and before the mark.
    pub(super) fn at(&self, offset: u64, len: usize) -> Option<*mut u8> {
        let start = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        let end = start.checked_add(len)?.checked_add(MARK.len())?;
        (end <= self.map.len()).then(|| self.map.as_mut_ptr().wrapping_add(start))
    }
}
