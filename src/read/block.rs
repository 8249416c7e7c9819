use std::io::{self, Read};

use super::decoder::BLOCK;
use crate::storage::allocation_refused;

/// Bytes that were read from a source, several rows at once.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    /// The start of the rows that are not yet yielded.
    pub(super) start: usize,
    pub(super) filled: usize,
}

impl Block {
    /// Returns a block of bytes that are already read.
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        let (start, filled) = (0, bytes.len());
        Block {
            bytes,
            start,
            filled,
        }
    }

    /// Returns the number of bytes that are not yet yielded.
    pub(super) fn left(&self) -> usize {
        self.filled - self.start
    }

    /// Returns the bytes that are not yet yielded.
    pub(super) fn rest(&self) -> &[u8] {
        let rest = self.bytes.get(self.start..self.filled);
        rest.unwrap_or_default()
    }

    /// Returns the bytes of the next row, which is in the block.
    #[inline]
    pub(super) fn row(&self, itemsize: usize) -> &[u8] {
        let row = self.bytes.get(self.start..self.start + itemsize);
        row.unwrap_or_default()
    }

    /// Reads until the next row is in the block. Returns false if the source ends before. `rows` is the number
    /// of remaining rows.
    #[inline]
    pub(super) fn fill(
        &mut self,
        source: &mut impl Read,
        itemsize: usize,
        rows: u64,
    ) -> io::Result<bool> {
        match self.left() < itemsize {
            true => self.read(source, itemsize, rows),
            false => Ok(true),
        }
    }

    /// Allocates memory for a row that the source has, so that a row that does not fit is refused before it is
    /// read.
    pub(super) fn reserve_row(&mut self, itemsize: usize) -> io::Result<()> {
        let reserved = self.bytes.try_reserve_exact(itemsize);
        reserved.map_err(|_| allocation_refused(itemsize as u128))
    }

    /// Allocates memory for at least one row, and reads until it is in the block.
    fn read(&mut self, source: &mut impl Read, itemsize: usize, rows: u64) -> io::Result<bool> {
        let at_once = (BLOCK / itemsize.max(1)).max(1);
        let at_once = at_once.min(usize::try_from(rows).unwrap_or(at_once));
        self.bytes.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        // Rows may be large and the source short, so the block grows with the bytes that are read.
        let wanted = at_once.saturating_mul(itemsize);
        while self.filled < itemsize {
            if self.filled == self.bytes.len() {
                let len = self
                    .filled
                    .saturating_mul(2)
                    .clamp(BLOCK.min(wanted), wanted);
                grow(&mut self.bytes, len)?;
            }
            let end = wanted.min(self.bytes.len());
            let free = self.bytes.get_mut(self.filled..end).unwrap_or_default();
            match source.read(free) {
                Ok(0) => return Ok(false),
                Ok(read) => self.filled += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(true)
    }
}

fn grow(bytes: &mut Vec<u8>, len: usize) -> io::Result<()> {
    let reserved = bytes.try_reserve(len.saturating_sub(bytes.len()));
    reserved.map_err(|_| allocation_refused(len as u128))?;
    bytes.resize(len, 0);
    Ok(())
}
