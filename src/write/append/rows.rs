mod append;
mod append_converted;
mod buffer;
mod check;
mod clock;
mod commit;
mod extent;
mod failures;
mod file;
mod flush;
mod open;
mod open_dir;
mod rotate;
mod schedule;
mod shard_log;

use std::path::Path;

use self::{buffer::Buffer, file::GrowingFile, schedule::Schedule, shard_log::ShardLog};
use crate::{convert::Plan, error::Result, header::Shape, repair::Report, storage::folder_of};

/// The rows of a file that grows: those in the file, and those in the buffer.
///
/// A row consists of one element, or of all elements along the other axes of an array. An element is a number
/// of bytes here; the caller knows its type.
pub(super) struct Rows {
    file: GrowingFile,
    buffer: Buffer,
    schedule: Schedule,
    /// The conversion of appended elements to the dtype of the file, if it differs.
    conversion: Option<Conversion>,
    recovery: Option<Report>,
    /// The shards before the file, if it is the last one of a directory.
    shards: Option<Box<ShardLog>>,
    /// Closing was tried, so dropping writes nothing.
    is_closed: bool,
}

struct Conversion {
    plan: Plan,
    /// The bytes of an element before its conversion.
    unconverted: Vec<u8>,
}

impl Rows {
    pub(super) fn path(&self) -> &Path {
        &self.file.path
    }

    /// Returns the directory of shards, or the folder of a single file.
    pub(super) fn dir(&self) -> &Path {
        match &self.shards {
            Some(shards) => shards.folder.dir(),
            None => folder_of(self.path()),
        }
    }

    /// Returns the path of the directory or of the single file.
    #[cfg(feature = "background")]
    pub(super) fn log_path(&self) -> &Path {
        match &self.shards {
            Some(shards) => shards.folder.dir(),
            None => self.path(),
        }
    }

    /// Returns the number of shards. A single file is one.
    pub(super) fn shards(&self) -> u64 {
        self.shards.as_ref().map_or(0, |shards| shards.last()) + 1
    }

    /// Returns true if the path still names the file.
    pub(super) fn is_current(&self) -> Result<bool> {
        self.file.is_current()
    }

    /// Returns true if the appender never writes again.
    pub(super) fn is_halted(&self) -> bool {
        self.file.failures.are_final()
    }

    /// Returns what was found when the file was opened, if header and data did not agree.
    pub(super) fn recovery(&self) -> Option<&Report> {
        self.recovery.as_ref()
    }

    /// Returns the shape of the array without rows.
    pub(super) fn shape(&self) -> &Shape {
        &self.file.extent.shape
    }

    /// Returns the number of elements that are counted as a row: 1 if a row has no elements.
    pub(super) fn row_len(&self) -> u64 {
        self.file.extent.row_len
    }

    /// Returns the number of whole rows, those in the buffer included.
    pub(super) fn rows(&self) -> u64 {
        self.sealed_rows().saturating_add(self.file_rows())
    }

    /// Returns the number of rows in the shards before the file.
    fn sealed_rows(&self) -> u64 {
        self.shards.as_ref().map_or(0, |shards| shards.sealed_rows)
    }

    /// Returns the number of whole rows of the file, those in the buffer included.
    pub(super) fn file_rows(&self) -> u64 {
        self.file.extent.rows(self.buffer.len())
    }

    /// Returns the number of elements, those in the buffer included.
    fn elements(&self) -> u64 {
        self.file.extent.elements(self.buffer.len())
    }

    pub(super) fn committed(&self) -> u64 {
        self.sealed_rows().saturating_add(self.file.committed)
    }

    /// Returns the number of rows that the header of the file counts.
    #[cfg(feature = "background")]
    pub(super) fn committed_in_file(&self) -> u64 {
        self.file.committed
    }

    /// Returns the largest number of rows that header and file can hold. A directory holds any number.
    pub(super) fn max_rows(&self) -> u64 {
        match self.shards {
            Some(_) => u64::MAX,
            None => self.file.extent.max_rows(),
        }
    }

    fn is_commit_due(&self) -> bool {
        self.schedule
            .is_commit_due(self.file_rows() - self.file.committed)
    }

    /// Returns true if the buffer is full at each element, as the time decides when a shard starts.
    fn checks_each(&self) -> bool {
        let shards = self.shards.as_ref();
        shards.is_some_and(|shards| shards.has_clock())
    }

    /// Returns true if the file takes no more rows: nothing is ever written again, or the next shard is to start.
    fn is_at_end(&self) -> bool {
        let shards = self.shards.as_ref();
        self.is_halted() || shards.is_some_and(|shards| shards.is_sealed())
    }

    /// Makes the buffer full one element before something is due.
    fn refill(&mut self) {
        self.restart(self.buffer.len(), &[]);
    }

    /// Keeps the first bytes of the buffer, adds `more` to them, and [refills](Self::refill) it.
    fn restart(&mut self, kept: usize, more: &[u8]) {
        let room = match self.checks_each() || self.is_at_end() {
            true => 0,
            false => {
                let (file, len) = (&self.file, kept + more.len());
                let full = self.buffer.full();
                self.schedule.room(&file.extent, file.committed, len, full)
            }
        };
        self.buffer.restart(0..kept, more, room);
    }

    /// Notes the error of a call.
    fn note(&mut self, result: Result<()>) -> Result<()> {
        result.map_err(|error| {
            let error = self.file.failures.note(error);
            if self.is_halted() {
                // From now on each append fails, as what it took would never be written.
                self.refill();
            }
            error
        })
    }
}

#[cfg(test)]
pub(super) mod tests;
