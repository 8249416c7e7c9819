use std::{
    io,
    path::{Path, PathBuf},
};

use super::{extent::Extent, failures::Failures};
use crate::{
    error::{Cause, Error, Result},
    header::GrowingHeader,
    storage::Storage,
    write::append::durability::Durability,
};

/// A file that grows: elements are appended, and then the header is made to count them.
pub(super) struct GrowingFile {
    pub(super) storage: Box<dyn Storage>,
    pub(super) path: PathBuf,
    /// The absolute path, which a change of the current folder does not affect.
    pub(super) absolute_path: PathBuf,
    /// The name of the file is on the device.
    pub(super) is_name_synced: bool,
    pub(super) durability: Durability,
    pub(super) header: GrowingHeader,
    pub(super) extent: Extent,
    /// The rows that the header counts.
    pub(super) committed: u64,
    /// Bytes of a failed write follow the rows, as they could not be cut off.
    pub(super) has_tail: bool,
    pub(super) failures: Failures,
}

impl GrowingFile {
    /// Returns a file whose header counts `committed` rows, which are all the rows in it.
    pub(super) fn new(
        storage: Box<dyn Storage>,
        path: &Path,
        durability: Durability,
        header: GrowingHeader,
        extent: Extent,
        committed: u64,
    ) -> Self {
        GrowingFile {
            storage,
            path: path.to_owned(),
            absolute_path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
            is_name_synced: false,
            durability,
            header,
            extent,
            committed,
            has_tail: false,
            failures: Failures::default(),
        }
    }

    /// Appends the bytes of elements, after a check that the file ends where it was left. If that fails, the
    /// file is as before.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.check_halt()?;
        if !bytes.is_empty() && self.extent.itemsize > 0 {
            self.check_end()?;
            let start = self.extent.end();
            if let Err(error) = self.storage.append(bytes, start) {
                return Err(self.append_failed(error, start));
            }
        }
        self.extent.grow(bytes.len());
        Ok(())
    }

    fn append_failed(&mut self, error: io::Error, start: u64) -> Error {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return self.found_cut();
        }
        // A part of the bytes may be written. The file is valid even if they cannot be cut off.
        self.has_tail = self.storage.cut_to(start).is_err();
        self.failed("write rows", error)
    }

    /// Gives up the elements after a number of them.
    pub(super) fn cut_to(&mut self, elements: u64) {
        self.extent.written = elements;
        self.extent.partial = 0;
        if !self.failures.are_final() {
            self.has_tail |= self.storage.cut_to(self.extent.end()).is_err();
        }
    }

    /// Returns the error that header and file cannot hold more rows.
    pub(super) fn no_room(&self) -> Error {
        let max_rows = self.extent.max_rows();
        let error = match self.header.max_rows() <= max_rows {
            true => {
                Error::new(Cause::NoGrowthRoom { max_rows }).with_end("close the file before that")
            }
            false => Error::new(Cause::TooManyRows(max_rows.saturating_add(1))),
        };
        error.at_path(&self.path)
    }

    pub(super) fn failed(&self, action: &'static str, error: io::Error) -> Error {
        Error::io(action, error)
            .going_on(self.extent.written_rows())
            .at_path(&self.path)
    }
}
