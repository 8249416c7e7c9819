use plotters::{prelude::*, style::colors::colormaps::ViridisRGB};

use super::{
    grid::{HeatMap, share},
    svg::{Drawn, Root, WIDTH, picture},
};
use crate::failure::Result;

const HEIGHT: u32 = 640;

/// The width of the scale of colours, with its numbers.
const SCALE: u32 = 190;

/// The most cells along each axis of a picture.
pub(crate) const CELLS_OF_SVG: [usize; 2] = [96, 144];

/// The steps of the scale of colours.
const STEPS: u32 = 64;

/// Returns a heat map as an SVG picture, with a scale of its colours.
pub(crate) fn heat_map_svg(map: &HeatMap) -> Result<String> {
    picture(HEIGHT, |root| {
        let (cells, scale) = root.split_horizontally(WIDTH - SCALE);
        draw_cells(&cells, map)?;
        draw_scale(&scale, map)
    })
}

#[allow(clippy::cast_precision_loss)] // A picture has fewer digits.
fn draw_cells(area: &Root<'_>, map: &HeatMap) -> Drawn {
    let [rows, columns] = map.grid.shape().map(|length| length.max(1) as f64);
    // Row 0 is at the top.
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(84)
        .build_cartesian_2d(0.0..columns, -rows..0.0)?;
    let found = map.grid.rows();
    let range = map.grid.range();
    let height = rows / found.len().max(1) as f64;
    for (y, row) in found.iter().enumerate() {
        let width = columns / row.len().max(1) as f64;
        let [top, bottom] = [y, y + 1].map(|edge| -(edge as f64) * height);
        chart.draw_series(row.iter().enumerate().filter_map(|(x, value)| {
            let colour = ViridisRGB::get_color(share((*value)?, range));
            let [left, right] = [x, x + 1].map(|edge| edge as f64 * width);
            Some(Rectangle::new(
                [(left, top), (right, bottom)],
                colour.filled(),
            ))
        }))?;
    }
    // Lines and labels are drawn over the cells.
    chart
        .configure_mesh()
        .disable_mesh()
        .x_labels(8)
        .y_labels(8)
        .x_desc("column")
        .y_desc("row")
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| map.row(whole(-y)))
        .draw()?;
    Ok(())
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // It is a row of the array.
fn whole(row: f64) -> u64 {
    row.round() as u64
}

fn draw_scale(area: &Root<'_>, map: &HeatMap) -> Drawn {
    let range = map.grid.range();
    let [low, high] = range;
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .margin_bottom(56)
        .right_y_label_area_size(144)
        .build_cartesian_2d(0.0..1.0, 0.0..1.0)?
        .set_secondary_coord(0.0..1.0, 0.0..1.0);
    chart.draw_series((0..STEPS).map(|step| {
        let [bottom, top] = [step, step + 1].map(|edge| f64::from(edge) / f64::from(STEPS));
        Rectangle::new(
            [(0.0, bottom), (1.0, top)],
            ViridisRGB::get_color(bottom).filled(),
        )
    }))?;
    chart
        .configure_secondary_axes()
        // The size of the other axes, which the small area would make smaller.
        .label_style(("sans-serif", 10))
        .axis_desc_style(("sans-serif", 10))
        .y_labels(6)
        .y_desc(map.values.title())
        .y_label_formatter(&|share| map.values.label(low + (high - low) * share, high - low))
        .draw()?;
    Ok(())
}
