use plotters::prelude::*;

use super::panel::{Drawing, Panel};
use crate::failure::{Failure, Result};

pub(super) const WIDTH: u32 = 960;
const HEIGHT: u32 = 320;

/// Returns panels as an SVG picture, one under another.
pub(crate) fn svg(panels: &[Panel]) -> Result<String> {
    let height = HEIGHT.saturating_mul(u32::try_from(panels.len()).unwrap_or(u32::MAX));
    picture(height, |root| draw(root, panels))
}

pub(super) type Root<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
pub(super) type Drawn = std::result::Result<(), Box<dyn std::error::Error>>;

/// Returns what is drawn on a white picture.
pub(super) fn picture(height: u32, draw: impl FnOnce(&Root<'_>) -> Drawn) -> Result<String> {
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (WIDTH, height)).into_drawing_area();
        let drawn = || {
            root.fill(&WHITE)?;
            draw(&root)?;
            Ok::<(), Box<dyn std::error::Error>>(root.present()?)
        };
        drawn().map_err(|e| Failure::new(format!("the picture: {e}")))?;
    }
    Ok(text)
}

fn draw(root: &Root<'_>, panels: &[Panel]) -> Drawn {
    for (panel, area) in panels.iter().zip(root.split_evenly((panels.len(), 1))) {
        let ([left, right], [low, high]) = panel.bounds();
        let mut chart = ChartBuilder::on(&area)
            .margin(12)
            .x_label_area_size(44)
            .y_label_area_size(84)
            .build_cartesian_2d(left..right, low..high)?;
        chart
            .configure_mesh()
            .x_labels(6)
            .y_labels(6)
            .x_desc(panel.x.title())
            .y_desc(panel.y.title())
            .x_label_formatter(&|x| panel.x.label(*x, right - left))
            .y_label_formatter(&|y| panel.y.label(*y, high - low))
            .light_line_style(TRANSPARENT)
            .draw()?;
        let points = panel.points.points().iter().copied();
        match panel.drawing {
            Drawing::Line => {
                chart.draw_series(LineSeries::new(points, &BLUE))?;
            }
            Drawing::Scatter => {
                chart.draw_series(points.map(|point| Circle::new(point, 2, BLUE.filled())))?;
            }
            Drawing::Bars => {
                let width = (right - left) / (panel.points.points().len().max(2) - 1) as f64 * 0.45;
                chart.draw_series(points.map(|(x, y)| {
                    Rectangle::new([(x - width, 0.0), (x + width, y)], BLUE.mix(0.6).filled())
                }))?;
            }
        }
    }
    Ok(())
}
