use std::{num::NonZero, ops::Range};

use super::{decoder::Decoder, npy_file::NpyFile, npy_rows::Strided};
use crate::{
    dtype::Casting,
    error::{Error, ErrorKind, Result},
    record::{NpyRecord, dtype_of},
    storage::reserve_exact,
    value::Value,
};
#[cfg(feature = "ndarray")]
use crate::{dtype::Difference, record::Misfit};

impl NpyFile {
    /// The rows of a range, counted from 0.
    ///
    /// # Errors
    ///
    /// As [`row`](Self::row).
    pub fn read_range(&self, rows: Range<u64>) -> Result<Vec<Value>> {
        self.read_values(&Strided::of(rows))
    }

    /// Every so many rows of a range, from its first one on, as `array[start:end:step]`. Of the file, only
    /// these are read, and what is between them where that is little.
    ///
    /// # Errors
    ///
    /// As [`row`](Self::row).
    pub fn read_strided(&self, rows: Range<u64>, step: NonZero<u64>) -> Result<Vec<Value>> {
        self.read_values(&Strided::by(rows, step))
    }

    fn read_values(&self, rows: &Strided) -> Result<Vec<Value>> {
        let count = rows.count();
        if !usize::try_from(count).is_ok_and(|count| self.codec.vouches_for(count)) {
            return Err(Error::new(ErrorKind::TooManyRows(count)).at_path(&self.path));
        }
        let bytes = self.read_rows(rows)?;
        let itemsize = self.codec.itemsize();
        let values = (0..count).enumerate().map(|(nth, row)| {
            let place = bytes.get(nth * itemsize..(nth + 1) * itemsize);
            self.decode(rows.nth(row), place.unwrap_or_default())
        });
        let mut all = Vec::new();
        let len = bytes.len().checked_div(itemsize).unwrap_or_default();
        reserve_exact(&mut all, len).map_err(|e| e.at_path(&self.path))?;
        for value in values {
            all.push(value?);
        }
        Ok(all)
    }

    /// The rows of a range, counted from 0, as records: the way to read any rows for those who do not
    /// promise what a [`Mapped`](crate::Mapped) file needs. A record is all of a row. Fields are matched
    /// as [`Casting::Equiv`] has it; for another casting there is [`Reader`](crate::Reader).
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("points.npy");
    /// npyrec::write(&path, &[[1_i32, 2], [3, 4], [5, 6]])?;
    /// let file = npyrec::NpyFile::open(&path)?;
    /// assert_eq!(file.read_range_as::<[i32; 2]>(1..3)?, [[3, 4], [5, 6]]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If there are not that many, they cannot be read, their dtype cannot be read as that of `R`, or
    /// one is no value of `R`.
    pub fn read_range_as<R: NpyRecord>(&self, rows: Range<u64>) -> Result<Vec<R>> {
        self.read_strided_as(rows, NonZero::<u64>::MIN)
    }

    /// Every so many rows of a range, from its first one on, as records: [`read_strided`](Self::read_strided)
    /// as [`read_range_as`](Self::read_range_as) has it.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("squares.npy");
    /// use std::num::NonZero;
    ///
    /// npyrec::write(&path, &[0_u32, 1, 4, 9, 16, 25])?;
    /// let file = npyrec::NpyFile::open(&path)?;
    /// let every_other = NonZero::new(2).unwrap_or(NonZero::<u64>::MIN);
    /// assert_eq!(file.read_strided_as::<u32>(1..6, every_other)?, [1, 9, 25]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`read_range_as`](Self::read_range_as).
    pub fn read_strided_as<R: NpyRecord>(
        &self,
        rows: Range<u64>,
        step: NonZero<u64>,
    ) -> Result<Vec<R>> {
        let read = || -> Result<Vec<R>> {
            let decoder = Decoder::new::<R>(&self.row, &dtype_of::<R>()?, Casting::Equiv)?;
            self.read_records(&Strided::by(rows, step), &decoder, &[])
        };
        read().map_err(|e| e.at_path(&self.path))
    }

    /// The elements of rows in C order, and what `lay_out` makes of their shape before they are read.
    #[cfg(feature = "ndarray")]
    pub(crate) fn read_elements<T: NpyRecord, L>(
        &self,
        rows: Range<u64>,
        lay_out: impl FnOnce(&[u64]) -> Result<L>,
    ) -> Result<(L, Vec<T>)> {
        let read = || {
            let rows = Strided::of(rows);
            let (sequence, decoder) =
                Decoder::of_sequence::<T>(&self.header, Casting::Equiv, true)?;
            let mut shape = sequence.records.dims().to_vec();
            match shape.first_mut() {
                // A single element is a row.
                _ if self.header.shape().is_empty() => shape.insert(0, rows.count()),
                Some(first) => *first = rows.count(),
                None => {
                    let differences = Difference::between(&self.row, &T::dtype());
                    return Err(Misfit::DType(differences).into());
                }
            }
            let in_row = shape.get(1..).unwrap_or_default();
            let laid_out = lay_out(&shape)?;
            Ok((laid_out, self.read_records(&rows, &decoder, in_row)?))
        };
        read().map_err(|e: Error| e.at_path(&self.path))
    }
}
