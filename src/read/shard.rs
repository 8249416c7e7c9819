use std::{
    fmt,
    marker::PhantomData,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{decoder::as_strs, options::ReadOptions, reader::Reader};
use crate::{error::Result, record::Element};

/// One shard of a directory, as [`Shards::shards`](crate::Shards::shards) returns it. It is not open yet.
pub struct Shard<E: Element> {
    path: PathBuf,
    rows: Range<u64>,
    options: ReadOptions,
    /// The fields that are read, if not all are.
    selected: Option<Arc<[String]>>,
    element: PhantomData<fn() -> E>,
}

impl<E: Element> Shard<E> {
    pub(super) fn new(
        path: PathBuf,
        rows: Range<u64>,
        options: ReadOptions,
        selected: Option<Arc<[String]>>,
    ) -> Self {
        Shard {
            path,
            rows,
            options,
            selected,
            element: PhantomData,
        }
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the rows of the whole array that the shard holds.
    pub fn rows(&self) -> Range<u64> {
        self.rows.clone()
    }

    /// Opens the file as a reader of these rows.
    ///
    /// # Errors
    ///
    /// As [`Reader::open`].
    pub fn reader(&self) -> Result<Reader<E>> {
        let mut reader = Reader::open_path(&self.path, self.options)?;
        if let Some(fields) = &self.selected {
            reader = reader.select(&as_strs(fields))?;
        }
        // The last shard may have grown.
        reader.end = reader.end.min(self.rows.end - self.rows.start);
        Ok(reader)
    }

    /// Maps the file, with all its fields. The last shard may have more rows by now.
    ///
    /// # Safety
    ///
    /// As for [`Mapped::open`](crate::Mapped::open). No appender changes a sealed shard.
    ///
    /// # Errors
    ///
    /// As [`Mapped::open`](crate::Mapped::open).
    #[cfg(feature = "mmap")]
    #[allow(unsafe_code)] // The caller vouches for the file.
    pub unsafe fn map(&self) -> Result<super::Mapped<E>> {
        // SAFETY: the caller vouches for the file.
        unsafe { self.options.map(&self.path) }
    }
}

impl<E: Element> fmt::Debug for Shard<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shard")
            .field("path", &self.path)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}
