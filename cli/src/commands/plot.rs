use std::{
    io::{self, BufWriter, Write},
    path::PathBuf,
};

use clap::{Args, ValueEnum};
use npyrec::{Header, Kind, Value};

use super::show;
use crate::{
    failure::{Failure, Outcome, Result},
    input::{
        Column, Input, Layout, Rows, Slice,
        columns::{VALUE, is_number},
    },
    output::{Progress, Stream, cell::flatten, file::NewFile, json_value},
    plot::{Axis, CELLS_OF_SVG, Drawing, Grid, HeatMap, Panel, Picture, Points},
};

/// Draw columns over the rows, or over another column
///
/// An array of two axes is a heat map. Of many rows, the least and the greatest value of each part are drawn, so that
/// no spike is lost.
#[derive(Args, Debug)]
pub(crate) struct Plot {
    /// A path, `-` for a pipe, `x.npz:name` for an array in an archive, or a directory of shards
    #[arg(value_name = "FILE", value_parser = clap::value_parser!(Input))]
    input: Input,

    /// The column along the horizontal axis; the number of the row if none is named
    #[arg(short)]
    x: Option<String>,

    /// The columns to draw, as `price,depth[2]`; the first six with numbers if none is named
    #[arg(short, long = "columns", short_alias = 'y', value_delimiter = ',')]
    columns: Vec<String>,

    /// Only these rows, as `10:20`
    #[arg(long, allow_hyphen_values = true)]
    rows: Option<Slice>,

    /// The form of the picture
    #[arg(long, value_enum)]
    kind: Option<PlotKind>,

    /// Write an SVG picture instead
    #[arg(short, long, value_name = "OUT.svg")]
    output: Option<PathBuf>,

    /// Replace OUT if it exists
    #[arg(long, requires = "output")]
    force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PlotKind {
    /// A line through the values; the default
    Line,
    /// A point for each value
    Scatter,
    /// The number of values in each part of their range
    Histogram,
    /// A colour for each value, over rows and columns; the default for an array of two axes
    Heatmap,
}

/// The most columns that are drawn unasked.
const UNASKED: usize = 6;

/// The bars of a histogram.
const BARS: usize = 48;

/// The most lines of text of a heat map.
const HEIGHT: u16 = 20;

impl Plot {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        let width = Stream::Out.width().unwrap_or(80);
        let parts = match self.output {
            None => 2 * u64::from(width),
            Some(_) => 1200,
        };
        let columns = |header: &Header, layout: &Layout| self.columns(header, layout);
        let picture = self.input.read_choosing(columns, |rows| {
            Ok(match self.kind(rows.header()) {
                PlotKind::Histogram => Picture::Panels(self.histograms(rows)?),
                PlotKind::Heatmap => Picture::HeatMap(self.heat_map(rows, width)?),
                PlotKind::Line => Picture::Panels(self.panels(rows, parts, Drawing::Line)?),
                PlotKind::Scatter => Picture::Panels(self.panels(rows, parts, Drawing::Scatter)?),
            })
        })?;
        let mut out = BufWriter::new(io::stdout().lock());
        if let Some(path) = &self.output {
            let mut file = NewFile::create(path, self.force)?;
            file.write_all(picture.svg()?.as_bytes())?;
            file.finish()?;
        }
        match (&self.output, json) {
            (_, true) => {
                let answer = picture.json(&self.input.name());
                writeln!(out, "{}", json_value::line(&answer)?)?;
            }
            (None, false) => {
                for line in picture.text(width) {
                    writeln!(out, "{line}")?;
                }
            }
            (Some(_), false) => {}
        }
        out.flush()?;
        Ok(Outcome::Fine)
    }

    /// Returns the form that is asked for, or the usual one.
    fn kind(&self, header: &Header) -> PlotKind {
        let is_matrix = header.shape().len() == 2 && header.dtype().fields().is_empty();
        match self.kind {
            Some(kind) => kind,
            None if is_matrix && self.x.is_none() && self.columns.is_empty() => PlotKind::Heatmap,
            None => PlotKind::Line,
        }
    }

