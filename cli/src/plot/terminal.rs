use ratatui_core::{buffer::Buffer, layout::Rect, symbols::Marker, text::Span, widgets::Widget};
use ratatui_widgets::chart::{self, Chart, Dataset, GraphType};

use super::panel::{Drawing, Panel};
use crate::output::escape;

/// Returns a panel as lines of text.
pub(crate) fn terminal(panel: &Panel, width: u16, height: u16) -> Vec<String> {
    let ([left, right], [low, high]) = panel.bounds();
    let marker = match std::env::var_os("TERM") {
        Some(term) if term == "dumb" => Marker::Dot,
        _ => Marker::Braille,
    };
    let dataset = Dataset::default()
        .data(panel.points.points())
        .marker(marker)
        .graph_type(match panel.drawing {
            Drawing::Line => GraphType::Line,
            Drawing::Scatter => GraphType::Scatter,
            Drawing::Bars => GraphType::Bar,
        });
    let labels = |axis: &super::axis::Axis, [low, high]: [f64; 2]| {
        let places = [low, f64::midpoint(low, high), high];
        places.map(|place| Span::raw(escape::text(&axis.label(place, high - low)).into_owned()))
    };
    let area = Rect::new(0, 0, width.max(20), height);
    let mut buffer = Buffer::empty(area);
    Chart::new(vec![dataset])
        .x_axis(
            chart::Axis::default()
                .bounds([left, right])
                .labels(labels(&panel.x, [left, right])),
        )
        .y_axis(
            chart::Axis::default()
                .bounds([low, high])
                .labels(labels(&panel.y, [low, high])),
        )
        .render(area, &mut buffer);
    let title = format!("{} over {}", panel.y.title(), panel.x.title());
    let mut lines = vec![escape::text(&title).into_owned()];
    let rows = buffer.content().chunks(usize::from(area.width));
    lines.extend(rows.map(|row| {
        let line: String = row.iter().map(|cell| cell.symbol()).collect();
        line.trim_end().to_owned()
    }));
    lines
}
