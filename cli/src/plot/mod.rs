//! Pictures of columns, in the terminal and as SVG.

mod axis;
mod grid;
mod grid_svg;
mod grid_terminal;
mod panel;
mod picture;
mod svg;
mod terminal;

pub(crate) use self::{
    axis::Axis,
    grid::{Grid, HeatMap},
    grid_svg::CELLS_OF_SVG,
    panel::{Drawing, Panel, Points},
    picture::Picture,
};
