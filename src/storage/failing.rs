//! A file whose calls fail like the calls to a disk in memory.

use std::{io, path::Path, sync::Arc};

use memmap2::MmapRaw;

use super::{Call, Disk, FileStorage, mapped::Mappable, mark::MARK, storage_trait::Storage};

/// A file, and the disk that decides about each call.
#[derive(Debug)]
pub(crate) struct FailingFile {
    file: FileStorage,
    disk: Arc<Disk>,
}

impl FailingFile {
    pub(crate) fn open(path: &Path, disk: &Arc<Disk>) -> Self {
        let mut options = std::fs::File::options();
        let file = FileStorage::open(options.create(true).read(true).write(true), path);
        FailingFile {
            file: file.unwrap(),
            disk: Arc::clone(disk),
        }
    }

    fn call(&self, call: &Call) -> io::Result<()> {
        self.disk.call(call, 0).map(drop)
    }
}

impl Storage for FailingFile {
    fn len(&self) -> io::Result<u64> {
        self.call(&Call::Len)?;
        Storage::len(&self.file)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.call(&Call::SetLen)?;
        Storage::set_len(&self.file, len)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let len = self.disk.call(&Call::Read, buffer.len())?;
        Storage::read_at(&self.file, &mut buffer[..len], offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let call = Call::Write {
            offset: usize::try_from(offset).unwrap(),
            len: bytes.len(),
        };
        let len = self.disk.call(&call, bytes.len())?;
        // The mark is within a page, and no system stops within a page.
        if bytes == MARK && len < MARK.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Storage::write_at(&self.file, &bytes[..len], offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.call(&Call::Sync)
    }

    fn sync_all(&self) -> io::Result<()> {
        self.call(&Call::Sync)
    }
}

impl Mappable for FailingFile {
    fn allocate_ahead(&self, start: u64, end: u64) -> io::Result<()> {
        self.call(&Call::Allocate)?;
        self.file.allocate_ahead(start, end)
    }

    fn max_len(&self) -> u64 {
        self.file.max_len()
    }

    fn map(&self, offset: u64, len: usize) -> io::Result<MmapRaw> {
        self.call(&Call::Map)?;
        self.file.map(offset, len)
    }
}
