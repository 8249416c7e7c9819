//! Reading on several threads: one reads blocks, and all of them convert blocks.

use std::io::{self, Read};

use super::{block::Block, read_all::PIECE, reader::Reader};
use crate::{
    convert::{Pipeline, convert_in_order},
    error::{Error, Result},
    record::{Element, InPlace},
    storage::{reserve, resize},
};

/// The blocks of a reader. They are converted in the memory of the records.
struct Pieces<'a, E: Element, S> {
    reader: &'a mut Reader<E, S>,
    /// The memory for rows that are not yet read.
    memory: &'a mut [u8],
    /// Memory of blocks that are done.
    spare: Vec<Vec<u8>>,
    /// The number of rows in each block that is converted.
    converted: Vec<usize>,
    /// The first block that is not converted, because a row is not a valid `E`, and those after it.
    rest: Vec<Vec<u8>>,
    /// An error of the source, after the rows of the last block.
    failed: Option<io::Error>,
}

/// A block of rows, and the memory in which they are converted.
struct Piece<'a> {
    rows: usize,
    block: Vec<u8>,
    memory: &'a mut [u8],
    is_converted: bool,
}

/// The most memory for the rows of a source that may have fewer rows than its header counts.
const WINDOW: usize = 16 << 20;

impl<E: Element, S: Read> Reader<E, S> {
    /// Returns true if several threads are to convert the rows.
    pub(super) fn has_work_for_threads(&self) -> bool {
        self.threads > 1 && self.decoder.itemsize() > 0 && !self.decoder.decodes_where_read()
    }

    /// Adds the rows of a source whose length is not known to `records`, which at most doubles at a time. Stops at a
    /// block that cannot be converted as a whole.
    pub(super) fn read_windows_on_threads(&mut self, records: &mut Vec<E>) -> Result<()> {
        let most = (WINDOW / size_of::<E>().max(1)).max(1);
        while self.remaining() > 0 {
            let at_once = self.threads.saturating_mul(2 * self.rows_at_once());
            let wanted = at_once.max(records.len());
            let left = usize::try_from(self.remaining()).unwrap_or(usize::MAX);
            let rows = wanted.min(most).min(left);
            let Some(mut window) = self.decoder.in_place(rows) else {
                return Ok(());
            };
            self.read_on_threads(&mut window)?;
            reserve(records, window.len()).map_err(|e| self.at_row(e))?;
            let is_full = window.len() == rows;
            records.append(&mut window.into_records());
            if !is_full {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Reads rows and converts them in the memory of the values, until it is full. Stops earlier if a block cannot be
    /// converted as a whole.
    pub(super) fn read_on_threads(&mut self, records: &mut InPlace<E>) -> Result<()> {
        let (decoder, start) = (self.decoder.clone(), self.row);
        let rows = records.bytes_left() / size_of::<E>().max(1);
        let threads = self.threads.min(rows / self.rows_at_once() + 1);
        let mut pieces = Pieces {
            reader: self,
            memory: records.bytes(usize::MAX),
            spare: Vec::new(),
            converted: Vec::new(),
            rest: Vec::new(),
            failed: None,
        };
        let read = convert_in_order(threads, &mut pieces, |piece| {
            piece.is_converted = decoder.convert_in_memory(&piece.block, piece.memory);
        });
        let Pieces {
            converted,
            rest,
            failed,
            ..
        } = pieces;
        // An error names the first row at fault, as on one thread.
        let end = std::mem::replace(&mut self.row, start);
        for rows in converted {
            let decoded = decoder.keep(records, rows);
            self.row = start + records.len() as u64;
            decoded.map_err(|e| self.at_row(e.into()))?;
        }
        for block in rest {
            let decoded = decoder.decode_in_place(&block, records);
            self.row = start + records.len() as u64;
            decoded.map_err(|e| self.at_row(e.into()))?;
        }
        self.row = end;
        match failed {
            Some(e) => Err(self.at_row(Error::io("read", e))),
            None => read,
        }
    }

    /// Returns the number of rows in a block that a thread converts.
    fn rows_at_once(&self) -> usize {
        (PIECE / self.decoder.itemsize().max(1)).max(1)
    }
}

impl<E: Element, S: Read> Pieces<'_, E, S> {
    /// Reads rows until `bytes` is full, or the source ends or fails. Returns the number of rows.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let reader = &mut *self.reader;
        let before = reader.block.left().min(bytes.len());
        let (start, _) = bytes.split_at_mut(before);
        start.copy_from_slice(reader.block.rest().get(..before).unwrap_or_default());
        reader.block.start += before;
        let mut filled = before;
        while let Some(free) = bytes.get_mut(filled..).filter(|free| !free.is_empty())
            && self.failed.is_none()
        {
            match reader.source.read(free) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => self.failed = Some(e),
            }
        }
        let itemsize = reader.decoder.itemsize().max(1);
        let rows = filled / itemsize;
        if filled < bytes.len() {
            let torn = bytes.get(rows * itemsize..filled).unwrap_or_default();
            reader.block = Block::of(torn.to_vec());
        }
        if rows == 0 {
            let error = match self.failed.take() {
                None => reader.truncated_here(),
                Some(e) => reader.at_row(Error::io("read", e)),
            };
            reader.note(&error);
            return Err(error);
        }
        reader.row += rows as u64;
        Ok(rows)
    }
}

impl<'a, E: Element, S: Read> Pipeline for Pieces<'a, E, S> {
    type Job = Piece<'a>;
    type Error = Error;

    fn next(&mut self) -> Result<Option<Piece<'a>>> {
        let left = usize::try_from(self.reader.remaining()).unwrap_or(usize::MAX);
        let rows = left.min(self.reader.rows_at_once());
        let rows = rows.min(self.memory.len() / size_of::<E>().max(1));
        if rows == 0 || !self.rest.is_empty() {
            return Ok(None);
        }
        let mut block = self.spare.pop().unwrap_or_default();
        let itemsize = self.reader.decoder.itemsize();
        resize(&mut block, rows * itemsize).map_err(|e| self.reader.at_row(e))?;
        let rows = self.fill(&mut block)?;
        block.truncate(rows * itemsize);
        let memory = std::mem::take(&mut self.memory);
        let (memory, rest) = memory
            .split_at_mut_checked(rows * size_of::<E>())
            .unwrap_or_default();
        self.memory = rest;
        Ok(Some(Piece {
            rows,
            block,
            memory,
            is_converted: false,
        }))
    }

    fn done(&mut self, piece: Piece<'a>) -> Result<()> {
        if piece.is_converted && self.rest.is_empty() {
            self.converted.push(piece.rows);
            self.spare.push(piece.block);
        } else {
            self.rest.push(piece.block);
        }
        Ok(())
    }
}
