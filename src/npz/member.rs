use std::io::{self, Read};

use zip::{CompressionMethod, read::ZipFile};

use super::{
    damage::read_error,
    limit::{Limit, expands},
};
use crate::{
    error::{Error, Result},
    header::Header,
};

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
    /// The most bytes to read.
    limit: u64,
}

impl<'a, S: Read> Member<'a, S> {
    /// The bytes of a member, up to `limit` if it is compressed.
    ///
    /// # Errors
    ///
    /// If the archive says that there are more.
    pub(super) fn new(file: ZipFile<'a, S>, limit: Limit) -> Result<Self> {
        let limit = match file.compression() {
            CompressionMethod::Stored => u64::MAX,
            _ => limit.of(file.compressed_size()),
        };
        match file.size() {
            size if size > limit => Err(Error::io("read", expands(limit))),
            _ => Ok(Member {
                file,
                position: 0,
                end: None,
                limit,
            }),
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
        let most = self.limit - self.position;
        let mut rest = (&mut self.file).take(most.saturating_add(1));
        let rest = io::copy(&mut rest, &mut io::sink()).map_err(read_error)?;
        match rest > most {
            true => Err(expands(self.limit)),
            false => Ok(()),
        }
    }
}

impl<S: Read> Read for Member<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer).map_err(read_error)?;
        self.position += read as u64;
        if self.position > self.limit {
            self.position = self.limit;
            self.end = None;
            return Err(expands(self.limit));
        }
        self.check_at_end()?;
        Ok(read)
    }
}
