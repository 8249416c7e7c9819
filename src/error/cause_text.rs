use std::{fmt, io};

use super::cause::Cause;
use crate::{
    header::Order,
    literal::{self, Tuple},
};

/// The largest number of names that an error lists.
const MAX_NAMES: usize = 20;

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Io(error) => write_io(f, error),
            Cause::Header(error) => error.fmt(f),
            Cause::HeaderChanged => f.write_str(
                "the header changed while the file was open: it has another dtype or shape, or counts \
                 fewer rows; open the file again to read it",
            ),
            Cause::AnotherArray { offset } => write!(
                f,
                "byte {offset}: another array starts here, so the first one cannot grow; several \
                 `np.save` on one open file write such a file, and `npyrec::stream::concatenate` \
                 joins its arrays"
            ),
            Cause::DType(differences) => {
                f.write_str("the dtype of the file is not that of the record:")?;
                let mut differences = differences.iter();
                differences.try_for_each(|difference| write!(f, "\n  {difference}"))
            }
            Cause::Objects(field) => write_objects(f, field),
            Cause::NoField { name, has } if has.is_empty() => write!(
                f,
                "there is no field `{name}`, because the records have no fields"
            ),
            Cause::NoField { name, has } => {
                write!(f, "there is no field `{name}`; there is {}", has.join(", "))
            }
            Cause::Itemsize { record, dtype } => write!(
                f,
                "the record's `ITEMSIZE` is {record} bytes, but its `dtype()` has {dtype}; correct its \
                 implementation of `NpyRecord`"
            ),
            Cause::NoRows => f.write_str(
                "the array is a single element of shape (), which has no rows to read or append to",
            ),
            Cause::FortranOrder(shape) => write!(
                f,
                "the array has shape {} and is in Fortran order, so that its rows are not contiguous; \
                 `read_array` reads it, a `Reader` with `ReadOptions::in_c_order` reads its rows, and an \
                 `ArrayAppender` appends its elements",
                tuple(shape)
            ),
            Cause::Shape { expected, found } => write!(
                f,
                "the shape does not match the rows of the file: expected {}, got {}",
                Axes(expected),
                tuple(found)
            ),
            Cause::Order { expected, found } => write!(
                f,
                "the file holds an array in {}; expected an array in {}",
                growth(*found),
                growth(*expected)
            ),
            Cause::PartialRow { elements, row_len } => {
                write_partial_row(f, *elements as u64, *row_len)
            }
            Cause::NoRow { row, rows } => {
                write!(f, "there is no row {row}; the file has {rows}")
            }
            Cause::Axes { expected, shape } => write!(
                f,
                "the number of axes of the shape {} is {}, expected {expected}",
                tuple(shape),
                shape.len()
            ),
            Cause::ArrayTooLarge(shape) => write!(
                f,
                "no memory holds an array of shape {}: its axes longer than 0 have more elements than \
                 can be addressed",
                tuple(shape)
            ),
            Cause::TooManyRows(rows) => write!(
                f,
                "{rows} rows of this size are more than a file or the memory can hold"
            ),
            Cause::AlreadyRead(rows) => write!(
                f,
                "an array is read whole, but {rows} of its records were read before; read it before any record"
            ),
            Cause::NoArray { array, arrays } => {
                write!(f, "there is no array {array}; there are {arrays}")
            }
            Cause::ArrayDiffers { expected, found } => write!(
                f,
                "it does not match the arrays before it: expected {expected}, found {found}"
            ),
            Cause::RowsPromised { promised, rows } => write!(
                f,
                "the header was written before the rows and counts {promised}, not {rows}"
            ),
            Cause::Elements { shape, elements } => write!(
                f,
                "the number of elements is {elements}, which does not match the shape {}",
                tuple(shape)
            ),
            Cause::FortranRecords => f.write_str(
                "elements that are arrays themselves are not contiguous in Fortran order; use the elements \
                 within them, with a shape that includes their axes, or use C order",
            ),
            Cause::Unfinished => {
                f.write_str("the array was not written whole, so no array can follow it")
            }
            Cause::Encode(error) => error.fmt(f),
            Cause::Decode(error) => error.fmt(f),
            Cause::Truncated { expected, found } => write!(
                f,
                "the array ends after {found} of the {expected} rows that its header counts"
            ),
            Cause::NeedsRecovery {
                counted,
                found,
                torn_bytes,
            } => write_needs_recovery(f, *counted, *found, *torn_bytes),
            Cause::Info(reason) => write!(
                f,
                "the list of shards cannot be used: {reason}; `npyrec::recover` of the directory writes it \
                 anew"
            ),
            Cause::Listed { listed, found } => write_listed(f, *listed, *found),
            Cause::Locked => f.write_str(
                "the file is open for writing, in this program or another; a file has one appender or \
                 writable map at a time",
            ),
            Cause::SyncLost => f.write_str(
                "rows could not be synced to the device before, and may be lost; open the file again \
                 to continue with the rows that are there",
            ),
            Cause::NoGrowthRoom { max_rows } => write!(
                f,
                "the header has no room for more than {max_rows} rows; \
                 `npyrec::make_appendable` gives it room while no appender has it open"
            ),
            Cause::Removed => f.write_str("the open file is no longer at its path"),
            Cause::CutShort { expected, found } => write!(
                f,
                "the file was cut while it was open: of the {expected} rows that it had, {found} are left"
            ),
            Cause::Archive(reason) => f.write_str(reason),
            Cause::NoMember { name, has } => write_no_member(f, name, has),
            Cause::MemberExists => f.write_str(
                "the archive already has a member of this name, which is not replaced",
            ),
            Cause::MemberName(reason) => write!(f, "a member cannot have this name: {reason}"),
            Cause::NotStored => f.write_str(
                "the member is compressed, and only an uncompressed member can be mapped; read it instead",
            ),
            Cause::Panicked(message) => write!(f, "panicked: {message}"),
            Cause::Closed => f.write_str(
                "no more records are accepted, because the guard of the background logger was closed or \
                 dropped; keep it while records are logged",
            ),
        }
    }
}

