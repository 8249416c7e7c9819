use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use crate::{
    dtype::{DTypeError, Difference},
    header::{HeaderError, Order},
    literal::{self, Tuple},
    record::{DecodeError, EncodeError, Misfit},
};

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be read or written: which file, which row, what was found, and what to do.
///
/// The text says it all, on one line or, for dtypes that differ, on one line a field. A program that
/// treats one case apart looks at the [`kind`](Error::kind).
pub struct Error(Box<Context>);

struct Context {
    kind: ErrorKind,
    path: Option<PathBuf>,
    /// The array in the archive.
    member: Option<Box<str>>,
    /// Which one of several arrays one after another, and where it starts.
    array: Option<(u64, u64)>,
    row: Option<u64>,
    /// What the program was doing when I/O failed: `write rows`.
    action: Option<&'static str>,
    /// The rows that are in the file all the same.
    kept: Option<u64>,
    /// What comes of it.
    end: Option<&'static str>,
}

/// The case of an [`Error`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system refused.
    Io(io::Error),
    /// The file does not start with a header that NumPy would accept, or there is no header for the
    /// dtype of the record.
    Header(HeaderError),
    /// The dtype of the file is not that of the record.
    DType(Vec<Difference>),
    /// The elements of the file are pickled Python objects.
    Objects,
    /// The file holds a single element of shape `()`, which has no rows.
    NoRows,
    /// The file holds an array of several axes in Fortran order, whose records are not one after
    /// another; this is its shape.
    FortranOrder(Vec<u64>),
    /// An array has other axes than the rows that it is to be appended to.
    Shape {
        /// The axes that it must have; the growth axis, which may be of any length, is `None`.
        expected: Vec<Option<u64>>,
        /// The axes that it has.
        found: Vec<u64>,
    },
    /// The file holds an array in another order.
    Order {
        /// What was asked for.
        expected: Order,
        /// That of the file.
        found: Order,
    },
    /// Elements are to be appended that are not a whole number of rows.
    PartialRow {
        /// The number of elements.
        elements: usize,
        /// The number of elements of a row.
        row_len: u64,
    },
    /// The records of the file have no field of that name.
    NoField {
        /// The name that was asked for.
        name: String,
        /// The names that there are.
        has: Vec<String>,
    },
    /// There is no such row.
    NoRow {
        /// The row that was asked for.
        row: u64,
        /// The number of rows.
        rows: u64,
    },
    /// A hand-written record says one itemsize, and its dtype has another.
    Itemsize {
        /// [`NpyRecord::ITEMSIZE`](crate::NpyRecord::ITEMSIZE).
        record: usize,
        /// That of [`NpyRecord::dtype`](crate::NpyRecord::dtype).
        dtype: usize,
    },
    /// A value has no place in the dtype of its field.
    Encode(EncodeError),
    /// Bytes of the file are no value of the record's type.
    Decode(DecodeError),
    /// The file ends before the rows that its header counts.
    Truncated {
        /// The rows that the header counts.
        expected: u64,
        /// The whole rows that are there.
        found: u64,
    },
    /// Header and data do not agree, and it was asked that this be an error.
    NeedsRecovery {
        /// The rows that the header counts; `None` if its number cannot be read.
        counted: Option<u64>,
        /// The whole rows that are there.
        found: u64,
        /// The bytes behind them.
        torn_bytes: u64,
    },
    /// Another appender has the file open.
    Locked,
    /// Rows could not be synced to the device before. The system may have dropped them without saying
    /// so again, so the appender writes nothing more; opening the file anew shows what is there.
    SyncLost,
    /// Another array follows the one to append to, as after several `np.save` on one open file.
    AnotherArray {
        /// The byte at which it starts.
        offset: u64,
    },
    /// The header has no room for a larger number of rows.
    NoGrowthRoom {
        /// The largest number that fits.
        max_rows: u64,
    },
    /// The file that is followed was removed, renamed or replaced. All rows that it had were read.
    Removed,
    /// The file that is followed was cut shorter than what was read of it.
    CutShort {
        /// The rows that were read.
        rows: u64,
    },
    /// The header of a mapped file is not that of the file as it was opened: it has another dtype or
    /// shape, or counts fewer rows.
    HeaderChanged,
    /// The array has another number of axes than that which was asked for.
    Axes {
        /// The number of axes that was asked for.
        expected: usize,
        /// The shape of the array.
        shape: Vec<u64>,
    },
    /// There is no array of `ndarray` of this shape: its axes, those of no length aside, make more
    /// elements than an address can name.
    ArrayTooLarge(Vec<u64>),
    /// An array is read whole, and so many of its records were read before.
    AlreadyRead(u64),
    /// Encoding a record panicked on the thread of a background logger, with this message.
    Panicked(String),
    /// The thread of a background logger has ended, and takes no more records.
    Closed,
    /// There is no such array, among several one after another.
    NoArray {
        /// The array that was asked for, counted from 0.
        array: u64,
        /// The number of arrays.
        arrays: u64,
    },
    /// Arrays that are to become one do not fit together.
    ArrayDiffers {
        /// The dtype and the shape that go on with the arrays before it.
        expected: String,
        /// The dtype and the shape that it has.
        found: String,
    },
    /// Records are not as many as their header counts, which was written before them.
    RowsPromised {
        /// The rows that the header counts.
        promised: u64,
        /// The rows that there are, or would be.
        rows: u64,
    },
    /// A shape is not one of as many elements.
    Elements {
        /// The shape.
        shape: Vec<u64>,
        /// The number of elements.
        elements: u64,
    },
    /// Records that are arrays themselves are not one after another in Fortran order.
    FortranRecords,
    /// An array was not written whole, so nothing can follow it.
    Unfinished,
    /// The rows would take more than 2^63 - 1 bytes, or more memory than an address can name.
    TooManyRows(u64),
    /// The file is no zip archive, or one that is damaged, encrypted or compressed by a method that
    /// NumPy does not use; this says which.
    Archive(String),
    /// The archive has no member of that name.
    NoMember {
        /// The name that was asked for.
        name: String,
        /// The names that there are.
        has: Vec<String>,
    },
    /// The archive has a member of that name already.
    MemberExists,
    /// A member cannot have that name; this says why.
    MemberName(&'static str),
    /// The member is compressed, and only one that is stored as it is can be mapped.
    NotStored,
}

