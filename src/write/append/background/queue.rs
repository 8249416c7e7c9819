use std::{
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use super::{signals::is_appending_thread, try_log_error::TryLogError};

/// The bytes of records at which the thread is called to take them: enough that its waking up is little
/// of what they cost, and so few that they are still in a cache when it does.
const BATCH: usize = 64 * 1024;

/// The bytes of records that a queue has room for from the start, if its capacity is as much.
const START: usize = 512 * 1024;

/// The records of one logger that wait for the thread. Queues do not share cache lines, as each may belong
/// to another processor.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Queue<R> {
    waiting: Mutex<Waiting<R>>,
    room: Condvar,
}

/// The state of a queue.
#[derive(Debug)]
pub(super) struct Waiting<R> {
    records: Vec<R>,
    /// As long as there are fewer records, one more asks for nothing but its place.
    plain: usize,
    capacity: usize,
    /// The number of records at which the thread is called: one if it may sleep without an end.
    call_at: usize,
    is_called: bool,
    /// The number of threads that wait for room.
    blocked: usize,
    /// Records that the thread took.
    taken: u64,
    is_closed: bool,
    /// The logger was dropped.
    is_left: bool,
}

/// The state of a queue for one more record.
enum Space {
    Room,
    Full,
    Closed,
}

/// The queue takes no more records.
#[derive(Debug)]
pub(super) struct Closed;

impl<R> Queue<R> {
    pub(super) fn new(capacity: usize) -> Self {
        Queue {
            waiting: Mutex::new(Waiting {
                records: room_for_records(capacity),
                plain: 0,
                capacity,
                call_at: 1,
                is_called: false,
                blocked: 0,
                taken: 0,
                is_closed: false,
                is_left: false,
            }),
            room: Condvar::new(),
        }
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, Waiting<R>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a record, and waits while the queue is full. Returns true if the thread must be called.
    #[inline]
    pub(super) fn push(&self, record: R) -> Result<bool, Closed> {
        let mut waiting = self.lock();
        if waiting.records.len() < waiting.plain {
            waiting.records.push(record);
            return Ok(false);
        }
        self.push_slowly(record, waiting)
    }

    /// Does the same as [`push`](Self::push), with the checks that are seldom needed.
    #[cold]
    #[inline(never)]
    fn push_slowly(
        &self,
        record: R,
        mut waiting: MutexGuard<'_, Waiting<R>>,
    ) -> Result<bool, Closed> {
        loop {
            match waiting.space() {
                Space::Closed => {
                    // The record may have a destructor, which must not run under the lock.
                    drop(waiting);
                    return Err(Closed);
                }
                // The thread that makes room would wait for itself.
                Space::Full if !is_appending_thread() => {
                    waiting.blocked += 1;
                    let woken = self.room.wait(waiting);
                    waiting = woken.unwrap_or_else(PoisonError::into_inner);
                    waiting.blocked -= 1;
                }
                Space::Room | Space::Full => break,
            }
        }
        waiting.records.push(record);
        Ok(waiting.calls())
    }

    /// Takes a record if there is room. Returns true if the thread must be called.
    #[inline]
    pub(super) fn try_push(&self, record: R) -> Result<bool, TryLogError<R>> {
        let mut waiting = self.lock();
        if waiting.records.len() < waiting.plain {
            waiting.records.push(record);
            return Ok(false);
        }
        match waiting.space() {
            Space::Room => {
                waiting.records.push(record);
                Ok(waiting.calls())
            }
            Space::Full => Err(TryLogError::Full(record)),
            Space::Closed => Err(TryLogError::Closed(record)),
        }
    }

    /// Swaps its records with an empty vector. Returns true while there is a logger to log more.
    pub(super) fn take(&self, records: &mut Vec<R>) -> bool {
        let mut waiting = self.lock();
        waiting.call_at = 1;
        waiting.is_called = false;
        if !waiting.records.is_empty() {
            mem::swap(&mut waiting.records, records);
            waiting.taken += records.len() as u64;
            waiting.call_at = records_in::<R>(BATCH).min(waiting.capacity.div_ceil(2));
        }
        waiting.set_plain();
        self.wake(&waiting);
        !waiting.is_left
    }

    /// Calls the thread when this number of records waits, if not before. Returns true if it must be
    /// called now.
    pub(super) fn call_at_most(&self, records: usize) -> bool {
        let mut waiting = self.lock();
        waiting.call_at = waiting.call_at.min(records);
        waiting.calls()
    }

    /// Takes no more records.
    pub(super) fn close(&self) {
        let mut waiting = self.lock();
        waiting.is_closed = true;
        waiting.set_plain();
        self.wake(&waiting);
    }

    /// Notes that nobody will log to it any longer.
    pub(super) fn leave(&self) {
        self.lock().is_left = true;
    }

    /// Returns the number of records that were taken from loggers.
    pub(super) fn accepted(&self) -> u64 {
        let waiting = self.lock();
        waiting.taken + waiting.records.len() as u64
    }

    fn wake(&self, waiting: &Waiting<R>) {
        if waiting.blocked > 0 {
            self.room.notify_all();
        }
    }
}

impl<R> Waiting<R> {
    fn space(&self) -> Space {
        match self.records.len() < self.capacity {
            _ if self.is_closed => Space::Closed,
            true => Space::Room,
            false => Space::Full,
        }
    }

    /// Returns true if the thread must be called, and was not yet.
    fn calls(&mut self) -> bool {
        let calls = !self.is_called && self.records.len() >= self.call_at;
        self.is_called |= calls;
        self.set_plain();
        calls
    }

    fn set_plain(&mut self) {
        self.plain = match self.is_called {
            _ if self.is_closed => 0,
            true => self.capacity,
            false => self.call_at - 1,
        };
    }
}

/// Returns a vector with room for `capacity` records, or for fewer if they would take much memory.
pub(super) fn room_for_records<R>(capacity: usize) -> Vec<R> {
    Vec::with_capacity(capacity.min(records_in::<R>(START)))
}

/// Returns the number of records that fit into `bytes`, at least 1.
fn records_in<R>(bytes: usize) -> usize {
    (bytes / size_of::<R>().max(1)).max(1)
}
