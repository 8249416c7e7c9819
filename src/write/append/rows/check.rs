//! Checks that the file is still as this appender left it.

use super::{failures::Halt, file::GrowingFile};
use crate::error::{Cause, Error, Result};

const EMPTIED: &str = "this appender writes nothing more: drop it, and open the file anew, which \
                       starts it again";
const NO_HEADER: &str = "its header was cut as well. This appender writes nothing more: drop it, \
                         and create the file anew";
const FEWER_THAN_COUNTED: &str = "this appender writes nothing more: drop it, let \
                                  `npyrec::recover` make the header count what is there, and open \
                                  the file anew";
const ALL_COUNTED: &str = "this appender writes nothing more: drop it, and open the file anew to \
                           go on with the rows that are there";
const GROWN: &str = "another program appended to the file, and this appender writes nothing more, \
                     as it would overwrite those rows: drop it first";
const NAMELESS: &str = "its last name was removed, or given to another file. The rows of this file are \
                        gone when the appender is: drop it, and open or create the path anew";

impl GrowingFile {
    /// Returns an error if the appender writes nothing more.
    #[inline]
    pub(super) fn check_halt(&self) -> Result<()> {
        match self.failures.are_final() {
            true => Err(self.halt_error()),
            false => Ok(()),
        }
    }

    #[cold]
    fn halt_error(&self) -> Error {
        match self.failures.halt {
            Some(halt) => self.halted(halt),
            None => Error::new(Cause::SyncLost).at_path(&self.path),
        }
    }

    /// Checks that the file ends where this appender left it, before rows or their number are written.
    #[inline]
    pub(super) fn check_end(&mut self) -> Result<()> {
        let len = self.storage.appended_len();
        match len.map_err(|e| self.failed("read the file's length", e))? {
            Some(len) if len != self.extent.end() => self.examine_end(len),
            _ => Ok(()),
        }
    }

    #[cold]
    fn examine_end(&mut self, len: u64) -> Result<()> {
        let is_regular = self.storage.is_regular();
        let is_regular = is_regular.map_err(|e| self.failed("read the file's type", e))?;
        if !is_regular {
            return Ok(());
        }
        if len < self.extent.end() {
            return Err(self.halt_at_cut(len));
        }
        if self.has_tail {
            // If the program is killed later, these bytes must not be taken for rows.
            self.has_tail = self.storage.cut_to(self.extent.end()).is_err();
            return Ok(());
        }
        let (found, torn_bytes) = self.extent.rows_in(len).unwrap_or_default();
        Err(self.halt(Halt::Grown { found, torn_bytes }))
    }

    /// Checks that the file was not cut, also where nothing is left to write.
    pub(super) fn check_not_cut(&mut self) -> Result<()> {
        let len = self.storage.len();
        let len = len.map_err(|e| self.failed("read the file's length", e))?;
        match len < self.extent.end() {
            true => self.examine_end(len),
            false => Ok(()),
        }
    }

    /// Returns the error for a storage call that found that the file was cut.
    pub(super) fn found_cut(&mut self) -> Error {
        match self.storage.len() {
            Ok(len) => self.halt_at_cut(len),
            Err(error) => self.failed("read the file's length", error),
        }
    }

    fn halt_at_cut(&mut self, len: u64) -> Error {
        let expected = self.extent.written_rows();
        let rows = self.extent.rows_in(len);
        let found = rows.map_or(0, |(rows, _)| rows.min(expected));
        let advice = match rows {
            None if len == 0 => EMPTIED,
            None => NO_HEADER,
            Some(_) if found < self.committed => FEWER_THAN_COUNTED,
            Some(_) => ALL_COUNTED,
        };
        self.halt(Halt::Cut {
            expected,
            found,
            advice,
        })
    }

    fn halt(&mut self, halt: Halt) -> Error {
        self.failures.halt = Some(halt);
        self.halted(halt)
    }

    fn halted(&self, halt: Halt) -> Error {
        let error = match halt {
            Halt::Cut {
                expected,
                found,
                advice,
            } => Error::new(Cause::CutShort { expected, found }).with_end(advice),
            Halt::Grown { found, torn_bytes } => {
                let counted = Some(self.committed);
                let kind = Cause::NeedsRecovery {
                    counted,
                    found,
                    torn_bytes,
                };
                Error::new(kind).with_end(GROWN)
            }
        };
        error.at_path(&self.path)
    }

    /// Checks that the file has a name left.
    pub(super) fn check_name(&self) -> Result<()> {
        let has_name = self.storage.has_name();
        match has_name.map_err(|e| self.failed("count the names of the file", e))? {
            true => Ok(()),
            false => Err(Error::new(Cause::Removed)
                .with_end(NAMELESS)
                .at_path(&self.path)),
        }
    }

    /// Returns true if the path still names the file.
    pub(super) fn is_current(&self) -> Result<bool> {
        let is_at = self.storage.is_at(&self.absolute_path);
        is_at.map_err(|e| Error::io("look for the file under its path", e).at_path(&self.path))
    }
}
