use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use super::migration::Migration;
use crate::{
    convert::{Pipeline, Plan, convert_in_order},
    error::{Error, Result},
    read::{ReadOptions, plan_of},
    record::{Element, EncodeError, NpyRecord, dtype_of, rows},
    repair::{Inspection, Policy, write_anew, write_failed},
    storage::{FileStorage, zeroed},
    write::NewArray,
};

/// The bytes of rows that are read, converted and written at once.
const BLOCK: usize = 256 * 1024;

/// Rewrites a file as records of type `R`, such as a log of an older program that an appender is to continue.
///
/// Fields are matched by name or [`alias`](derive@crate::NpyRecord#alias). A new field needs [`#[npy(default)]`](derive@crate::NpyRecord#default), and has
/// the default in all rows. Fields that `R` lacks are removed. [`ReadOptions::migrate`] converts the dtypes of
/// fields too, if its [`casting`](ReadOptions::casting) allows it.
///
/// Reading the file as `R` gives the same rows before and after. The rows are rewritten a block at a time, into
/// a new file that replaces the old one when it is complete and synced. Until then, and if anything fails, the
/// old file is there unchanged. A file that has the dtype of `R` and counts its rows is not touched. Complete rows that the header
/// does not count are kept, as an appender keeps them.
///
/// # Errors
///
/// - If the file cannot be read or replaced, or an appender has it open
///   ([`ErrorKind::Locked`](crate::ErrorKind::Locked)).
/// - If its rows cannot be read as `R`: a new field has no default, or the dtype of a field differs
///   ([`ErrorKind::DType`](crate::ErrorKind::DType)).
/// - If a value does not fit the new dtype, other than by the rounding of floats. The error has the row and the
///   field.
/// - If the rows are not contiguous, as in Fortran order, or fewer than the header counts.
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("ticks.npy");
/// use npyrec::{Appender, NpyRecord};
///
/// #[derive(NpyRecord)]
/// struct Old {
///     price: f64,
/// }
///
/// #[derive(NpyRecord)]
/// struct Tick {
///     price: f64,
///     #[npy(default)]
///     size: u32,
/// }
///
/// npyrec::write(&path, &[Old { price: 1.5 }])?;
/// assert!(Appender::<Tick>::open(&path).is_err());
/// let migration = npyrec::migrate::<Tick>(&path)?;
/// assert_eq!(migration.to_string(), "1 rows rewritten\n  size: added");
///
/// let mut ticks = Appender::<Tick>::open(&path)?;
/// ticks.append(&Tick { price: 2.5, size: 7 })?;
/// ticks.close()?;
/// let ticks = npyrec::read::<Tick>(&path)?;
/// assert_eq!((ticks[0].price, ticks[0].size), (1.5, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn migrate<R: NpyRecord>(path: impl AsRef<Path>) -> Result<Migration> {
    ReadOptions::new().migrate::<R>(path)
}

impl ReadOptions {
    /// Rewrites a file as records of type `R`, as [`migrate`]. Of the options, only the
    /// [`casting`](Self::casting) and the [`threads`](Self::threads) are used.
    ///
    /// # Errors
    ///
    /// As [`migrate`].
    pub fn migrate<R: NpyRecord>(&self, path: impl AsRef<Path>) -> Result<Migration> {
        let path = path.as_ref();
        rewrite::<R>(path, *self).map_err(|e| e.at_path(path))
    }
}

