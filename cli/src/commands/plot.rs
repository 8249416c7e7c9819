use std::{
    io::{self, BufWriter, Write},
    path::PathBuf,
};

use clap::{Args, ValueEnum};
use npyrec::Value;
use serde_json::json;

use super::show;
use crate::{
    failure::{Failure, Outcome, Result},
    input::{Column, Input, Layout, Rows, Slice},
    output::{Progress, Stream, cell::flatten, file::NewFile, json_value},
    plot::{Axis, Drawing, Panel, Points, svg, terminal},
};

/// Draw columns over the rows, or over another column
///
/// Of many rows, the least and the greatest value of each part are drawn, so that no spike is lost.
#[derive(Args, Debug)]
pub(crate) struct Plot {
    #[arg(value_name = "FILE", value_parser = clap::value_parser!(Input))]
    input: Input,

    /// The column along the horizontal axis; the number of the row if none is named
    #[arg(short)]
    x: Option<String>,

    /// The columns to draw, as `price,depth[2]`; all numbers if none is named
    #[arg(short, value_delimiter = ',')]
    y: Vec<String>,

    /// Only these rows, as `10:20`
    #[arg(long, allow_hyphen_values = true)]
    rows: Option<Slice>,

    #[arg(long, value_enum, default_value = "line")]
    kind: PlotKind,

    /// Write an SVG picture instead
    #[arg(short, long, value_name = "OUT.svg")]
    output: Option<PathBuf>,

    /// Replace OUT if it exists
    #[arg(long, requires = "output")]
    force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PlotKind {
    Line,
    Scatter,
    /// The number of values in each part of their range
    Histogram,
}

/// The most columns that are drawn unasked.
const UNASKED: usize = 6;

/// The bars of a histogram.
const BARS: usize = 48;

/// The lines of text of a picture.
const HEIGHT: u16 = 14;

impl Plot {
    pub(crate) fn run(&self, json: bool) -> Result<Outcome> {
        let width = Stream::Out.width().unwrap_or(80);
        let parts = match self.output {
            None => 2 * u64::from(width),
            Some(_) => 1200,
        };
        let y = match &*self.y {
            [] => self
                .input
                .read_header(&[], |_, layout| Ok(self.unasked(layout)))?,
            y => show::columns(y),
        };
        if y.is_empty() {
            return Err(Failure::new(format!(
                "{}: no column has numbers",
                self.input.name()
            )));
        }
        // Rows of single values have no columns to choose.
        let columns: Vec<String> = match (&self.x, &*y) {
            (None, [value]) if self.y.is_empty() && value == crate::input::columns::VALUE => {
                Vec::new()
            }
            (x, y) => x.iter().chain(y).cloned().collect(),
        };
        let panels = self.input.read(&columns, |rows| match self.kind {
            PlotKind::Histogram => self.histograms(rows),
            _ => self.panels(rows, parts),
        })?;
        let mut out = BufWriter::new(io::stdout().lock());
        if let Some(path) = &self.output {
            let mut file = NewFile::create(path, self.force)?;
            file.write_all(svg(&panels)?.as_bytes())?;
            file.finish()?;
        }
        match (&self.output, json) {
            (_, true) => {
                let series = panels.iter().map(|panel| {
                    json!({"x": panel.x.name, "y": panel.y.name, "points": panel.points.points()})
                });
                let answer =
                    json!({"path": self.input.name(), "series": series.collect::<Vec<_>>()});
                writeln!(out, "{}", json_value::line(&answer)?)?;
            }
            (None, false) => {
                for panel in &panels {
                    for line in terminal(panel, width, HEIGHT) {
                        writeln!(out, "{line}")?;
                    }
                }
            }
            (Some(_), false) => {}
        }
        out.flush()?;
        Ok(Outcome::Fine)
    }

    /// Returns the first columns of numbers.
    fn unasked(&self, layout: &Layout) -> Vec<String> {
        let columns = Column::of(&layout.row, true).unwrap_or_default();
        let numbers = columns
            .into_iter()
            .filter(|column| column.is_number() && self.x.as_ref() != Some(&column.name));
        numbers.map(|column| column.name).take(UNASKED).collect()
    }

    fn panels(&self, rows: &mut Rows<'_>, parts: u64) -> Result<Vec<Panel>> {
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
        let drawing = match self.kind {
            PlotKind::Scatter => Drawing::Scatter,
            _ => Drawing::Line,
        };
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
    let columns = columns.ok_or_else(|| Failure::new("a row has too many columns"))?;
    let axis = |column: &Column| {
        let kind = column.scalar().map(|scalar| scalar.kind());
        match column.is_number() {
            true => Ok(Axis::new(&column.name, kind)),
            false => Err(Failure::new(format!(
                "the column `{}` has no numbers",
                column.name
            ))),
        }
    };
    columns.iter().map(axis).collect()
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
