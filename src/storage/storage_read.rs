use std::io::{self, Read};

use super::traits::Storage;

/// A storage read from some byte on, which keeps what was read.
#[derive(Debug)]
pub(crate) struct StorageRead<'a> {
    storage: &'a dyn Storage,
    start: u64,
    read: Vec<u8>,
}

impl<'a> StorageRead<'a> {
    pub(crate) fn new(storage: &'a dyn Storage, start: u64) -> Self {
        StorageRead {
            storage,
            start,
            read: Vec::new(),
        }
    }

    /// All that was read so far.
    pub(crate) fn into_read(self) -> Vec<u8> {
        self.read
    }
}

impl Read for StorageRead<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let offset = self.start + self.read.len() as u64;
        let found = self.storage.read_at(buffer, offset)?;
        self.read
            .extend_from_slice(buffer.get(..found).unwrap_or_default());
        Ok(found)
    }
}
