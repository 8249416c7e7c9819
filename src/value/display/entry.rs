use std::fmt::{self, Write};

use super::{axis::Shown, float::Floats, line::Line, write_bytes};
use crate::{
    convert::{Datetime, Float, NAT, ShortText, TimeText},
    literal::write_repr,
    value::{Array, Record, Value},
};

/// The format of the entries of an array, or of the values of a field.
#[derive(Debug)]
pub(super) enum EntryFormat {
    /// Each entry as a scalar.
    Scalar,
    /// `True` as wide as `False`.
    Bool,
    /// Right-aligned integers of this width.
    Int(usize),
    Float(Floats),
    Complex(Floats, Floats),
    /// Right-aligned points in time or spans of this width.
    Time(usize),
    /// Text and bytes as literals.
    Literal,
    Record(Fields),
    /// The entries of a subarray.
    Subarray(Box<EntryFormat>),
}

/// The format of the fields of records.
#[derive(Debug)]
pub(super) struct Fields(Vec<EntryFormat>);

/// The container of the entries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Container {
    Array,
    /// A record outside an array.
    Record,
    /// A subarray of such a record.
    Subarray,
}

impl EntryFormat {
    pub(super) fn of(values: &[&Value], container: Container) -> Self {
        match values.first() {
            Some(Value::Bool(_)) if container != Container::Record => EntryFormat::Bool,
            Some(Value::Int(_) | Value::Uint(_)) => EntryFormat::Int(int_width(values)),
            Some(value) if float(value).is_some() => match container {
                Container::Array => EntryFormat::Float(Floats::of(&all(values, float), false)),
                Container::Record | Container::Subarray => EntryFormat::Scalar,
            },
            Some(value) if complex(value).is_some() => {
                let (real, imaginary): (Vec<_>, Vec<_>) = all(values, complex).into_iter().unzip();
                EntryFormat::Complex(Floats::of(&real, false), Floats::of(&imaginary, true))
            }
            Some(Value::Datetime(..) | Value::Timedelta(..)) => {
                EntryFormat::Time(time_width(values))
            }
            Some(Value::Bytes(_) | Value::Str(_)) => EntryFormat::Literal,
            Some(Value::Record(_)) => {
                EntryFormat::Record(Fields::of(&all(values, Value::as_record), container))
            }
            Some(Value::Array(_)) => {
                let arrays = all(values, Value::as_array);
                let entries: Vec<_> = arrays.into_iter().flat_map(Array::values).collect();
                let container = match container {
                    Container::Array => Container::Array,
                    Container::Record | Container::Subarray => Container::Subarray,
                };
                EntryFormat::Subarray(Box::new(EntryFormat::of(&entries, container)))
            }
            _ => EntryFormat::Scalar,
        }
    }

    pub(super) fn write(&self, out: &mut dyn Write, value: &Value) -> fmt::Result {
        let written = match (self, value) {
            (EntryFormat::Bool, Value::Bool(true)) => Some(out.write_str(" True")),
            (EntryFormat::Int(width), Value::Int(value)) => Some(write!(out, "{value:>width$}")),
            (EntryFormat::Int(width), Value::Uint(value)) => Some(write!(out, "{value:>width$}")),
            (EntryFormat::Float(style), _) => float(value).map(|value| style.write(out, value, "")),
            (EntryFormat::Complex(real, imaginary), _) => complex(value).map(|(re, im)| {
                real.write(out, re, "")?;
                imaginary.write(out, im, "j")
            }),
            (EntryFormat::Time(width), _) => time(value).map(|time| write!(out, "{time:>width$}")),
            (EntryFormat::Literal, Value::Str(text)) => Some(write_repr(out, text)),
            (EntryFormat::Literal, Value::Bytes(bytes)) => Some(write_bytes(out, bytes)),
            (EntryFormat::Record(fields), Value::Record(record)) => Some(fields.write(out, record)),
            (EntryFormat::Subarray(entry), Value::Array(array)) => {
                let shown = Shown::of(array.values().len());
                Some(entry.write_subarray(out, array.shape(), array.values(), shown))
            }
            _ => None,
        };
        // An entry of another kind than the first is written as a scalar.
        written.unwrap_or_else(|| write!(out, "{value}"))
    }

    /// Writes a subarray as nested lists.
    fn write_subarray(
        &self,
        out: &mut dyn Write,
        shape: &[usize],
        values: &[Value],
        shown: Shown,
    ) -> fmt::Result {
        let (len, rest) = match (shape, values) {
            ([], [value]) => return self.write(out, value),
            ([], _) | (_, []) => return out.write_str("[]"),
            ([len, rest @ ..], _) => (*len, rest),
        };
        out.write_str("[")?;
        for (index, part) in shown.along(len, values).enumerate() {
            if index > 0 {
                out.write_str(", ")?;
            }
            match part {
                Some(part) => self.write_subarray(out, rest, part, shown)?,
                None => out.write_str("...")?,
            }
        }
        out.write_str("]")
    }
}

