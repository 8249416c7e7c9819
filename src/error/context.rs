use std::{
    io,
    path::{Path, PathBuf},
};

use super::kind::ErrorKind;
use crate::{
    dtype::DTypeError,
    header::HeaderError,
    record::{DecodeError, EncodeError, Misfit},
};

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be read or written: which file, which row, what was found, and what to do.
///
/// The text says it all, on one line or, for dtypes that differ, on one line a field. A program that
/// treats one case apart looks at the [`kind`](Error::kind).
pub struct Error(pub(super) Box<Context>);

pub(super) struct Context {
    pub(super) kind: ErrorKind,
    pub(super) path: Option<PathBuf>,
    /// The array in the archive.
    pub(super) member: Option<Box<str>>,
    /// Which one of several arrays one after another, and where it starts.
    pub(super) array: Option<(u64, u64)>,
    pub(super) row: Option<u64>,
    /// What the program was doing when I/O failed: `write rows`.
    pub(super) action: Option<&'static str>,
    /// The rows that are in the file all the same.
    pub(super) kept: Option<u64>,
    /// What comes of it.
    pub(super) end: Option<&'static str>,
    /// The logged records that are not in the file.
    pub(super) refused: Option<u64>,
    /// Other errors that are reported with this one.
    pub(super) others: Vec<Error>,
    /// The call before failed for the same reason.
    pub(super) is_repeat: bool,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Error(Box::new(Context {
            kind,
            path: None,
            member: None,
            array: None,
            row: None,
            action: None,
            kept: None,
            end: None,
            refused: None,
            others: Vec::new(),
            is_repeat: false,
        }))
    }

    /// An error of the operating system; `action` is what was to be done: `write rows`.
    pub(crate) fn io(action: &'static str, error: io::Error) -> Self {
        let mut error = Error::new(ErrorKind::Io(error));
        error.0.action = Some(action);
        error
    }

    /// Says what failed, as [`io`](Error::io) does.
    #[cfg(feature = "background")]
    pub(crate) fn while_doing(mut self, action: &'static str) -> Self {
        self.0.action = Some(action);
        self
    }

    /// Says how many records of a background logger are not in the file.
    #[cfg(feature = "background")]
    pub(crate) fn refusing(mut self, records: u64) -> Self {
        self.0.refused = Some(records);
        self
    }

    /// Adds an error that is reported with this one.
    #[cfg(feature = "background")]
    pub(crate) fn with_other(mut self, mut other: Error) -> Self {
        let context = &mut *other.0;
        context.refused = None;
        if context.path == self.0.path {
            context.path = None;
        }
        self.0.others.push(other);
        self
    }

    /// What was to be done when the operating system refused.
    pub(crate) fn action(&self) -> Option<&'static str> {
        self.0.action
    }

    pub(crate) fn at_path(mut self, path: &Path) -> Self {
        self.0.path = Some(path.to_owned());
        self
    }

    /// Of the member of an archive.
    pub(crate) fn in_member(mut self, member: &str) -> Self {
        self.0.member = Some(member.into());
        self
    }

    /// Of the array of this number, counted from 0, which starts at a byte of the source.
    pub(crate) fn in_array(mut self, number: u64, offset: u64) -> Self {
        self.0.array = Some((number, offset));
        if let ErrorKind::Header(error) = &mut self.0.kind {
            error.start_at(offset);
        }
        self
    }

    pub(crate) fn keeping(mut self, rows: u64) -> Self {
        self.0.kept = Some(rows);
        self
    }

    pub(crate) fn with_end(mut self, end: &'static str) -> Self {
        self.0.end = Some(end);
        self
    }

    pub(crate) fn repeated(mut self, is_repeat: bool) -> Self {
        self.0.is_repeat = is_repeat;
        self
    }

    pub(crate) fn at_row(mut self, row: u64) -> Self {
        self.0.row = Some(row);
        self
    }

    /// Returns the same error once more, as several callers receive it.
    #[cfg(feature = "background")]
    pub(crate) fn again(&self) -> Error {
        let kind = match &self.0.kind {
            ErrorKind::Io(error) => ErrorKind::Io(match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::new(error.kind(), error.to_string()),
            }),
            ErrorKind::Encode(error) => ErrorKind::Encode(error.clone()),
            ErrorKind::Panicked(message) => ErrorKind::Panicked(message.clone()),
            &ErrorKind::PartialRow { elements, row_len } => {
                ErrorKind::PartialRow { elements, row_len }
            }
            &ErrorKind::NoGrowthRoom { max_rows } => ErrorKind::NoGrowthRoom { max_rows },
            &ErrorKind::TooManyRows(rows) => ErrorKind::TooManyRows(rows),
            &ErrorKind::CutShort { expected, found } => ErrorKind::CutShort { expected, found },
            &ErrorKind::NeedsRecovery {
                counted,
                found,
                torn_bytes,
            } => ErrorKind::NeedsRecovery {
                counted,
                found,
                torn_bytes,
            },
            ErrorKind::Removed => ErrorKind::Removed,
            ErrorKind::SyncLost => ErrorKind::SyncLost,
            // Appending has no other.
            other => ErrorKind::Io(io::Error::other(other.to_string())),
        };
        Error(Box::new(Context {
            kind,
            path: self.0.path.clone(),
            member: self.0.member.clone(),
            others: self.0.others.iter().map(Error::again).collect(),
            ..*self.0
        }))
    }

    /// The case, to tell one from another.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The file it is about, if it is about one.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// The member of the archive it is about, if it is about one.
    pub fn member(&self) -> Option<&str> {
        self.0.member.as_deref()
    }

    /// The array it is about, counted from 0, if it is about one of several in a [`stream`](crate::stream).
    pub fn array(&self) -> Option<u64> {
        self.0.array.map(|(number, _)| number)
    }

    /// The byte at which that array starts.
    pub fn array_offset(&self) -> Option<u64> {
        self.0.array.map(|(_, offset)| offset)
    }

    /// Returns the number of logged records that are not in the file, in an error of
    /// [`Logger::flush`](crate::Logger::flush) or [`Guard::close`](crate::Guard::close). 0 is for an error
    /// that cost no record. Rows that were cut off and rows in a removed file count.
    #[cfg(feature = "background")]
    pub fn refused(&self) -> Option<u64> {
        self.0.refused
    }

    /// Returns true for an error of an appender that failed before for the same reason, and has not
    /// written what was due since: the disk is still full, or the header still has no room. A program
    /// that logs only other errors logs a full disk once, and not at each record.
    ///
    /// ```
    /// # fn log(_: &npyrec::Error) {}
    /// # let dir = tempfile::tempdir()?;
    /// # let mut numbers = npyrec::Appender::<u32>::create(dir.path().join("numbers.npy"))?;
    /// for number in 0..1_000 {
    ///     if let Err(error) = numbers.append(&number)
    ///         && !error.is_repeat()
    ///     {
    ///         log(&error);
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_repeat(&self) -> bool {
        self.0.is_repeat
    }

    /// The row it is about, counted from 0, if it is about one.
    pub fn row(&self) -> Option<u64> {
        self.0.row
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::new(ErrorKind::Io(error))
    }
}

