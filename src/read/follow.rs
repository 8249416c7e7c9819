use std::{
    fmt,
    fs::File,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    decoder::{BLOCK, Decoder},
    options::ReadOptions,
    watch::Watch,
};
use crate::{
    dtype::DType,
    error::{Cause, Error, Result},
    header::{GrowingHeader, Header, Order},
    record::{Element, Mismatch},
    storage::{FileStorage, Storage, read_header_with_limit, reserve, resize},
};

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
/// Only rows that the header counts and the file has are yielded: a file that is too short is taken for one that
/// is being written, and yields no rows until it is complete. A header that is read while it is written is
/// read again.
pub struct Follow<E: Element> {
    storage: FileStorage,
    pub(super) path: PathBuf,
    /// `None` if the header has no room to grow; another program wrote it.
    header: Option<GrowingHeader>,
    pub(super) options: ReadOptions,
    dtype: DType,
    pub(super) row_dtype: DType,
    pub(super) decoder: Decoder<E>,
    /// The next row.
    row: u64,
    /// The number of rows in the header when it was last read.
    committed: u64,
    end: Option<End>,
    block: Vec<u8>,
    /// The bytes of the header when it was last read.
    text: Vec<u8>,
    /// The first bytes of the header, which give its length.
    frame: Vec<u8>,
    watch: Option<Watch>,
}

/// The largest size of the rows that one call returns, in the file or in memory, unless one row is larger.
const AT_ONCE: usize = 16 << 20;

/// The reason why no more rows will come.
#[derive(Clone, Copy, Debug)]
enum End {
    Removed,
    CutShort { expected: u64, found: u64 },
}

const REMOVED: &str = "it was removed, renamed or replaced; all rows that it had were read, and what is \
                       there now can be opened anew";
const CUT_SHORT: &str = "open it anew to read what is there";

