//! Aligned columns of text.

use std::io::{self, Write};

use anstyle::Style;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, TableStyle, Width};
use unicode_width::UnicodeWidthStr;

use super::{escape, terminal::Stream};

/// A table without lines, whose rows may come in several parts. If the terminal is too narrow, the last columns
/// are left out.
#[derive(Debug)]
pub(crate) struct Table {
    names: Vec<String>,
    right: Vec<bool>,
    widths: Vec<usize>,
    has_header: bool,
    indent: u16,
    /// The columns that fit, decided by the first rows.
    shown: Option<usize>,
}

/// The spaces between two columns.
const GAP: u16 = 2;

impl Table {
    /// Returns a table of columns. Each has a name, and true if it is aligned to the right.
    pub(crate) fn new<N: AsRef<str>>(columns: impl IntoIterator<Item = (N, bool)>) -> Self {
        let columns = columns.into_iter();
        let columns =
            columns.map(|(name, right)| (escape::text(name.as_ref()).into_owned(), right));
        let (names, right): (Vec<String>, Vec<bool>) = columns.unzip();
        Table {
            widths: names.iter().map(|name| name.width()).collect(),
            names,
            right,
            has_header: true,
            indent: 0,
            shown: None,
        }
    }

    /// Moves the table to the right.
    pub(crate) fn indented(mut self, spaces: u16) -> Self {
        self.indent = spaces;
        self
    }

    /// Returns the names of the columns that do not fit, once rows were written.
    pub(crate) fn left_out(&self) -> &[String] {
        let shown = self.shown.unwrap_or(self.names.len());
        self.names.get(shown..).unwrap_or_default()
    }

    /// Writes rows under those that were written before. Their texts are escaped here.
    pub(crate) fn write(&mut self, out: &mut dyn Write, rows: &[Vec<String>]) -> io::Result<()> {
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|cell| escape::text(cell).into_owned())
                    .collect()
            })
            .collect();
        for row in &rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let shown = *self
            .shown
            .get_or_insert_with(|| fitting(&self.widths, self.indent));
        let mut table = comfy_table::Table::new();
        table
            .load_style(TableStyle::new())
            .set_content_arrangement(ContentArrangement::Disabled);
        if self.has_header {
            table.set_header(self.names.iter().take(shown));
        }
        for row in &rows {
            table.add_row(row.iter().take(shown));
        }
        let columns = table.column_iter_mut().zip(&self.right).zip(&self.widths);
        for (nth, ((column, right), width)) in columns.enumerate() {
            let width = u16::try_from(*width).unwrap_or(u16::MAX / 2);
            let left = if nth == 0 { self.indent } else { GAP };
            column.set_padding((left, 0));
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width + left)));
            column.set_cell_alignment(match right {
                true => CellAlignment::Right,
                false => CellAlignment::Left,
            });
        }
        let style = match Stream::Out.has_colour() {
            true => Style::new().bold(),
            false => Style::new(),
        };
        for (nth, line) in table.lines().enumerate() {
            let line = line.trim_end();
            match nth == 0 && self.has_header {
                true => writeln!(out, "{style}{line}{style:#}")?,
                false => writeln!(out, "{line}")?,
            }
        }
        self.has_header = false;
        Ok(())
    }
}

/// Returns the number of columns that fit into a line, at least one.
fn fitting(widths: &[usize], indent: u16) -> usize {
    let Some(line) = Stream::Out.width() else {
        return widths.len();
    };
    let mut end = usize::from(indent);
    let fits = |width: &&usize| {
        end += **width;
        let fits = end <= usize::from(line);
        end += usize::from(GAP);
        fits
    };
    widths.iter().take_while(fits).count().max(1)
}
