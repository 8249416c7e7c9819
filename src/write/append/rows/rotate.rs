//! From one shard to the next. A shard is sealed before it is listed, and listed before the next one starts.

use std::io;

use super::{Rows, extent::Extent, file::GrowingFile};
use crate::{
    error::{Error, Result},
    shards::shard_path,
    write::append::durability::Durability,
};

const NO_DIRECTORY: &str = "only a directory has shards: open one with `AppendOptions::open_dir`";

/// Shards that are written to the device one after another. Writing many at once takes less time, but writes the files of
/// other programs as well.
const FEW: u64 = 16;

impl Rows {
    /// Seals the last shard, and starts the next one. A shard without rows stays the last one.
    pub(in crate::write::append) fn rotate(&mut self) -> Result<()> {
        self.cut_partial_row();
        let result = self.next_shard();
        self.note(result)
    }

    fn next_shard(&mut self) -> Result<()> {
        let Some(shards) = &mut self.shards else {
            let unsupported = io::Error::new(io::ErrorKind::Unsupported, NO_DIRECTORY);
            return Err(Error::io("start the next shard", unsupported).at_path(self.path()));
        };
        let rows = self.file.extent.rows(self.buffer.len());
        match (rows, shards.is_sealed()) {
            (0, true) => self.unlist_last(),
            (0, false) => {
                shards.restart_clock();
                Ok(())
            }
            _ => {
                self.close_whole_rows()?;
                self.start_next()
            }
        }
    }

    /// Starts the next shard if the last one is full, or its time is over. Does so between rows only. The time of
    /// a shard without rows starts anew.
    pub(super) fn rotate_if_due(&mut self) -> Result<()> {
        let Some(shards) = &self.shards else {
            return Ok(());
        };
        let extent = &self.file.extent;
        let elements = self.elements();
        let is_due = shards.is_sealed()
            || elements.is_multiple_of(extent.row_len)
                && (elements >= extent.max_elements || shards.is_over());
        match is_due {
            true => self.next_shard(),
            false => Ok(()),
        }
    }

    /// Starts the next shard if the time of the last one is over.
    pub(super) fn rotate_by_clock(&mut self) -> Result<()> {
        let shards = self.shards.as_ref();
        match shards.is_some_and(|shards| shards.is_over()) {
            true => self.next_shard(),
            false => Ok(()),
        }
    }

    /// Lists the last shard, whose rows are all committed.
    pub(super) fn list_last(&mut self) -> Result<()> {
        let rows = self.file.committed;
        let is_durable = self.file.durability == Durability::Synced;
        match &mut self.shards {
            Some(shards) if !shards.is_listed() => {
                if is_durable {
                    self.file.sync()?;
                }
                let listed = shards.list(rows, is_durable);
                // From now on each append starts the next shard first.
                self.refill();
                listed
            }
            _ => Ok(()),
        }
    }

    pub(super) fn unlist_last(&mut self) -> Result<()> {
        if let Some(shards) = &mut self.shards {
            shards.unlist()?;
        }
        self.refill();
        Ok(())
    }

    fn start_next(&mut self) -> Result<()> {
        let Some(shards) = &mut self.shards else {
            return Ok(());
        };
        let number = shards.last() + 1;
        let (storage, header) = shards.folder.start(number, &shards.header)?;
        let last = &self.file;
        let (itemsize, shape) = (last.extent.itemsize, last.extent.shape.clone());
        let mut extent = Extent::new(&header, itemsize, shape, 0);
        extent.limit(shards.max_rows);
        let path = shard_path(shards.folder.dir(), number);
        let mut next = GrowingFile::new(storage, &path, last.durability, header, extent, 0);
        next.absolute_path = last.absolute_path.with_file_name(format!("{number}.npy"));
        next.is_name_synced = last.durability == Durability::Synced;
        if last.durability == Durability::Synced {
            shards.unsynced = number;
        }
        shards.note_started(last.committed);
        self.file = next;
        self.refill();
        Ok(())
    }

    /// Waits until the sealed shards are on the device, and the list of them.
    pub(super) fn sync_sealed(&mut self) -> Result<()> {
        let rows = self.file.committed;
        self.sync_shards()?;
        match &mut self.shards {
            Some(shards) if shards.unsynced < shards.last() => {
                shards.list_again(rows)?;
                shards.unsynced = shards.last();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Waits until the sealed shards are on the device, also the shards of an earlier run.
    pub(super) fn sync_shards(&mut self) -> Result<()> {
        let Some(shards) = &self.shards else {
            return Ok(());
        };
        let unsynced = shards.unsynced..shards.last();
        if unsynced.end - unsynced.start > FEW {
            shards.folder.write_back();
        }
        for number in unsynced {
            let synced = shards.folder.sealed(number)?.sync_all();
            let path = shard_path(shards.folder.dir(), number);
            self.file.failures.note_sync(synced, &path)?;
        }
        Ok(())
    }
}
