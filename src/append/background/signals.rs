use std::{
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use crate::error::{Error, ErrorKind, Result};

/// What loggers and the guard want of the thread, and what it answers.
#[derive(Debug, Default)]
pub(super) struct Signals {
    state: Mutex<State>,
    /// For the thread.
    called: Condvar,
    /// For those who flush.
    answered: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Records wait.
    has_work: bool,
    is_closing: bool,
    /// How it ended, if it did: whether all records are committed.
    ended: Option<bool>,
    /// Those who flush, and wait for an answer.
    flushes: Vec<u64>,
    answers: Vec<(u64, Result<()>)>,
    next_flush: u64,
    progress: Progress,
}

/// What the thread did with the records it took.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// They are in the file, and the header counts them.
    pub(super) committed: u64,
    /// They could not be encoded.
    pub(super) refused: u64,
}

impl Signals {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the thread look at the queues.
    pub(super) fn call(&self) {
        let mut state = self.lock();
        if !mem::replace(&mut state.has_work, true) {
            drop(state);
            self.called.notify_one();
        }
    }

    /// Lets the thread end.
    pub(super) fn close(&self) {
        self.lock().is_closing = true;
        self.called.notify_one();
    }

    /// Waits until the thread has committed what waits now, or could not.
    pub(super) fn flush(&self) -> Result<()> {
        let mut state = self.lock();
        let own = state.next_flush;
        state.next_flush += 1;
        state.flushes.push(own);
        self.called.notify_one();
        loop {
            if let Some(at) = state.answers.iter().position(|(flush, _)| *flush == own) {
                return state.answers.swap_remove(at).1;
            }
            match state.ended {
                Some(true) => return Ok(()),
                Some(false) => return Err(Error::new(ErrorKind::Closed)),
                None => {}
            }
            let woken = self.answered.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for a call, or until `deadline`. Moves those who flush to `flushes`; whether the thread is to
    /// end.
    pub(super) fn wait(&self, deadline: Option<Instant>, flushes: &mut Vec<u64>) -> bool {
        let mut state = self.lock();
        while !state.has_work && !state.is_closing && state.flushes.is_empty() {
            state = match deadline.map(|at| at.saturating_duration_since(Instant::now())) {
                None => {
                    let woken = self.called.wait(state);
                    woken.unwrap_or_else(PoisonError::into_inner)
                }
                Some(left) if left.is_zero() => break,
                Some(left) => {
                    let woken = self.called.wait_timeout(state, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        state.has_work = false;
        flushes.append(&mut state.flushes);
        state.is_closing
    }

    pub(super) fn answer(&self, flush: u64, answer: Result<()>) {
        self.lock().answers.push((flush, answer));
        self.answered.notify_all();
    }

    pub(super) fn set_progress(&self, progress: Progress) {
        self.lock().progress = progress;
    }

    pub(super) fn progress(&self) -> Progress {
        self.lock().progress
    }

    /// Notes that the thread answers no more.
    pub(super) fn end(&self, is_all_committed: bool) {
        self.lock().ended = Some(is_all_committed);
        self.answered.notify_all();
    }
}
