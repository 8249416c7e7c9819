//! Bytes in memory whose calls fail as those to a disk do.

use std::{
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
    sync::Arc,
};

use super::{Call, Disk};

/// A stream of bytes, and the disk that is asked about each call to it.
#[derive(Debug)]
pub(crate) struct FailingMemory {
    bytes: Cursor<Vec<u8>>,
    disk: Arc<Disk>,
}

impl FailingMemory {
    pub(crate) fn new(bytes: Vec<u8>, disk: &Arc<Disk>) -> Self {
        FailingMemory {
            bytes: Cursor::new(bytes),
            disk: Arc::clone(disk),
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes.into_inner()
    }
}

impl Read for FailingMemory {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.disk.call(&Call::Read, buffer.len())?;
        self.bytes.read(&mut buffer[..len])
    }
}

impl Write for FailingMemory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let call = Call::Write {
            offset: usize::try_from(self.bytes.position()).unwrap(),
            len: bytes.len(),
        };
        let len = self.disk.call(&call, bytes.len())?;
        self.bytes.write(&bytes[..len])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.disk.call(&Call::Sync, 0).map(drop)
    }
}

impl Seek for FailingMemory {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.disk.call(&Call::Len, 0)?;
        self.bytes.seek(to)
    }
}
