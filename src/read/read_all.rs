use std::{
    io::{self, Read},
    path::Path,
    slice,
};

use super::{
    block::Block,
    huge_pages,
    options::ReadOptions,
    reader::Reader,
    rearrange::{dims, scattered},
};
use crate::{
    error::{Error, Result},
    record::{Element, InPlace, Layout, is_large},
    storage::{allocation_refused, reserve, reserve_exact},
};

/// The number of bytes that are read before they are decoded. More bytes mean fewer system calls, but they
/// must still be in the L2 cache when they are decoded.
pub(super) const PIECE: usize = 256 * 1024;

/// Reads all rows of a file, or of a directory of [shards](crate::Shards).
///
/// # Errors
///
/// If the file cannot be read, is not an `.npy` file, or its rows cannot be read as `E`; if it is shorter than
/// its header says, or the bytes of a row are not a valid `E`.
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("points.npy");
/// npyrec::write(&path, &[[1_i32, 2], [3, 4]])?;
/// assert_eq!(npyrec::read::<[i32; 2]>(&path)?, [[1, 2], [3, 4]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read<E: Element>(path: impl AsRef<Path>) -> Result<Vec<E>> {
    let () = E::READABLE;
    ReadOptions::new().read(path)
}

impl ReadOptions {
    /// Reads all rows of a file or of a directory of shards, as [`read`](crate::read()).
    ///
    /// # Errors
    ///
    /// As [`read`](crate::read()).
    pub fn read<E: Element>(&self, path: impl AsRef<Path>) -> Result<Vec<E>> {
        let () = E::READABLE;
        let path = path.as_ref();
        match Reader::<E>::open_in_file_order(path, *self) {
            Err(_) if path.is_dir() => {
                let shards = self.open_dir(path)?;
                shards.read_range(0..shards.len())
            }
            reader => reader?
                .read_all_rearranged(*self)
                .map_err(|e| e.at_path(path)),
        }
    }
}

impl<E: Element, S: Read> Reader<E, S> {
    /// Reads all remaining rows.
    ///
    /// # Errors
    ///
    /// If reading fails, the source ends before the rows that its header counts, or the bytes of a row are not
    /// a valid `E`.
    pub fn read_all(mut self) -> Result<Vec<E>> {
        let rows = self.remaining();
        let checked = self.decoder.check_len_at_once(rows);
        checked.map_err(|e| self.at_path(e))?;
        let present = self.present;
        if present.is_some_and(|found| found < rows) {
            return Err(self.truncated());
        }
        // Memory is allocated at once only for rows that the file has.
        let known = match present {
            Some(_) => Some(self.in_memory(rows)?),
            None => None,
        };
        let in_place = known.and_then(|len| self.decoder.in_place(len));
        if let Some(mut records) = in_place {
            huge_pages::advise(records.memory());
            match self.decoder.decodes_where_read() && self.has_read_nothing() {
                true => self.read_in_place(&mut records)?,
                false if self.has_work_for_threads() => {
                    self.read_on_threads(&mut records)?;
                    self.read_through_block(&mut records)?;
                }
                false => self.read_through_block(&mut records)?,
            }
            return Ok(records.into_records());
        }
        let mut records = Vec::new();
        let reserved = reserve_exact(&mut records, known.unwrap_or_default());
        reserved.map_err(|e| self.at_path(e))?;
        huge_pages::advise(records.spare_capacity_mut());
        if known.is_none() && self.has_work_for_threads() {
            self.read_windows_on_threads(&mut records)?;
        }
        self.read_rest(&mut records)?;
        Ok(records)
    }

    /// Reads all rows of a file whose elements are not put into C order yet.
    fn read_all_rearranged(mut self, options: ReadOptions) -> Result<Vec<E>> {
        let Some(elements) = self.read_to_rearrange(options)? else {
            return self.read_all();
        };
        let dims = dims(self.header().array_shape().axes());
        let itemsize = self.header().base_dtype().itemsize();
        let scattered = scattered(&elements, itemsize, &dims);
        // A record may also have all axes of the array, and more than a row.
        let scattered = scattered.filter(|scattered| {
            let records = scattered.row_len().checked_rem(self.decoder.itemsize());
            records == Some(0)
        });
        let memory = match self.decoder.decodes_where_read() {
            true => self.decoder.in_place(self.in_memory(self.remaining())?),
            false => None,
        };
        let (Some(scattered), Some(mut records)) = (scattered, memory) else {
            self.rearrange(elements)?;
            return self.read_all();
        };
        // Elements that need no conversion are put into their order in the memory of the records.
        huge_pages::advise(records.memory());
        for band in scattered.bands() {
            let len = band.1 * scattered.row_len();
            scattered.write_band(band, records.bytes(len));
            let count = len / self.decoder.itemsize();
            if let Err(error) = records.decode(self.decoder.codec(), count) {
                self.row = records.len() as u64;
                return Err(self.at_row(error.into()));
            }
        }
        Ok(records.into_records())
    }

