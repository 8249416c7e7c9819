use std::{
    fmt,
    iter::FusedIterator,
    marker::PhantomData,
    num::NonZero,
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    decoder::{Decoder, as_strs},
    npy_file::NpyFile,
    options::ReadOptions,
    reader::Reader,
    shard::Shard,
    shard_scan::{first_header, scan},
    strided::EveryNth,
};
use crate::{
    dtype::DType,
    error::{Cause, Error, Result},
    header::Header,
    record::Element,
    shards::shard_path,
};

/// A directory of shards as one array, with random access to its rows.
///
/// The directory holds the files `0.npy`, `1.npy`, …, as [`AppendOptions::open_dir`](crate::AppendOptions::open_dir)
/// or `dask.array.to_npy_stack` writes them, and their list `info`. Without `info`, the files are the list. A row
/// is `array[i]` of the concatenated files: read it as a record, or as a [`Value`](crate::Value).
///
/// Opening reads the header of each shard. Later calls open only the shards whose rows they need. Eight bytes of
/// memory are used for a shard. Several threads may call at once.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let dir = dir.path().join("ticks");
/// use npyrec::{AppendOptions, Shards};
///
/// let mut ticks = AppendOptions::new().rows_per_shard(1_000).open_dir::<u64>(&dir)?;
/// ticks.extend(0..2_500_u64)?;
/// ticks.commit()?;
///
/// let mut read = Shards::<u64>::open(&dir)?;
/// assert_eq!((read.len(), read.shards().len()), (2_500, 3));
/// assert_eq!(read.row(1_234)?, 1_234);
/// assert_eq!(read.read_range(998..1_002)?, [998, 999, 1_000, 1_001]);
///
/// ticks.append(&2_500)?;
/// ticks.close()?;
/// assert_eq!(read.refresh()?, 2_501);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Shards<E: Element> {
    pub(super) dir: PathBuf,
    pub(super) options: ReadOptions,
    /// The header of the first shard, with 0 rows.
    pub(super) first: Header,
    /// The row after each shard.
    ends: Vec<u64>,
    /// The fields that are read, if not all are.
    pub(super) selected: Option<Arc<[String]>>,
    /// The shard that was used last.
    pub(super) file: Mutex<Option<(usize, Arc<NpyFile>)>>,
    element: PhantomData<fn() -> E>,
}

