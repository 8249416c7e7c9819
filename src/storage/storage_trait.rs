use std::{fmt, io, path::Path};

/// Bytes at offsets, with a length that can be changed.
pub(crate) trait Storage: fmt::Debug + Send + Sync {
    /// Returns the length in bytes.
    fn len(&self) -> io::Result<u64>;

    /// Shortens the file to `len` bytes, or extends it with zeros.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Returns the length in bytes, or `None` if the file is extended ahead of its rows.
    fn appended_len(&self) -> io::Result<Option<u64>> {
        self.len().map(Some)
    }

    /// Returns false for a device or a pipe, whose length has no meaning.
    fn is_regular(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// Returns false if the file has no name in any folder.
    fn has_name(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// Returns true if this file is at `path`.
    fn is_at(&self, _path: &Path) -> io::Result<bool> {
        Ok(true)
    }

    /// Shortens the file to `len` bytes. A shorter file is not extended, because this would add zeros.
    fn cut_to(&self, len: u64) -> io::Result<()> {
        match self.len()? > len {
            true => self.set_len(len),
            false => Ok(()),
        }
    }

    /// Reads some bytes at `offset`. Returns 0 at the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes some bytes at `offset`.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// Waits until the written bytes and the necessary length are on the device.
    fn sync_data(&self) -> io::Result<()>;

    /// Waits until the written bytes and all metadata are on the device.
    fn sync_all(&self) -> io::Result<()>;

    /// Returns the size of the blocks that can be [inserted](Self::insert).
    fn block_size(&self) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Inserts `len` zeros at the start, without moving the other bytes on the device.
    fn insert(&self, _len: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Removes the first `len` bytes, without moving the other bytes on the device.
    fn remove(&self, _len: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Writes all of `bytes` at `offset`, the end of the rows. After an error, a part may be written. The
    /// error [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) means that the file was shortened, and that
    /// nothing was written.
    fn append(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    /// Writes a part of the header.
    fn rewrite(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    /// Removes the preallocated part after the rows, which end at `end`.
    fn trim(&mut self, _end: u64) -> io::Result<()> {
        Ok(())
    }

    /// Reads at `offset` until `buffer` is full or the file ends. Returns the number of bytes read.
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

    /// Writes all of `bytes` at `offset`. After an error, a part may be written.
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