fn rewrite<R: NpyRecord>(path: &Path, options: ReadOptions) -> Result<Migration> {
    let record = dtype_of::<R>()?;
    let storage = FileStorage::open_to_mend(path)?;
    let found = Inspection::of(&storage)?;
    let (_, row) = rows(&found.header)?;
    let count = found.rows_to_continue(Policy {
        recovery: None,
        is_durable: false,
        accepts_little_room: true,
    })?;
    let migration = Migration::between(&row, &record, &R::attributes_of());
    if row == record && found.is_sound() {
        return Ok(migration.of_rows(count, false));
    }
    let rewriting = Rewriting {
        data_start: found.data_start(),
        rows: count,
        plan: plan_of::<R>(&row, &record, options.casting)?.map(Plan::without_loss),
        sizes: (row.itemsize(), record.itemsize()),
        threads: options.threads,
    };
    let header = NewArray::of_records::<R>(count)?.header().to_bytes();
    write_anew(path, storage, false, &|mut new, old| {
        new.write_all(&header).map_err(write_failed)?;
        rewriting.write(new, old)
    })?;
    Ok(migration.of_rows(count, true))
}

/// The rows of a file, and their conversion.
struct Rewriting {
    data_start: u64,
    rows: u64,
    /// `None` if the rows are copied.
    plan: Option<Plan>,
    /// The size of a row in the old file and in the new one.
    sizes: (usize, usize),
    threads: usize,
}

impl Rewriting {
    /// Writes the rows of the old file to the new file.
    fn write(&self, mut new: &File, old: &FileStorage) -> Result<()> {
        let (size, new_size) = self.sizes;
        let source = old.read_from(self.data_start).map_err(write_failed)?;
        let Some(plan) = &self.plan else {
            let mut data = source.take(self.rows * size as u64);
            return io::copy(&mut data, &mut new)
                .map(drop)
                .map_err(write_failed);
        };
        // Rows of no bytes are never converted to others.
        if new_size == 0 {
            return Ok(());
        }
        let at_once = (BLOCK / size.max(new_size)).max(1);
        let left = usize::try_from(self.rows).unwrap_or(usize::MAX);
        let mut blocks = Blocks {
            source,
            new,
            sizes: self.sizes,
            at_once,
            row: 0,
            rows: self.rows,
            spare: Vec::new(),
        };
        let threads = self.threads.min(left / at_once + 1);
        convert_in_order(threads, &mut blocks, |block| {
            block.result = plan.convert_all(&block.rows, self.sizes, &mut block.converted);
        })
    }
}

/// The blocks of rows of a file, and the new file.
struct Blocks<'a, S> {
    source: S,
    new: &'a File,
    /// The size of a row in the old file and in the new one.
    sizes: (usize, usize),
    /// The rows of a block.
    at_once: usize,
    /// The next row.
    row: u64,
    rows: u64,
    /// Blocks that are written.
    spare: Vec<OldRows>,
}

/// Rows of the old file, and their form in the new one.
struct OldRows {
    first_row: u64,
    rows: Vec<u8>,
    converted: Vec<u8>,
    /// An error has the index of a row.
    result: Result<(), (usize, EncodeError)>,
}

impl<S: Read> Pipeline for Blocks<'_, S> {
    type Job = OldRows;
    type Error = Error;

    fn next(&mut self) -> Result<Option<OldRows>> {
        let left = usize::try_from(self.rows - self.row).unwrap_or(usize::MAX);
        let (count, (size, new_size)) = (left.min(self.at_once), self.sizes);
        if count == 0 {
            return Ok(None);
        }
        let mut block = match self.spare.pop() {
            Some(block) => block,
            None => OldRows {
                first_row: 0,
                rows: zeroed(count * size)?,
                converted: zeroed(count * new_size)?,
                result: Ok(()),
            },
        };
        // The last block is the only one that is shorter.
        block.rows.truncate(count * size);
        block.converted.truncate(count * new_size);
        block.first_row = self.row;
        self.source
            .read_exact(&mut block.rows)
            .map_err(write_failed)?;
        self.row += count as u64;
        Ok(Some(block))
    }

    fn done(&mut self, mut block: OldRows) -> Result<()> {
        let result = std::mem::replace(&mut block.result, Ok(()));
        result.map_err(|(nth, error)| {
            Error::from(error.into_decode()).at_row(block.first_row + nth as u64)
        })?;
        self.new.write_all(&block.converted).map_err(write_failed)?;
        self.spare.push(block);
        Ok(())
    }
}
