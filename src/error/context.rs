use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{cause::Cause, model::Error};
use crate::header::Shape;

/// The place that an error is about. Each level of calls adds what it knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct ErrorContext {
    pub(crate) path: Option<PathBuf>,
    /// The name of the member, if the file is an archive.
    pub(crate) member: Option<Box<str>>,
    /// The number of the array, counted from 0, and the byte at which it starts.
    pub(crate) array: Option<(u64, u64)>,
    /// The row along the growth axis.
    pub(super) row: Option<u64>,
    /// The index within the row. Empty if it is not known.
    pub(super) index: Vec<u64>,
}

impl ErrorContext {
    /// Returns the context of a file, or of a source without a path.
    pub(crate) fn of_file(path: Option<&Path>) -> Self {
        ErrorContext {
            path: path.map(Path::to_owned),
            ..ErrorContext::default()
        }
    }

    /// Returns the context of a member of an archive.
    #[cfg(feature = "npz")]
    pub(crate) fn of_member(path: Option<&Path>, name: &str) -> Self {
        ErrorContext {
            member: Some(name.into()),
            ..ErrorContext::of_file(path)
        }
    }

    /// Returns the error with the file, member and array of this context.
    pub(crate) fn add_to(&self, error: Error) -> Error {
        let mut error = match &self.path {
            Some(path) => error.at_path(path),
            None => error,
        };
        if self.member.is_some() {
            error.0.context.member.clone_from(&self.member);
        }
        match self.array {
            Some((number, offset)) => error.in_array(number, offset),
            None => error,
        }
    }
}

impl Error {
    /// Adds the path of the file.
    pub(crate) fn at_path(mut self, path: &Path) -> Self {
        self.0.context.path = Some(path.to_owned());
        match self.cause() {
            Cause::Io(e) if e.kind() == io::ErrorKind::NotFound && lacks_folder(path) => {
                self.with_end("its folder does not exist, and is not created")
            }
            _ => self,
        }
    }

    /// Adds the number of the array, counted from 0, and the byte of the source at which it starts.
    pub(crate) fn in_array(mut self, number: u64, offset: u64) -> Self {
        self.0.context.array = Some((number, offset));
        if let Some(Cause::Header(error)) = Arc::get_mut(&mut self.0.cause) {
            error.start_at(offset);
        }
        self
    }

    /// Adds the row of an array in C order. The error of a value in the row knows the index within the row.
    pub(crate) fn at_row(mut self, row: u64) -> Self {
        self.0.context.row = Some(row);
        self.0.context.index = self.take_index();
        self
    }

    /// Adds the place of an element in an array. The error of a value in the element knows the index within it.
    pub(crate) fn at_element(mut self, element: u64, array: &Shape) -> Self {
        let mut index = array.index_of(element);
        index.append(&mut self.0.context.index);
        index.extend(self.take_index());
        if let Some((row, within)) = array.split_index(&index) {
            (self.0.context.row, self.0.context.index) = (Some(row), within);
        }
        self
    }

    /// Removes the index of a value in its record from the error of the value, and returns it.
    fn take_index(&mut self) -> Vec<u64> {
        match Arc::get_mut(&mut self.0.cause) {
            Some(Cause::Encode(error)) => error.take_index(),
            Some(Cause::Decode(error)) => error.take_index(),
            _ => Vec::new(),
        }
    }
}

/// Returns true if the folder of a path does not exist.
fn lacks_folder(path: &Path) -> bool {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.is_some_and(|folder| matches!(folder.try_exists(), Ok(false)))
}
