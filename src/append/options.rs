use std::{fmt, fs::OpenOptions, marker::PhantomData, path::Path};

use super::{appender::Appender, rows::Rows};
use crate::{
    error::Result,
    record::{NpyRecord, dtype_of},
};

/// How an [`Appender`] is opened and when it writes.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("positions.npy");
/// use npyrec::Appender;
///
/// let mut positions = Appender::<[f64; 3]>::options()
///     .commit_every(1_000)
///     .create(&path)?;
/// # positions.append(&[0.0; 3])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AppendOptions<R> {
    buffer_capacity: usize,
    commit_every: Option<u64>,
    records: PhantomData<fn(R)>,
}

impl<R> Clone for AppendOptions<R> {
    fn clone(&self) -> Self {
        AppendOptions { ..*self }
    }
}

impl<R> fmt::Debug for AppendOptions<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppendOptions")
            .field("buffer_capacity", &self.buffer_capacity)
            .field("commit_every", &self.commit_every)
            .finish()
    }
}

impl<R: NpyRecord> Default for AppendOptions<R> {
    fn default() -> Self {
        AppendOptions::new()
    }
}

impl<R: NpyRecord> AppendOptions<R> {
    /// The options of [`Appender::open`] and its like: a buffer of 64 KiB, commits when asked.
    pub fn new() -> Self {
        AppendOptions {
            buffer_capacity: 64 * 1024,
            commit_every: None,
            records: PhantomData,
        }
    }

    /// The size of the buffer in bytes; one record at the least. Larger ones mean fewer system calls,
    /// and more rows that are lost when the program is killed without a commit.
    #[must_use]
    pub fn buffer_capacity(mut self, bytes: usize) -> Self {
        self.buffer_capacity = bytes;
        self
    }

    /// Commits by itself as soon as so many rows are not committed; 0 for never.
    #[must_use]
    pub fn commit_every(mut self, rows: u64) -> Self {
        self.commit_every = (rows > 0).then_some(rows);
        self
    }

    /// Creates a file, or empties one that exists.
    ///
    /// # Errors
    ///
    /// If the file cannot be created, or the dtype of `R` has no header.
    pub fn create(&self, path: impl AsRef<Path>) -> Result<Appender<R>> {
        self.open_with(
            path.as_ref(),
            OpenOptions::new().create(true).truncate(true),
        )
    }

    /// Creates a file where there is none.
    ///
    /// # Errors
    ///
    /// If there is a file already, it cannot be created, or the dtype of `R` has no header.
    pub fn create_new(&self, path: impl AsRef<Path>) -> Result<Appender<R>> {
        self.open_with(path.as_ref(), OpenOptions::new().create_new(true))
    }

    /// Continues a file, or creates one where there is none.
    ///
    /// # Errors
    ///
    /// As [`Appender::open`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Appender<R>> {
        self.open_with(
            path.as_ref(),
            OpenOptions::new().create(true).truncate(false),
        )
    }

    fn open_with(&self, path: &Path, options: &mut OpenOptions) -> Result<Appender<R>> {
        let mut open = || {
            let record = dtype_of::<R>()?;
            Rows::open(
                path,
                options,
                &record,
                self.buffer_capacity,
                self.commit_every,
            )
        };
        let rows = open().map_err(|e| e.at_path(path))?;
        Ok(Appender::from_rows(rows))
    }
}