/// How many of the names that there are an error tells.
const MAX_NAMES: usize = 20;

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
        }))
    }

    /// An error of the operating system; `action` is what was to be done: `write rows`.
    pub(crate) fn io(action: &'static str, error: io::Error) -> Self {
        let mut error = Error::new(ErrorKind::Io(error));
        error.0.action = Some(action);
        error
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

    pub(crate) fn at_row(mut self, row: u64) -> Self {
        self.0.row = Some(row);
        self
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

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.0.path {
            write!(f, "{}: ", path.display())?;
        }
        let is_there = !matches!(self.0.kind, ErrorKind::NoMember { .. });
        if let Some(member) = self.0.member.as_ref().filter(|_| is_there) {
            write!(f, "member `{member}`: ")?;
        }
        if let Some((number, offset)) = self.0.array {
            write!(f, "array {number}, at byte {offset}: ")?;
        }
        if let Some(row) = self.0.row {
            write!(f, "row {row}: ")?;
        }
        if let Some(action) = self.0.action {
            write!(f, "cannot {action}: ")?;
        }
        match &self.0.kind {
            // Nothing can be mended there.
            ErrorKind::Truncated { expected, found } if self.0.member.is_some() => write!(
                f,
                "the member ends after {found} of the {expected} rows that its header counts"
            )?,
            // `recover` knows of one array alone.
            ErrorKind::Truncated { expected, found } if self.0.array.is_some() => write!(
                f,
                "the file ends after {found} of the {expected} rows that the header of the array counts"
            )?,
            kind => kind.fmt(f)?,
        }
        if let Some(rows) = self.0.kept {
            write!(f, "; the {rows} rows before are in the file")?;
        }
        match self.0.end {
            Some(end) => write!(f, "; {end}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorKind::Io(error) => error.fmt(f),
            ErrorKind::Header(error) => error.fmt(f),
            ErrorKind::DType(differences) => {
                f.write_str("the dtype of the file is not that of the record:")?;
                differences.iter().try_for_each(|difference| write!(f, "\n  {difference}"))
            }
            ErrorKind::Objects => f.write_str(
                "the elements are pickled Python objects, which only Python can read; \
                 save them there with a dtype of numbers, text or times",
            ),
            ErrorKind::NoRows => f.write_str(
                "the file holds a single element of shape (), which has no rows to read or append to",
            ),
            ErrorKind::FortranOrder(shape) => write!(
                f,
                "the file holds an array of shape {} in Fortran order, whose records are not one \
                 after another; to read them so, use `ReadOptions::in_c_order`, to append to them an \
                 `ArrayAppender` of its elements",
                literal::to_string(&Tuple(shape)).unwrap_or_default()
            ),
            ErrorKind::Shape { expected, found } => write!(
                f,
                "the shape does not fit the rows of the file: expected {}, got {}",
                Axes(expected),
                literal::to_string(&Tuple(found)).unwrap_or_default()
            ),
            ErrorKind::Order { expected, found } => write!(
                f,
                "the file holds an array in {}; expected one in {}",
                growth(*found),
                growth(*expected)
            ),
            ErrorKind::PartialRow { elements, row_len: 0 } => write!(
                f,
                "{elements} elements were given, but the rows of the file have none"
            ),
            ErrorKind::PartialRow { elements, row_len } => {
                let rows = *elements as u64 / row_len;
                let over = *elements as u64 % row_len;
                let s = if rows == 1 { "" } else { "s" };
                let are = if over == 1 { "is" } else { "are" };
                write!(
                    f,
                    "{elements} elements are {rows} row{s} of {row_len} elements, and {over} {are} over; \
                     append whole rows"
                )
            }
            ErrorKind::NoField { name, has } if has.is_empty() => {
                write!(f, "there is no field `{name}`, as the records have no fields")
            }
            ErrorKind::NoField { name, has } => {
                write!(f, "there is no field `{name}`; there is {}", has.join(", "))
            }
            ErrorKind::NoRow { row, rows } => {
                write!(f, "there is no row {row}; the file has {rows}")
            }
            ErrorKind::Itemsize { record, dtype } => write!(
                f,
                "the record's `ITEMSIZE` is {record} bytes, but its `dtype()` has {dtype}; its \
                 implementation of `NpyRecord` has to make them agree"
            ),
            ErrorKind::Encode(error) => error.fmt(f),
            ErrorKind::Decode(error) => error.fmt(f),
            ErrorKind::Truncated { expected, found } => write!(
                f,
                "the file ends after {found} of the {expected} rows that its header counts; \
                 `npyrec::recover` can make the header agree"
            ),
            ErrorKind::NeedsRecovery { counted, found, torn_bytes } => {
                match counted {
                    Some(rows) => write!(f, "the header counts {rows} rows")?,
                    None => f.write_str("the number of rows in the header cannot be read")?,
                }
                write!(f, ", the file holds {found}")?;
                match torn_bytes {
                    0 => {}
                    1 => f.write_str(" and a byte of a torn one")?,
                    bytes => write!(f, " and {bytes} bytes of a torn one")?,
                }
                f.write_str("; `npyrec::recover` can make them agree")
            }
            ErrorKind::Locked => f.write_str(
                "another appender has the file open, here or in another program; a file has one \
                 appender at a time",
            ),
            ErrorKind::SyncLost => f.write_str(
                "rows could not be synced to the device before, and may be lost; open the file anew \
                 to go on with the rows that are there",
            ),
            ErrorKind::AnotherArray { offset } => write!(
                f,
                "byte {offset}: another array starts here, so that the first one cannot grow; it \
                 comes from several `np.save` on one open file, of which \
                 `npyrec::stream::concatenate` makes one array"
            ),
            ErrorKind::NoGrowthRoom { max_rows } => write!(
                f,
                "the header has no room for more than {max_rows} rows; \
                 `npyrec::make_appendable` gives it room"
            ),
            ErrorKind::Removed => f.write_str(
                "the file is no longer under its path: it was removed, renamed or replaced; all rows \
                 that it had were read, and what is there now can be opened anew",
            ),
            ErrorKind::CutShort { rows } => write!(
                f,
                "the file was cut shorter than the {rows} rows that were read of it; open it anew to \
                 read what is there"
            ),
            ErrorKind::HeaderChanged => f.write_str(
                "the header is not that of the file as it was opened: it has another dtype or shape, or \
                 counts fewer rows; open it anew to read what is there",
            ),
            ErrorKind::Axes { expected, shape } => write!(
                f,
                "the shape of the array is {}: its number of axes is {}, expected {expected}",
                literal::to_string(&Tuple(shape)).unwrap_or_default(),
                shape.len()
            ),
            ErrorKind::ArrayTooLarge(shape) => write!(
                f,
                "no array in memory has the shape {}: its axes that are longer than 0 make more elements \
                 than an address can name",
                literal::to_string(&Tuple(shape)).unwrap_or_default()
            ),
            ErrorKind::AlreadyRead(rows) => write!(
                f,
                "an array is read whole, but of its records {rows} were given before; open it anew"
            ),
            ErrorKind::Panicked(message) => {
                write!(f, "the record was left out, as encoding it panicked: {message}")
            }
            ErrorKind::Closed => f.write_str(
                "no more records are taken, as the guard of the background logger was closed or \
                 dropped; keep it for as long as records are logged",
            ),
            ErrorKind::NoArray { array, arrays } => {
                write!(f, "there is no array {array}; there are {arrays}")
            }
            ErrorKind::ArrayDiffers { expected, found } => write!(
                f,
                "it does not go on with the arrays before it: expected {expected}, found {found}"
            ),
            ErrorKind::RowsPromised { promised, rows } => write!(
                f,
                "the header, which is written before the rows, counts {promised} of them, not {rows}"
            ),
            ErrorKind::Elements { shape, elements } => write!(
                f,
                "the shape {} is not one of {elements} elements",
                literal::to_string(&Tuple(shape)).unwrap_or_default()
            ),
            ErrorKind::FortranRecords => f.write_str(
                "records that are arrays are not one after another in Fortran order; write them in C \
                 order, or their elements with a shape that has their axes as well",
            ),
            ErrorKind::Unfinished => {
                f.write_str("it was not written whole, so nothing can follow it")
            }
            ErrorKind::TooManyRows(rows) => {
                write!(f, "{rows} rows of this size are more than a file or the memory can hold")
            }
            ErrorKind::Archive(reason) => f.write_str(reason),
            ErrorKind::NoMember { name, has } if has.is_empty() => {
                write!(f, "there is no member `{name}`, as the archive is empty")
            }
            ErrorKind::NoMember { name, has } => {
                write!(f, "there is no member `{name}`; there is ")?;
                let (shown, others) = has.split_at(has.len().min(MAX_NAMES));
                f.write_str(&shown.join(", "))?;
                match others.len() {
                    0 => Ok(()),
                    1 => f.write_str(", and another"),
                    others => write!(f, ", and {others} others"),
                }
            }
            ErrorKind::MemberExists => f.write_str(
                "the archive has a member of this name already, which is not written over",
            ),
            ErrorKind::MemberName(reason) => write!(f, "a member cannot have this name: {reason}"),
            ErrorKind::NotStored => f.write_str(
                "the member is compressed, and only one that is stored as it is can be mapped; read it",
            ),
        }
    }
}

/// Axes as Python would write them, with `_` for one of any length.
struct Axes<'a>(&'a [Option<u64>]);

impl fmt::Display for Axes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (nth, axis) in self.0.iter().enumerate() {
            let comma = if nth > 0 { ", " } else { "" };
            match axis {
                Some(len) => write!(f, "{comma}{len}")?,
                None => write!(f, "{comma}_")?,
            }
        }
        f.write_str(if self.0.len() == 1 { ",)" } else { ")" })
    }
}

fn growth(order: Order) -> &'static str {
    match order {
        Order::C => "C order, which grows along its first axis",
        Order::Fortran => "Fortran order, which grows along its last axis",
    }
}

/// The same text, as it is this that a `main` that returns an error prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
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
