use std::{io, mem::Discriminant, path::Path};

use crate::error::{Cause, Error, Result};

/// The consequence of a failed sync.
const SYNC_LOST: &str =
    "nothing more is written; open the file anew to go on with the rows that are there";

/// The failures of an appender.
#[derive(Default)]
pub(super) struct Failures {
    /// The file is not as it was left: nothing more is written.
    pub(super) halt: Option<Halt>,
    /// A sync failed: the system may have dropped what it could not write, and would not say so twice.
    pub(super) is_sync_lost: bool,
    /// The reason for which the last write failed, until all that was due is written.
    last: Option<Reason>,
}

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

/// The part of an error that two failures for the same reason have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Reason {
    kind: Discriminant<Cause>,
    io: Option<(io::ErrorKind, Option<i32>)>,
}

impl Reason {
    /// Returns the reason for which a call failed, or `None` where it is the record's own.
    fn new(error: &Error) -> Option<Self> {
        let io = match error.cause() {
            Cause::Encode(_) => return None,
            Cause::Io(error) => Some((error.kind(), error.raw_os_error())),
            _ => None,
        };
        let kind = std::mem::discriminant(error.cause());
        Some(Reason { kind, io })
    }
}

impl Failures {
    /// Returns true if the appender never writes again.
    pub(super) fn are_final(&self) -> bool {
        self.is_sync_lost || self.halt.is_some()
    }

    /// Notes the outcome of syncing the file at a path.
    pub(super) fn note_sync(&mut self, synced: io::Result<()>, path: &Path) -> Result<()> {
        self.is_sync_lost |= synced.is_err();
        synced.map_err(|error| {
            let error = Error::io("sync the file", error);
            error.with_final_end(SYNC_LOST).at_path(path)
        })
    }

    /// Notes the error of a call, and marks one that has the reason of the one before it.
    pub(super) fn note(&mut self, error: Error) -> Error {
        let reason = Reason::new(&error);
        let is_repeat = reason.is_some() && reason == self.last;
        self.last = reason.or(self.last);
        error.repeated(is_repeat)
    }

    /// Notes that all rows that were due are written: the next failure to write is a new one.
    pub(super) fn note_written_all(&mut self) {
        self.last = self.last.filter(|reason| reason.io.is_none());
    }
}
