use serde_json::json;

use super::{
    grid::HeatMap, grid_svg::heat_map_svg, grid_terminal::heat_map_text, panel::Panel, svg::svg,
    terminal::terminal,
};
use crate::failure::Result;

/// The lines of text of a panel.
const PANEL_HEIGHT: u16 = 14;

/// A picture of a file.
#[derive(Clone, Debug)]
pub(crate) enum Picture {
    Panels(Vec<Panel>),
    HeatMap(HeatMap),
}

impl Picture {
    /// Returns the picture as lines of text.
    pub(crate) fn text(&self, width: u16) -> Vec<String> {
        match self {
            Picture::Panels(panels) => panels
                .iter()
                .flat_map(|panel| terminal(panel, width, PANEL_HEIGHT))
                .collect(),
            Picture::HeatMap(map) => heat_map_text(map, width),
        }
    }

    pub(crate) fn svg(&self) -> Result<String> {
        match self {
            Picture::Panels(panels) => svg(panels),
            Picture::HeatMap(map) => heat_map_svg(map),
        }
    }

    /// Returns the numbers of the picture.
    pub(crate) fn json(&self, path: &str) -> serde_json::Value {
        match self {
            Picture::Panels(panels) => {
                let series = panels.iter().map(|panel| {
                    json!({"x": panel.x.name, "y": panel.y.name, "points": panel.points.points()})
                });
                json!({"path": path, "series": series.collect::<Vec<_>>()})
            }
            Picture::HeatMap(map) => {
                let [rows, columns] = map.grid.shape();
                json!({"path": path, "rows": rows, "columns": columns, "cells": map.grid.rows()})
            }
        }
    }
}
