use std::io::{self, Read};
#[cfg(feature = "mmap")]
use std::{fs::File, ops::Range};

use zip::{CompressionMethod, read::ZipFile};

use super::{
    damage::read_error,
    limit::{Limit, expands},
};
#[cfg(feature = "mmap")]
use crate::error::Cause;
use crate::{
    error::{Error, Result},
    header::Header,
    read::MemberData,
};

/// The bytes of a member, which end in an error if their checksum differs from the archive's.
///
/// A reader of an array stops after its last row. The rest of the member is then read too and dropped, as the
/// checksum covers all bytes.
pub(super) struct Contents<'a, S: Read> {
    file: ZipFile<'a, S>,
    /// The archive, to map an array in it.
    #[cfg(feature = "mmap")]
    archive: Option<&'a File>,
    /// The number of bytes that were read.
    position: u64,
    /// The position at which the array ends.
    end: Option<u64>,
    /// The largest number of bytes to read.
    limit: u64,
}

impl<'a, S: Read> Contents<'a, S> {
    /// Returns the bytes of a member, up to `limit` if it is compressed.
    ///
    /// # Errors
    ///
    /// If the archive says that the member is longer.
    pub(super) fn new(
        file: ZipFile<'a, S>,
        limit: Limit,
        #[cfg(feature = "mmap")] archive: Option<&'a File>,
    ) -> Result<Self> {
        let limit = match file.compression() {
            CompressionMethod::Stored => u64::MAX,
            _ => limit.of(file.compressed_size()),
        };
        match file.size() {
            size if size > limit => Err(Error::io("read", expands(limit))),
            _ => Ok(Contents {
                file,
                #[cfg(feature = "mmap")]
                archive,
                position: 0,
                end: None,
                limit,
            }),
        }
    }

    /// Notes that the header was read, after which the array starts.
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

impl<S: Read> MemberData for Contents<'_, S> {
    #[cfg(feature = "mmap")]
    fn in_file(&mut self) -> Result<(File, Range<u64>)> {
        let file = match self.archive {
            Some(file) => file.try_clone(),
            None => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "the archive was not opened by its path",
            )),
        };
        let file = file.map_err(|e| Error::io("map the file", e))?;
        let is_stored = self.file.compression() == CompressionMethod::Stored;
        let start = self.file.data_start().filter(|_| is_stored);
        let start = start.ok_or_else(|| Error::new(Cause::NotStored))?;
        let end = start.saturating_add(self.file.size());
        Ok((file, start.saturating_add(self.position)..end))
    }
}

impl<S: Read> Read for Contents<'_, S> {
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
