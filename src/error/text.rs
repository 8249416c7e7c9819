//! What errors say.

use std::{fmt, io};

use super::{context::Error, kind::ErrorKind};
use crate::{
    header::Order,
    literal::{self, Tuple},
};

/// How many of the names that there are an error tells.
const MAX_NAMES: usize = 20;

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
            write!(f, "row {row}")?;
            if !self.0.index.is_empty() {
                let index = literal::to_string(&Tuple(&self.0.index)).unwrap_or_default();
                write!(f, ", index {index}")?;
            }
            f.write_str(": ")?;
        }
        if let Some(action) = self.0.action {
            write!(f, "cannot {action}: ")?;
        }
        match &self.0.kind {
            ErrorKind::Truncated { expected, found } => {
                let (what, of) = match (&self.0.member, self.0.array) {
                    (Some(_), _) => ("member", "its header"),
                    (None, Some(_)) if self.0.path.is_none() => {
                        ("source", "the header of the array")
                    }
                    (None, Some(_)) => ("file", "the header of the array"),
                    (None, None) if self.0.path.is_none() => ("source", "its header"),
                    (None, None) => ("file", "its header"),
                };
                write!(
                    f,
                    "the {what} ends after {found} of the {expected} rows that {of} counts"
                )?;
                let is_alone = self.0.member.is_none() && self.0.array.is_none();
                if self.0.can_recover && is_alone && self.0.path.is_some() {
                    f.write_str(
                        "; `npyrec::check` says whether `npyrec::recover` can make them agree",
                    )?;
                }
            }
            kind => match &self.0.field {
                Some(field) => write!(
                    f,
                    "field `{field}`: its values are pickled Python objects, which only Python can read; \
                     save the field there with a dtype of numbers, text or times, or leave it out"
                )?,
                None => kind.fmt(f)?,
            },
        }
        if let Some((option, casting)) = self.0.casting {
            write!(
                f,
                "\n  to convert, use `{option}::casting(Casting::{casting:?})`"
            )?;
        }
        if let Some(rows) = self.0.kept {
            write!(f, "; the {rows} rows before are in the file")?;
        }
        if let Some(end) = self.0.end {
            write!(f, "; {end}")?;
        }
        match self.0.refused {
            Some(0) => f.write_str("; no record was lost")?,
            Some(1) => f.write_str("; 1 logged record is not in the file")?,
            Some(records) => write!(f, "; {records} logged records are not in the file")?,
            None => {}
        }
        let mut others = self.0.others.iter();
        others.try_for_each(|error| write!(f, ". Also: {error}"))
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorKind::Io(error) if error.kind() == io::ErrorKind::NotSeekable => write!(
                f,
                "{error}; a pipe, socket or terminal has no positions to go to: read from one with \
                 `Reader::new`, write to one with `stream::Writer`"
            ),
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
                "the array is a single element of shape (), which has no rows to read or append to",
            ),
            ErrorKind::FortranOrder(shape) => write!(
                f,
                "the file holds an array of shape {} in Fortran order, whose records are not one \
                 after another; a `Reader` with `ReadOptions::in_c_order` reads them, and an \
                 `ArrayAppender` of its elements appends to them",
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
                "the array ends after {found} of the {expected} rows that its header counts"
            ),
            ErrorKind::NeedsRecovery { counted: Some(rows), found, torn_bytes: 0 } if rows == found => {
                write!(
                    f,
                    "the header counts the {rows} rows of the file, but NumPy does not read it as it is; \
                     `npyrec::recover` can correct it"
                )
            }
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
                "the file is open to be written, here or in another program; a file has one appender, or \
                 writable map, at a time",
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
                 `npyrec::make_appendable` gives it room while no appender has it open"
            ),
            ErrorKind::Removed => f.write_str("the file that is open is no longer under its path"),
            ErrorKind::CutShort { expected, found } => write!(
                f,
                "the file was cut while it was open: of the {expected} rows that it had, {found} are left"
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
                "an array is read whole, but of its records {rows} were given before; read it before any record"
            ),
            ErrorKind::Panicked(message) => write!(f, "panicked: {message}"),
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