    /// Reads rows into a slice, until it is full or no row is left. Returns their number.
    ///
    /// # Errors
    ///
    /// If reading fails, the source ends before the rows that its header counts, or the bytes of a row are not
    /// a valid `E`. The rows before it are in `records`; [`next_row`](Reader::next_row) tells their number.
    /// Reading continues as after an error of the iterator.
    ///
    /// # Examples
    ///
    /// ```
    /// # use npyrec::{Header, Reader};
    /// # let mut bytes = Header::for_record::<u8>(3).to_bytes();
    /// # bytes.extend([10, 11, 12]);
    /// let mut reader = Reader::<u8>::new(&bytes[..])?;
    /// let mut values = [0; 2];
    /// assert_eq!(reader.read_into(&mut values)?, 2);
    /// assert_eq!(values, [10, 11]);
    /// assert_eq!(reader.read_into(&mut values)?, 1);
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    pub fn read_into(&mut self, records: &mut [E]) -> Result<usize> {
        let left = usize::try_from(self.remaining()).unwrap_or(usize::MAX);
        let len = records.len().min(left);
        let mut records = records.get_mut(..len).unwrap_or_default().iter_mut();
        while self.block.left() > 0
            && self.decoder.needs_no_conversion()
            && let Some(place) = records.next()
        {
            self.replace(place)?;
        }
        let rest = records.into_slice();
        match Layout::bytes_of_mut(rest).filter(|bytes| !bytes.is_empty()) {
            Some(bytes) if self.decoder.needs_no_conversion() => self.read_whole(bytes, 0)?,
            Some(bytes) => self.convert_whole(bytes)?,
            None => rest.iter_mut().try_for_each(|place| self.replace(place))?,
        }
        Ok(len)
    }

    /// Replaces a value with the next row.
    #[inline]
    fn replace(&mut self, place: &mut E) -> Result<()> {
        // Two functions, as each needs stack space for all its values, used or not.
        if const { is_large::<E>() } {
            self.replace_by_boxed(place)
        } else {
            self.replace_by_value(place)
        }
    }

    #[inline]
    fn replace_by_value(&mut self, place: &mut E) -> Result<()> {
        *place = self.next_by(E::decode_as)?;
        Ok(())
    }

    fn replace_by_boxed(&mut self, place: &mut E) -> Result<()> {
        let mut record = self.next_by(E::decode_boxed)?;
        // Slices are swapped part by part, not through the stack. The old value is dropped with the box.
        slice::from_mut(place).swap_with_slice(slice::from_mut(&mut *record));
        Ok(())
    }

    /// Returns the number of rows as a `usize`, if that many values have addresses.
    fn in_memory(&self, rows: u64) -> Result<usize> {
        let len = usize::try_from(rows).ok();
        let len = len.filter(|len| len.checked_mul(size_of::<E>()).is_some());
        len.ok_or_else(|| {
            let bytes = u128::from(rows).saturating_mul(size_of::<E>() as u128);
            self.at_path(Error::io("allocate memory", allocation_refused(bytes)))
        })
    }

