use super::{clock::Clock, extent::Extent};
use crate::write::append::options::AppendOptions;

/// The least that is worth to be aligned.
const PAGE: usize = 4096;

/// The time and place at which the buffer is written, and rows are committed.
pub(super) struct Schedule {
    /// In rows.
    commit_every: u64,
    /// Runs since the last commit.
    clock: Option<Clock>,
    /// Rows are taken together: a commit that is due waits for the last of them.
    pub(super) holds_commits: bool,
    /// The most bytes in the buffer, a multiple of an element.
    capacity: usize,
    /// The buffer is written up to multiples of this in the file, where its capacity allows: systems take
    /// aligned writes in fewer and larger pieces.
    alignment: Option<u64>,
}

impl Schedule {
    pub(super) fn new(settings: &AppendOptions, extent: &Extent) -> Self {
        let wanted = settings.buffer_capacity;
        let alignment = match (wanted.checked_ilog2(), extent.itemsize) {
            (Some(log), 1..) if wanted >= PAGE => Some(1 << log),
            _ => None,
        };
        Schedule {
            commit_every: settings.commit_every,
            clock: settings.commit_interval.map(Clock::new),
            holds_commits: false,
            capacity: (wanted / extent.stride).max(1) * extent.stride,
            alignment,
        }
    }

    /// Returns true if the time decides when rows are committed.
    pub(super) fn has_interval(&self) -> bool {
        self.clock.is_some()
    }

    pub(super) fn note_commit(&mut self) {
        if let Some(clock) = &mut self.clock {
            clock.restart();
        }
    }

    /// Returns true if the clock, which is not always [read](Clock::is_seen_over), shows that a commit is due.
    #[inline]
    pub(super) fn is_time_seen_over(&mut self) -> bool {
        match &mut self.clock {
            Some(clock) if !self.holds_commits => clock.is_seen_over(),
            _ => false,
        }
    }

    /// Returns true if a commit is due after a number of rows, should it not wait for others.
    pub(super) fn is_full_commit(&self, uncommitted: u64) -> bool {
        uncommitted >= self.commit_every
    }

    pub(super) fn is_commit_due(&self, uncommitted: u64) -> bool {
        !self.holds_commits
            && (self.is_full_commit(uncommitted) || self.clock.as_ref().is_some_and(Clock::is_over))
    }

    /// Returns the position in the file at which a buffer that starts at `start` is written.
    pub(super) fn boundary(&self, start: u64) -> u64 {
        match self.alignment {
            Some(alignment) => (start / alignment + 1) * alignment,
            None => start + self.capacity as u64,
        }
    }

    /// Returns the number of bytes before a position that are not yet written, as they are after the last
    /// boundary.
    pub(super) fn after_boundary(&self, end: u64) -> usize {
        let after = self.alignment.map_or(0, |alignment| end % alignment);
        usize::try_from(after).unwrap_or_default()
    }

    /// Returns true if writes end at multiples of a power of two.
    pub(super) fn is_aligned(&self) -> bool {
        self.alignment.is_some()
    }

    /// Returns the number of bytes that a buffer of a length takes before something is due, at most `full` in
    /// all.
    pub(super) fn room(&self, extent: &Extent, committed: u64, len: usize, full: usize) -> usize {
        let elements = extent.elements(len);
        let due = match self.holds_commits {
            true => u64::MAX,
            false => self.commit_every.saturating_add(committed),
        };
        let to_commit = due.saturating_mul(extent.row_len).saturating_sub(elements);
        if to_commit <= 1 {
            return 0;
        }
        let to_boundary = self.boundary(extent.end()) - extent.end();
        let to_boundary = to_boundary.saturating_sub(len as u64 + 1);
        let in_buffer = full.saturating_sub(len) as u64;
        let room = to_boundary.min(in_buffer) / extent.stride as u64;
        let room = room
            .min(to_commit - 1)
            .min(extent.max_elements.saturating_sub(elements));
        usize::try_from(room).unwrap_or_default() * extent.stride
    }
}
