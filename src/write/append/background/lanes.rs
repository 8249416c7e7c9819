use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use super::queue::Queue;
use crate::error::{Cause, Error};

/// The queues of all loggers of a thread.
#[derive(Debug)]
pub(super) struct Lanes<R> {
    /// The capacity of each queue.
    capacity: usize,
    /// The file, for errors.
    path: PathBuf,
    /// The error that ended the thread, unless the guard did.
    reason: OnceLock<Error>,
    open: Mutex<Open<R>>,
}

#[derive(Debug)]
struct Open<R> {
    queues: Vec<Arc<Queue<R>>>,
    is_closed: bool,
    /// Records that were taken by queues that are gone.
    accepted_before: u64,
}

impl<R> Lanes<R> {
    pub(super) fn new(capacity: usize, path: &Path) -> Self {
        Lanes {
            capacity,
            path: path.to_owned(),
            reason: OnceLock::new(),
            open: Mutex::new(Open {
                queues: Vec::new(),
                is_closed: false,
                accepted_before: 0,
            }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn lock(&self) -> MutexGuard<'_, Open<R>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a queue after the others.
    pub(super) fn add(&self) -> Arc<Queue<R>> {
        let queue = Arc::new(Queue::new(self.capacity));
        let mut open = self.lock();
        match open.is_closed {
            true => queue.close(),
            false => open.queues.push(Arc::clone(&queue)),
        }
        queue
    }

    pub(super) fn len(&self) -> usize {
        self.lock().queues.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<Arc<Queue<R>>> {
        self.lock().queues.get(index).map(Arc::clone)
    }

    /// Forgets a queue that nobody logs to, and that is empty.
    pub(super) fn remove(&self, index: usize) {
        let mut open = self.lock();
        if index < open.queues.len() {
            open.accepted_before += open.queues.remove(index).accepted();
        }
    }

    pub(super) fn for_each(&self, act: impl FnMut(&Arc<Queue<R>>)) {
        self.lock().queues.iter().for_each(act);
    }

    /// Takes no more records and no more loggers. `reason` is the error that ended the thread, if it was
    /// not the guard.
    pub(super) fn close(&self, reason: Option<Error>) {
        if let Some(error) = reason {
            // It is closed once only.
            let _ = self.reason.set(error.at_path_if_unknown(&self.path));
        }
        let mut open = self.lock();
        open.is_closed = true;
        open.queues.iter().for_each(|queue| queue.close());
    }

    /// Returns the reason why no more records are taken.
    pub(super) fn closed(&self) -> Error {
        match self.reason.get() {
            Some(error) => error.clone(),
            None => Error::new(Cause::Closed).at_path(&self.path),
        }
    }

    /// Returns the number of records that all queues have taken.
    pub(super) fn accepted(&self) -> u64 {
        let open = self.lock();
        let accepted = open.queues.iter().map(|queue| queue.accepted());
        open.accepted_before + accepted.sum::<u64>()
    }
}