impl Fields {
    /// Returns the format of records of the same fields.
    pub(super) fn of(records: &[&Record], container: Container) -> Self {
        let fields = records.first().map_or(0, |record| record.len());
        let field = |index| {
            let values = records.iter().filter_map(|r| r.values.get(index));
            EntryFormat::of(&values.collect::<Vec<_>>(), container)
        };
        Fields((0..fields).map(field).collect())
    }

    pub(super) fn write(&self, out: &mut dyn Write, record: &Record) -> fmt::Result {
        out.write_str("(")?;
        for (index, (field, value)) in self.0.iter().zip(&record.values).enumerate() {
            if index > 0 {
                out.write_str(", ")?;
            }
            field.write(out, value)?;
        }
        out.write_str(if self.0.len() == 1 { ",)" } else { ")" })
    }
}

/// Writes a record outside an array, in which each scalar but complex numbers is written as by itself.
pub(super) fn write_record(out: &mut Line<'_>, record: &Record) -> fmt::Result {
    out.write_str("(")?;
    for (index, value) in record.values.iter().enumerate() {
        if index > 0 {
            out.write_str(", ")?;
        }
        write_field(out, value)?;
    }
    out.write_str(if record.len() == 1 { ",)" } else { ")" })
}

fn write_field(out: &mut Line<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::Bool(value) => out.write_str(if *value { "True" } else { "False" }),
        Value::Int(value) => out.write_integer(*value < 0, value.unsigned_abs()),
        Value::Uint(value) => out.write_integer(false, *value),
        Value::Str(text) => write_repr(out, text),
        Value::Bytes(bytes) => write_bytes(out, bytes),
        Value::Record(record) => write_record(out, record),
        Value::Datetime(ticks, unit) => {
            out.write_str("'")?;
            out.write_time(&Datetime(*ticks, *unit))?;
            out.write_str("'")
        }
        _ => match float(value) {
            Some(float) => float.write(out),
            None => EntryFormat::of(&[value], Container::Record).write(out, value),
        },
    }
}

/// Returns the contents of all values of a kind.
fn all<'a, T>(values: &[&'a Value], of_kind: impl Fn(&'a Value) -> Option<T>) -> Vec<T> {
    values.iter().filter_map(|value| of_kind(value)).collect()
}

fn float(value: &Value) -> Option<Float> {
    match value {
        Value::Float16(value) => Some(Float::Half(*value)),
        Value::Float32(value) => Some(Float::Single(*value)),
        Value::Float64(value) | Value::LongDouble(value) => Some(Float::Double(*value)),
        _ => None,
    }
}

fn complex(value: &Value) -> Option<(Float, Float)> {
    match value {
        Value::Complex64(re, im) => Some((Float::Single(*re), Float::Single(*im))),
        Value::Complex128(re, im) | Value::CLongDouble(re, im) => {
            Some((Float::Double(*re), Float::Double(*im)))
        }
        _ => None,
    }
}

/// Returns the text of a time: a point in quotes, a span as its ticks.
fn time(value: &Value) -> Option<TimeText> {
    match *value {
        Value::Datetime(ticks, unit) => {
            let mut text = TimeText::new();
            for part in ["'", Datetime(ticks, unit).text().as_str(), "'"] {
                text.write_str(part).ok()?;
            }
            Some(text)
        }
        Value::Timedelta(NAT, _) => Some(ShortText::of("'NaT'")),
        Value::Timedelta(ticks, _) => Some(ShortText::of(ticks)),
        _ => None,
    }
}

/// Returns the width of the earliest or the latest time, the larger one.
fn time_width(values: &[&Value]) -> usize {
    let ticks = |value: &&&Value| match value {
        Value::Datetime(ticks, _) | Value::Timedelta(ticks, _) => *ticks,
        _ => NAT,
    };
    let are_times = || values.iter().filter(|value| ticks(value) != NAT);
    let ends = [are_times().min_by_key(ticks), are_times().max_by_key(ticks)];
    let nat = values.iter().find(|value| ticks(value) == NAT);
    let times = ends.into_iter().chain([nat]).flatten();
    let width = |value: &&Value| time(value).map_or(0, |text| text.len());
    times.map(width).max().unwrap_or(0)
}

/// Returns the width of the longest integer.
fn int_width(values: &[&Value]) -> usize {
    let widths = values.iter().map(|value| match value {
        Value::Int(value) => usize::from(*value < 0) + digits(value.unsigned_abs()),
        Value::Uint(value) => digits(*value),
        _ => 0,
    });
    widths.max().unwrap_or(0)
}

fn digits(value: u64) -> usize {
    value.checked_ilog10().map_or(1, |log| log as usize + 1)
}
