//! What makes rows visible to readers, and safe.

use std::{io, time::Instant};

use super::Rows;
use crate::{
    append::durability::Durability,
    error::{Error, Result},
    header::Rewrite,
    storage::sync_folder_of,
};

/// Bytes that are written in so short a time that the length of the file is not looked at once more.
const FEW: usize = 4096;

impl Rows {
    /// Writes all rows, and their number into the header. Rows that are in the file are committed even
    /// if others cannot be written.
    pub(in crate::append) fn commit(&mut self) -> Result<()> {
        let result = self.commit_whole_rows();
        self.note(result)
    }

    fn commit_whole_rows(&mut self) -> Result<()> {
        self.cut_partial_row();
        self.commit_rows()
    }

    /// [`commit`](Self::commit), while the elements of a row are still coming.
    pub(super) fn commit_rows(&mut self) -> Result<()> {
        self.check_halt()?;
        let pending = self.buffer.len();
        let written = self.write_out();
        // The end was checked just before a few bytes were written.
        let is_checked = self.itemsize > 0
            && (1..=FEW).contains(&pending)
            && written.is_ok()
            && self.settings.durability == Durability::Cached;
        let rows = self.written_rows();
        // A header that a failed rewrite left is made right even if it counts the rows that are there.
        let is_counted = rows == self.committed && !self.header.is_unfinished();
        let is_idle = pending == 0 && is_counted;
        let counted = match is_counted || self.halt.is_some() {
            true => Ok(()),
            false => self.count(rows, is_checked),
        };
        self.restart(0..self.buffer.len(), &[]);
        counted?;
        if written.is_ok() && !is_idle {
            self.note_written_all();
        }
        if written.is_ok() && self.settings.commit_interval.is_some() {
            self.last_commit = Instant::now();
        }
        written
    }

    /// Makes the header count so many rows.
    fn count(&mut self, rows: u64, is_checked: bool) -> Result<()> {
        self.sync_if_durable()?;
        if !is_checked {
            self.check_end()?;
        }
        self.write_header()?;
        self.sync_if_durable()?;
        self.committed = rows;
        Ok(())
    }

    /// Commits, and waits until all is on the device.
    pub(in crate::append) fn sync(&mut self) -> Result<()> {
        let result = self.sync_rows();
        self.note(result)
    }

    fn sync_rows(&mut self) -> Result<()> {
        self.commit_whole_rows()?;
        self.check_not_cut()?;
        let synced = self.storage.sync_all();
        self.note_sync(synced)?;
        self.sync_name()?;
        self.check_name()
    }

    /// Commits, and cuts off what a failed write left, and what is preallocated for other rows.
    /// [Dropping](Self::drop_rows) writes nothing more then, even if this fails.
    pub(in crate::append) fn close(&mut self) -> Result<()> {
        self.is_closed = true;
        let result = self.close_rows();
        self.note(result)
    }

    /// Goes on after a [`close`](Self::close) that failed.
    pub(in crate::append) fn reopen(&mut self) {
        self.is_closed = false;
    }

    /// Closes, unless that was tried. Nobody is left to be told of an error.
    pub(in crate::append) fn drop_rows(&mut self) {
        if !self.is_closed {
            let _ = self.close();
        }
    }

    fn close_rows(&mut self) -> Result<()> {
        self.cut_partial_row();
        let is_idle = self.buffer.len() == 0 && self.written_rows() == self.committed;
        self.commit_rows()?;
        // A commit has checked the length, unless there was nothing to write.
        if is_idle {
            self.check_not_cut()?;
        }
        let end = self.data_end();
        let trimmed = match self.has_tail {
            true => self.storage.cut_to(end),
            false => Ok(()),
        };
        let trimmed = trimmed.and_then(|()| self.storage.trim(end));
        match trimmed {
            Ok(()) => self.check_name(),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(self.found_cut()),
            Err(error) => Err(self.failed("cut off what is after the rows", error)),
        }
    }

    pub(super) fn sync_name(&mut self) -> Result<()> {
        if !self.is_name_synced {
            match sync_folder_of(&self.absolute_path) {
                Ok(()) => {}
                // It has another name by now, or none.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::io("sync the folder", error).at_path(&self.path)),
            }
            self.is_name_synced = true;
        }
        Ok(())
    }

    /// Writes the number of rows. Where it takes several writes, each is on the device before the next.
    fn write_header(&mut self) -> Result<()> {
        let rewrite = self
            .header
            .set_rows(self.written_rows())
            .ok_or_else(|| self.no_room())?;
        let written = self.write_rewrite(&rewrite);
        if written.is_err() {
            self.header.not_written(&rewrite);
            // A part of it may have been, which is to count no row that was not committed. After a
            // failed sync nothing more is written; the header is valid after each of its writes.
            let back = match self.is_sync_lost {
                true => None,
                false => self.header.set_rows(self.committed),
            };
            if let Some(back) = back {
                let _ = self.write_rewrite(&back);
                self.header.not_written(&back);
            }
        }
        written
    }

    fn write_rewrite(&mut self, rewrite: &Rewrite) -> Result<()> {
        for (nth, (at, bytes)) in self.header.writes(rewrite).enumerate() {
            if nth > 0 && self.settings.durability == Durability::Synced {
                let synced = self.storage.sync_data();
                self.is_sync_lost |= synced.is_err();
                synced.map_err(|e| self.sync_failed(e))?;
            }
            let written = self.storage.rewrite(bytes, at as u64);
            written.map_err(|e| self.failed("write the number of rows to the header", e))?;
        }
        Ok(())
    }

    fn sync_if_durable(&mut self) -> Result<()> {
        match self.settings.durability {
            Durability::Cached => Ok(()),
            Durability::Synced => {
                let synced = self.storage.sync_data();
                self.note_sync(synced)
            }
        }
    }

    fn note_sync(&mut self, synced: io::Result<()>) -> Result<()> {
        self.is_sync_lost |= synced.is_err();
        synced.map_err(|e| self.sync_failed(e))
    }

    fn sync_failed(&self, error: io::Error) -> Error {
        let end =
            "nothing more is written; open the file anew to go on with the rows that are there";
        Error::io("sync the file", error)
            .with_final_end(end)
            .at_path(&self.path)
    }
}
