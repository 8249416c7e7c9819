use std::{io::Read, iter, num::NonZero};

use npyrec::{DType, Field, Header, NpyFile, Reader, Shards, Value};

use super::slice::{Picked, Slice};
use crate::{
    failure::{Failure, Result},
    output::{list, plural},
};

/// The rows of an array, from wherever it is.
pub(crate) struct Rows<'a> {
    name: String,
    header: Header,
    layout: Layout,
    /// The chosen columns; none stand for all.
    columns: Vec<String>,
    source: Source<'a>,
}

/// The dtype and the number of rows.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The dtype of a row, with the chosen columns alone.
    pub(crate) row: DType,
    pub(crate) rows: u64,
    /// True if a row is an array of the elements of the file, as in a file of several axes.
    pub(crate) has_axes: bool,
}

/// A function that reads a range of rows.
pub(super) type RangeReader<'a> = Box<dyn Fn(Picked) -> Result<Vec<Value>> + Sync + 'a>;

/// The place from which rows come.
pub(crate) enum Source<'a> {
    File(Box<NpyFile>),
    Shards(Box<Shards<Value>>),
    Stream {
        rows: Box<dyn Iterator<Item = npyrec::Result<Value>> + 'a>,
        next: u64,
    },
    /// Nothing was opened yet.
    None,
}

impl<'a> Rows<'a> {
    /// Returns the rows of a header, with the columns that `choose` returns, or all if it returns none.
    pub(super) fn choose(
        name: String,
        header: Header,
        choose: impl FnOnce(&Header, &Layout) -> Result<Vec<String>>,
    ) -> Result<Self> {
        let layout = Layout::of(&header);
        let chosen = choose(&header, &layout).and_then(|columns| {
            let names: Vec<&str> = columns.iter().map(String::as_str).collect();
            Ok((layout.with_columns(&names)?, columns))
        });
        let (layout, columns) = chosen.map_err(|failure| failure.about(&name))?;
        Ok(Rows {
            name,
            header,
            layout,
            columns,
            source: Source::None,
        })
    }

    pub(super) fn columns(&self) -> Vec<&str> {
        self.columns.iter().map(String::as_str).collect()
    }

    pub(super) fn from(self, source: Source<'a>) -> Self {
        Rows { source, ..self }
    }