impl<E: Element> Shards<E> {
    /// Opens a directory.
    ///
    /// # Errors
    ///
    /// If the directory cannot be listed, has no shards, or its rows cannot be read as `E`. Also if a shard is
    /// missing or not in the list, has another dtype or row shape than the first one, or does not have the rows
    /// that its header and the list count. The error names the shard.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self> {
        let () = E::READABLE;
        ReadOptions::new().open_dir(dir)
    }

    pub(super) fn open_with(dir: &Path, options: ReadOptions) -> Result<Self> {
        options.check_rows().map_err(|e| e.at_path(dir))?;
        let mut shards = Shards {
            first: first_header(dir, options)?,
            dir: dir.to_owned(),
            options,
            ends: Vec::new(),
            selected: None,
            file: Mutex::new(None),
            element: PhantomData,
        };
        let decoder = Decoder::<E>::of_rows(&shards.first, options.casting);
        decoder.map_err(|e| e.at_path(&shard_path(dir, 0)))?;
        shards.add_from(0)?;
        Ok(shards)
    }

    /// Looks at the shards from a number on, and forgets what was known of them.
    fn add_from(&mut self, known: usize) -> Result<()> {
        let rows = (0..known).map(|shard| self.rows_of(shard));
        let mut rows: Vec<u64> = rows.map(|rows| rows.end - rows.start).collect();
        scan(&self.dir, &self.first, self.options, &mut rows)?;
        let mut end = 0_u64;
        let ends = rows.into_iter().map(|rows| {
            end = end.saturating_add(rows);
            end
        });
        self.ends = ends.collect();
        Ok(())
    }

    /// Looks for rows that were added since the directory was opened. Returns the number of all rows.
    ///
    /// Only the last shard and new ones are looked at.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), for these shards. All rows can be read as before.
    pub fn refresh(&mut self) -> Result<u64> {
        self.add_from(self.ends.len().saturating_sub(1))?;
        *self.file.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(self.len())
    }

    /// Returns the path of the directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns the dtype of an element.
    pub fn dtype(&self) -> &DType {
        self.first.dtype()
    }

    /// Returns the length of each axis of the whole array.
    pub fn shape(&self) -> Vec<u64> {
        self.first.with_rows(self.len()).shape().to_vec()
    }

    /// Returns the number of rows of all shards.
    pub fn len(&self) -> u64 {
        self.ends.last().copied().unwrap_or_default()
    }

    /// Returns true if no shard has rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the shards in order, for example to hand each one to a thread.
    pub fn shards(&self) -> impl ExactSizeIterator<Item = Shard<E>> + '_ {
        (0..self.ends.len()).map(|number| self.shard(number))
    }

    fn shard(&self, number: usize) -> Shard<E> {
        let path = shard_path(&self.dir, number as u64);
        Shard::new(
            path,
            self.rows_of(number),
            self.options,
            self.selected.clone(),
        )
    }

    /// Returns the rows of a shard.
    fn rows_of(&self, shard: usize) -> Range<u64> {
        let before = shard
            .checked_sub(1)
            .and_then(|before| self.ends.get(before));
        let start = before.copied().unwrap_or_default();
        start..self.ends.get(shard).copied().unwrap_or(start)
    }

    /// Returns the number of the shard that holds a row.
    fn shard_of(&self, row: u64) -> usize {
        self.ends.partition_point(|end| *end <= row)
    }

    /// Reads one row, counted from 0.
    ///
    /// # Errors
    ///
    /// If the row is out of range, or it cannot be read. The error then names the shard, and the row within it.
    pub fn row(&self, row: u64) -> Result<E> {
        if row >= self.len() {
            return Err(self.no_row(row));
        }
        let mut rows = self.read_range(row..row + 1)?;
        rows.pop().ok_or_else(|| self.no_row(row))
    }

    fn no_row(&self, row: u64) -> Error {
        let rows = self.len();
        Error::new(Cause::NoRow { row, rows }).at_path(&self.dir)
    }

    /// Reads a range of rows, counted from 0.
    ///
    /// # Errors
    ///
    /// If the range ends after the last row, or the rows cannot be read. The error then names the shard, and the
    /// row within it.
    pub fn read_range(&self, rows: Range<u64>) -> Result<Vec<E>> {
        self.read_strided(rows, NonZero::<u64>::MIN)
    }

    /// Reads every nth row of a range, from its first row on.
    ///
    /// # Errors
    ///
    /// As [`read_range`](Self::read_range).
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let mut log = npyrec::AppendOptions::new().rows_per_shard(4).open_dir::<u8>(dir.path())?;
    /// # log.extend(0..10_u8)?;
    /// # log.close()?;
    /// let shards = npyrec::Shards::<u8>::open(dir.path())?; // of four rows each
    /// let third = std::num::NonZero::new(3).expect("3 is not 0");
    /// assert_eq!(shards.read_strided(1..10, third)?, [1, 4, 7]);
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    pub fn read_strided(&self, rows: Range<u64>, step: NonZero<u64>) -> Result<Vec<E>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        if rows.end > self.len() {
            return Err(self.no_row(rows.start.max(self.len())));
        }
        let wanted = EveryNth::by(rows, step);
        let mut records = Vec::new();
        let mut row = wanted.rows.start;
        while row < wanted.rows.end {
            let shard = self.shard_of(row);
            let within = self.rows_of(shard);
            let end = within.end.min(wanted.rows.end);
            let part = row - within.start..end - within.start;
            let mut read = self.file_of(shard)?.read_strided(part, step)?;
            match records.is_empty() {
                true => records = read,
                false => records.append(&mut read),
            }
            let read = EveryNth::by(row..end, step).count();
            row = row.saturating_add(read.saturating_mul(step.get()));
        }
        Ok(records)
    }

    /// Returns the file of a shard, which stays open until another one is used.
    fn file_of(&self, shard: usize) -> Result<Arc<NpyFile>> {
        let mut last = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, file)) = last.as_ref().filter(|(number, _)| *number == shard) {
            return Ok(Arc::clone(file));
        }
        let path = shard_path(&self.dir, shard as u64);
        let file = NpyFile::open_with(&path, self.options)?;
        let file = Arc::new(match &self.selected {
            None => file,
            Some(fields) => file.select(&as_strs(fields))?,
        });
        *last = Some((shard, Arc::clone(&file)));
        Ok(file)
    }

    /// Returns an iterator of all rows.
    pub fn iter(&self) -> ShardRows<'_, E> {
        ShardRows {
            shards: self,
            next: 0,
            reader: None,
        }
    }
}

