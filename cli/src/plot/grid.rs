use super::axis::Axis;

/// A heat map: the values of an array of two axes, with a cell for each part of them.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    /// The number of rows and of columns.
    shape: [u64; 2],
    /// The number of cells along each axis.
    cells: [usize; 2],
    found: Vec<Option<Ends>>,
    sum: f64,
    count: u64,
}

/// The least and the greatest value of a cell.
#[derive(Clone, Copy, Debug)]
struct Ends {
    least: f64,
    most: f64,
}

/// A heat map with what its numbers mean.
#[derive(Clone, Debug)]
pub(crate) struct HeatMap {
    /// The meaning of the values.
    pub(crate) values: Axis,
    pub(crate) first_row: u64,
    pub(crate) row_step: i64,
    pub(crate) grid: Grid,
}

impl Grid {
    /// Returns a grid without values, of `rows` and `columns`, with no more cells than `most` along each axis.
    pub(crate) fn new(rows: u64, columns: u64, most: [usize; 2]) -> Self {
        let cells = [(rows, most[0]), (columns, most[1])]
            .map(|(length, most)| usize::try_from(length).unwrap_or(most).min(most));
        Grid {
            shape: [rows, columns],
            cells,
            found: vec![None; cells.iter().product()],
            sum: 0.0,
            count: 0,
        }
    }

    pub(crate) fn add(&mut self, row: u64, column: u64, value: f64) {
        let [height, width] = self.cells;
        let place = |index: u64, length: u64, cells: usize| {
            let cell = u128::from(index) * cells as u128 / u128::from(length.max(1));
            usize::try_from(cell).unwrap_or(usize::MAX)
        };
        let [rows, columns] = self.shape;
        let (y, x) = (place(row, rows, height), place(column, columns, width));
        let Some(cell) = self
            .found
            .get_mut(y.saturating_mul(width).saturating_add(x))
        else {
            return;
        };
        let ends = cell.get_or_insert(Ends {
            least: value,
            most: value,
        });
        (ends.least, ends.most) = (ends.least.min(value), ends.most.max(value));
        self.sum += value;
        self.count += 1;
    }

    /// Returns the number of rows and of columns.
    pub(crate) fn shape(&self) -> [u64; 2] {
        self.shape
    }

    /// Returns the rows of cells. The value of a cell is the one of its values that is farthest from the mean of all,
    /// so that no spike is lost. A cell without numbers has none.
    pub(crate) fn rows(&self) -> Vec<Vec<Option<f64>>> {
        #[allow(clippy::cast_precision_loss)] // A picture has fewer digits.
        let mean = self.sum / self.count.max(1) as f64;
        let farthest = |ends: &Option<Ends>| {
            let Ends { least, most } = (*ends)?;
            Some(if mean - least > most - mean {
                least
            } else {
                most
            })
        };
        let rows = self.found.chunks(self.cells[1].max(1));
        rows.map(|row| row.iter().map(farthest).collect()).collect()
    }

    /// Returns the least and the greatest of all values, or 0 and 1 without values.
    pub(crate) fn range(&self) -> [f64; 2] {
        let found = self.found.iter().flatten();
        let ends = found.fold(None, |ends: Option<[f64; 2]>, cell| {
            let [low, high] = ends.unwrap_or([cell.least, cell.most]);
            Some([low.min(cell.least), high.max(cell.most)])
        });
        ends.unwrap_or([0.0, 1.0])
    }
}

/// Returns where a value is in a range, from 0 to 1; the middle if the range has one value.
pub(super) fn share(value: f64, [low, high]: [f64; 2]) -> f64 {
    // Halves, as the difference may be larger than any number.
    let share = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
    if share.is_finite() {
        share.clamp(0.0, 1.0)
    } else {
        0.5
    }
}
