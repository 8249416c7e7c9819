use std::{
    io,
    path::{Path, PathBuf},
};

use super::kind::ErrorKind;
use crate::{
    dtype::DTypeError,
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
    /// The rows that are in the file all the same.
    pub(super) kept: Option<u64>,
    /// What comes of it.
    pub(super) end: Option<&'static str>,
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
            kept: None,
            end: None,
        }))
    }

    /// An error of the operating system; `action` is what was to be done: `write rows`.
    pub(crate) fn io(action: &'static str, error: io::Error) -> Self {
        let mut error = Error::new(ErrorKind::Io(error));
        error.0.action = Some(action);
        error
    }

    /// The error that a number of bytes is all that there is of an array.
    pub(crate) fn truncated(header: &Header, data: u64) -> Self {
        let (expected, found) = header.rows_in(data);
        Error::new(ErrorKind::Truncated { expected, found })
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

    /// Notes the row of an array in C order. The error of a value in it knows its index within the row.
    pub(crate) fn at_row(mut self, row: u64) -> Self {
        self.0.row = Some(row);
        self.0.index = self.take_index();
        self
    }

    /// Notes an index along the first axes of an array. The error of a value there knows the others.
    pub(crate) fn at_index(mut self, mut index: Vec<u64>, array: &Shape) -> Self {
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

    /// The same once more, of those that appending ends with, for another who is to be told.
    #[cfg(feature = "background")]
    pub(crate) fn again(&self) -> Error {
        let kind = match &self.0.kind {
            ErrorKind::Io(error) => ErrorKind::Io(match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::new(error.kind(), error.to_string()),
            }),
            ErrorKind::SyncLost => ErrorKind::SyncLost,
            &ErrorKind::NoGrowthRoom { max_rows } => ErrorKind::NoGrowthRoom { max_rows },
            ErrorKind::Panicked(message) => ErrorKind::Panicked(message.clone()),
            other => ErrorKind::Io(io::Error::other(other.to_string())),
        };
        Error(Box::new(Context {
            kind,
            path: self.0.path.clone(),
            member: self.0.member.clone(),
            index: self.0.index.clone(),
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
            _ => return None,
        };
        Some(path).filter(|path| !path.is_empty())
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
