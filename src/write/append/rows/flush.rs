//! From the buffer to the file.

use super::Rows;
use crate::{error::Result, write::append::durability::Durability};

/// Bytes that take much longer to write than to look at the length of the file.
const MANY: usize = 64 << 10;

/// Bytes that are written in so short a time that the length of the file is not looked at once more.
const FEW: usize = 4096;

impl Rows {
    /// Commits, or writes the buffer, if that is due. The buffer takes elements again after this.
    pub(super) fn flush_due(&mut self) -> Result<()> {
        if self.is_commit_due() {
            return self.commit_whole_rows();
        }
        if self.is_write_due(0) {
            let end = self.file.extent.end() + self.buffer.len() as u64;
            let later = self.schedule.after_boundary(end);
            self.flush(self.buffer.len().saturating_sub(later))?;
            self.file.failures.note_written_all();
        } else if self.checks_each() {
            return Ok(());
        } else if self.buffer.is_mostly_used() {
            self.buffer.grow();
        }
        self.refill();
        Ok(())
    }

    /// Returns true if a write is due after a number of further bytes.
    pub(super) fn is_write_due(&self, more: usize) -> bool {
        let start = self.file.extent.end();
        start + self.buffer.len() as u64 + more as u64 >= self.schedule.boundary(start)
    }

    /// Writes the first bytes of the buffer, which stay in the buffer if that fails. The caller
    /// [refills](Self::refill) the buffer.
    fn flush(&mut self, len: usize) -> Result<()> {
        let bytes = self.buffer.bytes().get(..len).unwrap_or_default();
        self.file.append(bytes)?;
        self.buffer.give_away(len);
        Ok(())
    }

    /// Writes all bytes of the buffer.
    pub(super) fn flush_all(&mut self) -> Result<()> {
        self.flush(self.buffer.len())
    }

    /// Takes bytes of which the buffer cannot hold all: fills it up to the next boundary and writes it, writes
    /// the others up to the last boundary without a copy, and keeps the rest.
    pub(super) fn write_through(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.len() >= MANY {
            // For fewer bytes, this check costs too much with a map.
            self.file.check_not_cut()?;
        }
        let (start, buffered) = (self.file.extent.end(), self.buffer.len());
        let to_boundary = self.schedule.boundary(start) - start - buffered as u64;
        let first = match buffered == 0 && !self.schedule.is_aligned() {
            true => 0,
            false => usize::try_from(to_boundary).unwrap_or(usize::MAX),
        };
        let (first, rest) = bytes.split_at_checked(first).unwrap_or((bytes, &[]));
        self.buffer.push(first);
        self.flush_all()
            .inspect_err(|_| self.give_up(first.len()))?;
        let end = self.file.extent.end() + rest.len() as u64;
        let now = rest.len().saturating_sub(self.schedule.after_boundary(end));
        let (now, later) = rest.split_at_checked(now).unwrap_or((rest, &[]));
        self.file
            .append(now)
            .inspect_err(|_| self.cut_partial_element())?;
        self.restart(0, later);
        Ok(())
    }

    /// Writes all rows, and their number into the header. Rows that are in the file are committed even
    /// if others cannot be written.
    pub(in crate::write::append) fn commit(&mut self) -> Result<()> {
        self.cut_partial_row();
        let result = self.commit_whole_rows();
        let result = result.and_then(|()| self.rotate_by_clock());
        self.note(result)
    }

    /// Commits while further elements of a row may follow.
    pub(super) fn commit_whole_rows(&mut self) -> Result<()> {
        self.file.check_halt()?;
        let pending = self.buffer.len();
        let written = self.flush_all();
        // The end was checked just before a few bytes were written.
        let is_checked = self.file.extent.itemsize > 0
            && (1..=FEW).contains(&pending)
            && written.is_ok()
            && self.file.durability == Durability::Cached;
        let is_committed = self.file.is_committed();
        let committed = match is_committed || self.file.failures.halt.is_some() {
            true => Ok(()),
            false => self.file.commit(is_checked),
        };
        // The room that is left ends before the next write or commit.
        if committed.is_err() || !self.buffer.has_room() {
            self.refill();
        }
        committed?;
        written?;
        if pending > 0 || !is_committed {
            self.file.failures.note_written_all();
        }
        self.schedule.note_commit();
        Ok(())
    }

    /// Commits, and waits until all is on the device.
    pub(in crate::write::append) fn sync(&mut self) -> Result<()> {
        self.cut_partial_row();
        let result = self.commit_whole_rows().and_then(|()| self.file.sync());
        let result = result.and_then(|()| self.sync_sealed());
        self.note(result)
    }

    /// Commits, cuts off what a failed write left and what is preallocated for other rows, and lists the shard.
    /// [Dropping](Self::drop_rows) writes nothing more then, even if this fails.
    pub(in crate::write::append) fn close(&mut self) -> Result<()> {
        self.is_closed = true;
        self.cut_partial_row();
        let result = self.close_whole_rows();
        self.note(result)
    }

    pub(super) fn close_whole_rows(&mut self) -> Result<()> {
        let is_idle =
            self.buffer.len() == 0 && self.file.extent.written_rows() == self.file.committed;
        self.commit_whole_rows()?;
        // A commit has checked the length, unless there was nothing to write.
        if is_idle {
            self.file.check_not_cut()?;
        }
        self.file.trim()?;
        self.list_last()
    }

    /// Goes on after a [`close`](Self::close) that failed.
    pub(in crate::write::append) fn reopen(&mut self) {
        self.is_closed = false;
    }

    /// Closes, unless that was tried, and swallows the error.
    pub(in crate::write::append) fn drop_rows(&mut self) {
        if !self.is_closed {
            let _ = self.close();
        }
    }
}
