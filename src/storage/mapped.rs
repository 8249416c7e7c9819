#![allow(unsafe_code)] // Stores into maps of a file, by addresses.

use std::{
    io,
    path::Path,
    ptr,
    sync::atomic::{AtomicU64, Ordering},
};

use memmap2::{MmapOptions, MmapRaw};

use super::{file::FileStorage, preallocated::MARK, traits::Storage};

/// A file whose rows, and whose header, are stored through maps, without a system call.
///
/// While it is open, the file is longer than its rows: its end is preallocated, and really so, as on a
/// full device a store into a hole would end the program. The last bytes of the file are then the
/// [mark](MARK).
///
/// Nothing here forms a reference to mapped memory, which other programs may change. Should one cut the
/// file shorter, a store ends this program with `SIGBUS`.
#[derive(Debug)]
pub(crate) struct MappedStorage {
    file: FileStorage,
    /// From the start of the file on.
    header: Option<MmapRaw>,
    window: Option<Window>,
    /// The length of the file, once it is extended.
    end: u64,
    /// Where the rows end.
    rows_end: u64,
    /// By how much it is extended next.
    extension: u64,
}

/// The part of a file that rows are stored into.
#[derive(Debug)]
struct Window {
    map: MmapRaw,
    start: u64,
}

/// The first extension and the largest.
const EXTENSIONS: [u64; 2] = [1 << 20, 64 << 20];

/// Bytes that are better written than stored: each page that a store is the first to touch is a fault.
const MANY: usize = 64 << 10;

/// A multiple of the sizes of pages, and of what maps have to start at elsewhere.
const PAGE: u64 = 64 << 10;

const WORD: u64 = size_of::<u64>() as u64;

impl MappedStorage {
    pub(crate) fn new(file: FileStorage) -> Self {
        let [extension, _] = EXTENSIONS;
        MappedStorage {
            file,
            header: None,
            window: None,
            end: 0,
            rows_end: 0,
            extension,
        }
    }

    /// Makes room for bytes from `offset`, where the rows end for now, to `end`.
    fn make_room(&mut self, offset: u64, end: u64) -> io::Result<()> {
        if end.saturating_add(MARK.len() as u64) > self.end {
            self.extend(offset, end)?;
        }
        self.window = None;
        let start = offset / PAGE * PAGE;
        let len = usize::try_from(self.end - start).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let mut map = MmapOptions::new();
        let map = map.offset(start).len(len).map_raw(self.file.as_file())?;
        self.window = Some(Window { map, start });
        Ok(())
    }

    /// Makes the file longer than `end`, by as much as there is where it is little.
    fn extend(&mut self, offset: u64, end: u64) -> io::Result<()> {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        let before = self.end.max(offset);
        // To extend a file that was cut would invent zeros.
        if self.file.len()? < before {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut extension = self.extension;
        self.end = loop {
            let new_end = end.max(before).checked_add(extension + MARK.len() as u64);
            let new_end = new_end.and_then(|end| end.checked_next_multiple_of(PAGE));
            let new_end = new_end.ok_or(FileTooLarge)?;
            match self.allocate(before, new_end) {
                Ok(()) => break new_end,
                Err(e) if !matches!(e.kind(), FileTooLarge | QuotaExceeded | StorageFull) => {
                    return Err(e);
                }
                Err(e) if extension == 0 => return Err(e),
                Err(_) => extension = if extension > PAGE { extension / 2 } else { 0 },
            }
        };
        self.rows_end = offset;
        let [_, largest] = EXTENSIONS;
        self.extension = (self.extension * 2).min(largest);
        Ok(())
    }

    /// Extends a file that ends at `before`, or leaves it as it is.
    fn allocate(&self, before: u64, end: u64) -> io::Result<()> {
        let mark_at = end - MARK.len() as u64;
        // First: from here on the file is known for what it is, however long it gets.
        let marked = self.file.write_all_at(&MARK, mark_at);
        let allocated = marked.and_then(|()| self.file.allocate(before, mark_at));
        allocated.inspect_err(|_| {
            // The mark of before is where it was.
            let _ = self.file.set_len(before);
        })
    }

    /// Where a byte of the header is in memory, and so many behind it.
    fn header_at(&mut self, offset: u64, len: u64) -> io::Result<Option<*mut u8>> {
        let end = usize::try_from(offset.saturating_add(len)).ok();
        let is_mapped = |map: &MmapRaw| end.is_some_and(|end| end <= map.len());
        if !self.header.as_ref().is_some_and(is_mapped) {
            let Some(end) = end else { return Ok(None) };
            self.header = Some(MmapOptions::new().len(end).map_raw(self.file.as_file())?);
        }
        let offset = usize::try_from(offset).ok();
        let start = self.header.as_ref().zip(offset);
        Ok(start.map(|(map, offset)| map.as_mut_ptr().wrapping_add(offset)))
    }
}

impl Window {
    /// Where so many bytes at an offset of the file are in memory, if they are mapped. The mark is not
    /// among them.
    fn at(&self, offset: u64, len: usize) -> Option<*mut u8> {
        let start = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        let end = start.checked_add(len)?.checked_add(MARK.len())?;
        (end <= self.map.len()).then(|| self.map.as_mut_ptr().wrapping_add(start))
    }
}

impl Storage for MappedStorage {
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
        Storage::is_regular(&self.file)
    }

    fn has_name(&self) -> io::Result<bool> {
        self.file.has_name()
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        self.file.is_at(path)
    }

    /// What is behind the rows is preallocated, and stays.
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

    /// Stores rows, or writes them where they are many.
    #[inline]
    fn append(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let window = |storage: &Self| storage.window.as_ref()?.at(offset, bytes.len());
        let place = match window(self) {
            Some(place) => place,
            None if bytes.is_empty() => return Ok(()),
            None => {
                self.make_room(offset, offset.saturating_add(bytes.len() as u64))?;
                window(self).ok_or(io::ErrorKind::WriteZero)?
            }
        };
        let end = offset + bytes.len() as u64;
        if bytes.len() >= MANY {
            self.file.write_all_at(bytes, offset)?;
            self.rows_end = end;
            return Ok(());
        }
        // SAFETY: `place` is `bytes.len()` bytes within a map that is writable and lives as long as
        // `self`, which is borrowed for it alone. `bytes` are of this program, and no part of the map, to
        // which there are no references.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len()) };
        self.rows_end = end;
        Ok(())
    }

    /// Stores what lies within one word, so that whoever reads it meanwhile sees all of the change or
    /// nothing. What does not is written.
    #[inline]
    fn rewrite(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let word_at = offset / WORD * WORD;
        let first = usize::try_from(offset - word_at).unwrap_or_default();
        let mut word = [0; size_of::<u64>()];
        if word.get(first..first.saturating_add(bytes.len())).is_none() {
            return self.file.write_all_at(bytes, offset);
        }
        let Some(place) = self.header_at(word_at, WORD)? else {
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
        // The rows before are there for whoever sees it.
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
        // A file that is mapped cannot be cut everywhere.
        (self.window, self.header) = (None, None);
        self.file.set_len(end)?;
        self.end = 0;
        Ok(())
    }
}

impl Drop for MappedStorage {
    fn drop(&mut self) {
        // What is left is no row, as is known to whoever opens the file.
        let _ = self.trim(self.rows_end);
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;

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
    fn rows_lie_behind_one_another_and_before_a_mark_until_it_is_cut_off() {
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
        // And on.
        storage.append(&[1, 2], expected.len() as u64).unwrap();
        drop(storage);
        expected.extend([1, 2]);
        assert!(fs::read(&path).unwrap() == expected);
    }
}
