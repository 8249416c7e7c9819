use std::str::FromStr;

/// A slice of rows in Python's notation: `10:20`, `-5:`, `::100`, or one row: `7`, `-1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    start: Option<i64>,
    stop: Option<i64>,
    step: i64,
    is_one_row: bool,
}

/// Rows at equal distances, in the order in which they are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picked {
    pub(crate) first: u64,
    pub(crate) count: u64,
    /// Not 0.
    pub(crate) step: i64,
}

impl Slice {
    /// Returns all rows.
    pub(crate) fn all() -> Self {
        Slice {
            start: None,
            stop: None,
            step: 1,
            is_one_row: false,
        }
    }

    /// Returns the first rows.
    pub(crate) fn first(rows: u64) -> Self {
        let stop = Some(i64::try_from(rows).unwrap_or(i64::MAX));
        Slice {
            stop,
            ..Slice::all()
        }
    }

    /// Returns the last rows.
    pub(crate) fn last(rows: u64) -> Self {
        match i64::try_from(rows) {
            Ok(0) => Slice::first(0),
            Ok(rows) => Slice {
                start: Some(-rows),
                ..Slice::all()
            },
            Err(_) => Slice::all(),
        }
    }

    /// Returns the rows of a file of `rows`, as Python's `slice.indices`. `None` if it is one row that does not
    /// exist.
    pub(crate) fn of(&self, rows: u64) -> Option<Picked> {
        let len = i64::try_from(rows).unwrap_or(i64::MAX);
        let from_end = |index: i64| match index < 0 {
            true => index.saturating_add(len),
            false => index,
        };
        if self.is_one_row {
            let first = from_end(self.start.unwrap_or_default());
            let first = u64::try_from(first).ok().filter(|&row| row < rows)?;
            return Some(Picked {
                first,
                count: 1,
                step: 1,
            });
        }
        let (least, most) = match self.step > 0 {
            true => (0, len),
            false => (-1, len - 1),
        };
        let place = |index: Option<i64>, default: i64| match index {
            Some(index) => from_end(index).clamp(least, most),
            None => default,
        };
        let (start, stop) = match self.step > 0 {
            true => (place(self.start, 0), place(self.stop, len)),
            false => (place(self.start, len - 1), place(self.stop, -1)),
        };
        let distance = match self.step > 0 {
            true => stop.saturating_sub(start),
            false => start.saturating_sub(stop),
        };
        let distance = u64::try_from(distance).unwrap_or_default();
        Some(Picked {
            first: u64::try_from(start).unwrap_or_default(),
            count: distance.div_ceil(self.step.unsigned_abs()),
            step: self.step,
        })
    }
}

impl Picked {
    /// Returns the number of the nth of the rows.
    pub(crate) fn row(&self, nth: u64) -> u64 {
        let distance = nth.saturating_mul(self.step.unsigned_abs());
        match self.step > 0 {
            true => self.first.saturating_add(distance),
            false => self.first.saturating_sub(distance),
        }
    }
}

impl FromStr for Slice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "expected rows as in Python: `10:20`, `-5:`, `::100` or `7`";
        let number = |part: &str| match part.trim() {
            "" => Ok(None),
            part => part.parse().map(Some).map_err(|_| FORM.to_owned()),
        };
        let parts: Vec<&str> = text.split(':').collect();
        let (start, stop, step) = match *parts {
            [row] => {
                return Ok(Slice {
                    start: Some(number(row)?.ok_or(FORM)?),
                    is_one_row: true,
                    ..Slice::all()
                });
            }
            [start, stop] => (start, stop, ""),
            [start, stop, step] => (start, stop, step),
            _ => return Err(FORM.to_owned()),
        };
        match number(step)?.unwrap_or(1) {
            0 => Err("the step cannot be 0".to_owned()),
            step => Ok(Slice {
                start: number(start)?,
                stop: number(stop)?,
                step,
                is_one_row: false,
            }),
        }
    }
}
