use std::time::Duration;

/// How many records may wait for the thread of a [`Logger`](super::Logger), and when it commits.
///
/// ```
/// use std::time::Duration;
/// use npyrec::{BackgroundOptions, Overflow};
///
/// let options = BackgroundOptions::new()
///     .capacity(1_000)
///     .overflow(Overflow::DropNewest)
///     .commit_interval(Duration::from_millis(100));
/// ```
#[derive(Clone, Debug)]
pub struct BackgroundOptions {
    pub(super) capacity: usize,
    pub(super) overflow: Overflow,
    pub(super) commit_every: u64,
    pub(super) commit_interval: Duration,
}

/// What becomes of a record for which a queue has no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Overflow {
    /// Whoever logs it waits for room.
    #[default]
    Block,
    /// It is dropped, and [counted](super::Logger::dropped).
    DropNewest,
}

impl Default for BackgroundOptions {
    fn default() -> Self {
        BackgroundOptions::new()
    }
}

impl BackgroundOptions {
    /// Room for 16,384 records a logger, for which one waits, and a commit after a second at the latest.
    pub fn new() -> Self {
        BackgroundOptions {
            capacity: 16 * 1024,
            overflow: Overflow::Block,
            commit_every: u64::MAX,
            commit_interval: Duration::from_secs(1),
        }
    }

    /// How many records of each logger may wait, those that the thread is just appending not counted; one
    /// at the least. The queues grow as they have to, to about so many records a logger, and as many again
    /// for the thread.
    #[must_use]
    pub fn capacity(mut self, records: usize) -> Self {
        self.capacity = records.max(1);
        self
    }

    /// What becomes of a record when as many wait.
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// Commits also when the thread has appended so many rows or more; 0 for never. It appends what
    /// waits in a queue at once, so that a commit may be of more rows.
    #[must_use]
    pub fn commit_every(mut self, rows: u64) -> Self {
        self.commit_every = if rows > 0 { rows } else { u64::MAX };
        self
    }

    /// How long after it was logged a record is committed at the latest, also when no more come. While
    /// none come, the thread sleeps.
    #[must_use]
    pub fn commit_interval(mut self, interval: Duration) -> Self {
        self.commit_interval = interval;
        self
    }
}
