use std::{
    fmt,
    path::Path,
    time::{Duration, Instant},
};

use super::{
    followed_file::FollowedFile, followed_shards::FollowedShards, options::ReadOptions,
    watch::Watch,
};
use crate::{error::Result, record::Element};

/// A reader of a file that grows: it yields each row once, in order, as an [`Appender`](crate::Appender) of this
/// program or another commits it.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("ticks.npy");
/// use std::time::Duration;
/// use npyrec::{Appender, Follow};
///
/// let mut ticks = Appender::<u32>::create(&path)?;
/// let mut follow = Follow::<u32>::open(&path)?;
/// assert!(follow.poll()?.is_empty());
///
/// ticks.extend([7, 8])?;
/// ticks.commit()?;
/// assert!(follow.wait(Duration::from_secs(10))?); // at once, as there are rows
/// assert_eq!(follow.poll()?, [7, 8]);
/// assert!(!follow.wait(Duration::ZERO)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// If the file is removed, renamed or replaced, as log rotation does, the reader ends with the error
/// [`Removed`](crate::ErrorKind::Removed). If the file is cut, it ends with
/// [`CutShort`](crate::ErrorKind::CutShort). All rows of the file are yielded first.
///
/// Opened with a directory of shards, it goes on with each next shard, as `tail -F` does. Rows are then counted
/// from the first row of the first shard. An error of a shard names it.
///
/// Only rows that the header counts and the file has are yielded: a file that is too short is taken for one that
/// is being written, and yields no rows until it is complete. A header that is read while it is written is
/// read again.
pub struct Follow<E: Element> {
    pub(super) file: FollowedFile<E>,
    /// The directory of the file, if it is a shard.
    shards: Option<FollowedShards>,
    watch: Option<Watch>,
}

