#[cfg(not(windows))]
use std::fs;
use std::{
    fs::{File, Metadata, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use super::storage_trait::Storage;
use crate::error::{Cause, Error, Result};

/// The action that fails on a file system without locks.
const LOCK: &str = "lock the file";

/// Advice for a file system without locks.
#[cfg(not(windows))]
const NO_LOCKS: &str = "on a file system without locks, use `AppendOptions::lock(false)`";

/// The code of Windows for a file that another program has open without sharing it.
const SHARING_VIOLATION: i32 = 32;

/// A file that is unlocked when it is closed.
///
/// Closing alone does not unlock the file at once. A child process that another thread is starting has the
/// file open for a moment too.
#[derive(Debug)]
pub(crate) struct FileStorage {
    file: File,
    /// No other appender can open the file. Windows excludes others without a lock.
    is_locked: bool,
}

impl FileStorage {
    pub(crate) fn open(options: &OpenOptions, path: &Path) -> Result<Self> {
        let file = options
            .open(path)
            .map_err(|e| Error::io("open the file", e))?;
        Ok(FileStorage {
            file,
            is_locked: false,
        })
    }

    /// Opens a file and locks it against other appenders, but not against readers.
    ///
    /// Another file may replace it before it is locked. The lock of that file then counts, so that the path
    /// is opened again.
    #[cfg(not(windows))]
    fn open_locked(options: &mut OpenOptions, path: &Path) -> Result<Self> {
        loop {
            let storage = FileStorage::open(options, path)?.locked()?;
            match fs::metadata(path) {
                Ok(there) if !storage.is_file_of(&there) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                _ => return Ok(storage),
            }
        }
    }

    /// Locks an open file.
    #[cfg(not(windows))]
    fn locked(mut self) -> Result<Self> {
        use std::fs::TryLockError;
        match self.file.try_lock() {
            Ok(()) => {
                self.is_locked = true;
                Ok(self)
            }
            Err(TryLockError::WouldBlock) => Err(Error::new(Cause::Locked)),
            Err(TryLockError::Error(error)) => Err(Error::io(LOCK, error).with_end(NO_LOCKS)),
        }
    }

    /// Opens a file and prevents others from opening it for writing. A lock would exclude readers too.
    #[cfg(windows)]
    fn open_locked(options: &mut OpenOptions, path: &Path) -> Result<Self> {
        use std::os::windows::fs::OpenOptionsExt;
        const FILE_SHARE_READ: u32 = 1;
        let mut storage = FileStorage::open(options.share_mode(FILE_SHARE_READ), path)?;
        storage.is_locked = true;
        Ok(storage)
    }

    /// Opens a file for reading and writing, and locks it if `lock` is set.
    pub(crate) fn open_to_write(
        options: &mut OpenOptions,
        path: &Path,
        lock: bool,
    ) -> Result<Self> {
        let options = options.read(true).write(true);
        let opened = match lock {
            true => FileStorage::open_locked(options, path),
            false => FileStorage::open(options, path),
        };
        opened.map_err(|error| match error.cause() {
            // Windows keeps out those as well who do not lock the file.
            Cause::Io(e) if cfg!(windows) && e.raw_os_error() == Some(SHARING_VIOLATION) => {
                Error::new(Cause::Locked)
            }
            _ => error,
        })
    }

    /// Opens a file for reading and writing, and locks it if the file system supports it.
    pub(crate) fn open_to_mend(path: &Path) -> Result<Self> {
        FileStorage::open_locked_if_possible(&mut File::options(), path)
    }

    /// Does the same with other options, which may create the file.
    pub(crate) fn open_locked_if_possible(options: &mut OpenOptions, path: &Path) -> Result<Self> {
        let mut open = |lock| FileStorage::open_to_write(options, path, lock);
        match open(true) {
            Err(error) if FileStorage::lacks_locks(&error) => open(false),
            opened => opened,
        }
    }

    /// Returns true if a file could not be opened because its file system has no locks.
    pub(crate) fn lacks_locks(error: &Error) -> bool {
        error.action() == Some(LOCK)
    }

    /// Returns a file that has just got its name, and that keeps its lock if `lock` is set.
    ///
    /// The file is opened again. Otherwise Linux shows a file that was created without a name as deleted, in
    /// `/proc` and in `lsof`. The lock cannot move from one open file to the other: between them, another appender
    /// may lock the file, and even replace it. This is the error `WouldBlock`.
    #[cfg(not(windows))]
    pub(super) fn named(file: File, path: &Path, lock: bool) -> io::Result<Self> {
        let mut storage = FileStorage {
            file,
            is_locked: false,
        };
        // Closing unlocks the file too late if a child process has it open too.
        let _ = storage.file.unlock();
        let named = File::options().read(true).write(true).open(path);
        if let Ok(named) = named.and_then(|named| Ok((named.metadata()?, named)))
            && storage.is_file_of(&named.0)
        {
            storage.file = named.1;
        }
        if lock {
            storage.file.try_lock()?;
            storage.is_locked = true;
            if fs::metadata(path).is_ok_and(|there| !storage.is_file_of(&there)) {
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
        Ok(storage)
    }

    /// Returns a file that has just got its name. It is opened again if `lock` is set.
    #[cfg(windows)]
    pub(super) fn named(file: File, path: &Path, lock: bool) -> io::Result<Self> {
        let is_locked = false;
        if !lock {
            return Ok(FileStorage { file, is_locked });
        }
        drop(file);
        let opened = FileStorage::open_to_write(&mut File::options(), path, lock);
        opened.map_err(|error| io::Error::other(error.to_string()))
    }

    /// Returns true if no other appender can open the file.
    pub(crate) fn is_locked(&self) -> bool {
        self.is_locked
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Returns true if the metadata belong to this file, or if the system cannot decide this.
    #[cfg_attr(windows, allow(dead_code))]
    pub(crate) fn is_file_of(&self, metadata: &Metadata) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let id = |metadata: &Metadata| (metadata.dev(), metadata.ino());
            let own = self.file.metadata();
            own.is_ok_and(|own| id(&own) == id(metadata))
        }
        #[cfg(not(unix))]
        {
            let _ = metadata;
            true
        }
    }

    /// Returns true if the path is a name of this file.
    pub(crate) fn has_path(&self, path: &Path) -> io::Result<bool> {
        let is_same = {
            #[cfg(not(windows))]
            {
                std::fs::metadata(path).map(|there| self.is_file_of(&there))
            }
            #[cfg(windows)]
            {
                File::open(path).and_then(|there| is_same_file(&self.file, &there))
            }
        };
        match is_same {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            // Windows keeps the name of a removed file until it is closed, and lets nobody open it.
            Err(error) if cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied => {
                Ok(false)
            }
            is_same => is_same,
        }
    }

    /// Returns true for a file that is not a device or a pipe.
    pub(crate) fn is_regular(&self) -> io::Result<bool> {
        self.file.metadata().map(|metadata| metadata.is_file())
    }

    #[cfg(feature = "mmap")]
    pub(super) fn as_file(&self) -> &File {
        &self.file
    }

    /// Returns a reader that starts at `offset`. It is valid until the [length](Storage::len) of the file is
    /// read.
    pub(crate) fn read_from(&self, offset: u64) -> io::Result<impl Read> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        Ok(file)
    }
}

/// Returns true if two open files are the same file.
#[cfg(windows)]
fn is_same_file(a: &File, b: &File) -> io::Result<bool> {
    use winapi_util::file::information;
    let (a, b) = (information(a)?, information(b)?);
    let is_same = a.file_index() == b.file_index();
    Ok(is_same && a.volume_serial_number() == b.volume_serial_number())
}

impl Drop for FileStorage {
    fn drop(&mut self) {
        if self.is_locked && cfg!(not(windows)) {
            // Closing unlocks the file too, but a little later.
            let _ = self.file.unlock();
        }
    }
}

impl Storage for FileStorage {
    fn len(&self) -> io::Result<u64> {
        Storage::len(&self.file)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        Storage::set_len(&self.file, len)
    }

    fn is_regular(&self) -> io::Result<bool> {
        FileStorage::is_regular(self)
    }

    #[cfg(unix)]
    fn block_size(&self) -> io::Result<u64> {
        let metadata = self.file.metadata()?;
        Ok(std::os::unix::fs::MetadataExt::blksize(&metadata))
    }

    #[cfg(target_os = "linux")]
    fn insert(&self, len: u64) -> io::Result<()> {
        use rustix::fs::{FallocateFlags, fallocate};
        Ok(fallocate(&self.file, FallocateFlags::INSERT_RANGE, 0, len)?)
    }

    #[cfg(target_os = "linux")]
    fn remove(&self, len: u64) -> io::Result<()> {
        use rustix::fs::{FallocateFlags, fallocate};
        Ok(fallocate(
            &self.file,
            FallocateFlags::COLLAPSE_RANGE,
            0,
            len,
        )?)
    }

    #[cfg(unix)]
    fn has_name(&self) -> io::Result<bool> {
        // A query for the times too would make the next write slower.
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{AtFlags, StatxFlags, statx};
            if let Ok(found) = statx(&self.file, "", AtFlags::EMPTY_PATH, StatxFlags::NLINK) {
                return Ok(found.stx_nlink > 0);
            }
        }
        let metadata = self.file.metadata()?;
        Ok(std::os::unix::fs::MetadataExt::nlink(&metadata) > 0)
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        self.has_path(path)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        Storage::read_at(&self.file, buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        Storage::write_at(&self.file, bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        Storage::sync_data(&self.file)
    }

    fn sync_all(&self) -> io::Result<()> {
        Storage::sync_all(&self.file)
    }
}

impl Storage for File {
    /// Returns the length by seeking. After a query for metadata, the system records the time of the next
    /// write more exactly, which makes this write slower.
    fn len(&self) -> io::Result<u64> {
        let mut file = self;
        file.seek(SeekFrom::End(0))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        File::set_len(self, len)
    }

    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }

    fn sync_all(&self) -> io::Result<()> {
        File::sync_all(self)
    }

    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, buffer, offset)
    }

    #[cfg(not(any(unix, windows)))]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut file = self;
        file.seek(SeekFrom::Start(offset))?;
        file.read(buffer)
    }

    #[cfg(unix)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::write_at(self, bytes, offset)
    }

    #[cfg(windows)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_write(self, bytes, offset)
    }

    #[cfg(not(any(unix, windows)))]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        use std::io::Write;
        let mut file = self;
        file.seek(SeekFrom::Start(offset))?;
        file.write(bytes)
    }
}
