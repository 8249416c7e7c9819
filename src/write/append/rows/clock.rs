use std::time::{Duration, Instant};

/// A clock for an interval.
///
/// Reading the clock takes longer than taking a record. While records follow each other closely, it is read for one
/// of some records only.
pub(super) struct Clock {
    interval: Duration,
    /// `None` for an interval without an end.
    end: Option<Instant>,
    last_read: Instant,
    /// The records for which the clock is not read after it was read.
    skips: u32,
    left: u32,
}

/// The most records for which the clock is not read.
const MOST_SKIPS: u32 = 7;

/// The time between two records that follow each other closely.
const CLOSE: Duration = Duration::from_micros(2);

/// The shortest interval with records for which the clock is not read.
const SHORTEST: Duration = Duration::from_millis(1);

impl Clock {
    /// Returns a clock whose interval starts now.
    pub(super) fn new(interval: Duration) -> Self {
        let now = Instant::now();
        Clock {
            interval,
            end: now.checked_add(interval),
            last_read: now,
            skips: 0,
            left: 0,
        }
    }

    /// Starts the interval anew.
    pub(super) fn restart(&mut self) {
        self.end = Instant::now().checked_add(self.interval);
    }

    /// Returns true if the interval is over.
    pub(super) fn is_over(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }

    /// Returns true if the interval is over, and false for some of the records that follow each other closely.
    #[inline]
    pub(super) fn is_seen_over(&mut self) -> bool {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                false
            }
            None => self.read(),
        }
    }

    fn read(&mut self) -> bool {
        let Some(end) = self.end else {
            return false;
        };
        let now = Instant::now();
        let elapsed = now.saturating_duration_since(self.last_read);
        self.skips = match elapsed <= CLOSE * (self.skips + 1) && self.interval >= SHORTEST {
            true => (2 * self.skips + 1).min(MOST_SKIPS),
            false => 0,
        };
        (self.last_read, self.left) = (now, self.skips);
        now >= end
    }
}
