use std::io::{self, Read};

use super::decoder::BLOCK;
use crate::storage::allocation_refused;

/// Bytes that were read from a source, some rows at once.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    /// The bytes that hold rows not yet given.
    pub(super) start: usize,
    pub(super) filled: usize,
}

impl Block {
    /// Rows that are all there.
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        let (start, filled) = (0, bytes.len());
        Block {
            bytes,
            start,
            filled,
        }
    }

    /// The bytes of rows not yet given.
    pub(super) fn left(&self) -> usize {
        self.filled - self.start
    }

    /// The bytes of the next row, which is there.
    #[inline]
    pub(super) fn row(&self, itemsize: usize) -> &[u8] {
        let row = self.bytes.get(self.start..self.start + itemsize);
        row.unwrap_or_default()
    }

    /// Reads until the next row is there, if it is not, of as many as are to come; whether it is.
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

    /// Makes room for a row that is known to be there, so that a row beyond the memory is refused before
    /// any of it is read.
    pub(super) fn reserve_row(&mut self, itemsize: usize) -> io::Result<()> {
        let reserved = self.bytes.try_reserve_exact(itemsize);
        reserved.map_err(|_| allocation_refused(itemsize as u128))
    }

    /// Makes room for at least one row and reads until there is one.
    fn read(&mut self, source: &mut impl Read, itemsize: usize, rows: u64) -> io::Result<bool> {
        let at_once = (BLOCK / itemsize.max(1)).max(1);
        let at_once = at_once.min(usize::try_from(rows).unwrap_or(at_once));
        self.bytes.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        // Rows may be large and the source short, so the block grows with what is read.
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
