#![allow(unsafe_code)] // Stores into maps of a file, by addresses.

use std::{
    io,
    path::Path,
    ptr,
    sync::atomic::{AtomicU64, Ordering},
};

use memmap2::MmapRaw;

use super::{
    mappable::Mappable,
    window::{EXTENSIONS, Window},
};
use crate::storage::{file::FileStorage, storage_trait::Storage};

/// A file whose rows and header are stored through maps, without system calls.
///
/// While it is open, the file is longer than its rows. Its end is preallocated on the device, because a store
/// into a hole on a full device would end the program. The last bytes of the file are then the
/// [mark](crate::storage::mark::MARK).
///
/// Without a map, rows are written: in the preallocated part, or at the end of a file that cannot be
/// preallocated. Mapping is tried again after some rows.
///
/// Rust references never point into mapped memory, because other programs may change it. If a program shortens the file,
/// a store ends this program with `SIGBUS`.
#[derive(Debug)]
pub(crate) struct MappedStorage<F: Mappable = FileStorage> {
    pub(super) file: F,
    /// A map from the start of the file.
    pub(super) header: Option<MmapRaw>,
    pub(super) window: Option<Window>,
    /// The length of the file, or 0 while it ends with its rows.
    pub(super) end: u64,
    /// The part before `end` has holes, so that nothing is stored there.
    pub(super) has_holes: bool,
    /// The end of the rows.
    pub(super) rows_end: u64,
    /// The length of the next extension.
    pub(super) extension: u64,
    /// Rows before this offset are written, because mapping failed.
    pub(super) written_until: u64,
    /// The number of bytes that are written before mapping is tried again.
    pub(super) retry: u64,
}

/// The number of bytes from which writing is faster than storing: the first store to each page is a page
/// fault.
const MANY: usize = 64 << 10;

const WORD: u64 = size_of::<u64>() as u64;

/// The number of bytes that are written before mapping is tried again, except in tests.
const RETRY: u64 = 64 << 10;

impl<F: Mappable> MappedStorage<F> {
    pub(crate) fn new(file: F) -> Self {
        let [extension, _] = EXTENSIONS;
        MappedStorage {
            file,
            header: None,
            window: None,
            end: 0,
            has_holes: false,
            rows_end: 0,
            extension,
            written_until: 0,
            retry: RETRY,
        }
    }

    /// Sets the first extension, and the number of bytes that are written before mapping is tried again.
    #[cfg(test)]
    pub(crate) fn with_steps(mut self, bytes: u64) -> Self {
        (self.extension, self.retry) = (bytes, bytes);
        self
    }

    /// Appends rows that are not in the window.
    ///
    /// After an error, the file ends with the rows or with the mark. Rows are written as long as the device
    /// has room.
    #[cold]
    fn append_outside(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let end = offset.saturating_add(bytes.len() as u64);
        self.window = None;
        if offset >= self.written_until {
            match self.make_room(offset, end) {
                Ok(()) if bytes.len() < MANY => {
                    if let Some(place) = self.place(offset, bytes.len()) {
                        // SAFETY: as in `append`.
                        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len()) };
                        self.rows_end = end;
                        return Ok(());
                    }
                }
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(error),
                Err(_) => self.written_until = offset.saturating_add(self.retry),
            }
        }
        if self.end > 0 && !self.is_before_mark(end) {
            // Rows that overwrite a part of the mark would hide it.
            self.cut(offset)?;
        }
        self.file.write_all_at(bytes, offset)?;
        self.rows_end = end;
        Ok(())
    }

    /// Returns the address of `len` bytes at `offset`, if the window has them.
    fn place(&self, offset: u64, len: usize) -> Option<*mut u8> {
        self.window.as_ref()?.at(offset, len)
    }

    /// Returns the address of a byte of the header and the next `len`, if they can be mapped.
    fn header_at(&mut self, offset: u64, len: u64) -> Option<*mut u8> {
        let end = usize::try_from(offset.checked_add(len)?).ok()?;
        if self.header.as_ref().is_none_or(|map| map.len() < end) {
            self.header = Some(self.file.map(0, end).ok()?);
        }
        let offset = usize::try_from(offset).ok()?;
        let map = self.header.as_ref()?;
        Some(map.as_mut_ptr().wrapping_add(offset))
    }
}

impl<F: Mappable> Storage for MappedStorage<F> {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn appended_len(&self) -> io::Result<Option<u64>> {
        match self.end {
            0 => self.file.appended_len(),
            _ => Ok(None),
        }
    }

    fn is_regular(&self) -> io::Result<bool> {
        self.file.is_regular()
    }

    fn has_name(&self) -> io::Result<bool> {
        self.file.has_name()
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        self.file.is_at(path)
    }

