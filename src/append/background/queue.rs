use std::{
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use super::options::{BackgroundOptions, Overflow};
use crate::error::{Error, ErrorKind, Result};

/// The bytes of records at which the thread is called to take them: enough that its waking up is little
/// of what they cost, and so few that they are still in a cache when it does.
const BATCH: usize = 64 * 1024;

/// The bytes of records that a queue has room for from the start, if its capacity is as much.
const START: usize = 512 * 1024;

/// The records of one logger that wait for the thread; apart from those of others in memory, as each
/// belongs to a processor of its own.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Queue<R> {
    waiting: Mutex<Waiting<R>>,
    room: Condvar,
}

/// What a queue holds.
#[derive(Debug)]
pub(super) struct Waiting<R> {
    records: Vec<R>,
    /// As long as there are fewer records, one more asks for nothing but its place.
    plain: usize,
    capacity: usize,
    /// The number of records at which the thread is called: one if it may sleep without an end.
    call_at: usize,
    is_called: bool,
    overflow: Overflow,
    /// How many threads wait for room.
    blocked: usize,
    /// Records that the thread took.
    taken: u64,
    dropped: u64,
    /// What the next one to log is told.
    error: Option<Error>,
    is_closed: bool,
    /// There is no logger any longer.
    is_left: bool,
}

/// How many records a queue had, and did not take.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) accepted: u64,
    pub(super) dropped: u64,
}

impl Counts {
    pub(super) fn plus(self, other: Counts) -> Counts {
        Counts {
            accepted: self.accepted + other.accepted,
            dropped: self.dropped + other.dropped,
        }
    }
}

impl<R> Queue<R> {
    pub(super) fn new(options: &BackgroundOptions) -> Self {
        let capacity = options.capacity;
        Queue {
            waiting: Mutex::new(Waiting {
                records: room_for_records(capacity),
                plain: 0,
                capacity,
                call_at: 1,
                is_called: false,
                overflow: options.overflow,
                blocked: 0,
                taken: 0,
                dropped: 0,
                error: None,
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

    /// Takes a record; whether the thread is to be called.
    #[inline]
    pub(super) fn push(&self, record: R) -> Result<bool> {
        let mut waiting = self.lock();
        if waiting.records.len() < waiting.plain {
            waiting.records.push(record);
            return Ok(false);
        }
        self.push_slowly(record, waiting)
    }

    /// [`push`](Self::push), where it has to be looked at more than the place.
    #[cold]
    #[inline(never)]
    fn push_slowly(&self, record: R, mut waiting: MutexGuard<'_, Waiting<R>>) -> Result<bool> {
        loop {
            waiting.check()?;
            if waiting.records.len() < waiting.capacity {
                break;
            }
            match waiting.overflow {
                Overflow::Block => {
                    waiting.blocked += 1;
                    let woken = self.room.wait(waiting);
                    waiting = woken.unwrap_or_else(PoisonError::into_inner);
                    waiting.blocked -= 1;
                }
                Overflow::DropNewest => {
                    waiting.dropped += 1;
                    // It may have a destructor, which is not to run under the lock.
                    drop(waiting);
                    return Ok(false);
                }
            }
        }
        waiting.records.push(record);
        Ok(waiting.calls())
    }

    /// Swaps its records with an empty vector; whether there may be more of them some day.
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

    /// Calls the thread when so many records wait, if not before; whether they do already.
    pub(super) fn call_at_most(&self, records: usize) -> bool {
        let mut waiting = self.lock();
        waiting.call_at = waiting.call_at.min(records);
        waiting.calls()
    }

    /// Leaves an error for the next one to log. One of a record that is lost stays until it is told.
    pub(super) fn post(&self, error: Error) {
        let mut waiting = self.lock();
        if !waiting.error.as_ref().is_some_and(is_of_record) {
            waiting.error = Some(error);
        }
        waiting.set_plain();
        self.wake(&waiting);
    }

    /// Leaves an error of writing that goes on to fail, if there is no room any longer.
    pub(super) fn post_if_full(&self, error: &Error) {
        let mut waiting = self.lock();
        if waiting.records.len() >= waiting.capacity && waiting.error.is_none() {
            waiting.error = Some(error.again());
        }
        waiting.set_plain();
        self.wake(&waiting);
    }

    /// The error of a record that is lost, if it was not told. One of writing is forgotten, as that has
    /// succeeded since.
    pub(super) fn take_error(&self) -> Option<Error> {
        let mut waiting = self.lock();
        let error = waiting.error.take();
        waiting.set_plain();
        error.filter(is_of_record)
    }

    /// Forgets an error of writing, which was told otherwise.
    pub(super) fn forget_error_of_writing(&self) {
        let mut waiting = self.lock();
        waiting.error = waiting.error.take().filter(is_of_record);
        waiting.set_plain();
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

    pub(super) fn counts(&self) -> Counts {
        let waiting = self.lock();
        Counts {
            accepted: waiting.taken + waiting.records.len() as u64,
            dropped: waiting.dropped,
        }
    }

    fn wake(&self, waiting: &Waiting<R>) {
        if waiting.blocked > 0 {
            self.room.notify_all();
        }
    }
}

impl<R> Waiting<R> {
    fn check(&mut self) -> Result<()> {
        if let Some(error) = self.error.take() {
            self.set_plain();
            return Err(error);
        }
        match self.is_closed {
            true => Err(Error::new(ErrorKind::Closed)),
            false => Ok(()),
        }
    }

    /// Whether the thread is to be called, and is not yet.
    fn calls(&mut self) -> bool {
        let calls = !self.is_called && self.records.len() >= self.call_at;
        self.is_called |= calls;
        self.set_plain();
        calls
    }

    fn set_plain(&mut self) {
        self.plain = match (&self.error, self.is_closed) {
            (Some(_), _) | (_, true) => 0,
            _ if self.is_called => self.capacity,
            _ => self.call_at - 1,
        };
    }
}

/// Room for as many records, or for some of them now and for more when they come.
pub(super) fn room_for_records<R>(capacity: usize) -> Vec<R> {
    Vec::with_capacity(capacity.min(records_in::<R>(START)))
}

/// How many records take so many bytes, but one at the least.
fn records_in<R>(bytes: usize) -> usize {
    (bytes / size_of::<R>().max(1)).max(1)
}

/// Whether an error is of one record, which is lost, and not of writing, which is tried again.
pub(super) fn is_of_record(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Encode(_) | ErrorKind::Panicked(_))
}
