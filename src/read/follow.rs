use std::{
    fmt,
    fs::File,
    marker::PhantomData,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    decoder::{BLOCK, Decoder},
    options::{ReadOptions, Settings},
    watch::Watch,
};
use crate::{
    dtype::DType,
    error::{Error, ErrorKind, Result},
    header::{GrowingHeader, Header, Order, Shape},
    record::{Misfit, NpyRecord},
    storage::{FileStorage, Storage, read_header_with_limit, reserve, resize},
};

/// Reads on while an [`Appender`](crate::Appender) appends, in this program or another: each committed
/// row once, in order.
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
/// It ends, by [`ErrorKind::Removed`] or [`ErrorKind::CutShort`], when the file is taken away from its
/// path or cut, as a log that is rotated; all rows that it had are given before.
///
/// Only rows that the header counts are given, and only if they are there: a header that is read while
/// it is written is read again.
pub struct Follow<R> {
    storage: FileStorage,
    path: PathBuf,
    /// `None` if the header has no room to grow, which then is that of another writer.
    header: Option<GrowingHeader>,
    settings: Settings,
    dtype: DType,
    decoder: Decoder,
    /// The next row.
    row: u64,
    /// The rows that the header counted when it was last read.
    committed: u64,
    end: Option<End>,
    block: Vec<u8>,
    /// The bytes of the header, as they were last read.
    text: Vec<u8>,
    /// The first of them, which say how long it is.
    frame: Vec<u8>,
    watch: Option<Watch>,
    records: PhantomData<fn() -> R>,
}

/// The most bytes of rows that one call returns, in the file or in memory, unless one row is larger.
const AT_ONCE: usize = 16 << 20;

/// Why there will be no more rows.
#[derive(Clone, Copy, Debug)]
enum End {
    Removed,
    CutShort { expected: u64, found: u64 },
}

const REMOVED: &str = "it was removed, renamed or replaced; all rows that it had were read, and what is \
                       there now can be opened anew";
const CUT_SHORT: &str = "open it anew to read what is there";

