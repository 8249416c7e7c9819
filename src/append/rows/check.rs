//! Checks that the file is still as this appender left it.

use std::io;

use super::Rows;
use crate::error::{Cause, Error, Result};

/// The reason for which an appender writes nothing more, found in its file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Halt {
    /// The file was cut.
    Cut {
        expected: u64,
        found: u64,
        advice: &'static str,
    },
    /// Another program appended to the file.
    Grown { found: u64, torn_bytes: u64 },
}

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
const NAMELESS: &str = "its last name was removed, or given to another file. What was appended is \
                        in the file without a name, which is gone when this appender is: create \
                        the file anew";

/// The part of an error that two failures for the same reason have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reason {
    kind: std::mem::Discriminant<Cause>,
    io: Option<(io::ErrorKind, Option<i32>)>,
}

impl Reason {
    /// The reason for which a call failed, or `None` where it is the record's own.
    fn of(error: &Error) -> Option<Self> {
        let io = match error.cause() {
            Cause::Encode(_) => return None,
            Cause::Io(error) => Some((error.kind(), error.raw_os_error())),
            _ => None,
        };
        let kind = std::mem::discriminant(error.cause());
        Some(Reason { kind, io })
    }
}

impl Rows {
    /// Returns an error if the appender writes nothing more.
    #[inline]
    pub(super) fn check_halt(&self) -> Result<()> {
        match self.is_halted() {
            true => Err(self.halt_error()),
            false => Ok(()),
        }
    }

    #[cold]
    fn halt_error(&self) -> Error {
        match self.halt {
            Some(halt) => self.halted(halt),
            None => Error::new(Cause::SyncLost).at_path(&self.path),
        }
    }

    /// Returns true if the appender never writes again.
    pub(in crate::append) fn is_halted(&self) -> bool {
        self.is_sync_lost || self.halt.is_some()
    }

    /// Checks, before rows or their number are written, that the file ends where this appender left it.
    #[inline]
    pub(super) fn check_end(&mut self) -> Result<()> {
        let len = self.storage.appended_len();
        match len.map_err(|e| self.failed("read the file's length", e))? {
            Some(len) if len != self.data_end() => self.examine_end(len),
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
        if len < self.data_end() {
            return Err(self.halt_at_cut(len));
        }
        if self.has_tail {
            // A program that is killed later is not to leave it for rows.
            self.has_tail = self.storage.cut_to(self.data_end()).is_err();
            return Ok(());
        }
        let row_size = self.row_size();
        let data = len - self.data_start;
        let halt = Halt::Grown {
            found: data.checked_div(row_size).unwrap_or(self.written_rows()),
            torn_bytes: data.checked_rem(row_size).unwrap_or(data),
        };
        self.halt = Some(halt);
        Err(self.halted(halt))
    }

    /// Checks, where nothing may be left to write, that the file was not cut.
    pub(super) fn check_not_cut(&mut self) -> Result<()> {
        let len = self.storage.len();
        let len = len.map_err(|e| self.failed("read the file's length", e))?;
        match len < self.data_end() {
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
        let expected = self.written_rows();
        let found = match len.checked_sub(self.data_start) {
            None => 0,
            Some(data) => data.checked_div(self.row_size()).unwrap_or(expected),
        };
        let advice = match len {
            0 => EMPTIED,
            len if len < self.data_start => NO_HEADER,
            _ if found < self.committed => FEWER_THAN_COUNTED,
            _ => ALL_COUNTED,
        };
        let halt = Halt::Cut {
            expected,
            found: found.min(expected),
            advice,
        };
        self.halt = Some(halt);
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

    /// The size of a row in the file.
    fn row_size(&self) -> u64 {
        self.row_len().saturating_mul(self.itemsize as u64)
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

    /// Returns whether the file is still the one under the path that it was opened with.
    pub(in crate::append) fn is_current(&self) -> Result<bool> {
        let is_at = self.storage.is_at(&self.absolute_path);
        is_at.map_err(|e| Error::io("look for the file under its path", e).at_path(&self.path))
    }

    /// Notes that all rows that were due are written: the next failure to write is a new one.
    pub(super) fn note_written_all(&mut self) {
        if self.failing.is_some_and(|reason| reason.io.is_some()) {
            self.failing = None;
        }
    }

    /// Marks the error of a call that fails for the reason of the one before it.
    pub(super) fn note(&mut self, result: Result<()>) -> Result<()> {
        result.map_err(|error| {
            let reason = Reason::of(&error);
            let is_repeat = reason.is_some() && reason == self.failing;
            self.failing = reason.or(self.failing);
            if self.is_halted() {
                // From now on each append fails, as what it took would never be written.
                self.restart(0..self.buffer.len(), &[]);
            }
            error.repeated(is_repeat)
        })
    }
}
