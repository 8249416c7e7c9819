use std::{io, path::Path, sync::Arc};

use super::{
    cause::Cause, context::ErrorContext, kind::ErrorKind, notes::Notes, transient::is_transient,
};
use crate::{dtype::Difference, header::Header};

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of reading or writing: the file, the row, the value that was found, and what to do.
///
/// The text names all of them, on one line. Dtypes that differ take one more line for each field. A program
/// that treats some errors in another way looks at the [`kind`](Error::kind), and asks the other methods for
/// details.
#[derive(Clone)]
pub struct Error(pub(super) Box<ErrorParts>);

#[derive(Clone)]
pub(super) struct ErrorParts {
    /// The cause, shared by clones.
    pub(super) cause: Arc<Cause>,
    pub(super) context: ErrorContext,
    pub(super) notes: Notes,
    /// Other errors that are reported with this one.
    pub(super) others: Vec<Error>,
}

impl Error {
    pub(crate) fn new(cause: Cause) -> Self {
        Error(Box::new(ErrorParts {
            cause: Arc::new(cause),
            context: ErrorContext::default(),
            notes: Notes::default(),
            others: Vec::new(),
        }))
    }

    /// Returns an error of the operating system; `action` names what failed: `write rows`.
    pub(crate) fn io(action: &'static str, error: io::Error) -> Self {
        Error::new(Cause::Io(error)).while_doing(action)
    }

    /// Returns the error that an array has only `data` bytes.
    pub(crate) fn truncated(header: &Header, data: u64) -> Self {
        let (expected, found) = header.rows_in(data);
        Error::new(Cause::Truncated { expected, found })
    }

    pub(crate) fn cause(&self) -> &Cause {
        &self.0.cause
    }

    /// Returns the kind of the error, to treat some errors in another way than the rest.
    ///
    /// # Examples
    ///
    /// ```
    /// use npyrec::{Appender, ErrorKind};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("numbers.npy");
    /// let _first = Appender::<u32>::create(&path)?;
    /// let error = Appender::<u32>::open(&path).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Locked);
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    pub fn kind(&self) -> ErrorKind {
        self.cause().kind()
    }

    /// Returns true if the cause may go away without a change to the file or the program, so that the same
    /// work may succeed later. The causes are an interrupted call, a timeout, a source that has no data
    /// yet, a busy resource, a full disk or quota, a lack of memory or file handles, and a lock that another
    /// appender or writable map holds.
    ///
    /// An appender can make the same call again, and a reader too. A writer that failed in the middle of an
    /// array starts the array again in a new file. An appender that could not sync stops, so that error is
    /// not retryable.
    pub fn is_retryable(&self) -> bool {
        match self.cause() {
            Cause::Io(error) => is_transient(error) && !self.0.notes.is_final,
            Cause::Locked => true,
            _ => false,
        }
    }

