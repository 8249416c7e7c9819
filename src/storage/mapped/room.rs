//! Extending the file of a mapped log ahead of its rows.

use std::io;

use super::{
    mappable::Mappable,
    mapped_storage::MappedStorage,
    window::{EXTENSIONS, PAGE, Window},
};
use crate::storage::mark::MARK;

impl<F: Mappable> MappedStorage<F> {
    /// Returns true if `end` is before the mark.
    pub(super) fn is_before_mark(&self, end: u64) -> bool {
        end.saturating_add(MARK.len() as u64) <= self.end
    }

    /// Maps a window from `offset`, the current end of the rows, to `end`.
    pub(super) fn make_room(&mut self, offset: u64, end: u64) -> io::Result<()> {
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

    /// Makes the file longer than `end`. On a device with little room, the extension is shorter.
    fn extend(&mut self, offset: u64, end: u64) -> io::Result<()> {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        let before = self.end.max(offset);
        // Extending a file that was shortened would add zeros.
        if self.file.len()? < before {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let max_len = self.file.max_len();
        let mut extension = self.extension;
        loop {
            let new_end = end.max(before).checked_add(extension + MARK.len() as u64);
            let new_end = new_end.and_then(|end| end.checked_next_multiple_of(PAGE));
            let new_end = new_end.ok_or(FileTooLarge)?;
            // A write beyond the maximum length would be short, or end this program.
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

    /// Extends a file from the length `before` to `end`. After an error, the file is as before, or has holes
    /// before its mark.
    fn allocate(&mut self, before: u64, end: u64) -> io::Result<()> {
        let mark_at = end - MARK.len() as u64;
        let (is_allocated, ahead) = match self.file.allocate_ahead(before, end) {
            Ok(()) => (true, Ok(())),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => (false, Ok(())),
            Err(error) => (false, Err(error)),
        };
        // Only the mark makes the file longer, so that a killed program leaves no zeros at the end.
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
            // The old mark is still at the end, unless the file is longer.
            let is_longer = may_be_longer || self.file.len().is_ok_and(|len| len > before);
            if is_longer && self.file.write_all_at(&MARK, mark_at).is_ok() {
                (self.end, self.has_holes) = (end, true);
            }
        }
        filled
    }

    /// Removes the preallocated part after the rows.
    pub(super) fn cut(&mut self, rows_end: u64) -> io::Result<()> {
        // Some systems cannot shorten a mapped file.
        (self.window, self.header) = (None, None);
        self.file.set_len(rows_end)?;
        (self.end, self.has_holes) = (0, false);
        self.rows_end = rows_end;
        Ok(())
    }
}
