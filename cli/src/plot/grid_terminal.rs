use std::fmt::Write;

use anstyle::{Ansi256Color, Style};
use plotters::style::colors::colormaps::ViridisRGB;

use super::grid::{HeatMap, share};
use crate::output::{Stream, escape};

/// The characters of values without colours, the least value first.
const SHADES: &[u8] = b".:-=+*#%@";

/// The most characters to which a cell is widened.
const WIDEST: usize = 4;

impl HeatMap {
    /// Returns the most cells along each axis that lines of text have, if each has two colours or none.
    pub(crate) fn cells_of_text(width: u16, height: u16) -> [usize; 2] {
        let rows_of_line = if Stream::Out.has_colour() { 2 } else { 1 };
        // The rest is for the numbers of rows.
        let width = usize::from(width).saturating_sub(12).max(8);
        [usize::from(height) * rows_of_line, width]
    }
}

/// Returns a heat map as lines of text.
pub(crate) fn heat_map_text(map: &HeatMap, width: u16) -> Vec<String> {
    let rows = map.grid.rows();
    let range = map.grid.range();
    let columns = rows.first().map_or(0, Vec::len);
    let [_, most] = HeatMap::cells_of_text(width, 1);
    let repeat = (most / columns.max(1)).clamp(1, WIDEST);
    let has_colour = Stream::Out.has_colour();
    let pairs = rows.chunks(if has_colour { 2 } else { 1 });
    let lines: Vec<String> = pairs
        .map(|pair| match (has_colour, pair) {
            (true, [upper, lower]) => coloured(upper, lower, range, repeat),
            (true, [upper]) => coloured(upper, &vec![None; columns], range, repeat),
            (_, rows) => shaded(rows.first().map_or(&[], Vec::as_slice), range, repeat),
        })
        .collect();
    let [all_rows, all_columns] = map.grid.shape();
    let (first, last) = (map.row(0), map.row(all_rows.saturating_sub(1)));
    let margin = first.len().max(last.len());
    let end = lines.len().saturating_sub(1);
    let mut text: Vec<String> = Vec::with_capacity(lines.len() + 2);
    for (nth, line) in lines.into_iter().enumerate() {
        let label = match nth {
            0 => &*first,
            nth if nth == end => &*last,
            _ => "",
        };
        text.push(format!("{label:>margin$} {line}").trim_end().to_owned());
    }
    let last_column = all_columns.saturating_sub(1).to_string();
    let rest = (columns * repeat).saturating_sub(1);
    text.push(match columns {
        0 | 1 => format!("{:margin$} 0", ""),
        _ => format!("{:margin$} 0{last_column:>rest$}", ""),
    });
    text.push(format!("{:margin$} {}", "", legend(map, range, has_colour)));
    text
}

impl HeatMap {
    /// Returns the number in the file of the nth of the rows.
    pub(super) fn row(&self, nth: u64) -> String {
        let distance = i128::from(nth) * i128::from(self.row_step);
        (i128::from(self.first_row) + distance).to_string()
    }
}

/// Returns two rows as one line, by characters whose upper halves have the colours of the first.
fn coloured(
    upper: &[Option<f64>],
    lower: &[Option<f64>],
    range: [f64; 2],
    repeat: usize,
) -> String {
    let mut line = String::new();
    for (upper, lower) in upper.iter().zip(lower) {
        let colour = |value: Option<f64>| value.map(|value| colour(share(value, range)).into());
        let (style, character) = match (colour(*upper), colour(*lower)) {
            (None, None) => (Style::new(), " "),
            (None, lower) => (Style::new().fg_color(lower), "▄"),
            (upper, lower) => (Style::new().fg_color(upper).bg_color(lower), "▀"),
        };
        // Writing to a `String` does not fail.
        let _ = write!(line, "{style}{}{style:#}", character.repeat(repeat));
    }
    line
}

fn shaded(row: &[Option<f64>], range: [f64; 2], repeat: usize) -> String {
    let shade = |value: &Option<f64>| match value {
        Some(value) => char::from(shade(share(*value, range))).to_string(),
        None => " ".to_owned(),
    };
    row.iter()
        .map(|value| shade(value).repeat(repeat))
        .collect()
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)] // A shade is one of few.
fn shade(share: f64) -> u8 {
    let nth = (share * SHADES.len() as f64) as usize;
    SHADES
        .get(nth.min(SHADES.len() - 1))
        .copied()
        .unwrap_or(b'@')
}

/// Returns the colours or characters between the ends of the range.
fn legend(map: &HeatMap, range: [f64; 2], has_colour: bool) -> String {
    let steps = SHADES.len();
    #[allow(clippy::cast_precision_loss)] // There are few steps.
    let scale: String = (0..steps)
        .map(|nth| nth as f64 / (steps - 1) as f64)
        .map(|share| match has_colour {
            true => {
                let style = Style::new().bg_color(Some(colour(share).into()));
                format!("{style} {style:#}")
            }
            false => char::from(shade(share)).to_string(),
        })
        .collect();
    let [low, high] = range.map(|end| {
        let label = map.values.label(end, range[1] - range[0]);
        escape::text(&label).into_owned()
    });
    format!("{low} {scale} {high}")
}

/// Returns the colour of a share, among those that most terminals have.
fn colour(share: f64) -> Ansi256Color {
    let viridis = ViridisRGB::get_color(share);
    // The cube of six levels of each of red, green and blue.
    let level = |part: u8| match part {
        0..48 => 0,
        48..115 => 1,
        part => (part - 35) / 40,
    };
    let [red, green, blue] = [viridis.0, viridis.1, viridis.2].map(level);
    Ansi256Color(16 + 36 * red + 6 * green + blue)
}