    /// Returns true for an error of an appender that failed before for the same reason, and has not written
    /// the pending rows since: the disk is still full, or the header still has no room. A program that logs
    /// only other errors logs a full disk once, and not at each record.
    ///
    /// # Examples
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
        self.0.notes.is_repeat
    }

    /// Returns the path of the file, if the error is about a file.
    pub fn path(&self) -> Option<&Path> {
        self.0.context.path.as_deref()
    }

    /// Returns the member of an archive, if the error is about a member.
    pub fn member(&self) -> Option<&str> {
        self.0.context.member.as_deref()
    }

    /// Returns the number of the array, counted from 0, if the error is about one of several arrays in a
    /// [`stream`](crate::stream).
    pub fn array(&self) -> Option<u64> {
        match *self.cause() {
            Cause::NoArray { array, .. } => Some(array),
            _ => self.0.context.array.map(|(number, _)| number),
        }
    }

    /// Returns the byte of the source at which that [array](Self::array) starts.
    pub fn array_offset(&self) -> Option<u64> {
        self.0.context.array.map(|(_, offset)| offset)
    }

    /// Returns the byte of the file that is wrong in a header, or at which an array starts that follows
    /// another array.
    pub fn byte(&self) -> Option<u64> {
        match self.cause() {
            Cause::Header(error) => error.offset(),
            Cause::AnotherArray { offset } => Some(*offset),
            _ => None,
        }
    }

    /// Returns the row that the error is about, counted from 0 along the growth axis: the first axis in C
    /// order, the last in Fortran order. An array that is in both orders counts as one in C order.
    pub fn row(&self) -> Option<u64> {
        match *self.cause() {
            Cause::NoRow { row, .. } => Some(row),
            _ => self.0.context.row,
        }
    }

    /// Returns the index within the [row](Self::row), one number for each other axis. Empty if a row is an
    /// element, or if the error is about a whole row.
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("flags.npy");
    /// use npyrec::{Header, Str};
    ///
    /// let mut bytes = Header::for_record::<[Str<1>; 2]>(2).to_bytes();
    /// for code in [0x41_u32, 0x42, 0x43, 0xd800] {
    ///     bytes.extend(code.to_le_bytes()); // 0xd800 is not a character.
    /// }
    /// std::fs::write(&path, bytes)?;
    /// let error = npyrec::read::<[Str<1>; 2]>(&path).unwrap_err();
    /// assert_eq!((error.row(), error.index()), (Some(1), &[1][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn index(&self) -> &[u64] {
        &self.0.context.index
    }

    /// Returns the field of the value that could not be stored or read, with the fields and indices around
    /// it: `book.depth[3]`. `None` if the error is not about a field.
    pub fn field(&self) -> Option<&str> {
        let path = match self.cause() {
            Cause::Encode(error) => error.path(),
            Cause::Decode(error) => error.path(),
            Cause::Objects(field) => field,
            _ => return None,
        };
        Some(path).filter(|path| !path.is_empty())
    }

    /// Returns the differences between the dtype of the file and the dtype of the record. Empty if they are
    /// not the cause.
    pub fn differences(&self) -> &[Difference] {
        match self.cause() {
            Cause::DType(differences) => differences,
            _ => &[],
        }
    }

    /// Returns the number of rows that there should be: the header counts them, or they were there when the
    /// file was read or written before. `None` if the error is not about a number of rows.
    pub fn expected_rows(&self) -> Option<u64> {
        match *self.cause() {
            Cause::Truncated { expected, .. } | Cause::CutShort { expected, .. } => Some(expected),
            Cause::NeedsRecovery { counted, .. } => counted,
            Cause::RowsPromised { promised, .. } => Some(promised),
            _ => None,
        }
    }

    /// Returns the number of complete rows that there are, in an error about a number of
    /// [rows](Self::expected_rows) or about a row that does not exist.
    pub fn found_rows(&self) -> Option<u64> {
        match *self.cause() {
            Cause::Truncated { found, .. }
            | Cause::CutShort { found, .. }
            | Cause::NeedsRecovery { found, .. } => Some(found),
            Cause::RowsPromised { rows, .. } | Cause::NoRow { rows, .. } => Some(rows),
            _ => None,
        }
    }

    /// Returns the number of bytes after the last complete row, in an error of the kind
    /// [`NeedsRecovery`](ErrorKind::NeedsRecovery).
    pub fn torn_bytes(&self) -> Option<u64> {
        match *self.cause() {
            Cause::NeedsRecovery { torn_bytes, .. } => Some(torn_bytes),
            _ => None,
        }
    }

    /// Returns the largest number of rows that the header has room for, in an error of the kind
    /// [`NoGrowthRoom`](ErrorKind::NoGrowthRoom).
    pub fn max_rows(&self) -> Option<u64> {
        match *self.cause() {
            Cause::NoGrowthRoom { max_rows } => Some(max_rows),
            _ => None,
        }
    }

    /// Returns the number of logged records that are not in the file, in an error of
    /// [`Logger::flush`](crate::Logger::flush) or [`LoggerGuard::close`](crate::LoggerGuard::close). It is 0 for an error
    /// that lost no record. Rows that were cut off and rows in a removed file count.
    #[cfg(feature = "background")]
    pub fn refused(&self) -> Option<u64> {
        self.0.notes.refused
    }

    /// Returns the error of the operating system, or of a source or sink, if that is the
    /// [kind](ErrorKind::Io).
    pub fn io_error(&self) -> Option<&io::Error> {
        match self.cause() {
            Cause::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.cause() {
            Cause::Io(error) => Some(error),
            Cause::Header(error) => Some(error),
            Cause::Encode(error) => Some(error),
            Cause::Decode(error) => Some(error),
            _ => None,
        }
    }
}
