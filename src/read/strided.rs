use std::{num::NonZero, ops::Range};

/// Every nth row of a range.
#[derive(Clone, Debug)]
pub(super) struct EveryNth {
    pub(super) rows: Range<u64>,
    pub(super) step: NonZero<u64>,
}

impl EveryNth {
    pub(super) fn of(rows: Range<u64>) -> Self {
        EveryNth::by(rows, NonZero::<u64>::MIN)
    }

    pub(super) fn by(rows: Range<u64>, step: NonZero<u64>) -> Self {
        EveryNth { rows, step }
    }

    /// Returns the number of rows.
    pub(super) fn count(&self) -> u64 {
        let range = self.rows.end.saturating_sub(self.rows.start);
        range.div_ceil(self.step.get())
    }

    /// Returns the nth of the rows.
    pub(super) fn nth(&self, nth: u64) -> u64 {
        // Only the position after the last row may exceed the range of a `u64`.
        let rows_before = nth.saturating_mul(self.step.get());
        self.rows.start.saturating_add(rows_before)
    }
}