    /// Reads rows into the memory of the values. The first bytes are filled already.
    fn read_whole(&mut self, bytes: &mut [u8], filled: usize) -> Result<()> {
        let itemsize = self.decoder.itemsize().max(1);
        let mut filled = filled;
        while filled < bytes.len() {
            let error = match self
                .source
                .read(bytes.get_mut(filled..).unwrap_or_default())
            {
                Ok(0) => None,
                Ok(read) => {
                    filled += read;
                    continue;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => Some(e),
            };
            // The first bytes of the next row are kept for another attempt.
            let whole = filled / itemsize;
            self.row += whole as u64;
            let torn = bytes.get(whole * itemsize..filled).unwrap_or_default();
            self.block = Block::of(torn.to_vec());
            let error = match error {
                None => self.truncated_here(),
                Some(e) => self.at_row(Error::io("read", e)),
            };
            self.note(&error);
            return Err(error);
        }
        self.row += (bytes.len() / itemsize) as u64;
        Ok(())
    }

    /// Reads all rows into the memory of the values, and decodes them while they are in the cache.
    fn read_in_place(&mut self, records: &mut InPlace<E>) -> Result<()> {
        let itemsize = self.decoder.itemsize();
        let at_once = (PIECE / itemsize.max(1)).max(1);
        while records.bytes_left() > 0 {
            let len = records.bytes_left().min(at_once * itemsize);
            let filled = self.read_uninitialized(records, len);
            self.read_whole(records.bytes(len), filled)?;
            let decoded = records.decode(self.decoder.codec(), at_once);
            decoded.map_err(|error| {
                self.row = records.len() as u64;
                self.at_row(error.into())
            })?;
        }
        Ok(())
    }

    /// Reads up to `len` bytes into memory that is not initialized, if the source can. Returns their number.
    fn read_uninitialized(&mut self, records: &mut InPlace<E>, len: usize) -> usize {
        let mut filled = 0;
        while let Some(read) = self.read_uninit
            && filled < len
        {
            match records.fill(filled, len, |memory| read(&mut self.source, memory)) {
                // The next read, to initialized memory, reports the end or the error.
                Ok(0) | Err(_) => break,
                Ok(more) => filled += more,
            }
        }
        filled
    }

    /// Reads all rows by blocks, converts them in the memory of the values, and decodes them there.
    fn read_through_block(&mut self, records: &mut InPlace<E>) -> Result<()> {
        while self.row < self.end {
            // Memory is written while it is in the cache, even if the block has all rows.
            let at_once = (PIECE / self.decoder.itemsize().max(1)).max(1);
            let rows = self.fill_rows()?.min(at_once);
            let before = records.len();
            let block = self.block.rest().get(..rows * self.decoder.itemsize());
            let decoded = self
                .decoder
                .decode_in_place(block.unwrap_or_default(), records);
            self.advance(records.len() - before);
            decoded.map_err(|e| self.at_row(e.into()))?;
        }
        Ok(())
    }

    /// Reads rows, and converts them to the memory of the values.
    fn convert_whole(&mut self, mut bytes: &mut [u8]) -> Result<()> {
        let size = E::itemsize_of(self.decoder.codec()).max(1);
        while !bytes.is_empty() {
            let rows = self.fill_rows()?.min(bytes.len() / size);
            let (converted, rest) = bytes.split_at_mut(rows * size);
            bytes = rest;
            match self.decoder.convert(self.block.rest(), converted) {
                Ok(_) => self.advance(rows),
                Err((index, error)) => {
                    self.advance(index);
                    let error = self.at_row(error.into());
                    self.advance(1);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Reads a block if the current block has no row left. Returns the number of rows in the block.
    fn fill_rows(&mut self) -> Result<usize> {
        self.fill_block()?;
        let rows = self.block.left().checked_div(self.decoder.itemsize());
        let left = usize::try_from(self.remaining()).unwrap_or(usize::MAX);
        Ok(rows.unwrap_or(left).min(left))
    }

    /// Notes that rows of the block are used.
    fn advance(&mut self, rows: usize) {
        self.block.start += rows * self.decoder.itemsize();
        self.row += rows as u64;
    }

    /// Adds all remaining rows to `records`.
    fn read_rest(&mut self, records: &mut Vec<E>) -> Result<()> {
        while self.row < self.end {
            self.fill_block()?;
            let itemsize = self.decoder.itemsize();
            if itemsize == 0 {
                let pushed = self.decoder.push_empty(records);
                pushed.map_err(|e| self.at_row(e.into()))?;
                self.row += 1;
                continue;
            }
            let (before, block) = (records.len(), self.block.rest());
            let reserved = reserve(records, block.len() / itemsize);
            reserved.map_err(|e| self.at_row(e))?;
            let decoded = self.decoder.decode_all(block, records);
            self.advance(records.len() - before);
            decoded.map_err(|e| self.at_row(e.into()))?;
        }
        Ok(())
    }

    /// Returns true if only the header was read.
    fn has_read_nothing(&self) -> bool {
        self.row == 0 && self.block.filled == 0
    }
}
