use std::{
    fs::File,
    path::{Path, PathBuf},
};

use super::{
    decoder::{BLOCK, Decoder},
    options::ReadOptions,
};
use crate::{
    dtype::DType,
    error::{Cause, Error, Result},
    header::{GrowingHeader, Header, Order},
    record::{Element, Mismatch},
    storage::{FileStorage, Storage, read_header_with_limit, reserve, resize},
};

/// A file that grows, and the next row to read from it.
pub(super) struct FollowedFile<E: Element> {
    storage: FileStorage,
    pub(super) path: PathBuf,
    /// `None` if the header has no room to grow; another program wrote it.
    header: Option<GrowingHeader>,
    pub(super) options: ReadOptions,
    dtype: DType,
    pub(super) row_dtype: DType,
    pub(super) decoder: Decoder<E>,
    /// The next row.
    pub(super) row: u64,
    /// The number of rows in the header when it was last read.
    pub(super) committed: u64,
    end: Option<End>,
    block: Vec<u8>,
    /// The bytes of the header when it was last read.
    text: Vec<u8>,
    /// The first bytes of the header, which give its length.
    frame: Vec<u8>,
}

/// The largest size of the rows that one call returns, in the file or in memory, unless one row is larger.
const AT_ONCE: usize = 16 << 20;

/// The reason why no more rows will come.
#[derive(Clone, Copy, Debug)]
enum End {
    Removed,
    CutShort { expected: u64, found: u64 },
}

const REMOVED: &str = "it was removed, renamed or replaced; all rows that it had were read, and what is \
                       there now can be opened anew";
const CUT_SHORT: &str = "open it anew to read what is there";

impl<E: Element> FollowedFile<E> {
    pub(super) fn open(path: &Path, options: ReadOptions) -> Result<Self> {
        options.check_rows()?;
        let storage = FileStorage::open(File::options().read(true), path)?;
        let (header, text) = read_header_with_limit(&storage, 0, options.max_header_size);
        let header = header?;
        if header.array_shape().order() == Order::Fortran {
            return Err(Mismatch::FortranOrder(header.shape().to_vec()).into());
        }
        let (shape, decoder) = Decoder::of_rows(&header, options.casting)?;
        Ok(FollowedFile {
            storage,
            options,
            dtype: header.dtype().clone(),
            row_dtype: header.element_dtype(&shape),
            path: path.to_owned(),
            header: GrowingHeader::existing(&header.with_order(Order::C), &text),
            decoder,
            row: 0,
            committed: 0,
            end: None,
            block: Vec::new(),
            frame: text
                .get(..header.version().text_start())
                .unwrap_or_default()
                .to_vec(),
            text,
        })
    }

    /// Returns the number of rows that were committed at the last look, and are not yet read.
    pub(super) fn remaining(&self) -> u64 {
        self.committed.saturating_sub(self.row)
    }

    /// Returns the header without its number of rows.
    pub(super) fn header(&self) -> Result<Header> {
        let limit = self.options.max_header_size;
        let header = Header::read_from_with_max_size(&mut &*self.text, limit)?;
        Ok(header.with_rows(0))
    }

    /// Returns the most rows that one call reads.
    pub(super) fn rows_at_once(&self) -> usize {
        (AT_ONCE / self.decoder.itemsize().max(size_of::<E>()).max(1)).max(1)
    }

    /// Updates the number of committed rows.
    pub(super) fn look(&mut self) -> Result<()> {
        // Checked first, as rows may be appended before the file is removed.
        let is_removed = self.end.is_none() && self.is_removed();
        if self.end.is_none() {
            self.look_at_header()?;
        }
        if is_removed {
            self.end = Some(End::Removed);
        }
        match self.end {
            Some(end) if self.row >= self.committed => Err(match end {
                End::Removed => Error::new(Cause::Removed).with_end(REMOVED),
                End::CutShort { expected, found } => {
                    Error::new(Cause::CutShort { expected, found }).with_end(CUT_SHORT)
                }
            }),
            _ => Ok(()),
        }
    }

