use std::{
    io::{self, Read},
    path::Path,
    slice,
};

use super::{block::Block, huge_pages, options::ReadOptions, reader::Reader};
use crate::{
    error::{Error, Result},
    record::{InPlace, Layout, NpyRecord, is_large},
    storage::{allocation_refused, reserve, reserve_exact},
};

/// How many bytes are read before they become records: the more the fewer calls of the system, as long as
/// they are still in the L2 cache then. Where there is nothing to be done with them, such calls take no time
/// that could be measured.
const PIECE: usize = 256 * 1024;

/// Reads all records of a file.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("points.npy");
/// npyrec::write(&path, &[[1_i32, 2], [3, 4]])?;
/// assert_eq!(npyrec::read::<[i32; 2]>(&path)?, [[1, 2], [3, 4]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the file cannot be read, is not an `.npy` file whose dtype can be read as that of `R`, is shorter
/// than its header says, or holds what is no value of `R`.
pub fn read<R: NpyRecord>(path: impl AsRef<Path>) -> Result<Vec<R>> {
    ReadOptions::new().read(path)
}

impl<R: NpyRecord, S: Read> Reader<R, S> {
    /// Reads all records that are left.
    ///
    /// # Errors
    ///
    /// If reading fails, the source ends before the rows that its header counts, or a row is no value
    /// of `R`.
    pub fn read_all(mut self) -> Result<Vec<R>> {
        let rows = self.remaining();
        let present = self.present;
        if present.is_some_and(|found| found < rows) {
            return Err(self.truncated());
        }
        // Memory is taken at once only for rows that are there.
        let known = match present {
            Some(_) => Some(self.in_memory(rows)?),
            None => None,
        };
        let as_they_are =
            known.filter(|_| self.decoder.needs_no_conversion() && self.has_read_nothing());
        if let Some(mut records) = as_they_are.and_then(InPlace::new) {
            huge_pages::advise(records.bytes());
            self.read_in_place(&mut records)?;
            return Ok(records.into_records());
        }
        let mut records = Vec::new();
        let reserved = reserve_exact(&mut records, known.unwrap_or_default());
        reserved.map_err(|e| self.at_path(e))?;
        huge_pages::advise(records.spare_capacity_mut());
        self.read_rest(&mut records)?;
        Ok(records)
    }

    /// Reads records into a slice, as many as there are or have room, and says how many.
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
    ///
    /// # Errors
    ///
    /// If reading fails, the source ends before the rows that its header counts, or a row is no value
    /// of `R`. The rows before it are in `records`; [`next_row`](Reader::next_row) tells how many these are.
    /// Reading may go on as after an error of the iterator.
    pub fn read_into(&mut self, records: &mut [R]) -> Result<usize> {
        let left = usize::try_from(self.remaining()).unwrap_or(usize::MAX);
        let len = records.len().min(left);
        let mut records = records.get_mut(..len).unwrap_or_default().iter_mut();
        while self.block.left() > 0
            && let Some(place) = records.next()
        {
            self.replace(place)?;
        }
        let rest = records.into_slice();
        match Layout::bytes_of_mut(rest)
            .filter(|bytes| self.decoder.needs_no_conversion() && !bytes.is_empty())
        {
            Some(bytes) => self.read_whole(bytes)?,
            None => rest.iter_mut().try_for_each(|place| self.replace(place))?,
        }
        Ok(len)
    }

    /// Puts the next record in the place of another.
    #[inline]
    fn replace(&mut self, place: &mut R) -> Result<()> {
        // Apart, as each function has room on the stack for all its values, used or not.
        if const { is_large::<R>() } {
            self.replace_by_boxed(place)
        } else {
            self.replace_by_value(place)
        }
    }

    #[inline]
    fn replace_by_value(&mut self, place: &mut R) -> Result<()> {
        *place = self.next_record()?;
        Ok(())
    }

    fn replace_by_boxed(&mut self, place: &mut R) -> Result<()> {
        let mut record: Box<R> = self.next_record()?;
        // As slices, which are swapped part by part. The old record is dropped with the box.
        slice::from_mut(place).swap_with_slice(slice::from_mut(&mut *record));
        Ok(())
    }

    /// The number of rows, if an address can name each of as many records.
    fn in_memory(&self, rows: u64) -> Result<usize> {
        let len = usize::try_from(rows).ok();
        let len = len.filter(|len| len.checked_mul(size_of::<R>()).is_some());
        len.ok_or_else(|| {
            let bytes = u128::from(rows).saturating_mul(size_of::<R>() as u128);
            self.at_path(Error::io("allocate memory", allocation_refused(bytes)))
        })
    }

    /// Reads rows into the memory of the records themselves.
    fn read_whole(&mut self, bytes: &mut [u8]) -> Result<()> {
        let itemsize = self.decoder.itemsize().max(1);
        let mut filled = 0;
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
            // What there is of the next row is kept for another try.
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

    /// Reads all rows into the memory of records, and makes records of them while they are in the cache.
    fn read_in_place(&mut self, records: &mut InPlace<R>) -> Result<()> {
        let at_once = (PIECE / R::ITEMSIZE.max(1)).max(1);
        while !records.bytes().is_empty() {
            let bytes = records.bytes();
            let len = bytes.len().min(at_once * R::ITEMSIZE);
            self.read_whole(bytes.get_mut(..len).unwrap_or_default())?;
            let decoded = records.decode(at_once);
            decoded.map_err(|error| {
                self.row = records.len() as u64;
                self.at_row(error.into())
            })?;
        }
        Ok(())
    }

    /// Adds all rows that are left to `records`.
    fn read_rest(&mut self, records: &mut Vec<R>) -> Result<()> {
        while self.row < self.end {
            self.fill_block()?;
            let itemsize = self.decoder.itemsize();
            let Block {
                start,
                filled,
                ref bytes,
            } = self.block;
            let block = bytes.get(start..filled).unwrap_or_default();
            if itemsize == 0 {
                let pushed = self.decoder.push_empty(records);
                pushed.map_err(|e| self.at_row(e.into()))?;
                self.row += 1;
                continue;
            }
            let before = records.len();
            let reserved = reserve(records, block.len() / itemsize);
            reserved.map_err(|e| self.at_row(e))?;
            let decoded = self.decoder.decode_all(block, records);
            let rows = records.len() - before;
            self.block.start += rows * itemsize;
            self.row += rows as u64;
            decoded.map_err(|e| self.at_row(e.into()))?;
        }
        Ok(())
    }

    /// Whether nothing was read but the header.
    fn has_read_nothing(&self) -> bool {
        self.row == 0 && self.block.filled == 0
    }
}
