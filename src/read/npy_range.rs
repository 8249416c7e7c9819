use std::{num::NonZero, ops::Range};

use super::{decoder::Decoder, npy_file::NpyFile, strided::EveryNth};
#[cfg(feature = "ndarray")]
use crate::{dtype::Difference, error::Error, record::Mismatch};
use crate::{error::Result, record::Element};

impl NpyFile {
    /// Reads a range of rows, counted from 0, as records or as [`Value`](crate::Value)s.
    ///
    /// A record is a whole row. [`ReadOptions`](crate::ReadOptions) allow other conversions than
    /// [`Casting::Equiv`](crate::Casting::Equiv).
    ///
    /// # Errors
    ///
    /// If the range ends after the last row, the rows cannot be read, or they cannot be read as `E`.
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("points.npy");
    /// use npyrec::{NpyFile, Value};
    ///
    /// npyrec::write(&path, &[[1_i32, 2], [3, 4], [5, 6]])?;
    /// let file = NpyFile::open(&path)?;
    /// assert_eq!(file.read_range::<[i32; 2]>(1..3)?, [[3, 4], [5, 6]]);
    /// assert_eq!(file.read_range::<Value>(1..2)?[0].to_string(), "[3 4]");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_range<E: Element>(&self, rows: Range<u64>) -> Result<Vec<E>> {
        let () = E::READABLE;
        self.read_strided(rows, NonZero::<u64>::MIN)
    }

    /// Reads every `step`th row of a range, from its first row on, as `array[start:end:step]`.
    ///
    /// Only these rows are read of the file, and the bytes between them where those are few.
    ///
    /// # Errors
    ///
    /// As [`read_range`](Self::read_range).
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("squares.npy");
    /// use std::num::NonZero;
    ///
    /// npyrec::write(&path, &[0_u32, 1, 4, 9, 16, 25])?;
    /// let file = npyrec::NpyFile::open(&path)?;
    /// let every_other = NonZero::new(2).unwrap_or(NonZero::<u64>::MIN);
    /// assert_eq!(file.read_strided::<u32>(1..6, every_other)?, [1, 9, 25]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_strided<E: Element>(&self, rows: Range<u64>, step: NonZero<u64>) -> Result<Vec<E>> {
        let () = E::READABLE;
        let read = || -> Result<Vec<E>> {
            let decoder = match &self.selected {
                Some(row) => Decoder::new(row, self.options.casting)?,
                None => Decoder::of_rows(&self.header, self.options.casting)?.1,
            };
            self.read_records(&EveryNth::by(rows, step), &decoder, &[])
        };
        read().map_err(|e| e.at_path(&self.path))
    }

    /// Returns the elements of rows in C order, and the result of `lay_out` for their shape, which is called
    /// before they are read.
    #[cfg(feature = "ndarray")]
    pub(crate) fn read_elements<T: Element, L>(
        &self,
        rows: Range<u64>,
        lay_out: impl FnOnce(&[u64]) -> Result<L>,
    ) -> Result<(L, Vec<T>)> {
        let read = || {
            let rows = EveryNth::of(rows);
            if let Some(row) = &self.selected {
                let laid_out = lay_out(&[rows.count()])?;
                let decoder = Decoder::new(row, self.options.casting)?;
                return Ok((laid_out, self.read_records(&rows, &decoder, &[])?));
            }
            let (shape, decoder) = Decoder::of_elements(&self.header, self.options.casting, true)?;
            let mut shape = shape.dims().to_vec();
            match shape.first_mut() {
                // A single element is a row.
                _ if self.header.shape().is_empty() => shape.insert(0, rows.count()),
                Some(first) => *first = rows.count(),
                None => {
                    let row = self.header.element_dtype(&self.shape);
                    let element = T::fixed_dtype().unwrap_or_else(|| row.clone());
                    let differences = Difference::between(&row, &element);
                    return Err(Mismatch::DType(differences).into());
                }
            }
            let in_row = shape.get(1..).unwrap_or_default();
            let laid_out = lay_out(&shape)?;
            Ok((laid_out, self.read_records(&rows, &decoder, in_row)?))
        };
        read().map_err(|e: Error| e.at_path(&self.path))
    }
}