    fn look_at_header(&mut self) -> Result<()> {
        loop {
            let len = self.read_text()?;
            let counted = self.counted(len);
            let length = self.storage.len();
            let length = length.map_err(|e| Error::io("read the file's length", e))?;
            let data = length.saturating_sub(self.text.len() as u64);
            let present = data.checked_div(self.decoder.itemsize() as u64);
            if present.is_some_and(|present| present < self.committed) {
                let (expected, found) = (self.committed, present.unwrap_or_default());
                self.end = Some(End::CutShort { expected, found });
                // The remaining rows are still returned.
                self.committed = found.max(self.row);
                return Ok(());
            }
            // A number larger than the rows in the file, or smaller than before, was read while it was written.
            let most = present.unwrap_or(u64::MAX);
            if let Some(counted) = counted.filter(|n| (self.committed..=most).contains(n)) {
                self.committed = counted;
                return Ok(());
            }
            if self.read_text()? == len && self.counted(len) == counted {
                if !self.has_same_frame(len) {
                    self.end = Some(End::Removed);
                }
                return self.check_order(len);
            }
        }
    }

    /// Checks that an array that was in both orders did not grow along its last axis.
    fn check_order(&self, len: usize) -> Result<()> {
        let text = self.text.get(..len).unwrap_or_default();
        match Header::read_from_with_max_size(&mut &*text, self.options.max_header_size) {
            Ok(header) if header.array_shape().order() == Order::Fortran => {
                Err(Mismatch::FortranOrder(header.shape().to_vec()).into())
            }
            _ => Ok(()),
        }
    }

    /// Reads the bytes of the header. Returns their number.
    fn read_text(&mut self) -> Result<usize> {
        self.storage
            .read_all_at(&mut self.text, 0)
            .map_err(|e| Error::io("read the header", e))
    }

    /// Returns true if the header still has the same length, so that its rows are in the same place.
    fn has_same_frame(&self, len: usize) -> bool {
        let text = self.text.get(..len).unwrap_or_default();
        text.starts_with(&self.frame)
    }

    /// Returns the number of rows in the bytes that were last read, if they are the header of this file.
    fn counted(&self, len: usize) -> Option<u64> {
        let text = self.text.get(..len)?;
        let growing = self.header.as_ref();
        growing.and_then(|header| header.rows_in(text)).or_else(|| {
            let limit = self.options.max_header_size;
            let header = Header::read_from_with_max_size(&mut &*text, limit).ok()?;
            let is_same = *header.dtype() == self.dtype && header.array_shape().order() == Order::C;
            let header = header.with_order(Order::C);
            // A single element is one row.
            let rows = header.rows().unwrap_or(1);
            (is_same && header.row_size() == self.decoder.itemsize() as u64).then_some(rows)
        })
    }

    /// Returns true if the path leads to another file or to no file. Errors count as false.
    fn is_removed(&self) -> bool {
        self.storage
            .has_path(&self.path)
            .is_ok_and(|is_there| !is_there)
    }

    /// Adds the committed rows, up to the first whose bytes are not a valid `E`, and at most `most`.
    ///
    /// # Errors
    ///
    /// The error of the first row, if `records` has no more than `before` rows. Else the next call returns it.
    pub(super) fn read(&mut self, records: &mut Vec<E>, before: usize, most: usize) -> Result<()> {
        let itemsize = self.decoder.itemsize();
        let left = self.remaining().min(most as u64);
        self.decoder.check_len_at_once(self.remaining())?;
        let end = self.row.saturating_add(left);
        let per_block = (BLOCK / itemsize.max(1)).max(1) as u64;
        reserve(records, usize::try_from(left).unwrap_or(usize::MAX))?;
        while self.row < end {
            let rows = per_block.min(end - self.row);
            let len = usize::try_from(rows).unwrap_or_default() * itemsize;
            resize(&mut self.block, len)?;
            let offset = self.text.len() as u64 + self.row * itemsize as u64;
            let read = self.storage.read_all_at(&mut self.block, offset);
            let read = read.map_err(|e| Error::io("read rows", e).at_row(self.row))?;
            if read < len {
                let (expected, found) = (self.committed, self.row);
                self.end = Some(End::CutShort { expected, found });
                self.committed = self.row;
                return self.look();
            }
            let decoded_before = records.len();
            let decoded = match itemsize {
                0 => (0..rows).try_for_each(|_| self.decoder.push_empty(records)),
                _ => self.decoder.decode_all(&self.block, records),
            };
            self.row += (records.len() - decoded_before) as u64;
            match decoded {
                Ok(()) => {}
                // If rows were read before it, the next call meets the error again.
                Err(_) if records.len() > before => return Ok(()),
                Err(error) => {
                    let error = Error::from(error).at_row(self.row);
                    self.row += 1;
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}
