use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use super::existing::Existing;
use crate::{
    dtype::DType,
    error::{Error, ErrorKind, Result},
    header::{GrowingHeader, Header, HeaderError},
    storage::{FileStorage, Storage},
};

/// The rows of a file that grows: those in the file, and those in the buffer.
///
/// A row is a number of bytes here; who appends knows the type. The order of writes is that of the
/// commit protocol: rows first, then the header, which so never counts a row that is not there.
pub(super) struct Rows {
    storage: Box<dyn Storage>,
    path: PathBuf,
    header: GrowingHeader,
    data_start: u64,
    /// The size of a row in the file.
    itemsize: usize,
    /// The most rows that header and file can hold.
    max_rows: u64,
    /// Rows in the file, committed or not.
    written: u64,
    committed: u64,
    commit_every: u64,
    /// Rows of `stride` bytes each, so that rows of no bytes are counted as well. Those from `start`
    /// to `filled` are not yet written. Something is due (a write, a commit) when the buffer is full,
    /// so `start` is set to where it will be full in time: appending checks for nothing else.
    buffer: Vec<u8>,
    /// The length of a full buffer; its capacity has room for the row that makes something due.
    full: usize,
    stride: usize,
    start: usize,
    /// Half as wide as a length, so that adding to it needs no check of its own.
    filled: u32,
}

/// When an appender writes, and what else it does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// In bytes.
    pub(super) buffer_capacity: usize,
    /// In rows.
    pub(super) commit_every: u64,
    pub(super) lock: bool,
}

/// What is to become of a file that exists, or does not.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Mode {
    /// It is created or emptied.
    Create,
    /// It is created; there must be none.
    CreateNew,
    /// It is continued or created.
    Open,
}

/// The largest buffer, in bytes.
const MAX_CAPACITY: usize = 1 << 30;

impl Rows {
    /// Opens a file of a dtype, and starts it if it is empty.
    pub(super) fn open(
        path: &Path,
        mode: Mode,
        record: &DType,
        settings: Settings,
    ) -> Result<Self> {
        record.check().map_err(HeaderError::from)?;
        let header = Header::of_rows(record, 0);
        header.check()?;
        let storage = open_storage(path, mode, settings.lock)?;
        Rows::of(storage, path, &header, record, settings)
    }

