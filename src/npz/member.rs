use std::io::{self, Read};

#[cfg(feature = "mmap")]
use zip::CompressionMethod;
use zip::read::ZipFile;

use super::damage::read_error;
use crate::header::Header;

/// The bytes of a member, which end in an error if they are not those that the archive vouches for.
///
/// An array is read no further than its last row. There, what may follow in the member is read as well,
/// without being kept, as a checksum is that of all its bytes.
pub(super) struct Member<'a, S: Read> {
    file: ZipFile<'a, S>,
    /// How many bytes were read.
    position: u64,
    /// Where the array ends.
    end: Option<u64>,
}

impl<'a, S: Read> Member<'a, S> {
    pub(super) fn new(file: ZipFile<'a, S>) -> Self {
        Member {
            file,
            position: 0,
            end: None,
        }
    }

    /// How many bytes were read.
    #[cfg(feature = "mmap")]
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Where the member starts in the archive, and its length, if it is stored as it is.
    #[cfg(feature = "mmap")]
    pub(super) fn stored(&self) -> Option<(u64, u64)> {
        let is_stored = self.file.compression() == CompressionMethod::Stored;
        let start = self.file.data_start().filter(|_| is_stored);
        start.map(|start| (start, self.file.size()))
    }

    /// Notes that the header was read, behind which the array starts.
    pub(super) fn start(&mut self, header: &Header) -> io::Result<()> {
        let len = header.data_len().unwrap_or(u64::MAX);
        self.end = Some(self.position.saturating_add(len));
        self.check_at_end()
    }

    /// Reads to the end of the member if the array is at its end.
    fn check_at_end(&mut self) -> io::Result<()> {
        if self.end.is_none_or(|end| self.position < end) {
            return Ok(());
        }
        self.end = None;
        let rest = io::copy(&mut self.file, &mut io::sink());
        rest.map(|_| ()).map_err(read_error)
    }
}

impl<S: Read> Read for Member<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer).map_err(read_error)?;
        self.position += read as u64;
        self.check_at_end()?;
        Ok(read)
    }
}
