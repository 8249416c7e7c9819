use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::Stream;

/// A bar on the terminal, if the work takes longer than a second.
pub(crate) struct Progress {
    rows: u64,
    done: u64,
    start: Instant,
    bar: Option<ProgressBar>,
}

/// The rows after which the clock is looked at.
const STRIDE: u64 = 1024;

const PATIENCE: Duration = Duration::from_secs(1);

impl Progress {
    pub(crate) fn new(rows: u64) -> Self {
        Progress {
            rows,
            done: 0,
            start: Instant::now(),
            bar: None,
        }
    }

    /// Counts a row.
    pub(crate) fn step(&mut self) {
        self.done += 1;
        if self.done.is_multiple_of(STRIDE) {
            self.show();
        }
    }

    /// Counts many rows at once.
    pub(crate) fn advance(&mut self, rows: u64) {
        self.done += rows;
        self.show();
    }

    fn show(&mut self) {
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        } else if self.start.elapsed() > PATIENCE && Stream::Err.is_terminal() {
            let bar = ProgressBar::with_draw_target(Some(self.rows), ProgressDrawTarget::stderr());
            const FORM: &str = "{wide_bar} {percent}% of {len} rows, {eta} left";
            if let Ok(style) = ProgressStyle::with_template(FORM) {
                bar.set_style(style);
            }
            self.bar = Some(bar);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