    fn of(
        storage: Box<dyn Storage>,
        path: &Path,
        new: &Header,
        record: &DType,
        settings: Settings,
    ) -> Result<Self> {
        let Existing {
            header,
            written,
            committed,
        } = match Existing::read(&*storage, record)? {
            Some(existing) => existing,
            None => {
                let new = Existing::none(new)?;
                storage.write_all_at(new.header.bytes(), 0).map_err(|e| {
                    // Half a header would have the file refused from now on.
                    let _ = storage.set_len(0);
                    Error::io("write the header", e)
                })?;
                new
            }
        };
        let data_start = header.bytes().len() as u64;
        let itemsize = record.itemsize();
        let stride = itemsize.max(1);
        // An array has 2^63 - 1 bytes at the most, and as many rows.
        let max_bytes = i64::MAX.unsigned_abs() - data_start;
        let max_in_file = max_bytes
            .checked_div(itemsize as u64)
            .unwrap_or(i64::MAX.unsigned_abs());
        let capacity = (settings.buffer_capacity.min(MAX_CAPACITY) / stride).max(1) * stride;
        let full = capacity - stride;
        let mut buffer = Vec::with_capacity(capacity);
        buffer.resize(full, 0);
        let mut rows = Rows {
            storage,
            path: path.to_owned(),
            max_rows: header.max_rows().min(max_in_file),
            header,
            data_start,
            itemsize,
            written,
            committed,
            commit_every: settings.commit_every,
            buffer,
            full,
            stride,
            start: 0,
            filled: 0,
        };
        rows.set_start();
        Ok(rows)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// All rows, those in the buffer included.
    pub(super) fn rows(&self) -> u64 {
        self.written + self.in_buffer()
    }

    fn in_buffer(&self) -> u64 {
        ((self.end() - self.start) / self.stride) as u64
    }

    /// The end of the rows in the buffer.
    #[inline]
    fn end(&self) -> usize {
        self.filled as usize
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // No buffer is longer than `MAX_CAPACITY` and a row.
    fn set_end(&mut self, end: usize) {
        self.filled = end as u32;
    }

    pub(super) fn committed(&self) -> u64 {
        self.committed
    }

    /// The place of the next row, of `itemsize` bytes, if nothing is due after it.
    #[inline]
    pub(super) fn next_place(&mut self, itemsize: usize) -> Option<&mut [u8]> {
        let (start, end) = (self.end(), self.end() + itemsize.max(1));
        self.buffer.get_mut(start..end)?.get_mut(..itemsize)
    }

    /// Takes the row that was put into the [next place](Self::next_place).
    #[inline]
    pub(super) fn advance(&mut self, itemsize: usize) {
        self.set_end(self.end() + itemsize.max(1));
    }

    /// The place of the row after which something is due.
    pub(super) fn last_place(&mut self) -> Result<&mut [u8]> {
        self.check_room(1)?;
        let start = self.end();
        self.buffer.resize(start + self.stride, 0);
        Ok(self
            .buffer
            .get_mut(start..start + self.itemsize)
            .unwrap_or_default())
    }

    /// Gives the [last place](Self::last_place) up again.
    pub(super) fn forget_last_place(&mut self) {
        self.buffer.truncate(self.end());
    }

    /// Takes the row that was put into the [last place](Self::last_place), and writes or commits.
    /// When writing fails the row is not taken.
    pub(super) fn advance_and_write(&mut self) -> Result<()> {
        self.set_end(self.end() + self.stride);
        let result = self.write_what_is_due();
        if result.is_err() && self.in_buffer() > 0 {
            self.set_end(self.end() - self.stride);
            self.forget_last_place();
        }
        result
    }

    /// Takes rows whose bytes are at hand.
    pub(super) fn append_bytes(&mut self, bytes: &[u8], rows: u64) -> Result<()> {
        self.check_room(rows)?;
        let (start, end) = (self.end(), self.end().saturating_add(bytes.len()));
        if let Some(place) = self
            .buffer
            .get_mut(start..end)
            .filter(|_| self.itemsize > 0)
        {
            place.copy_from_slice(bytes);
            self.set_end(end);
            return Ok(());
        }
        self.write_out()?;
        self.write_behind(bytes, rows)?;
        self.set_start();
        match self.is_commit_due() {
            true => self.commit(),
            false => Ok(()),
        }
    }

    /// Writes all rows, and their number into the header. Rows that are in the file are committed even
    /// if others cannot be written.
    pub(super) fn commit(&mut self) -> Result<()> {
        let written = self.write_out();
        self.write_header()?;
        written
    }

    fn write_header(&mut self) -> Result<()> {
        if self.written == self.committed {
            return Ok(());
        }
        let changed = self
            .header
            .set_rows(self.written)
            .ok_or_else(|| self.no_room())?;
        let bytes = self.header.bytes().get(changed.clone()).unwrap_or_default();
        if let Err(error) = self.storage.write_all_at(bytes, changed.start as u64) {
            self.header.not_written(changed);
            return Err(self.failed("write the number of rows to the header", error));
        }
        self.committed = self.written;
        if self.in_buffer() == 0 {
            self.set_start();
        }
        Ok(())
    }

    fn is_commit_due(&self) -> bool {
        self.rows() - self.committed >= self.commit_every
    }

    fn write_what_is_due(&mut self) -> Result<()> {
        match self.is_commit_due() {
            true => self.commit(),
            false => self.write_out(),
        }
    }

    /// Writes the rows of the buffer behind the others. When it fails they stay in the buffer.
    fn write_out(&mut self) -> Result<()> {
        let rows = self.in_buffer();
        let buffer = std::mem::take(&mut self.buffer);
        let bytes = buffer
            .get(self.start..self.end())
            .filter(|_| self.itemsize > 0);
        let result = self.write_behind(bytes.unwrap_or_default(), rows);
        self.buffer = buffer;
        if result.is_ok() {
            self.set_start();
        }
        result
    }

    fn write_behind(&mut self, bytes: &[u8], rows: u64) -> Result<()> {
        let end = self.data_start + self.written * self.itemsize as u64;
        if let Err(error) = self.storage.write_all_at(bytes, end) {
            // What was written of them is cut off; the file is valid even if that fails too.
            let _ = self.storage.set_len(end);
            return Err(self.failed("write rows", error));
        }
        self.written += rows;
        Ok(())
    }

    fn check_room(&self, more: u64) -> Result<()> {
        match self.rows().checked_add(more) {
            Some(rows) if rows <= self.max_rows => Ok(()),
            _ => Err(self.no_room()),
        }
    }

    fn no_room(&self) -> Error {
        let max_rows = self.max_rows;
        Error::new(ErrorKind::NoGrowthRoom { max_rows }).at_path(&self.path)
    }

    /// Starts the empty buffer so that it is full one row before something is due.
    fn set_start(&mut self) {
        let to_commit = self
            .commit_every
            .saturating_sub(self.written - self.committed);
        let rows = to_commit
            .saturating_sub(1)
            .min(self.max_rows.saturating_sub(self.written));
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        self.buffer.truncate(self.full);
        self.start = self.full - rows.min(self.full / self.stride) * self.stride;
        self.set_end(self.start);
    }

    fn failed(&self, action: &'static str, error: io::Error) -> Error {
        Error::io(action, error)
            .keeping(self.written)
            .at_path(&self.path)
    }
}

/// The file, locked before anything in it is changed.
fn open_storage(path: &Path, mode: Mode, lock: bool) -> Result<Box<dyn Storage>> {
    let mut options = File::options();
    options.read(true).write(true);
    match mode {
        Mode::CreateNew => options.create_new(true),
        Mode::Create | Mode::Open => options.create(true).truncate(false),
    };
    let storage = match lock {
        true => FileStorage::open_locked(&mut options, path)?,
        false => FileStorage::open(&options, path)?,
    };
    if mode == Mode::Create {
        storage
            .set_len(0)
            .map_err(|e| Error::io("empty the file", e))?;
    }
    Ok(Box::new(storage))
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    };

    use super::*;

    /// Memory with so much room, whose header can be made to refuse writes.
    #[derive(Debug, Default)]
    struct Disk {
        bytes: Mutex<Vec<u8>>,
        room: AtomicU64,
        is_header_broken: AtomicBool,
    }

    impl Storage for Arc<Disk> {
        fn len(&self) -> io::Result<u64> {
            Ok(self.bytes.lock().unwrap().len() as u64)
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            let len = usize::try_from(len).unwrap();
            self.bytes.lock().unwrap().resize(len, 0);
            Ok(())
        }

        fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            let bytes = self.bytes.lock().unwrap();
            let mut rest = &bytes[bytes.len().min(usize::try_from(offset).unwrap())..];
            io::Read::read(&mut rest, buffer)
        }

        /// Three bytes at a time, as far as there is room.
        fn write_at(&self, new: &[u8], offset: u64) -> io::Result<usize> {
            let room = self.room.load(Ordering::Relaxed).saturating_sub(offset);
            let len = new.len().min(3).min(usize::try_from(room).unwrap());
            if len == 0 || offset < 128 && self.is_header_broken.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let start = usize::try_from(offset).unwrap();
            let mut bytes = self.bytes.lock().unwrap();
            let end = bytes.len().max(start + len);
            bytes.resize(end, 0);
            bytes[start..start + len].copy_from_slice(&new[..len]);
            Ok(len)
        }
    }