/// An iterator of the rows of [`Shards`]. It reads several rows at once.
///
/// It ends after an error of a file, and continues after a row that is not a valid `E`.
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct ShardRows<'a, E: Element> {
    shards: &'a Shards<E>,
    next: u64,
    /// The reader of the shard with this number, at the next row.
    reader: Option<(usize, Reader<E>)>,
}

impl<E: Element> ShardRows<'_, E> {
    fn read_next(&mut self) -> Result<E> {
        let number = self.shards.shard_of(self.next);
        let reader = match &mut self.reader {
            Some((open, reader)) if *open == number => reader,
            reader => {
                let shard = self.shards.shard(number);
                &mut reader.insert((number, shard.reader()?)).1
            }
        };
        let skipped = self.next - self.shards.rows_of(number).start - reader.next_row();
        let row = reader.nth(usize::try_from(skipped).unwrap_or(usize::MAX));
        row.unwrap_or_else(|| Err(self.shards.no_row(self.next)))
    }
}

impl<E: Element> Iterator for ShardRows<'_, E> {
    type Item = Result<E>;

    fn next(&mut self) -> Option<Result<E>> {
        if self.next >= self.shards.len() {
            return None;
        }
        let row = self.read_next();
        self.next = match &row {
            Err(error) if !matches!(error.cause(), Cause::Decode(_)) => self.shards.len(),
            _ => self.next + 1,
        };
        Some(row)
    }

    fn nth(&mut self, n: usize) -> Option<Result<E>> {
        self.next = self.next.saturating_add(n as u64).min(self.shards.len());
        self.next()
    }

    /// Returns one item for each row, unless an error ends them early.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.shards.len().saturating_sub(self.next);
        (usize::from(left > 0), usize::try_from(left).ok())
    }
}

impl<E: Element> FusedIterator for ShardRows<'_, E> {}

impl<E: Element> fmt::Debug for ShardRows<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShardRows")
            .field("shards", &self.shards)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl<'a, E: Element> IntoIterator for &'a Shards<E> {
    type Item = Result<E>;
    type IntoIter = ShardRows<'a, E>;

    fn into_iter(self) -> ShardRows<'a, E> {
        self.iter()
    }
}

impl ReadOptions {
    /// Opens a directory of shards, as [`Shards::open`].
    ///
    /// # Errors
    ///
    /// As [`Shards::open`].
    pub fn open_dir<E: Element>(&self, dir: impl AsRef<Path>) -> Result<Shards<E>> {
        let () = E::READABLE;
        Shards::open_with(dir.as_ref(), *self)
    }
}

impl<E: Element> fmt::Debug for Shards<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shards")
            .field("dir", &self.dir)
            .field("dtype", self.dtype())
            .field("rows", &self.len())
            .field("shards", &self.ends.len())
            .finish_non_exhaustive()
    }
}
