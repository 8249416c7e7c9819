use std::{collections::TryReserveError, convert::Infallible, ops::Range};

use crate::record::push;

/// Bytes that are not yet written.
///
/// It is full when something is due: a write, or a commit. Appending checks for nothing else, so what is
/// in it starts where it will be full in time.
pub(super) struct Buffer {
    /// Its length is where it is full; its capacity has room for the element that makes something due.
    bytes: Vec<u8>,
    start: usize,
    /// Half as wide as a length, so that adding to it needs no check of its own.
    end: u32,
    /// The most that it takes for now: memory is touched as it is needed.
    full: usize,
    capacity: usize,
}

/// What it takes at first.
const START: usize = 4096;

impl Buffer {
    /// One for `capacity` bytes, and an element behind them, whose size a file may have told.
    pub(super) fn new(capacity: usize, element: usize) -> Result<Self, TryReserveError> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(capacity.saturating_add(element))?;
        Ok(Buffer {
            bytes,
            start: 0,
            end: 0,
            full: START.max(element).min(capacity),
            capacity,
        })
    }

    /// Takes twice as much from now on, up to its capacity.
    pub(super) fn grow(&mut self) {
        self.full = (self.full * 2).min(self.capacity);
    }

    /// The most that it takes for now.
    pub(super) fn full(&self) -> usize {
        self.full
    }

    #[inline]
    fn end(&self) -> usize {
        self.end as usize
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // No buffer is longer than 1 GiB and an element.
    fn set_end(&mut self, end: usize) {
        self.end = end as u32;
    }

    pub(super) fn len(&self) -> usize {
        self.end() - self.start
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..self.end()).unwrap_or_default()
    }

    /// Takes so many bytes more, unless `encode`, which is given their place, fails; `None` if something
    /// is due then.
    #[inline]
    pub(super) fn take_encoded<E>(
        &mut self,
        len: usize,
        encode: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Option<Result<(), E>> {
        let (start, end) = (self.end(), self.end() + len);
        let encoded = encode(self.bytes.get_mut(start..end)?);
        if encoded.is_ok() {
            self.set_end(end);
        }
        Some(encoded)
    }

    /// Takes bytes, unless something is due then.
    pub(super) fn take(&mut self, bytes: &[u8]) -> bool {
        let copied = self.take_encoded(bytes.len(), |place| {
            place.copy_from_slice(bytes);
            Ok::<(), Infallible>(())
        });
        copied.is_some()
    }

    /// Takes so many bytes more, whatever is due, unless `encode`, which is given their place, fails or
    /// panics.
    pub(super) fn push_encoded<E>(
        &mut self,
        len: usize,
        encode: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.bytes.truncate(self.end());
        push(&mut self.bytes, len, encode)?;
        self.set_end(self.bytes.len());
        Ok(())
    }

    /// Takes bytes, whatever is due.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.take(bytes) {
            return;
        }
        if self.end() + bytes.len() > self.bytes.capacity() {
            self.restart(0..self.len(), &[], 0);
        }
        self.bytes.truncate(self.end());
        self.bytes.extend_from_slice(bytes);
        self.set_end(self.bytes.len());
    }

    /// Gives away the first bytes.
    pub(super) fn give_away(&mut self, len: usize) {
        self.start = (self.start + len).min(self.end());
    }

    /// Keeps no more than some of its bytes, puts `more` behind them, and is full after `room` bytes.
    pub(super) fn restart(&mut self, kept: Range<usize>, more: &[u8], room: usize) {
        let kept = self.start + kept.start..(self.start + kept.end).min(self.end());
        let len = kept.len();
        let behind = len + more.len();
        // With no room at all it is full at each element, and no longer than what is in it.
        let start = match room {
            0 => 0,
            _ => self.full.saturating_sub(room + behind),
        };
        if self.bytes.len() < start + behind {
            self.bytes.resize(start + behind, 0);
        }
        if kept.start != start {
            self.bytes.copy_within(kept, start);
        }
        if let Some(place) = self.bytes.get_mut(start + len..start + behind) {
            place.copy_from_slice(more);
        }
        self.start = start;
        self.set_end(start + behind);
        match room {
            0 => self.bytes.truncate(behind),
            _ if self.bytes.len() < self.full => self.bytes.resize(self.full, 0),
            _ => self.bytes.truncate(self.full),
        }
    }
}
