use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    options::BackgroundOptions,
    queue::{Counts, Queue},
};
use crate::error::Error;

/// The queues of all loggers of a thread.
#[derive(Debug)]
pub(super) struct Lanes<R> {
    options: BackgroundOptions,
    /// The file, for errors.
    path: PathBuf,
    open: Mutex<Open<R>>,
}

#[derive(Debug)]
struct Open<R> {
    queues: Vec<Arc<Queue<R>>>,
    is_closed: bool,
    /// Of the queues that are gone.
    gone: Counts,
}

impl<R> Lanes<R> {
    pub(super) fn new(options: BackgroundOptions, path: &Path) -> Self {
        Lanes {
            options,
            path: path.to_owned(),
            open: Mutex::new(Open {
                queues: Vec::new(),
                is_closed: false,
                gone: Counts::default(),
            }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn lock(&self) -> MutexGuard<'_, Open<R>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new queue, behind the others.
    pub(super) fn add(&self) -> Arc<Queue<R>> {
        let queue = Arc::new(Queue::new(&self.options));
        let mut open = self.lock();
        match open.is_closed {
            true => queue.close(),
            false => open.queues.push(Arc::clone(&queue)),
        }
        queue
    }

    pub(super) fn get(&self, index: usize) -> Option<Arc<Queue<R>>> {
        self.lock().queues.get(index).map(Arc::clone)
    }

    /// Forgets a queue that nobody logs to, and that is empty.
    pub(super) fn remove(&self, index: usize) {
        let mut open = self.lock();
        if index < open.queues.len() {
            let counts = open.queues.remove(index).counts();
            open.gone = open.gone.plus(counts);
        }
    }

    pub(super) fn for_each(&self, act: impl FnMut(&Arc<Queue<R>>)) {
        self.lock().queues.iter().for_each(act);
    }

    /// Takes no more records, nor any logger that could.
    pub(super) fn close(&self) {
        let mut open = self.lock();
        open.is_closed = true;
        open.queues.iter().for_each(|queue| queue.close());
    }

    /// Closes, and leaves each logger an error to tell.
    pub(super) fn close_with(&self, error: &Error) {
        self.for_each(|queue| queue.post(error.again()));
        self.close();
    }

    /// Of all loggers, those that are gone included.
    pub(super) fn counts(&self) -> Counts {
        let open = self.lock();
        let queues = open.queues.iter();
        queues.fold(open.gone, |sum, queue| sum.plus(queue.counts()))
    }
}
