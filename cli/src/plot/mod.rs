//! Pictures of columns, in the terminal and as SVG.

mod axis;
mod panel;
mod svg;
mod terminal;

pub(crate) use self::{
    axis::Axis,
    panel::{Drawing, Panel, Points},
    svg::svg,
    terminal::terminal,
};
