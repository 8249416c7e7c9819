use std::{
    fs::{File, Metadata, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use super::traits::Storage;
use crate::error::{Error, ErrorKind, Result};

/// A file, unlocked when it is closed.
///
/// That closing unlocks it is not enough: a child that another thread is just starting has the file
/// open too, for a moment.
#[derive(Debug)]
pub(crate) struct FileStorage {
    file: File,
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
    #[cfg(not(windows))]
    pub(crate) fn open_locked(options: &mut OpenOptions, path: &Path) -> Result<Self> {
        use std::fs::TryLockError;
        let mut storage = FileStorage::open(options, path)?;
        match storage.file.try_lock() {
            Ok(()) => {
                storage.is_locked = true;
                Ok(storage)
            }
            Err(TryLockError::WouldBlock) => Err(Error::new(ErrorKind::Locked)),
            Err(TryLockError::Error(error)) => Err(Error::io(
                "lock the file (where there are no locks, `AppendOptions::lock(false)` does without)",
                error,
            )),
        }
    }

    /// Opens a file and keeps others from opening it to write. A lock would keep readers out as well.
    #[cfg(windows)]
    pub(crate) fn open_locked(options: &mut OpenOptions, path: &Path) -> Result<Self> {
        use std::os::windows::fs::OpenOptionsExt;
        const FILE_SHARE_READ: u32 = 1;
        const ERROR_SHARING_VIOLATION: i32 = 32;
        match options.share_mode(FILE_SHARE_READ).open(path) {
            Ok(file) => Ok(FileStorage {
                file,
                is_locked: false,
            }),
            Err(error) if error.raw_os_error() == Some(ERROR_SHARING_VIOLATION) => {
                Err(Error::new(ErrorKind::Locked))
            }
            Err(error) => Err(Error::io("open the file", error)),
        }
    }

    /// Whether some metadata are those of this file; where this cannot be told, they are taken to be.
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

    /// Whether it is a file, and not a device or a pipe.
    pub(crate) fn is_regular(&self) -> io::Result<bool> {
        self.file.metadata().map(|metadata| metadata.is_file())
    }

    /// What follows `offset`.
    pub(crate) fn read_from(&self, offset: u64) -> io::Result<impl Read> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        Ok(file)
    }

    /// The size of the pieces that can be [inserted](Self::insert).
    pub(crate) fn block_size(&self) -> io::Result<u64> {
        #[cfg(unix)]
        {
            let metadata = self.file.metadata()?;
            Ok(std::os::unix::fs::MetadataExt::blksize(&metadata))
        }
        #[cfg(not(unix))]
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Inserts zeros before all that is there, without moving it on the device.
    pub(crate) fn insert(&self, len: u64) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{FallocateFlags, fallocate};
            Ok(fallocate(&self.file, FallocateFlags::INSERT_RANGE, 0, len)?)
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = len;
            Err(io::ErrorKind::Unsupported.into())
        }
    }
}

impl Drop for FileStorage {
    fn drop(&mut self) {
        if self.is_locked {
            // Closing it unlocks it as well, if a little later.
            let _ = self.file.unlock();
        }
    }
}

impl Storage for FileStorage {
    fn len(&self) -> io::Result<u64> {
        self.file.metadata().map(|metadata| metadata.len())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.file, buffer, offset)
    }

    #[cfg(not(any(unix, windows)))]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        file.read(buffer)
    }

    #[cfg(unix)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::write_at(&self.file, bytes, offset)
    }

    #[cfg(windows)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_write(&self.file, bytes, offset)
    }

    #[cfg(not(any(unix, windows)))]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        use std::io::Write;
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        file.write(bytes)
    }
}
