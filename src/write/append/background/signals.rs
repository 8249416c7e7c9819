use std::{
    cell::Cell,
    io, mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::failures::UnreportedErrors;
use crate::error::{Error, Result};

thread_local! {
    /// True on a thread that appends what is logged.
    static APPENDS: Cell<bool> = const { Cell::new(false) };
}

/// Notes that this thread appends what is logged.
pub(super) fn be_appending_thread() {
    APPENDS.set(true);
}

/// Returns true on a thread that appends what is logged, of this logger or of another. It runs the user's
/// callback, encoding and destructors, which must wait for no such thread: it may be their own, or wait
/// for their own.
pub(super) fn is_appending_thread() -> bool {
    APPENDS.get()
}

/// Returns an error on a thread that appends what is logged.
pub(super) fn must_not_wait(action: &'static str) -> Result<()> {
    match is_appending_thread() {
        true => {
            let message =
                "code that its thread runs, or that of another logger, would wait for itself";
            let error = io::Error::new(io::ErrorKind::Deadlock, message);
            Err(Error::io(action, error))
        }
        false => Ok(()),
    }
}

/// Requests of loggers and the guard to the thread, and its answers.
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
    /// The thread has ended: successfully, or with an error.
    ended: Option<Result<()>>,
    /// Those who flush, and wait for an answer.
    flushes: Vec<Flush>,
    answers: Vec<(u64, Result<()>)>,
    next_flush: u64,
    /// Records that are in the file and counted by its header.
    committed: u64,
    failures: UnreportedErrors,
}

/// A request to commit the records that wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flush {
    number: u64,
    /// The next shard starts after that.
    pub(super) rotates: bool,
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

    /// Waits until the thread has committed the records that wait now, or could not, and has then started the next
    /// shard if it `rotates`. Reports records that were refused since `known` were.
    pub(super) fn flush(&self, known: &mut u64, rotates: bool) -> Result<()> {
        must_not_wait("flush a background logger")?;
        let mut state = self.lock();
        let own = state.next_flush;
        if state.ended.is_none() {
            state.next_flush += 1;
            state.flushes.push(Flush {
                number: own,
                rotates,
            });
            self.called.notify_one();
        }
        let result = loop {
            if let Some(at) = state.answers.iter().position(|(flush, _)| *flush == own) {
                break state.answers.swap_remove(at).1;
            }
            match &state.ended {
                Some(Ok(())) => break Ok(()),
                Some(Err(error)) => break Err(error.clone()),
                None => {}
            }
            let woken = self.answered.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        };
        match result {
            Ok(()) => state.failures.report_since(known),
            Err(error) => {
                state.failures.forget_passing(&error);
                Err(error)
            }
        }
    }

    /// Waits for a call, or until `deadline`. Moves those who flush to `flushes`. Returns true if the
    /// thread must end.
    pub(super) fn wait(&self, deadline: Option<Instant>, flushes: &mut Vec<Flush>) -> bool {
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

    pub(super) fn answer(&self, flush: Flush, answer: Result<()>) {
        self.lock().answers.push((flush.number, answer));
        self.answered.notify_all();
    }

    pub(super) fn set_committed(&self, records: u64) {
        self.lock().committed = records;
    }

    pub(super) fn refuse(&self, error: Error) {
        self.lock().failures.refuse(error);
    }

    /// Keeps an error that cost no record, until it is reported.
    pub(super) fn pass(&self, error: Error) {
        self.lock().failures.pass(error);
    }

    pub(super) fn refused(&self) -> u64 {
        self.lock().failures.refused()
    }

    /// Returns the number of records that are committed or refused.
    pub(super) fn done(&self) -> u64 {
        let state = self.lock();
        state.committed + state.failures.refused()
    }

    /// Notes that the thread answers no more, and that `lost` records were taken and are not in the file.
    pub(super) fn end(&self, lost: u64, error: Option<&Error>) {
        let mut state = self.lock();
        state.failures.lose(lost);
        state.ended = Some(match error {
            Some(error) => Err(state.failures.add_to(error)),
            None => Ok(()),
        });
        state.flushes.clear();
        drop(state);
        self.answered.notify_all();
    }

    /// Returns the report of the guard, once the thread has ended.
    pub(super) fn report(&self) -> Result<()> {
        let mut state = self.lock();
        match &state.ended {
            Some(Err(error)) => Err(error.clone()),
            _ => state.failures.report_all(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flush_after_the_end_asks_nobody() {
        let signals = Signals::default();
        signals.end(0, None);
        for _ in 0..3 {
            signals.flush(&mut 0, false).unwrap();
        }
        let state = signals.lock();
        assert!(state.flushes.is_empty() && state.answers.is_empty());
    }
}