fn write_io(f: &mut fmt::Formatter<'_>, error: &io::Error) -> fmt::Result {
    write!(f, "{error}")?;
    match error.kind() {
        io::ErrorKind::NotSeekable => f.write_str(
            "; a pipe, socket or terminal cannot seek: read it with `Reader::new`, write it with \
             `stream::Writer`",
        ),
        _ => Ok(()),
    }
}

fn write_objects(f: &mut fmt::Formatter<'_>, field: &str) -> fmt::Result {
    match field {
        "" => f.write_str(
            "the elements are pickled Python objects, which only Python can read; \
             save them there with a dtype of numbers, text or times",
        ),
        field => write!(
            f,
            "field `{field}`: its values are pickled Python objects, which only Python can read; \
             save the field there with a dtype of numbers, text or times, or leave it out"
        ),
    }
}

fn write_partial_row(f: &mut fmt::Formatter<'_>, elements: u64, row_len: u64) -> fmt::Result {
    let (Some(rows), Some(over)) = (elements.checked_div(row_len), elements.checked_rem(row_len))
    else {
        return write!(
            f,
            "{elements} elements were given, but the rows of the file have none"
        );
    };
    let s = if rows == 1 { "" } else { "s" };
    let are = if over == 1 { "is" } else { "are" };
    write!(
        f,
        "{elements} elements are {rows} row{s} of {row_len} elements, and {over} {are} left over; \
         append whole rows"
    )
}

fn write_needs_recovery(
    f: &mut fmt::Formatter<'_>,
    counted: Option<u64>,
    found: u64,
    torn_bytes: u64,
) -> fmt::Result {
    match counted {
        Some(rows) if rows == found && torn_bytes == 0 => {
            return write!(
                f,
                "the header counts the {rows} rows of the file, but NumPy cannot read it; \
                 `npyrec::recover` can correct it"
            );
        }
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

fn write_listed(f: &mut fmt::Formatter<'_>, listed: Option<u64>, found: u64) -> fmt::Result {
    match listed {
        Some(listed) => write!(
            f,
            "`info` lists {listed} rows of this shard, which has {found}"
        )?,
        None => f.write_str("`info` does not list this shard, though another one follows it")?,
    }
    f.write_str("; `npyrec::recover` of the directory lists what is there")
}

fn write_no_member(f: &mut fmt::Formatter<'_>, name: &str, has: &[String]) -> fmt::Result {
    write!(f, "there is no member `{name}`")?;
    if has.is_empty() {
        return f.write_str(", because the archive is empty");
    }
    let (shown, others) = has.split_at(has.len().min(MAX_NAMES));
    write!(f, "; there is {}", shown.join(", "))?;
    match others.len() {
        0 => Ok(()),
        1 => f.write_str(", and another"),
        others => write!(f, ", and {others} others"),
    }
}

/// Returns a shape as Python writes it.
fn tuple(shape: &[u64]) -> String {
    literal::to_string(&Tuple(shape)).unwrap_or_default()
}

/// Axes as Python writes them, with `_` for an axis of any length.
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