    impl Disk {
        fn new(room: u64) -> Arc<Self> {
            let disk = Disk::default();
            disk.room.store(room, Ordering::Relaxed);
            Arc::new(disk)
        }

        fn rows_in_header(&self) -> u64 {
            let bytes = self.bytes.lock().unwrap();
            Header::read_from(&mut &bytes[..]).unwrap().rows().unwrap()
        }

        fn data(&self) -> Vec<u8> {
            self.bytes.lock().unwrap()[128..].to_vec()
        }
    }

    fn open(disk: &Arc<Disk>, buffer_capacity: usize, commit_every: u64) -> Result<Rows> {
        let record: DType = "<u2".parse().unwrap();
        let settings = Settings {
            buffer_capacity,
            commit_every,
            lock: false,
        };
        let header = Header::of_rows(&record, 0);
        Rows::of(
            Box::new(Arc::clone(disk)),
            Path::new("rows.npy"),
            &header,
            &record,
            settings,
        )
    }

    fn append(rows: &mut Rows, row: u8) -> Result<()> {
        if let Some(place) = rows.next_place(2) {
            place.copy_from_slice(&[row, 0]);
            rows.advance(2);
            return Ok(());
        }
        rows.last_place()?.copy_from_slice(&[row, 0]);
        rows.advance_and_write()
    }

