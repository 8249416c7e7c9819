use std::{collections::TryReserveError, convert::Infallible, ops::Range};

use crate::record::push;

/// A buffer of bytes that are not yet written.
///
/// The buffer is full when a write or a commit is due. Appending checks nothing else, so the first byte is
/// placed such that the buffer is full in time.
pub(super) struct Buffer {
    /// The length is the end of a full buffer. The capacity has room for one element more, which makes a write
    /// or a commit due.
    bytes: Vec<u8>,
    /// Used in place of `bytes` if something is checked at each element: the buffer then seems full.
    checked: Vec<u8>,
    checks_each: bool,
    start: usize,
    /// A `u32`, so that an addition cannot overflow and needs no check.
    end: u32,
    /// The largest length for now. It grows with the need, so that unused memory is not touched.
    full: usize,
    capacity: usize,
}

/// The first value of `full`.
const START: usize = 4096;

impl Buffer {
    /// Returns a buffer of `capacity` bytes, and one element. A file may have given the size of the element, so
    /// the allocation may fail. With `checks_each` it takes elements only by [`take_checked`](Self::take_checked).
    pub(super) fn new(
        capacity: usize,
        element: usize,
        checks_each: bool,
    ) -> Result<Self, TryReserveError> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(capacity.saturating_add(element))?;
        let (bytes, checked) = match checks_each {
            true => (Vec::new(), bytes),
            false => (bytes, Vec::new()),
        };
        Ok(Buffer {
            bytes,
            checked,
            checks_each,
            start: 0,
            end: 0,
            full: START.max(element).min(capacity),
            capacity,
        })
    }

    /// Doubles the largest length, up to the capacity.
    pub(super) fn grow(&mut self) {
        self.full = (self.full * 2).min(self.capacity);
    }

    /// Returns the largest length for now.
    pub(super) fn full(&self) -> usize {
        self.full
    }

    /// Returns true if all bytes were written and others have room.
    pub(super) fn has_room(&self) -> bool {
        self.len() == 0 && self.end() < self.bytes.len()
    }

    /// Returns true if bytes that are not yet written take most of the buffer.
    pub(super) fn is_mostly_used(&self) -> bool {
        self.len() > self.full / 2
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
        let bytes = match self.checks_each {
            true => &self.checked,
            false => &self.bytes,
        };
        bytes.get(self.start..self.end()).unwrap_or_default()
    }

    fn memory(&mut self) -> &mut Vec<u8> {
        match self.checks_each {
            true => &mut self.checked,
            false => &mut self.bytes,
        }
    }

    /// Adds `len` bytes that `encode` writes, unless it fails. Returns `None` if the buffer is full.
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

    /// Adds an element as [`take_encoded`](Self::take_encoded) does, where something was checked before. Returns
    /// `None` otherwise.
    #[inline]
    pub(super) fn take_checked<E>(
        &mut self,
        len: usize,
        encode: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Option<Result<(), E>> {
        let (start, end) = (self.end(), self.end() + len);
        let encoded = encode(self.checked.get_mut(start..end)?);
        if encoded.is_ok() {
            self.set_end(end);
        }
        Some(encoded)
    }

    /// Adds bytes. Returns false if the buffer is full.
    pub(super) fn take(&mut self, bytes: &[u8]) -> bool {
        let copied = self.take_encoded(bytes.len(), |place| {
            place.copy_from_slice(bytes);
            Ok::<(), Infallible>(())
        });
        copied.is_some()
    }

    /// Adds `len` bytes that `encode` writes, also to a full buffer, unless `encode` fails or panics.
    pub(super) fn push_encoded<E>(
        &mut self,
        len: usize,
        encode: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let end = self.end();
        let bytes = self.memory();
        bytes.truncate(end);
        push(bytes, len, encode)?;
        let end = bytes.len();
        self.set_end(end);
        Ok(())
    }

    /// Adds bytes, also to a full buffer.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.take(bytes) {
            return;
        }
        if self.end() + bytes.len() > self.memory().capacity() {
            self.restart(0..self.len(), &[], 0);
        }
        let end = self.end();
        let memory = self.memory();
        memory.truncate(end);
        memory.extend_from_slice(bytes);
        let end = memory.len();
        self.set_end(end);
    }

    /// Removes the first bytes.
    pub(super) fn give_away(&mut self, len: usize) {
        self.start = (self.start + len).min(self.end());
    }

    /// Keeps a range of the bytes, adds `more`, and makes the buffer full after `room` further bytes.
    pub(super) fn restart(&mut self, kept: Range<usize>, more: &[u8], room: usize) {
        let kept = self.start + kept.start..(self.start + kept.end).min(self.end());
        let len = kept.len();
        let behind = len + more.len();
        // Without room the buffer is full at each element, and has no unused bytes.
        let start = match room {
            0 => 0,
            _ => self.full.saturating_sub(room + behind),
        };
        let full = self.full;
        let bytes = self.memory();
        if bytes.len() < start + behind {
            bytes.resize(start + behind, 0);
        }
        if kept.start != start {
            bytes.copy_within(kept, start);
        }
        if let Some(place) = bytes.get_mut(start + len..start + behind) {
            place.copy_from_slice(more);
        }
        match room {
            0 => bytes.truncate(behind),
            _ if bytes.len() < full => bytes.resize(full, 0),
            _ => bytes.truncate(full),
        }
        self.start = start;
        self.set_end(start + behind);
    }
}
