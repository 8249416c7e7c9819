//! The commit protocol: rows are in the file, and on the device, before the header counts them.

use std::io;

use super::file::GrowingFile;
use crate::{
    error::{Error, Result},
    header::Rewrite,
    storage::sync_folder_of,
    write::append::durability::Durability,
};

impl GrowingFile {
    /// Makes the header count the rows in the file. Checks the end of the file first, unless
    /// [`append`](Self::append) just did so.
    pub(super) fn commit(&mut self, is_checked: bool) -> Result<()> {
        self.sync_if_durable()?;
        if !is_checked {
            self.check_end()?;
        }
        self.write_header()?;
        self.sync_if_durable()?;
        self.committed = self.extent.written_rows();
        Ok(())
    }

    /// Returns true if the header counts the rows in the file. After a failed rewrite, it must be written again
    /// in any case.
    pub(super) fn is_committed(&self) -> bool {
        self.extent.written_rows() == self.committed && !self.header.is_unfinished()
    }

    /// Waits until the file is on the device, and its name.
    pub(super) fn sync(&mut self) -> Result<()> {
        self.check_not_cut()?;
        self.sync_all()?;
        self.sync_name()?;
        self.check_name()
    }

    pub(super) fn sync_all(&mut self) -> Result<()> {
        let synced = self.storage.sync_all();
        self.note_sync(synced)
    }

    /// Cuts off what a failed write left, and what is preallocated for other rows.
    pub(super) fn trim(&mut self) -> Result<()> {
        let end = self.extent.end();
        let trimmed = match self.has_tail {
            true => self.storage.cut_to(end),
            false => Ok(()),
        };
        match trimmed.and_then(|()| self.storage.trim(end)) {
            Ok(()) => self.check_name(),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(self.found_cut()),
            Err(error) => Err(self.failed("cut off what is after the rows", error)),
        }
    }

    pub(super) fn sync_name(&mut self) -> Result<()> {
        if !self.is_name_synced {
            match sync_folder_of(&self.absolute_path) {
                Ok(()) => {}
                // The file was renamed or removed.
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
            .set_rows(self.extent.written_rows())
            .ok_or_else(|| self.no_room())?;
        let written = self.write_rewrite(&rewrite);
        if written.is_err() {
            self.header.not_written(&rewrite);
            // A part may have been written, which must not count rows that are not committed. After a
            // failed sync nothing more is written. The header is valid after each write.
            let back = match self.failures.is_sync_lost {
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
            if nth > 0 && self.durability == Durability::Synced {
                let synced = self.storage.sync_data();
                self.failures.note_sync(synced, &self.path)?;
            }
            let written = self.storage.rewrite(bytes, at as u64);
            written.map_err(|e| self.failed("write the number of rows to the header", e))?;
        }
        Ok(())
    }

    fn sync_if_durable(&mut self) -> Result<()> {
        match self.durability {
            Durability::Cached => Ok(()),
            Durability::Synced => {
                let synced = self.storage.sync_data();
                self.note_sync(synced)
            }
        }
    }

    fn note_sync(&mut self, synced: io::Result<()>) -> Result<()> {
        self.failures.note_sync(synced, &self.path)
    }
}
