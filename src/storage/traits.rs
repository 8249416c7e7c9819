use std::{fmt, io, path::Path};

/// Bytes at positions, of a length that can be set.
pub(crate) trait Storage: fmt::Debug + Send + Sync {
    /// The length in bytes.
    fn len(&self) -> io::Result<u64>;

    /// Cuts or extends, with zeros, to `len` bytes.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// The length in bytes, or `None` where the file is extended ahead of its rows.
    fn appended_len(&self) -> io::Result<Option<u64>> {
        self.len().map(Some)
    }

    /// Returns false for a device or a pipe, whose length means nothing.
    fn is_regular(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// Returns false if no name of the file is left in any folder.
    fn has_name(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// Returns whether the file under `path` is this one.
    fn is_at(&self, _path: &Path) -> io::Result<bool> {
        Ok(true)
    }

    /// Cuts the file to `len` bytes, unless it is that short already: to extend it would invent zeros.
    fn cut_to(&self, len: u64) -> io::Result<()> {
        match self.len()? > len {
            true => self.set_len(len),
            false => Ok(()),
        }
    }

    /// Reads some bytes from `offset` on; none at the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes some bytes at `offset`.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// Waits until what was written is on the device, and the length that it needs.
    fn sync_data(&self) -> io::Result<()>;

    /// The same, and whatever else is known of the file.
    fn sync_all(&self) -> io::Result<()>;

    /// Returns the size of the blocks that can be [inserted](Self::insert).
    fn block_size(&self) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Inserts `len` zeros before all other bytes, without moving those on the device.
    fn insert(&self, _len: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Removes the first `len` bytes, without moving the others on the device.
    fn remove(&self, _len: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Writes all of `bytes` at `offset`, where the rows end. When it fails, some of them may have been
    /// written. An error of the kind [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) says that the file
    /// was cut, and that nothing was written.
    fn append(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    /// Writes a part of the header.
    fn rewrite(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    /// Cuts off what is preallocated behind the rows, which end at `end`.
    fn trim(&mut self, _end: u64) -> io::Result<()> {
        Ok(())
    }

    /// Reads from `offset` on until `buffer` is full or the end is reached; how much that was.
    fn read_all_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.read_at(rest, offset + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(filled)
    }

    /// Writes all of `bytes` at `offset`. When it fails, some of them may have been written.
    fn write_all_at(&self, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.write_at(bytes, offset) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    bytes = bytes.get(written..).unwrap_or_default();
                    offset += written as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}