impl From<HeaderError> for Error {
    fn from(error: HeaderError) -> Self {
        match error.into_io() {
            Ok(error) => Error::io("read the header", error),
            Err(error) => Error::new(ErrorKind::Header(error)),
        }
    }
}

impl From<DTypeError> for Error {
    fn from(error: DTypeError) -> Self {
        HeaderError::from(error).into()
    }
}

impl From<EncodeError> for Error {
    fn from(error: EncodeError) -> Self {
        Error::new(ErrorKind::Encode(error))
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Error::new(ErrorKind::Decode(error))
    }
}

impl From<Misfit> for Error {
    fn from(misfit: Misfit) -> Self {
        Error::new(match misfit {
            Misfit::Objects => ErrorKind::Objects,
            Misfit::NoRows => ErrorKind::NoRows,
            Misfit::FortranOrder(shape) => ErrorKind::FortranOrder(shape),
            Misfit::DType(differences) => ErrorKind::DType(differences),
            Misfit::Itemsize { record, dtype } => ErrorKind::Itemsize { record, dtype },
        })
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::Io(error) => error.kind(),
            ErrorKind::Truncated { .. } => io::ErrorKind::UnexpectedEof,
            ErrorKind::Locked => io::ErrorKind::WouldBlock,
            ErrorKind::Encode(_) => io::ErrorKind::InvalidInput,
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.kind {
            ErrorKind::Io(error) => Some(error),
            ErrorKind::Header(error) => Some(error),
            ErrorKind::Encode(error) => Some(error),
            ErrorKind::Decode(error) => Some(error),
            _ => None,
        }
    }
}