    /// Keeps the preallocated part after the rows.
    fn set_len(&self, len: u64) -> io::Result<()> {
        match len < self.end {
            true => Ok(()),
            false => self.file.set_len(len),
        }
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.file.write_at(bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Stores rows, or writes many rows at once.
    #[inline]
    fn append(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let place = match self.place(offset, bytes.len()) {
            Some(place) => place,
            None if bytes.is_empty() => return Ok(()),
            None => return self.append_outside(bytes, offset),
        };
        let end = offset + bytes.len() as u64;
        if bytes.len() >= MANY {
            self.file.write_all_at(bytes, offset)?;
            self.rows_end = end;
            return Ok(());
        }
        // SAFETY: `place` is `bytes.len()` bytes within a map that is writable and lives as long as
        // `self`, which is borrowed for it alone. `bytes` are of this program, and no part of the map:
        // no reference points into the map.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len()) };
        self.rows_end = end;
        Ok(())
    }

    /// Stores a change within one word, so that a concurrent reader sees all of it or nothing. Other changes
    /// are written.
    #[inline]
    fn rewrite(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let word_at = offset / WORD * WORD;
        let first = usize::try_from(offset - word_at).unwrap_or_default();
        let mut word = [0; size_of::<u64>()];
        if word.get(first..first.saturating_add(bytes.len())).is_none() {
            return self.file.write_all_at(bytes, offset);
        }
        let Some(place) = self.header_at(word_at, WORD) else {
            return self.file.write_all_at(bytes, offset);
        };
        // SAFETY: a map starts at a page, and the offset is a multiple of a word, so `place` is aligned;
        // it is a word within a map that is writable and lives as long as `self`. All accesses to it in
        // this program are atomic.
        let shared = unsafe { AtomicU64::from_ptr(place.cast()) };
        word = shared.load(Ordering::Relaxed).to_ne_bytes();
        if let Some(place) = word.get_mut(first..first + bytes.len()) {
            place.copy_from_slice(bytes);
        }
        // A reader that sees the new header also sees the rows before it.
        shared.store(u64::from_ne_bytes(word), Ordering::Release);
        Ok(())
    }

    fn trim(&mut self, end: u64) -> io::Result<()> {
        if self.end == 0 {
            return Ok(());
        }
        if self.file.len()? < end {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.cut(end)
    }
}

impl<F: Mappable> Drop for MappedStorage<F> {
    fn drop(&mut self) {
        // After an error, the mark tells the next program that the rest is not rows.
        let _ = self.trim(self.rows_end);
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;
    use crate::storage::{mapped::window::PAGE, mark::MARK};

    fn storage(path: &std::path::Path, header: &[u8]) -> MappedStorage {
        fs::write(path, header).unwrap();
        let file = FileStorage::open(File::options().read(true).write(true), path);
        MappedStorage::new(file.unwrap())
    }

    #[test]
    fn a_part_of_the_header_is_stored_or_written_wherever_it_lies() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("header");
        let mut header: Vec<u8> = (0..128).collect();
        let mut storage = storage(&path, &header);
        for offset in 0..128 {
            for len in [1, 2, 3, 8, 9, 20] {
                let end = (offset + len).min(128);
                header[offset..end]
                    .iter_mut()
                    .for_each(|byte| *byte ^= 0x55);
                storage
                    .rewrite(&header[offset..end], offset as u64)
                    .unwrap();
                assert_eq!(fs::read(&path).unwrap(), header, "{offset}, {len}");
            }
        }
    }

    #[test]
    fn rows_are_contiguous_and_before_a_mark_until_it_is_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows");
        let mut expected = vec![7; 100];
        let mut storage = storage(&path, &expected);
        let mut random = fastrand::Rng::with_seed(2);
        while expected.len() < 5 << 20 {
            let most = [1, 100, 10_000, 200_000][random.usize(..4)];
            let mut rows = vec![0; random.usize(..most)];
            random.fill(&mut rows);
            storage.append(&rows, expected.len() as u64).unwrap();
            expected.extend(rows);
            let found = fs::read(&path).unwrap();
            assert!(found.starts_with(&expected));
            assert!(storage.end == 0 || found.ends_with(&MARK));
            assert_eq!(storage.end % PAGE, 0);
        }
        assert!(storage.end > 7 << 20, "it was extended more than once");
        storage.trim(expected.len() as u64).unwrap();
        assert!(fs::read(&path).unwrap() == expected);
        // The storage goes on after it was cut.
        storage.append(&[1, 2], expected.len() as u64).unwrap();
        drop(storage);
        expected.extend([1, 2]);
        assert!(fs::read(&path).unwrap() == expected);
    }
}
