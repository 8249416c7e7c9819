use std::{
    fs::File,
    io::{self, BufRead, BufReader, Seek},
    path::Path,
};

use csv::{ReaderBuilder, StringRecord};
use npyrec::{DType, Scalar, Value};

use super::{
    build,
    guess::{Guess, row_dtype},
    json::{self, JsonGuess, at_line},
};
use crate::{
    failure::{Failure, Result},
    input::{Column, Layout},
    output::list,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextFormat {
    Csv,
    Tsv,
    Jsonl,
}

/// Rows in a text. It is read once to know its types and the number of its rows, and again for the rows.
pub(crate) struct TextRows {
    name: String,
    file: File,
    format: TextFormat,
    has_names: bool,
    layout: Layout,
    /// For each column of the dtype, the place and the scalar of a cell.
    cells: Vec<(usize, String, Scalar)>,
}

impl TextRows {
    /// Opens a text. Without a dtype, it is guessed.
    pub(crate) fn open(
        path: &Path,
        format: TextFormat,
        has_names: bool,
        dtype: Option<DType>,
    ) -> Result<Self> {
        let file = File::open(path).map_err(|e| Failure::io(path.display(), e))?;
        TextRows::new(path.display().to_string(), file, format, has_names, dtype)
    }

    /// Reads all of a pipe into a file without a name.
    pub(crate) fn from_pipe(
        format: TextFormat,
        has_names: bool,
        dtype: Option<DType>,
    ) -> Result<Self> {
        let failed = |e| Failure::io("-", e);
        let mut file = tempfile::tempfile().map_err(failed)?;
        io::copy(&mut io::stdin().lock(), &mut file).map_err(failed)?;
        TextRows::new("-".to_owned(), file, format, has_names, dtype)
    }

    fn new(
        name: String,
        file: File,
        format: TextFormat,
        has_names: bool,
        dtype: Option<DType>,
    ) -> Result<Self> {
        let mut rows = TextRows {
            name,
            file,
            format,
            has_names,
            layout: Layout {
                row: dtype.clone().unwrap_or(DType::packed([])?),
                rows: 0,
                has_axes: false,
            },
            cells: Vec::new(),
        };
        let surveyed = match format {
            TextFormat::Jsonl => rows.survey_json(dtype.is_some()),
            _ => rows.survey_cells(dtype.is_some()),
        };
        surveyed.map_err(|failure| failure.about(&rows.name))?;
        rows.layout.has_axes = matches!(rows.layout.row, DType::Subarray(_));
        Ok(rows)
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Calls `visit` with each row and its number.
    pub(crate) fn each(&mut self, visit: &mut dyn FnMut(u64, Value) -> Result<()>) -> Result<()> {
        let (row, name) = (self.layout.row.clone(), self.name.clone());
        let at_line = |line, reason: &str| at_line(line, reason).about(&name);
        if self.format == TextFormat::Jsonl {
            let mut nth = 0;
            return self.each_json(|line, json| {
                let value = json::value(&json, &row).map_err(|e| at_line(line, &e))?;
                nth += 1;
                visit(nth - 1, value)
            });
        }
        let cells = std::mem::take(&mut self.cells);
        let mut nth = 0;
        let visited = self.each_record(|line, record| {
            let mut values = cells.iter().map(|(place, name, scalar)| {
                let text = record
                    .get(*place)
                    .ok_or_else(|| format!("{name}: there is no cell"))?;
                build::cell(text, *scalar).map_err(|e| format!("{name}: {e}"))
            });
            let value = build::value(&row, &mut values).map_err(|e| at_line(line, &e))?;
            nth += 1;
            visit(nth - 1, value)
        });
        self.cells = cells;
        visited
    }

    fn each_record(
        &mut self,
        mut visit: impl FnMut(u64, &StringRecord) -> Result<()>,
    ) -> Result<()> {
        self.rewind()?;
        let mut reader = self.reader();
        let mut record = StringRecord::new();
        while reader.read_record(&mut record)? {
            let line = record.position().map_or(0, csv::Position::line);
            visit(line, &record)?;
        }
        Ok(())
    }

    fn reader(&self) -> csv::Reader<&File> {
        let mut builder = ReaderBuilder::new();
        let delimiter = match self.format {
            TextFormat::Tsv => b'\t',
            _ => b',',
        };
        builder.delimiter(delimiter).has_headers(self.has_names);
        builder.buffer_capacity(1 << 16).from_reader(&self.file)
    }

    fn each_json(
        &mut self,
        mut visit: impl FnMut(u64, serde_json::Value) -> Result<()>,
    ) -> Result<()> {
        self.rewind()?;
        for (line, text) in (1..).zip(BufReader::new(&self.file).lines()) {
            let text = text.map_err(|e| at_line(line, &e.to_string()))?;
            if !text.trim().is_empty() {
                let json = serde_json::from_str(&text);
                visit(line, json.map_err(|e| at_line(line, &e.to_string()))?)?;
            }
        }
        Ok(())
    }

    fn rewind(&mut self) -> Result<()> {
        self.file.rewind().map_err(|e| Failure::io("seek", e))
    }

    /// Counts the lines of JSON, and guesses their dtype if it is not known.
    fn survey_json(&mut self, is_known: bool) -> Result<()> {
        let (mut rows, mut guess) = (0, JsonGuess::Nothing);
        self.each_json(|line, json| {
            rows += 1;
            match is_known {
                true => Ok(()),
                false => guess
                    .see(&json)
                    .map_err(|e| at_line(line, &e).hint("`--dtype` says what the rows are")),
            }
        })?;
        self.layout.rows = rows;
        if !is_known {
            self.layout.row = guess.dtype()?;
        }
        Ok(())
    }

    /// Counts the records, guesses their dtype if it is not known, and finds the columns.
    fn survey_cells(&mut self, is_known: bool) -> Result<()> {
        self.rewind()?;
        let mut names: Vec<String> = match self.has_names {
            true => self.reader().headers()?.iter().map(str::to_owned).collect(),
            false => Vec::new(),
        };
        let (mut rows, mut guesses) = (0, Vec::new());
        let mut len = names.len();
        self.each_record(|_, record| {
            rows += 1;
            len = record.len();
            if !is_known {
                guesses.resize_with(guesses.len().max(record.len()), Guess::new);
                guesses
                    .iter_mut()
                    .zip(record)
                    .for_each(|(guess, cell)| guess.see(cell));
            }
            Ok(())
        })?;
        self.layout.rows = rows;
        if !is_known {
            if !self.has_names {
                names = (0..len).map(|nth| format!("f{nth}")).collect();
            }
            guesses.resize_with(names.len(), Guess::new);
            let scalars = guesses.iter().map(Guess::scalar);
            let columns: Vec<_> = names.iter().cloned().zip(scalars).collect();
            self.layout.row = row_dtype(&columns)?;
        }
        let columns = Column::of(&self.layout.row, true);
        let columns = columns.ok_or_else(|| Failure::new("the dtype has too many columns"))?;
        // Rows that are single values have no name.
        let is_single = matches!(self.layout.row, DType::Scalar(_)) && len == 1;
        let cells = columns.into_iter().enumerate().map(|(nth, column)| {
            let place = match self.has_names && !is_single {
                true => names.iter().position(|name| *name == column.name),
                false => Some(nth),
            };
            let place = place.ok_or_else(|| {
                let has = list(&names);
                Failure::new(format!(
                    "there is no column `{}`; there is {has}",
                    column.name
                ))
            })?;
            let scalar = column.scalar();
            let scalar = scalar.ok_or_else(|| Failure::new("a column is not of scalars"))?;
            Ok((place, column.name, scalar))
        });
        self.cells = cells.collect::<Result<_>>()?;
        Ok(())
    }
}
