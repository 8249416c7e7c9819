use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{index::Index, writer::Writer};
use crate::{
    error::{Cause, Error, Result},
    header::HeaderError,
    storage::{FileStorage, Storage},
};

/// Advice for a file system without locks.
const NO_LOCKS: &str = "on a file system without locks, use `stream::Writer::new` with the file opened by \
                        `File::options().append(true)`";

/// A file that several arrays are appended to, locked against other appenders while it is open.
pub struct AppendFile {
    storage: Box<dyn Storage>,
    path: PathBuf,
    end: u64,
}

impl Writer<AppendFile> {
    /// Continues a file of several arrays, or creates it. Each header in the file is read first.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened or created, another appender has it open
    /// ([`Locked`](crate::ErrorKind::Locked)), or it does not consist of complete arrays. The error then gives
    /// the number and offset of the first invalid [array](Error::array). If that array is torn, [`cut_torn`]
    /// cuts it off.
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("epochs.npy");
    /// use npyrec::stream::{Index, Writer};
    ///
    /// Writer::open(&path)?.write(&[1_u8, 2])?;
    /// Writer::open(&path)?.write(&[0.5_f64])?;
    /// assert_eq!(Index::build(&path)?.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let storage = FileStorage::open_to_write(File::options().create(true), path, true);
        let storage = storage.map_err(|error| match FileStorage::lacks_locks(&error) {
            true => error.with_end(NO_LOCKS).at_path(path),
            false => error.at_path(path),
        })?;
        Writer::append_to(Box::new(storage), path)
    }

    pub(super) fn append_to(storage: Box<dyn Storage>, path: &Path) -> Result<Self> {
        let mut file = AppendFile::of(storage, path)?;
        let scan = Scan::of(&*file.storage);
        let index = Index::build_from(scan).map_err(|e| e.at_path(path));
        let arrays = index.map_err(|error| match is_torn(&error) {
            true => error.with_end("`npyrec::stream::cut_torn` takes it off"),
            false => error,
        });
        let index = arrays?;
        let (arrays, end) = (index.len() as u64, index.end());
        file.cut_room(end).map_err(|e| e.at_path(path))?;
        let cut_back = AppendFile::cut_back;
        Ok(Writer::behind(file, path, arrays, end, cut_back))
    }

    /// Waits until everything written is on the device.
    ///
    /// # Errors
    ///
    /// If the device fails. Data written since the last sync may then be lost.
    pub fn sync(&mut self) -> Result<()> {
        let file = self.get_ref();
        let synced = file.storage.sync_all();
        synced.map_err(|e| Error::io("sync the file", e).at_path(&file.path))
    }
}

/// Cuts a torn array off the end of a file of several arrays. A program that is killed while it writes
/// leaves such an array. Returns the offset of the array, or `None` if all arrays are complete.
///
/// The data of the torn array is lost. To keep the rows of a file with a single array, use
/// [`recover`](crate::recover()).
///
/// An appender that [maps](crate::AppendOptions::mapped) its file, and is killed, leaves room for more rows
/// after the rows. This room is cut off as well.
///
/// # Errors
///
/// If the file cannot be opened, read or cut, an appender has it open ([`Locked`](crate::ErrorKind::Locked);
/// not detected on a file system without locks), or the bytes after a complete array do not start an array.
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("epochs.npy");
/// use npyrec::stream::{Writer, cut_torn};
///
/// let mut epochs = Writer::open(&path)?;
/// epochs.write(&[1_u8, 2])?;
/// let mut records = epochs.records::<f64>(3)?;
/// records.append(&0.5)?;
/// drop(records); // Two are missing.
/// drop(epochs);
///
/// let error = Writer::open(&path).unwrap_err();
/// assert_eq!(error.array(), Some(1));
/// assert_eq!(cut_torn(&path)?, Some(130));
/// Writer::open(&path)?.write(&[0.5_f64, 1.5, 2.5])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn cut_torn(path: impl AsRef<Path>) -> Result<Option<u64>> {
    let path = path.as_ref();
    let storage = FileStorage::open_to_mend(path).map_err(|e| e.at_path(path))?;
    cut_torn_of(Box::new(storage), path)
}

pub(super) fn cut_torn_of(storage: Box<dyn Storage>, path: &Path) -> Result<Option<u64>> {
    let mut file = AppendFile::of(storage, path)?;
    let index = Index::build_from(Scan::of(&*file.storage)).map(|index| index.end());
    let error = match index {
        Ok(end) => {
            file.cut_room(end).map_err(|e| e.at_path(path))?;
            return Ok(None);
        }
        Err(error) => error.at_path(path),
    };
    match error.array_offset().filter(|_| is_torn(&error)) {
        Some(offset) => {
            let cut = file.storage.set_len(offset);
            cut.map_err(|e| Error::io("cut the file", e).at_path(path))?;
            Ok(Some(offset))
        }
        None => Err(error),
    }
}

/// Returns true if the error is about an array that is valid but ends early.
fn is_torn(error: &Error) -> bool {
    match error.cause() {
        Cause::Truncated { .. } => true,
        Cause::Header(error) => HeaderError::missing(error).is_some(),
        _ => false,
    }
}

impl AppendFile {
    fn of(storage: Box<dyn Storage>, path: &Path) -> Result<Self> {
        let end = || {
            let is_regular = storage.is_regular();
            if !is_regular.map_err(|e| Error::io("open the file", e))? {
                let error = io::Error::other(
                    "the arrays in a pipe, a socket or a device cannot be counted; `stream::Writer::new` \
                     writes to one",
                );
                return Err(Error::io("append to it", error));
            }
            let end = storage.len();
            end.map_err(|e| Error::io("read the file's length", e))
        };
        let end = end().map_err(|e| e.at_path(path))?;
        Ok(AppendFile {
            storage,
            path: path.to_owned(),
            end,
        })
    }

    /// Cuts off the room for more rows that a killed appender left after the last array.
    fn cut_room(&mut self, end: u64) -> Result<()> {
        if end < self.end {
            let cut = self.storage.set_len(end);
            cut.map_err(|e| Error::io("cut off the room after the rows", e))?;
            self.end = end;
        }
        Ok(())
    }

    fn cut_back(&mut self, bytes: u64) -> io::Result<()> {
        let end = self.end.saturating_sub(bytes);
        self.storage.set_len(end)?;
        self.end = end;
        Ok(())
    }
}

impl Write for AppendFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.storage.write_at(bytes, self.end)?;
        self.end += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for AppendFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppendFile")
            .field("path", &self.path)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

/// A file that is locked, read from its start.
struct Scan<'a> {
    storage: &'a dyn Storage,
    at: u64,
}

impl<'a> Scan<'a> {
    fn of(storage: &'a dyn Storage) -> Self {
        Scan { storage, at: 0 }
    }
}

impl Read for Scan<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.storage.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Scan<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.storage.len()?.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
