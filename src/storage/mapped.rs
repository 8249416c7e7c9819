#![allow(unsafe_code)] // Stores into maps of a file, by addresses.

use std::{
    io,
    path::Path,
    ptr,
    sync::atomic::{AtomicU64, Ordering},
};

use memmap2::MmapRaw;

use super::{file::FileStorage, mappable::Mappable, preallocated::MARK, traits::Storage};

/// A file whose rows, and whose header, are stored through maps, without a system call.
///
/// While it is open, the file is longer than its rows: its end is preallocated, and really so, as on a
/// full device a store into a hole would end the program. The last bytes of the file are then the
/// [mark](MARK).
///
/// What cannot be mapped is written: rows in the preallocated part, or after the last row of a file that
/// cannot be extended by more than its rows. A map is tried again after some rows.
///
/// Nothing here forms a reference to mapped memory, which other programs may change. Should one cut the
/// file shorter, a store ends this program with `SIGBUS`.
#[derive(Debug)]
pub(crate) struct MappedStorage<F: Mappable = FileStorage> {
    file: F,
    /// From the start of the file on.
    header: Option<MmapRaw>,
    window: Option<Window>,
    /// The length of the file, or 0 while it ends where its rows do.
    end: u64,
    /// The part before `end` has holes, so that it is not stored into.
    has_holes: bool,
    /// Where the rows end.
    rows_end: u64,
    /// By how much it is extended next.
    extension: u64,
    /// Rows before this offset are written, because a map failed.
    written_until: u64,
    /// The bytes that are written before a map is tried again.
    retry: u64,
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

/// The bytes that are written before a map is tried again, unless a test sets others.
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

    /// Sets the first extension, and the bytes that are written before a map is tried again.
    #[cfg(test)]
    pub(crate) fn with_steps(mut self, bytes: u64) -> Self {
        (self.extension, self.retry) = (bytes, bytes);
        self
    }

    /// Returns whether `end` is before the mark.
    fn is_before_mark(&self, end: u64) -> bool {
        end.saturating_add(MARK.len() as u64) <= self.end
    }

    /// Appends rows that are not in the window.
    ///
    /// After any failure the file ends with the rows or with the mark. The rows are written as long as the
    /// device takes them.
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
            // Rows over a part of the mark would hide it.
            self.cut(offset)?;
        }
        self.file.write_all_at(bytes, offset)?;
        self.rows_end = end;
        Ok(())
    }

    /// Maps a window for bytes from `offset`, where the rows end for now, to `end`.
    fn make_room(&mut self, offset: u64, end: u64) -> io::Result<()> {
        if self.has_holes {
            self.cut(offset)?;
        }
        if !self.is_before_mark(end) {
            self.extend(offset, end)?;
        }
        let start = offset / PAGE * PAGE;
        let len = usize::try_from(self.end - start).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let map = self.file.map(start, len)?;
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
        let max_len = self.file.max_len();
        let mut extension = self.extension;
        loop {
            let new_end = end.max(before).checked_add(extension + MARK.len() as u64);
            let new_end = new_end.and_then(|end| end.checked_next_multiple_of(PAGE));
            let new_end = new_end.ok_or(FileTooLarge)?;
            // A write across the largest length would be cut short, or end this program.
            let allocated = match new_end <= max_len {
                true => self.allocate(before, new_end),
                false => Err(FileTooLarge.into()),
            };
            match allocated {
                Ok(()) => break,
                Err(e) if !matches!(e.kind(), FileTooLarge | QuotaExceeded | StorageFull) => {
                    return Err(e);
                }
                Err(e) if extension == 0 || self.has_holes => return Err(e),
                Err(_) => extension = if extension > PAGE { extension / 2 } else { 0 },
            }
        }
        self.rows_end = offset;
        let [_, largest] = EXTENSIONS;
        self.extension = (self.extension * 2).min(largest);
        Ok(())
    }

    /// Extends a file that ends at `before` to `end`, or leaves it as it is, except that it may be left
    /// with holes before its mark.
    fn allocate(&mut self, before: u64, end: u64) -> io::Result<()> {
        let mark_at = end - MARK.len() as u64;
        let (is_allocated, ahead) = match self.file.allocate_ahead(before, end) {
            Ok(()) => (true, Ok(())),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => (false, Ok(())),
            Err(error) => (false, Err(error)),
        };
        // The mark alone makes the file longer: a program that is killed leaves no zeros at the end.
        let marked = ahead.and_then(|()| match self.file.write_at(&MARK, mark_at)? {
            len if len == MARK.len() => Ok(()),
            _ => Err(io::ErrorKind::StorageFull.into()),
        });
        let may_be_longer = marked.is_ok();
        let filled = marked.and_then(|()| match is_allocated {
            true => Ok(()),
            false => self.file.fill(before, mark_at),
        });
        if filled.is_ok() {
            self.end = end;
        } else if self.file.set_len(before).is_err() {
            // The mark of before is where it was, unless the file is longer.
            let is_longer = may_be_longer || self.file.len().is_ok_and(|len| len > before);
            if is_longer && self.file.write_all_at(&MARK, mark_at).is_ok() {
                (self.end, self.has_holes) = (end, true);
            }
        }
        filled
    }

    /// Cuts off what is preallocated after the rows.
    fn cut(&mut self, rows_end: u64) -> io::Result<()> {
        // A file that is mapped cannot be cut everywhere.
        (self.window, self.header) = (None, None);
        self.file.set_len(rows_end)?;
        (self.end, self.has_holes) = (0, false);
        self.rows_end = rows_end;
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

impl Window {
    /// Where so many bytes at an offset of the file are in memory, if they are mapped. The mark is not
    /// among them.
    fn at(&self, offset: u64, len: usize) -> Option<*mut u8> {
        let start = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        let end = start.checked_add(len)?.checked_add(MARK.len())?;
        (end <= self.map.len()).then(|| self.map.as_mut_ptr().wrapping_add(start))
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
        self.cut(end)
    }
}

impl<F: Mappable> Drop for MappedStorage<F> {
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