impl<R: NpyRecord> Follow<R> {
    /// Opens a file, to read on from its first row.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, is not an `.npy` file, or its dtype cannot be read as that of `R`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        ReadOptions::new().follow(path)
    }

    pub(super) fn open_with(path: &Path, settings: Settings) -> Result<Self> {
        Self::open_path(path, settings).map_err(|e| e.at_path(path))
    }

    fn open_path(path: &Path, settings: Settings) -> Result<Self> {
        let storage = FileStorage::open(File::options().read(true), path)?;
        let (header, text) = read_header_with_limit(&storage, 0, settings.max_header_size);
        let header = header?;
        let (_, decoder) = Decoder::of_rows::<R>(&header, settings.casting)?;
        Ok(Follow {
            storage,
            settings,
            dtype: header.dtype().clone(),
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
            records: PhantomData,
        })
    }

    /// Returns the rows that were committed since the last call. The first call starts with those that
    /// were there before; [`skip_to`](Self::skip_to) leaves them out.
    ///
    /// One call returns at most 16 MiB of rows, or one row if it is larger. [`remaining`](Self::remaining)
    /// says how many more there are, for the next call:
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
    ///
    /// # Errors
    ///
    /// If reading fails, or a row is no value of `R`; the rows before it are given first, and those
    /// behind it by the next call. When the file is no longer there or shorter than what was read, by
    /// [`ErrorKind::Removed`] or [`ErrorKind::CutShort`], once no row is left to give.
    pub fn poll(&mut self) -> Result<Vec<R>> {
        let mut records = Vec::new();
        self.poll_into(&mut records)?;
        Ok(records)
    }

    /// [`poll`](Self::poll), with the rows added to `records`, and their number. It allocates nothing if
    /// there is room for them.
    ///
    /// # Errors
    ///
    /// As [`poll`](Self::poll).
    pub fn poll_into(&mut self, records: &mut Vec<R>) -> Result<usize> {
        let before = records.len();
        let read = self.look().and_then(|()| self.read(records));
        match read {
            Err(error) if records.len() == before => Err(error.at_path(&self.path)),
            _ => Ok(records.len() - before),
        }
    }

    /// Waits until there are rows to [`poll`](Self::poll), but no longer than `timeout`; whether there
    /// are.
    ///
    /// Linux tells when a file changes. Elsewhere, and on network file systems, the file is looked at
    /// again and again, at most 64 ms apart (500 ms where Linux might have told).
    ///
    /// # Errors
    ///
    /// If reading fails, or the file ended, as for [`poll`](Self::poll).
    pub fn wait(&mut self, timeout: Duration) -> Result<bool> {
        // A time beyond what can be told is none.
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

    /// Returns the number of rows that were committed when the file was last looked at, and not yet given.
    pub fn remaining(&self) -> u64 {
        self.committed.saturating_sub(self.row)
    }

    /// Goes on with a row, counted from 0: to leave out those before it, or to read some again.
    pub fn skip_to(&mut self, row: u64) {
        self.row = row;
    }

    /// The row, counted from 0, that is given next.
    pub fn next_row(&self) -> u64 {
        self.row
    }

    /// The rows that are committed now.
    ///
    /// # Errors
    ///
    /// As [`poll`](Self::poll).
    pub fn committed_rows(&mut self) -> Result<u64> {
        self.look().map_err(|e| e.at_path(&self.path))?;
        Ok(self.committed)
    }

    /// Looks at how many rows there are.
    fn look(&mut self) -> Result<()> {
        // First: whoever takes the file away may have appended to it before.
        let is_removed = self.end.is_none() && self.is_removed();
        if self.end.is_none() {
            self.look_at_header()?;
        }
        if is_removed {
            self.end = Some(End::Removed);
        }
        match self.end {
            Some(end) if self.row >= self.committed => Err(match end {
                End::Removed => Error::new(ErrorKind::Removed).with_end(REMOVED),
                End::CutShort { expected, found } => {
                    Error::new(ErrorKind::CutShort { expected, found }).with_end(CUT_SHORT)
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
                // The rows that are left are still given.
                self.committed = found.max(self.row);
                return Ok(());
            }
            // A number beyond the rows that are there, or smaller than before, was read in halves.
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
        match Header::read_from_with_limit(&mut &*text, self.settings.max_header_size) {
            Ok(header) if Shape::of(&header).order() == Order::Fortran => {
                Err(Misfit::FortranOrder(header.shape().to_vec()).into())
            }
            _ => Ok(()),
        }
    }

    /// Reads the header's bytes; how many there are.
    fn read_text(&mut self) -> Result<usize> {
        self.storage
            .read_all_at(&mut self.text, 0)
            .map_err(|e| Error::io("read the header", e))
    }

    /// Whether the header read last is as long as it was, so that its rows are where they were.
    fn has_same_frame(&self, len: usize) -> bool {
        let text = self.text.get(..len).unwrap_or_default();
        text.starts_with(&self.frame)
    }

    /// The rows that the bytes last read count, if they are those of this file's header.
    fn counted(&self, len: usize) -> Option<u64> {
        let text = self.text.get(..len)?;
        let growing = self.header.as_ref();
        growing.and_then(|header| header.rows_in(text)).or_else(|| {
            let limit = self.settings.max_header_size;
            let header = Header::read_from_with_limit(&mut &*text, limit).ok()?;
            let is_same = *header.dtype() == self.dtype && Shape::of(&header).order() == Order::C;
            let header = header.with_order(Order::C);
            header
                .rows()
                .filter(|_| is_same && header.row_size() == self.decoder.itemsize() as u64)
        })
    }

    /// Whether there is no file, or another one, under the path now.
    fn is_removed(&self) -> bool {
        // Where this cannot be told, it is taken to be there.
        self.storage
            .has_path(&self.path)
            .is_ok_and(|is_there| !is_there)
    }

    /// Reads the rows that are committed, up to one that is no value of `R`.
    fn read(&mut self, records: &mut Vec<R>) -> Result<()> {
        let itemsize = self.decoder.itemsize();
        let most = (AT_ONCE / itemsize.max(size_of::<R>()).max(1)).max(1);
        let left = self.remaining().min(most as u64);
        self.decoder.check_len::<R>(self.remaining())?;
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
                // After others it is met again by the next call.
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

impl<R> fmt::Debug for Follow<R> {
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
    use crate::append::Appender;

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
