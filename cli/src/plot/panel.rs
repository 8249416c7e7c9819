use super::axis::Axis;

/// One picture: a series of points over an axis.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) points: Points,
    pub(crate) drawing: Drawing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drawing {
    Line,
    Scatter,
    Bars,
}

/// The points of a series: all, or the least and the greatest of each part of the rows, so that no spike is lost.
#[derive(Clone, Debug)]
pub(crate) struct Points {
    rows: u64,
    parts: u64,
    part: u64,
    found: Vec<(f64, f64)>,
    /// The least and the greatest point of the current part, each with its row.
    least: Option<(u64, f64, f64)>,
    most: Option<(u64, f64, f64)>,
}

impl Points {
    /// Returns an empty series of `rows`, which keeps two points for each of `parts`.
    pub(crate) fn new(rows: u64, parts: u64) -> Self {
        Points {
            rows,
            parts,
            part: 0,
            found: Vec::new(),
            least: None,
            most: None,
        }
    }

    pub(crate) fn add(&mut self, row: u64, x: f64, y: f64) {
        if self.rows <= 2 * self.parts {
            self.found.push((x, y));
            return;
        }
        let part = u128::from(row) * u128::from(self.parts) / u128::from(self.rows.max(1));
        let part = u64::try_from(part).unwrap_or(u64::MAX);
        if part != self.part {
            self.end_part();
            self.part = part;
        }
        if self.least.is_none_or(|(_, _, least)| y < least) {
            self.least = Some((row, x, y));
        }
        if self.most.is_none_or(|(_, _, most)| y > most) {
            self.most = Some((row, x, y));
        }
    }

    fn end_part(&mut self) {
        let mut ends = [self.least.take(), self.most.take()];
        ends.sort_by_key(|end| end.map(|(row, _, _)| row));
        let ends = ends.into_iter().flatten().map(|(_, x, y)| (x, y));
        self.found.extend(ends);
    }

    /// Returns the points, in the order of their rows.
    pub(crate) fn finish(&mut self) -> &[(f64, f64)] {
        self.end_part();
        &self.found
    }

    pub(crate) fn points(&self) -> &[(f64, f64)] {
        &self.found
    }
}

impl Panel {
    /// Returns the ends of both axes, never the same.
    pub(crate) fn bounds(&self) -> ([f64; 2], [f64; 2]) {
        let ends = |of: fn(&(f64, f64)) -> f64| {
            let values = self.points.points().iter().map(of);
            let [low, high] = values
                .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
                    [low.min(value), high.max(value)]
                });
            match high - low {
                span if span > 0.0 => [low, high],
                _ if low.is_finite() => [low - 0.5, high + 0.5],
                _ => [0.0, 1.0],
            }
        };
        let x = ends(|point| point.0);
        let [low, high] = ends(|point| point.1);
        match self.drawing {
            Drawing::Bars => (x, [low.min(0.0), high]),
            _ => (x, [low, high]),
        }
    }
}
