//! What makes rows visible to readers, and safe.

use std::{io, time::Instant};

use super::Rows;
use crate::{
    append::durability::Durability,
    error::{Error, ErrorKind, Result},
    header::Rewrite,
    storage::sync_folder_of,
};

impl Rows {
    /// Writes all rows, and their number into the header. Rows that are in the file are committed even
    /// if others cannot be written.
    pub(in crate::append) fn commit(&mut self) -> Result<()> {
        self.cut_partial_row();
        self.commit_rows()
    }

    /// [`commit`](Self::commit), while the elements of a row are still coming.
    pub(super) fn commit_rows(&mut self) -> Result<()> {
        self.check_sync()?;
        let written = self.write_out();
        let rows = self.written_rows();
        let counted = match rows == self.committed {
            true => Ok(()),
            false => self.count(rows),
        };
        self.restart(0..self.buffer.len(), &[]);
        counted?;
        if written.is_ok() && self.settings.commit_interval.is_some() {
            self.last_commit = Instant::now();
        }
        written
    }

    /// Makes the header count so many rows.
    fn count(&mut self, rows: u64) -> Result<()> {
        self.sync_if_durable()?;
        self.write_header()?;
        self.sync_if_durable()?;
        self.committed = rows;
        Ok(())
    }

    /// Commits, and waits until all is on the device.
    pub(in crate::append) fn sync(&mut self) -> Result<()> {
        self.commit()?;
        let synced = self.storage.sync_all();
        self.note_sync(synced)?;
        self.sync_name()
    }

    /// Commits, and cuts off what a failed write left, and what is preallocated for other rows.
    pub(in crate::append) fn close(&mut self) -> Result<()> {
        self.commit()?;
        let trimmed = match self.has_tail {
            true => self.storage.set_len(self.data_end()),
            false => Ok(()),
        };
        let trimmed = trimmed.and_then(|()| self.storage.trim(self.data_end()));
        trimmed.map_err(|e| self.failed("cut off what is behind the rows", e))
    }

    pub(super) fn sync_name(&mut self) -> Result<()> {
        if !self.is_name_synced {
            let synced = sync_folder_of(&self.path);
            synced.map_err(|e| Error::io("sync the folder", e).at_path(&self.path))?;
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
            .with_end(end)
            .at_path(&self.path)
    }

    pub(super) fn check_sync(&self) -> Result<()> {
        match self.is_sync_lost {
            true => Err(Error::new(ErrorKind::SyncLost).at_path(&self.path)),
            false => Ok(()),
        }
    }
}