    /// Returns the columns to read. None stands for all.
    fn columns(&self, header: &Header, layout: &Layout) -> Result<Vec<String>> {
        let columns = show::columns(&self.columns);
        if self.kind(header) == PlotKind::Heatmap {
            return match self.x {
                Some(_) => Err(Failure::new(
                    "a heat map has no column along an axis: leave out `-x`",
                )),
                None => Ok(columns),
            };
        }
        let y = match &*columns {
            [] => self.unasked(layout),
            _ => columns,
        };
        match (&self.x, &*y) {
            (_, []) => Err(Failure::new("no column has numbers")),
            // Rows of single values have no columns to choose.
            (None, [value]) if self.columns.is_empty() && value == VALUE => Ok(Vec::new()),
            (x, y) => Ok(x.iter().chain(y).cloned().collect()),
        }
    }

    /// Returns the first columns of numbers.
    fn unasked(&self, layout: &Layout) -> Vec<String> {
        let columns = Column::of(&layout.row, true).unwrap_or_default();
        let numbers = columns
            .into_iter()
            .filter(|column| column.is_number() && self.x.as_ref() != Some(&column.name));
        numbers.map(|column| column.name).take(UNASKED).collect()
    }

    fn heat_map(&self, rows: &mut Rows<'_>, width: u16) -> Result<HeatMap> {
        let picked = rows.pick(&self.rows.unwrap_or_else(Slice::all))?;
        let columns = Column::of(&rows.layout().row, false).ok_or_else(too_many)?;
        let kinds = columns.iter().map(|column| match column.scalar() {
            Some(scalar) if is_number(scalar) => Ok(scalar.kind()),
            _ => Err(no_numbers(&column.name)),
        });
        let kinds = kinds.collect::<Result<Vec<_>>>()?;
        let is_time = |kind: &Kind| matches!(kind, Kind::Datetime(_) | Kind::Timedelta(_));
        if kinds.iter().any(is_time) && kinds.iter().any(|kind| kinds.first() != Some(kind)) {
            return Err(
                Failure::new("a heat map is of numbers, or of times of one unit")
                    .hint("choose columns by `-c`"),
            );
        }
        let entries = columns.iter().try_fold(0_u64, |sum, column| {
            let shape = column.dtype.base_and_shape().1;
            let entries = shape
                .iter()
                .try_fold(1, |n: u64, &dim| n.checked_mul(dim as u64));
            sum.checked_add(entries?)
        });
        let cells = match self.output {
            None => HeatMap::cells_of_text(width, HEIGHT),
            Some(_) => CELLS_OF_SVG,
        };
        let mut map = HeatMap {
            values: Axis::new("value", kinds.first().copied()),
            first_row: picked.first,
            row_step: picked.step,
            grid: Grid::new(picked.count, entries.ok_or_else(too_many)?, cells),
        };
        let mut progress = Progress::new(picked.count);
        let mut nth = 0;
        rows.each(picked, |_, value| {
            progress.step();
            let mut cells = Vec::new();
            flatten(&value, true, &mut cells);
            for (column, cell) in (0..).zip(cells) {
                if let Some(number) = map.values.number(cell) {
                    map.grid.add(nth, column, number);
                }
            }
            nth += 1;
            Ok(())
        })?;
        Ok(map)
    }