impl<E: Element> Follow<E> {
    /// Opens a file or a directory of shards, to read from its first row on.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, is not an `.npy` file, or its rows cannot be read as `E`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let () = E::READABLE;
        ReadOptions::new().follow(path)
    }

    pub(super) fn open_with(path: &Path, options: ReadOptions) -> Result<Self> {
        let (shards, file) = match FollowedFile::open(path, options) {
            Err(_) if path.is_dir() => {
                options.check_rows().map_err(|e| e.at_path(path))?;
                let (shards, file) = FollowedShards::open(path, options)?;
                (Some(shards), file)
            }
            file => (None, file.map_err(|e| e.at_path(path))?),
        };
        Ok(Follow {
            file,
            shards,
            watch: None,
        })
    }

    /// Returns the rows that were committed since the last call. The first call starts at the first row;
    /// [`skip_to`](Self::skip_to) skips rows.
    ///
    /// One call returns at most 16 MiB of rows, or one row if it is larger. [`remaining`](Self::remaining)
    /// returns the number of rows for the next calls.
    ///
    /// # Errors
    ///
    /// - If reading fails, or the bytes of a row are not a valid `E`. The rows before it are returned first, and
    ///   the rows after it by the next call.
    /// - [`Removed`](crate::ErrorKind::Removed) if the file was removed, renamed or replaced, and all its rows were
    ///   returned.
    /// - [`CutShort`](crate::ErrorKind::CutShort) if the file is shorter than before, and the rows that are left
    ///   were returned.
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("log.npy");
    /// # npyrec::write(&path, &[7_u32, 8])?;
    /// # let mut follow = npyrec::Follow::<u32>::open(&path)?;
    /// loop {
    ///     for row in follow.poll()? {
    ///         println!("{row}");
    ///     }
    ///     if follow.remaining() == 0 {
    ///         break;
    ///     }
    /// }
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    pub fn poll(&mut self) -> Result<Vec<E>> {
        let mut records = Vec::new();
        self.poll_into(&mut records)?;
        Ok(records)
    }

    /// Adds the rows that [`poll`](Self::poll) would return to `records`, and returns their number. It allocates
    /// nothing if `records` has room for them.
    ///
    /// # Errors
    ///
    /// As [`poll`](Self::poll).
    pub fn poll_into(&mut self, records: &mut Vec<E>) -> Result<usize> {
        let before = records.len();
        loop {
            let read_before = records.len();
            let left = self
                .file
                .rows_at_once()
                .saturating_sub(read_before - before);
            let read = self.look().and_then(|()| match left {
                0 => Ok(()),
                _ => self.read(records, before, left),
            });
            match read {
                Err(error) if records.len() == before => return Err(error),
                Err(_) => break,
                // More rows may be in the next shard.
                Ok(()) if self.shards.is_some() && records.len() > read_before => {}
                Ok(()) => break,
            }
        }
        Ok(records.len() - before)
    }

    /// Waits until there are rows to [`poll`](Self::poll), at most for `timeout`. Returns true if there are.
    ///
    /// On Linux, a change of the file wakes the thread. On other systems, and on network file systems, the file is
    /// polled at least every 64 ms (500 ms on network file systems of Linux).
    ///
    /// # Errors
    ///
    /// If reading fails, or the file ended, as for [`poll`](Self::poll).
    pub fn wait(&mut self, timeout: Duration) -> Result<bool> {
        // A deadline that cannot be represented is never reached.
        let deadline = Instant::now().checked_add(timeout);
        loop {
            let dir = self.shards.as_ref().map(FollowedShards::dir);
            self.watch
                .get_or_insert_with(|| Watch::new(&self.file.path, dir));
            self.look()?;
            if self.remaining() > 0 {
                self.watch.iter_mut().for_each(Watch::again);
                return Ok(true);
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(false);
            }
            if let Some(watch) = &mut self.watch {
                watch.wait(left.unwrap_or(Duration::MAX));
            }
        }
    }

    /// Returns the number of rows that were committed at the last look at the file, and are not yet returned. In a
    /// directory, only rows of one shard are counted; the number is 0 when no shard has more.
    pub fn remaining(&self) -> u64 {
        self.file.remaining()
    }

    /// Sets the next row, counted from 0, to skip rows or to read rows again.
    pub fn skip_to(&mut self, row: u64) {
        match &mut self.shards {
            Some(shards) => shards.skip_to(row),
            None => self.file.row = row,
        }
    }

    /// Returns the next row, counted from 0.
    pub fn next_row(&self) -> u64 {
        match &self.shards {
            Some(shards) => shards.next_row(&self.file),
            None => self.file.row,
        }
    }

    /// Returns the number of rows that are committed now.
    ///
    /// # Errors
    ///
    /// As [`poll`](Self::poll).
    pub fn committed_rows(&mut self) -> Result<u64> {
        self.look()?;
        match &self.shards {
            Some(shards) => shards.committed_rows(),
            None => Ok(self.file.committed),
        }
    }

    /// Updates the number of committed rows. In a directory, goes on with the next shard.
    fn look(&mut self) -> Result<()> {
        match &mut self.shards {
            Some(shards) => {
                if shards.look(&mut self.file)? {
                    self.watch = None;
                }
                Ok(())
            }
            None => {
                let looked = self.file.look();
                looked.map_err(|e| e.at_path(&self.file.path))
            }
        }
    }

    fn read(&mut self, records: &mut Vec<E>, before: usize, most: usize) -> Result<()> {
        let read = self.file.read(records, before, most);
        read.map_err(|e| e.at_path(&self.file.path))
    }
}

impl ReadOptions {
    /// Follows a file that grows, as [`Follow::open`].
    ///
    /// # Errors
    ///
    /// As [`Follow::open`].
    pub fn follow<E: Element>(&self, path: impl AsRef<Path>) -> Result<Follow<E>> {
        let () = E::READABLE;
        Follow::open_with(path.as_ref(), *self)
    }
}

impl<E: Element> fmt::Debug for Follow<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follow")
            .field("path", &self.file.path)
            .field("row", &self.next_row())
            .field("committed", &self.file.committed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::write::Appender;

    #[test]
    fn waiting_ends_when_a_row_is_committed_though_nothing_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("growing.npy");
        let mut log = Appender::<u32>::create(&path).unwrap();
        let mut follow = Follow::<u32>::open(&path).unwrap();
        follow.watch = Some(Watch::untold());
        thread::scope(|scope| {
            scope.spawn(|| {
                for row in 0..20 {
                    thread::sleep(Duration::from_millis(2));
                    log.append(&row).unwrap();
                    log.commit().unwrap();
                }
            });
            let mut rows = Vec::new();
            while rows.len() < 20 {
                assert!(follow.wait(Duration::from_secs(60)).unwrap());
                follow.poll_into(&mut rows).unwrap();
            }
            assert_eq!(rows, Vec::from_iter(0..20));
        });
    }
}
