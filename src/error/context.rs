use std::{
    io,
    path::{Path, PathBuf},
};

use super::kind::ErrorKind;
use crate::{
    dtype::{Casting, DTypeError},
    header::{Header, HeaderError, Shape},
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
    /// The index within the row, as far as it is known.
    pub(super) index: Vec<u64>,
    /// What the program was doing when I/O failed: `write rows`.
    pub(super) action: Option<&'static str>,
    /// The field that holds pickled objects.
    pub(super) field: Option<Box<str>>,
    /// The option that converts another dtype, and the least casting that does.
    pub(super) casting: Option<(&'static str, Casting)>,
    /// Whether it is about a file of one array, whose rows can be recovered.
    pub(super) can_recover: bool,
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
            index: Vec::new(),
            action: None,
            field: None,
            casting: None,
            can_recover: false,
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

    /// The error that a number of bytes is all that there is of an array.
    pub(crate) fn truncated(header: &Header, data: u64) -> Self {
        let (expected, found) = header.rows_in(data);
        Error::new(ErrorKind::Truncated { expected, found })
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
        match &self.0.kind {
            ErrorKind::Io(e) if e.kind() == io::ErrorKind::NotFound && lacks_folder(path) => {
                self.with_end("its folder does not exist, and is not created")
            }
            _ => self,
        }
    }

    /// Names `recover` if the error is about a file of one array that has rows.
    pub(crate) fn recoverable(mut self, can_recover: bool) -> Self {
        self.0.can_recover = can_recover;
        self
    }

    /// Takes back the advice to convert, where there are no options.
    #[cfg(feature = "mmap")]
    pub(crate) fn without_casting(mut self) -> Self {
        self.0.casting = None;
        self
    }

    /// Says that appending may go on, as an appender is there.
    pub(crate) fn going_on(self) -> Self {
        self.with_end(GO_ON)
    }

    /// The same after the last use of an appender, which cannot go on.
    pub(crate) fn after_the_last(mut self) -> Self {
        self.0.end = self.0.end.filter(|end| *end != GO_ON);
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

    /// Notes the row of an array in C order. The error of a value in it knows its index within the row.
    pub(crate) fn at_row(mut self, row: u64) -> Self {
        self.0.row = Some(row);
        self.0.index = self.take_index();
        self
    }

    /// Notes an index along the first axes of an array. The error of a value there knows the others.
    pub(crate) fn at_index(mut self, mut index: Vec<u64>, array: &Shape) -> Self {
        index.append(&mut self.0.index);
        index.extend(self.take_index());
        if let Some((row, within)) = array.row_of(&index) {
            (self.0.row, self.0.index) = (Some(row), within);
        }
        self
    }

    /// Takes the index of a value in its record off the error of the value.
    fn take_index(&mut self) -> Vec<u64> {
        match &mut self.0.kind {
            ErrorKind::Encode(error) => error.take_index(),
            ErrorKind::Decode(error) => error.take_index(),
            _ => Vec::new(),
        }
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
            field: self.0.field.clone(),
            index: self.0.index.clone(),
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

    /// Returns the row that the error is about, counted from 0 along the growth axis: the first axis in C
    /// order, the last in Fortran order. An array that is in both orders counts as one in C order.
    pub fn row(&self) -> Option<u64> {
        self.0.row
    }

    /// Returns the index within the [row](Self::row), one number for each other axis. Empty if a row is an
    /// element, or if the error is about a whole row.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("flags.npy");
    /// use npyrec::{Header, Str};
    ///
    /// let mut bytes = Header::for_record::<[Str<1>; 2]>(2).to_bytes();
    /// for code in [0x41_u32, 0x42, 0x43, 0xd800] {
    ///     bytes.extend(code.to_le_bytes()); // The last one is no character.
    /// }
    /// std::fs::write(&path, bytes)?;
    /// let error = npyrec::read::<Str<1>>(&path).unwrap_err();
    /// assert_eq!((error.row(), error.index()), (Some(1), &[1][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn index(&self) -> &[u64] {
        &self.0.index
    }

    /// Returns the field of the value that could not be stored or read, with the fields and indices around
    /// it: `book.depth[3]`. `None` if the error is about no field.
    pub fn field(&self) -> Option<&str> {
        let path = match &self.0.kind {
            ErrorKind::Encode(error) => error.path(),
            ErrorKind::Decode(error) => error.path(),
            _ => return self.0.field.as_deref(),
        };
        Some(path).filter(|path| !path.is_empty())
    }
}

/// What an error of an appender ends with.
const GO_ON: &str = "appending may go on";

/// Whether the folder of a path is missing. Looked up when there was no file.
fn lacks_folder(path: &Path) -> bool {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.is_some_and(|folder| matches!(folder.try_exists(), Ok(false)))
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
        let mut context = (None, None);
        let kind = match misfit {
            Misfit::Objects(field) => {
                context.0 = Some(field.into_boxed_str()).filter(|field| !field.is_empty());
                ErrorKind::Objects
            }
            Misfit::Convertible(differences, option, casting) => {
                context.1 = Some((option, casting));
                ErrorKind::DType(differences)
            }
            Misfit::NoRows => ErrorKind::NoRows,
            Misfit::FortranOrder(shape) => ErrorKind::FortranOrder(shape),
            Misfit::DType(differences) => ErrorKind::DType(differences),
            Misfit::Itemsize { record, dtype } => ErrorKind::Itemsize { record, dtype },
        };
        let mut error = Error::new(kind);
        (error.0.field, error.0.casting) = context;
        error
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
