use std::fmt;

use super::{cause::Cause, context::ErrorContext, model::Error, notes::Notes};
use crate::literal::{self, Tuple};

/// The place, the cause and the notes, in the order in which they are read.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (context, notes) = (&self.0.context, &self.0.notes);
        if let Some(path) = &context.path {
            write!(f, "{}: ", path.display())?;
        }
        // The cause names a member that does not exist.
        let is_there = !matches!(self.cause(), Cause::NoMember { .. });
        if let Some(member) = context.member.as_ref().filter(|_| is_there) {
            write!(f, "member `{member}`: ")?;
        }
        if let Some((number, offset)) = context.array {
            write!(f, "array {number}, at byte {offset}: ")?;
        }
        if let Some(row) = context.row {
            write!(f, "row {row}")?;
            if !context.index.is_empty() {
                let index = literal::to_string(&Tuple(&context.index)).unwrap_or_default();
                write!(f, ", index {index}")?;
            }
            f.write_str(": ")?;
        }
        if let Some(action) = notes.action {
            write!(f, "cannot {action}: ")?;
        }
        match *self.cause() {
            Cause::Truncated { expected, found } => {
                write_truncated(f, expected, found, context, notes.can_recover)?;
            }
            ref cause => cause.fmt(f)?,
        }
        write_notes(f, notes)?;
        let mut others = self.0.others.iter();
        others.try_for_each(|error| write!(f, ". Also: {error}"))
    }
}

/// Prints the text of [`Display`](fmt::Display), because a `main` that returns an error uses `Debug`.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn write_truncated(
    f: &mut fmt::Formatter<'_>,
    expected: u64,
    found: u64,
    context: &ErrorContext,
    can_recover: bool,
) -> fmt::Result {
    let is_file = context.path.is_some();
    let (what, header) = match (&context.member, context.array) {
        (Some(_), _) => ("member", "its header"),
        (None, Some(_)) if is_file => ("file", "the header of the array"),
        (None, Some(_)) => ("source", "the header of the array"),
        (None, None) if is_file => ("file", "its header"),
        (None, None) => ("source", "its header"),
    };
    write!(
        f,
        "the {what} ends after {found} of the {expected} rows that {header} counts"
    )?;
    let is_alone = context.member.is_none() && context.array.is_none();
    match can_recover && is_alone && is_file {
        true => f.write_str("; `npyrec::check` says whether `npyrec::recover` can make them agree"),
        false => Ok(()),
    }
}

fn write_notes(f: &mut fmt::Formatter<'_>, notes: &Notes) -> fmt::Result {
    if let Some(advice) = notes.advice {
        write!(f, "\n  {advice}")?;
    }
    if let Some((option, casting)) = notes.casting {
        write!(
            f,
            "\n  to convert, use `{option}::casting(Casting::{casting:?})`"
        )?;
    }
    if let Some(rows) = notes.kept {
        write!(f, "; the {rows} rows before are in the file")?;
    }
    if let Some(end) = &notes.end {
        write!(f, "; {end}")?;
    }
    match notes.refused {
        Some(0) => f.write_str("; no record was lost"),
        Some(1) => f.write_str("; 1 logged record is not in the file"),
        Some(records) => write!(f, "; {records} logged records are not in the file"),
        None => Ok(()),
    }
}
