//! What each level of calls adds to an error: places, advice and consequences.

use std::{borrow::Cow, io, path::Path, sync::Arc};

use super::{cause::Cause, context::ErrorContext, model::Error};
use crate::{dtype::Casting, header::Shape};

/// The last words of an error after which an appender can be used.
const GO_ON: &str = "appending may go on";

impl ErrorContext {
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

    /// Adds the path of the file or directory, unless the error knows its file.
    pub(crate) fn at_path_if_unknown(self, path: &Path) -> Self {
        match self.path() {
            Some(_) => self,
            None => self.at_path(path),
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

    /// Names the step that failed: `write rows`.
    pub(crate) fn while_doing(mut self, action: &'static str) -> Self {
        self.0.notes.action = Some(action);
        self
    }

    /// Returns the step that failed.
    pub(crate) fn action(&self) -> Option<&'static str> {
        self.0.notes.action
    }

    /// Adds advice to use `check` and `recover`, if the error is about a file of one array that has rows.
    pub(crate) fn recoverable(mut self, can_recover: bool) -> Self {
        self.0.notes.can_recover = can_recover;
        self
    }

    /// Adds advice to convert the dtype with an option.
    pub(super) fn with_casting(mut self, option: &'static str, casting: Casting) -> Self {
        self.0.notes.casting = Some((option, casting));
        self
    }

    /// Adds advice of the form `to do this, do that`, on a line of its own.
    pub(crate) fn with_advice(mut self, advice: &'static str) -> Self {
        self.0.notes.advice = Some(advice);
        self
    }

    /// Names the option and the casting that convert another dtype, if there is such a casting.
    #[cfg(feature = "mmap")]
    pub(crate) fn converted_by(mut self, option: &'static str, casting: Option<Casting>) -> Self {
        self.0.notes.casting = match self.cause() {
            Cause::DType(_) => casting.map(|casting| (option, casting)),
            _ => None,
        };
        self
    }

    /// Adds the last words: a consequence or advice.
    pub(crate) fn with_end(mut self, end: impl Into<Cow<'static, str>>) -> Self {
        self.0.notes.end = Some(end.into());
        self
    }

    /// Adds that the appender writes nothing more, and the advice what to do.
    pub(crate) fn with_final_end(mut self, end: &'static str) -> Self {
        self.0.notes.is_final = true;
        self.with_end(end)
    }

    /// Adds that the appender can be used, and the number of rows that are in the file.
    pub(crate) fn going_on(mut self, kept: u64) -> Self {
        self.0.notes.kept = Some(kept);
        self.with_end(GO_ON)
    }

    /// Removes that the appender can be used, after its last call.
    pub(crate) fn after_the_last(mut self) -> Self {
        self.0.notes.end = self.0.notes.end.filter(|end| *end != GO_ON);
        self
    }

    pub(crate) fn repeated(mut self, is_repeat: bool) -> Self {
        self.0.notes.is_repeat = is_repeat;
        self
    }

    /// Adds the number of records of a background logger that are not in the file.
    #[cfg(feature = "background")]
    pub(crate) fn refusing(mut self, records: u64) -> Self {
        self.0.notes.refused = Some(records);
        self
    }

    /// Adds an error that is reported with this one.
    #[cfg(feature = "background")]
    pub(crate) fn with_other(mut self, mut other: Error) -> Self {
        other.0.notes.refused = None;
        if other.path() == self.path() {
            other.0.context.path = None;
        }
        self.0.others.push(other);
        self
    }
}

/// Returns true if the folder of a path does not exist.
fn lacks_folder(path: &Path) -> bool {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.is_some_and(|folder| matches!(folder.try_exists(), Ok(false)))
}