    pub(super) fn of_reader<S: Read + 'a>(self, reader: Reader<Value, S>) -> Result<Self> {
        let reader = match &*self.columns() {
            [] => reader,
            columns => reader.select(columns)?,
        };
        Ok(self.from(Source::Stream {
            rows: Box::new(reader),
            next: 0,
        }))
    }

    /// Returns the header of the file.
    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Returns the rows of a slice.
    pub(crate) fn pick(&self, slice: &Slice) -> Result<Picked> {
        let rows = self.layout.rows;
        let missing = || {
            let has = plural(rows, "row");
            Failure::new(format!(
                "{}: there is no such row; there are {has}",
                self.name
            ))
        };
        let picked = slice.of(rows).ok_or_else(missing)?;
        match self.source {
            Source::Stream { .. } if picked.step < 0 && picked.count > 1 => {
                let reason = "rows of a pipe or an archive cannot be read backwards";
                Err(Failure::new(reason).about(&self.name))
            }
            _ => Ok(picked),
        }
    }

    /// Returns true if rows can be read several times.
    pub(crate) fn is_repeatable(&self) -> bool {
        matches!(self.source, Source::File(_) | Source::Shards(_))
    }

    /// Returns a function that reads a range of rows, and may be called by several threads; `None` if the rows come
    /// one after another. The rows are not read backwards.
    pub(super) fn range_reader(&self) -> Option<RangeReader<'_>> {
        let range = |picked: Picked| {
            let end = picked.row(picked.count.saturating_sub(1)).saturating_add(1);
            (
                picked.first..end,
                NonZero::new(picked.step.unsigned_abs()).unwrap_or(NonZero::<u64>::MIN),
            )
        };
        match &self.source {
            Source::File(file) => Some(Box::new(move |picked| {
                let (rows, step) = range(picked);
                Ok(file.read_strided(rows, step)?)
            })),
            Source::Shards(shards) => Some(Box::new(move |picked| {
                let (rows, step) = range(picked);
                Ok(shards.read_strided(rows, step)?)
            })),
            _ => None,
        }
    }

    /// Calls `visit` with each of the rows and its number, in their order.
    pub(crate) fn each(
        &mut self,
        picked: Picked,
        mut visit: impl FnMut(u64, Value) -> Result<()>,
    ) -> Result<()> {
        let name = &self.name;
        let ended = || Failure::new(format!("{name}: the rows ended early"));
        // The errors of a pipe know no path.
        let about_input = |e: npyrec::Error| match e.path() {
            Some(_) => e.into(),
            None => Failure::from(e).about(name),
        };
        match &mut self.source {
            Source::None => Ok(()),
            Source::File(file) if picked.step < 0 => (0..picked.count).try_for_each(|nth| {
                let row = picked.row(nth);
                visit(row, file.row(row)?)
            }),
            Source::Shards(shards) if picked.step < 0 => (0..picked.count).try_for_each(|nth| {
                let row = picked.row(nth);
                visit(row, shards.row(row)?)
            }),
            Source::File(_) | Source::Shards(_) => {
                let rows: &mut dyn Iterator<Item = npyrec::Result<Value>> = match &self.source {
                    Source::File(file) => &mut file.rows(),
                    Source::Shards(shards) => &mut shards.iter(),
                    _ => &mut iter::empty(),
                };
                let step = usize::try_from(picked.step).unwrap_or(usize::MAX);
                let first = usize::try_from(picked.first).unwrap_or(usize::MAX);
                let mut rows = rows.skip(first).step_by(step);
                (0..picked.count)
                    .try_for_each(|nth| visit(picked.row(nth), rows.next().ok_or_else(ended)??))
            }
            Source::Stream { rows, next } => (0..picked.count).try_for_each(|nth| {
                let row = picked.row(nth);
                let skipped = usize::try_from(row - *next).unwrap_or(usize::MAX);
                *next = row + 1;
                let value = rows.nth(skipped).ok_or_else(ended)?;
                visit(row, value.map_err(about_input)?)
            }),
        }
    }
}

impl Layout {
    /// Returns the layout of the rows of a header.
    pub(crate) fn of(header: &Header) -> Self {
        let row = header.row_dtype();
        Layout {
            has_axes: matches!(row, DType::Subarray(_)),
            row,
            rows: header.shape().first().copied().unwrap_or(1),
        }
    }

    /// Returns the layout with some columns only. Without columns, it stays the same.
    pub(crate) fn with_columns(self, columns: &[&str]) -> Result<Self> {
        if columns.is_empty() {
            return Ok(self);
        }
        let field = |&name: &&str| {
            let (_, dtype) = self.row.find(name).ok_or_else(|| self.no_column(name))?;
            Ok(Field::new(name, dtype))
        };
        let fields = columns.iter().map(field).collect::<Result<Vec<_>>>()?;
        Ok(Layout {
            row: DType::packed(fields)?,
            has_axes: false,
            ..self
        })
    }

    fn no_column(&self, name: &str) -> Failure {
        let (base, shape) = self.row.base_and_shape();
        let names: Vec<&str> = base.fields().iter().map(Field::name).collect();
        let failure = Failure::new(format!("there is no column `{name}`"));
        match &*names {
            [] if shape.is_empty() => failure.hint("the rows are single values, without columns"),
            [] => failure.hint("the rows are arrays: `[0]` is the first entry of each"),
            names if shape.is_empty() => failure.hint(format!("there is {}", list(names))),
            names => failure.hint(format!(
                "the rows are arrays of records: `[0].{}` is a field of the first",
                names.first().copied().unwrap_or_default()
            )),
        }
    }
}