    #[test]
    fn a_full_disk_loses_no_row_that_was_taken() {
        // Room for five rows and a half, and a buffer of two.
        let disk = Disk::new(128 + 11);
        let mut rows = open(&disk, 4, u64::MAX).unwrap();
        for row in 0..5 {
            append(&mut rows, row).unwrap();
        }
        let error = append(&mut rows, 5).unwrap_err();
        assert_eq!(
            error.to_string(),
            "rows.npy: cannot write rows: no storage space; the 4 rows before are in the file"
        );
        assert_eq!(rows.rows(), 5);
        assert_eq!(
            disk.data(),
            [0, 0, 1, 0, 2, 0, 3, 0],
            "a torn row is cut off"
        );
        rows.commit().unwrap();
        assert_eq!((rows.committed(), disk.rows_in_header()), (5, 5));

        append(&mut rows, 6).unwrap();
        rows.commit().unwrap_err();
        assert_eq!((rows.rows(), rows.committed()), (6, 5));
        disk.room.store(u64::MAX, Ordering::Relaxed);
        append(&mut rows, 7).unwrap();
        rows.commit().unwrap();
        assert_eq!(disk.data(), [0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 6, 0, 7, 0]);
        assert_eq!((rows.committed(), disk.rows_in_header()), (7, 7));
    }

    #[test]
    fn rows_in_the_file_are_committed_though_others_cannot_be_written() {
        let disk = Disk::new(128 + 8);
        let mut rows = open(&disk, 4, u64::MAX).unwrap();
        for row in 0..5 {
            append(&mut rows, row).unwrap();
        }
        rows.commit().unwrap_err();
        assert_eq!((rows.rows(), rows.committed()), (5, 4));
        assert_eq!(disk.rows_in_header(), 4);
    }

    #[test]
    fn a_header_that_was_not_written_is_written_at_the_next_commit() {
        let disk = Disk::new(u64::MAX);
        let mut rows = open(&disk, 100, 2).unwrap();
        append(&mut rows, 0).unwrap();
        disk.is_header_broken.store(true, Ordering::Relaxed);
        append(&mut rows, 1).unwrap_err();
        assert_eq!((rows.rows(), rows.committed()), (2, 0));
        append(&mut rows, 2).unwrap_err();
        assert_eq!((rows.rows(), disk.data().len()), (3, 6));
        disk.is_header_broken.store(false, Ordering::Relaxed);
        append(&mut rows, 3).unwrap();
        assert_eq!((rows.committed(), disk.rows_in_header()), (4, 4));
    }

    #[test]
    fn a_header_that_cannot_be_written_leaves_an_empty_file() {
        let disk = Disk::new(100);
        open(&disk, 100, u64::MAX).err().unwrap();
        assert_eq!(Storage::len(&disk).unwrap(), 0);
    }
}