impl<E: Element> Follow<E> {
    /// Opens a file, to read from its first row on.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, is not an `.npy` file, or its rows cannot be read as `E`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        ReadOptions::new().follow(path)
    }

    pub(super) fn open_with(path: &Path, options: ReadOptions) -> Result<Self> {
        Self::open_path(path, options).map_err(|e| e.at_path(path))
    }

    fn open_path(path: &Path, options: ReadOptions) -> Result<Self> {
        options.check_rows()?;
        let storage = FileStorage::open(File::options().read(true), path)?;
        let (header, text) = read_header_with_limit(&storage, 0, options.max_header_size);
        let header = header?;
        if header.array_shape().order() == Order::Fortran {
            return Err(Mismatch::FortranOrder(header.shape().to_vec()).into());
        }
        let (shape, decoder) = Decoder::of_rows(&header, options.casting)?;
        Ok(Follow {
            storage,
            options,
            dtype: header.dtype().clone(),
            row_dtype: header.element_dtype(&shape),
            path: path.to_owned(),
            header: GrowingHeader::existing(&header.with_order(Order::C), &text),
            decoder,
            row: 0,
            committed: 0,
            end: None,
            block: Vec::new(),
            frame: text
                .get(..header.version().text_start())
                .unwrap_or_default()
                .to_vec(),
            text,
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
        let read = self.look().and_then(|()| self.read(records));
        match read {
            Err(error) if records.len() == before => Err(error.at_path(&self.path)),
            _ => Ok(records.len() - before),
        }
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
            self.watch.get_or_insert_with(|| Watch::new(&self.path));
            self.look().map_err(|e| e.at_path(&self.path))?;
            if self.row < self.committed {
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

    /// Returns the number of rows that were committed at the last look at the file, and are not yet returned.
    pub fn remaining(&self) -> u64 {
        self.committed.saturating_sub(self.row)
    }

    /// Sets the next row, counted from 0, to skip rows or to read rows again.
    pub fn skip_to(&mut self, row: u64) {
        self.row = row;
    }

    /// Returns the next row, counted from 0.
    pub fn next_row(&self) -> u64 {
        self.row
    }

    /// Returns the number of rows that are committed now.
    ///
    /// # Errors
    ///
    /// As [`poll`](Self::poll).
    pub fn committed_rows(&mut self) -> Result<u64> {
        self.look().map_err(|e| e.at_path(&self.path))?;
        Ok(self.committed)
    }

    /// Updates the number of committed rows.
    fn look(&mut self) -> Result<()> {
        // Checked first, as rows may be appended before the file is removed.
        let is_removed = self.end.is_none() && self.is_removed();
        if self.end.is_none() {
            self.look_at_header()?;
        }
        if is_removed {
            self.end = Some(End::Removed);
        }
        match self.end {
            Some(end) if self.row >= self.committed => Err(match end {
                End::Removed => Error::new(Cause::Removed).with_end(REMOVED),
                End::CutShort { expected, found } => {
                    Error::new(Cause::CutShort { expected, found }).with_end(CUT_SHORT)
                }
            }),
            _ => Ok(()),
        }
    }

    fn look_at_header(&mut self) -> Result<()> {
        loop {
            let len = self.read_text()?;
            let counted = self.counted(len);
            let length = self.storage.len();
            let length = length.map_err(|e| Error::io("read the file's length", e))?;
            let data = length.saturating_sub(self.text.len() as u64);
            let present = data.checked_div(self.decoder.itemsize() as u64);
            if present.is_some_and(|present| present < self.committed) {
                let (expected, found) = (self.committed, present.unwrap_or_default());
                self.end = Some(End::CutShort { expected, found });
                // The remaining rows are still returned.
                self.committed = found.max(self.row);
                return Ok(());
            }
            // A number larger than the rows in the file, or smaller than before, was read while it was written.
            let most = present.unwrap_or(u64::MAX);
            if let Some(counted) = counted.filter(|n| (self.committed..=most).contains(n)) {
                self.committed = counted;
                return Ok(());
            }
            if self.read_text()? == len && self.counted(len) == counted {
                if !self.has_same_frame(len) {
                    self.end = Some(End::Removed);
                }
                return self.check_order(len);
            }
        }
    }

    /// Checks that an array that was in both orders did not grow along its last axis.
    fn check_order(&self, len: usize) -> Result<()> {
        let text = self.text.get(..len).unwrap_or_default();
        match Header::read_from_with_max_size(&mut &*text, self.options.max_header_size) {
            Ok(header) if header.array_shape().order() == Order::Fortran => {
                Err(Mismatch::FortranOrder(header.shape().to_vec()).into())
            }
            _ => Ok(()),
        }
    }

    /// Reads the bytes of the header. Returns their number.
    fn read_text(&mut self) -> Result<usize> {
        self.storage
            .read_all_at(&mut self.text, 0)
            .map_err(|e| Error::io("read the header", e))
    }

    /// Returns true if the header still has the same length, so that its rows are in the same place.
    fn has_same_frame(&self, len: usize) -> bool {
        let text = self.text.get(..len).unwrap_or_default();
        text.starts_with(&self.frame)
    }

    /// Returns the number of rows in the bytes that were last read, if they are the header of this file.
    fn counted(&self, len: usize) -> Option<u64> {
        let text = self.text.get(..len)?;
        let growing = self.header.as_ref();
        growing.and_then(|header| header.rows_in(text)).or_else(|| {
            let limit = self.options.max_header_size;
            let header = Header::read_from_with_max_size(&mut &*text, limit).ok()?;
            let is_same = *header.dtype() == self.dtype && header.array_shape().order() == Order::C;
            let header = header.with_order(Order::C);
            // A single element is one row.
            let rows = header.rows().unwrap_or(1);
            (is_same && header.row_size() == self.decoder.itemsize() as u64).then_some(rows)
        })
    }

    /// Returns true if the path leads to another file or to no file. Errors count as false.
    fn is_removed(&self) -> bool {
        self.storage
            .has_path(&self.path)
            .is_ok_and(|is_there| !is_there)
    }

    /// Reads the committed rows, up to the first whose bytes are not a valid `E`.
    fn read(&mut self, records: &mut Vec<E>) -> Result<()> {
        let itemsize = self.decoder.itemsize();
        let most = (AT_ONCE / itemsize.max(size_of::<E>()).max(1)).max(1);
        let left = self.remaining().min(most as u64);
        self.decoder.check_len_at_once(self.remaining())?;
        let end = self.row.saturating_add(left);
        let per_block = (BLOCK / itemsize.max(1)).max(1) as u64;
        let before = records.len();
        reserve(records, usize::try_from(left).unwrap_or(usize::MAX))?;
        while self.row < end {
            let rows = per_block.min(end - self.row);
            let len = usize::try_from(rows).unwrap_or_default() * itemsize;
            resize(&mut self.block, len)?;
            let offset = self.text.len() as u64 + self.row * itemsize as u64;
            let read = self.storage.read_all_at(&mut self.block, offset);
            let read = read.map_err(|e| Error::io("read rows", e).at_row(self.row))?;
            if read < len {
                let (expected, found) = (self.committed, self.row);
                self.end = Some(End::CutShort { expected, found });
                self.committed = self.row;
                return self.look();
            }
            let decoded_before = records.len();
            let decoded = match itemsize {
                0 => (0..rows).try_for_each(|_| self.decoder.push_empty(records)),
                _ => self.decoder.decode_all(&self.block, records),
            };
            self.row += (records.len() - decoded_before) as u64;
            match decoded {
                Ok(()) => {}
                // If rows were read before it, the next call meets the error again.
                Err(_) if records.len() > before => return Ok(()),
                Err(error) => {
                    let error = Error::from(error).at_row(self.row);
                    self.row += 1;
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

impl ReadOptions {
    /// Follows a file that grows, as [`Follow::open`].
    ///
    /// # Errors
    ///
    /// As [`Follow::open`].
    pub fn follow<E: Element>(&self, path: impl AsRef<Path>) -> Result<Follow<E>> {
        Follow::open_with(path.as_ref(), *self)
    }
}

impl<E: Element> fmt::Debug for Follow<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follow")
            .field("path", &self.path)
            .field("row", &self.row)
            .field("committed", &self.committed)
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