    fn panels(&self, rows: &mut Rows<'_>, parts: u64, drawing: Drawing) -> Result<Vec<Panel>> {
        let picked = rows.pick(&self.rows.unwrap_or_else(Slice::all))?;
        let mut axes = axes(rows)?;
        let mut x_axis = match self.x {
            Some(_) => axes.remove(0),
            None => Axis::new("row", None),
        };
        let mut series: Vec<(Axis, Points)> = axes
            .into_iter()
            .map(|axis| (axis, Points::new(picked.count, parts)))
            .collect();
        let mut progress = Progress::new(picked.count);
        let mut nth = 0;
        rows.each(picked, |row, value| {
            progress.step();
            let mut cells = Vec::new();
            flatten(&value, true, &mut cells);
            let mut cells = cells.into_iter();
            #[allow(clippy::cast_precision_loss)] // A picture has fewer digits.
            let x = match self.x {
                Some(_) => cells.next().and_then(|cell| x_axis.number(cell)),
                None => Some(row as f64),
            };
            for ((axis, points), cell) in series.iter_mut().zip(cells) {
                if let (Some(x), Some(y)) = (x, axis.number(cell)) {
                    points.add(nth, x, y);
                }
            }
            nth += 1;
            Ok(())
        })?;
        Ok(series
            .into_iter()
            .map(|(y, mut points)| {
                points.finish();
                Panel {
                    x: x_axis.clone(),
                    y,
                    points,
                    drawing,
                }
            })
            .collect())
    }

    /// Reads the rows twice: for the range of the values, and for their number in each part of it.
    fn histograms(&self, rows: &mut Rows<'_>) -> Result<Vec<Panel>> {
        if !rows.is_repeatable() {
            let failure = Failure::new("a histogram needs to read the rows twice");
            return Err(failure.hint("save the array to a file first"));
        }
        let picked = rows.pick(&self.rows.unwrap_or_else(Slice::all))?;
        let mut axes = axes(rows)?;
        let mut ranges = vec![[f64::INFINITY, f64::NEG_INFINITY]; axes.len()];
        each_number(rows, picked, &mut axes, |nth, number| {
            if let Some([low, high]) = ranges.get_mut(nth) {
                (*low, *high) = (low.min(number), high.max(number));
            }
        })?;
        let mut counts = vec![[0_u64; BARS]; axes.len()];
        each_number(rows, picked, &mut axes, |nth, number| {
            let (Some([low, high]), Some(counts)) = (ranges.get(nth), counts.get_mut(nth)) else {
                return;
            };
            #[allow(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss
            )] // A part of the range is one of few.
            let bar = match high > low {
                true => ((number - low) / (high - low) * BARS as f64) as usize,
                false => 0,
            };
            if let Some(count) = counts.get_mut(bar.min(BARS - 1)) {
                *count += 1;
            }
        })?;
        let panels = axes.into_iter().zip(ranges).zip(counts);
        Ok(panels
            .map(|((x, [low, high]), counts)| {
                let mut points = Points::new(BARS as u64, BARS as u64);
                #[allow(clippy::cast_precision_loss)] // A picture has fewer digits.
                for (nth, count) in counts.into_iter().enumerate() {
                    let middle = low + (high - low) * (nth as f64 + 0.5) / BARS as f64;
                    points.add(nth as u64, middle, count as f64);
                }
                Panel {
                    x,
                    y: Axis::new("values", None),
                    points,
                    drawing: Drawing::Bars,
                }
            })
            .collect())
    }
}

fn axes(rows: &Rows<'_>) -> Result<Vec<Axis>> {
    let columns = Column::of(&rows.layout().row, true);
    let axis = |column: &Column| {
        let kind = column.scalar().map(|scalar| scalar.kind());
        match column.is_number() {
            true => Ok(Axis::new(&column.name, kind)),
            false => Err(no_numbers(&column.name)),
        }
    };
    columns.ok_or_else(too_many)?.iter().map(axis).collect()
}

fn too_many() -> Failure {
    Failure::new("a row has too many columns").hint("choose some by `-c`")
}

fn no_numbers(column: &str) -> Failure {
    Failure::new(format!("the column `{column}` has no numbers"))
}

fn each_number(
    rows: &mut Rows<'_>,
    picked: crate::input::Picked,
    axes: &mut [Axis],
    mut visit: impl FnMut(usize, f64),
) -> Result<()> {
    rows.each(picked, |_, value: Value| {
        let mut cells = Vec::new();
        flatten(&value, true, &mut cells);
        for (nth, (axis, cell)) in axes.iter_mut().zip(cells).enumerate() {
            if let Some(number) = axis.number(cell) {
                visit(nth, number);
            }
        }
        Ok(())
    })
}
