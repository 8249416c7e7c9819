use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    lanes::Lanes,
    options::BackgroundOptions,
    queue::{Queue, is_of_record, room_for_records},
    signals::{Progress, Signals},
};
use crate::{
    append::Appender,
    error::{Error, ErrorKind, Result},
    record::NpyRecord,
};

/// How long after writing failed it is tried again.
const RETRY: Duration = Duration::from_millis(100);

/// What the thread works with: it takes the records of one queue after another, and appends them.
pub(super) struct Writer<R: NpyRecord> {
    appender: Appender<R>,
    options: BackgroundOptions,
    lanes: Arc<Lanes<R>>,
    signals: Arc<Signals>,
    /// The records that were taken, and how many of them are appended or refused.
    batch: Vec<R>,
    done: usize,
    /// Whose they are.
    origin: Option<Arc<Queue<R>>>,
    /// Whether any were taken since the last look at the clock.
    has_taken: bool,
    /// When to commit, or to try again; whenever a record waits for that, there is a time.
    deadline: Option<Instant>,
    is_failing: bool,
    /// The rows that were not logged.
    rows_before: u64,
    refused: u64,
    /// An error of a record whose logger is gone.
    untold: Option<Error>,
}

impl<R: NpyRecord> Writer<R> {
    pub(super) fn new(
        appender: Appender<R>,
        options: BackgroundOptions,
        lanes: Arc<Lanes<R>>,
        signals: Arc<Signals>,
    ) -> Self {
        Writer {
            batch: room_for_records(options.capacity),
            rows_before: appender.rows(),
            deadline: Instant::now().checked_add(options.commit_interval),
            appender,
            options,
            lanes,
            signals,
            done: 0,
            origin: None,
            has_taken: false,
            is_failing: false,
            refused: 0,
            untold: None,
        }
    }

    /// Works until it is told to end; what the guard tells.
    pub(super) fn work(mut self) -> Result<()> {
        let worked = catch_unwind(AssertUnwindSafe(|| {
            self.work_until_closed();
            self.close()
        }));
        // An error of a record that is left out is all that `close` tells when the others are committed.
        let is_all_committed = match &worked {
            Ok(result) => result.as_ref().err().is_none_or(is_of_record),
            Err(_) => false,
        };
        let result = worked.unwrap_or_else(|payload| {
            let error = panicked(&*payload);
            self.lanes.close_with(&error);
            Err(error)
        });
        self.signals.end(is_all_committed);
        result.map_err(|e| e.at_path(self.appender.path()))
    }

    fn work_until_closed(&mut self) {
        let mut flushes = Vec::new();
        while !self.signals.wait(self.deadline, &mut flushes) || !flushes.is_empty() {
            let is_due = self.deadline.is_some_and(|at| at <= Instant::now());
            if flushes.is_empty() {
                let result = match is_due {
                    true => self.append_and_commit(),
                    false => self.append_all(),
                };
                self.note(&result);
            }
            for flush in flushes.drain(..) {
                let result = self.append_and_commit();
                self.note(&result);
                self.signals.answer(flush, result);
            }
            self.set_deadline(is_due);
        }
    }

    fn set_deadline(&mut self, is_due: bool) {
        let (has_taken, now) = (std::mem::take(&mut self.has_taken), Instant::now());
        if self.is_failing {
            self.deadline = now.checked_add(RETRY);
        } else if has_taken && (is_due || self.deadline.is_none()) {
            self.deadline = now.checked_add(self.options.commit_interval);
        } else if is_due {
            self.deadline = None;
        }
    }

    /// Lets loggers know of a failure: all of them once, and then those without room, unless it is for
    /// good.
    fn note(&mut self, result: &Result<()>) {
        let was_failing = std::mem::replace(&mut self.is_failing, result.is_err());
        let Err(error) = result else { return };
        let is_known = was_failing && matches!(error.kind(), ErrorKind::Io(_));
        self.lanes.for_each(|queue| match is_known {
            true => queue.post_if_full(error),
            false => queue.post(error.again()),
        });
    }

    /// Commits also if it could not append all.
    fn append_and_commit(&mut self) -> Result<()> {
        let appended = self.append_all();
        let committed = self.commit();
        appended.and(committed)
    }

    /// Appends what is left of the last batch, and then one of each queue.
    fn append_all(&mut self) -> Result<()> {
        self.append_batch()?;
        let mut index = 0;
        while let Some(queue) = self.lanes.get(index) {
            let goes_on = queue.take(&mut self.batch);
            self.has_taken |= !self.batch.is_empty();
            self.origin = Some(Arc::clone(&queue));
            self.append_batch()?;
            match goes_on {
                true => index += 1,
                false => {
                    self.lanes.remove(index);
                    self.untold = self.untold.take().or_else(|| queue.take_error());
                }
            }
        }
        if self.options.commit_every < u64::MAX {
            self.call_in_time(index);
        }
        Ok(())
    }

    /// Has the queues call before as many rows wait in all of them as are to be committed at once.
    fn call_in_time(&self, queues: usize) {
        let left = self.options.commit_every.saturating_sub(self.uncommitted());
        let each = usize::try_from(left).unwrap_or(usize::MAX) / queues.max(1);
        let mut calls = false;
        self.lanes
            .for_each(|queue| calls |= queue.call_at_most(each.max(1)));
        if calls {
            self.signals.call();
        }
    }

    fn uncommitted(&self) -> u64 {
        self.appender.rows() - self.appender.committed_rows()
    }

    /// Appends the batch. What fails to be written is kept; a record that cannot be encoded is not.
    fn append_batch(&mut self) -> Result<()> {
        while let Some(left) = self.batch.get(self.done..).filter(|left| !left.is_empty()) {
            let before = self.appender.rows();
            let append = || self.appender.append_slice(left);
            let result = catch_unwind(AssertUnwindSafe(append))
                .unwrap_or_else(|payload| Err(panicked(&*payload).at_row(self.appender.rows())));
            // What was appended are records of the batch, whose number is a `usize`.
            let appended = self.appender.rows() - before;
            self.done += usize::try_from(appended).unwrap_or(usize::MAX);
            match result {
                Err(error) if is_of_record(&error) => self.refuse(error),
                result => result?,
            }
        }
        self.batch.clear();
        self.done = 0;
        match self.uncommitted() >= self.options.commit_every {
            true => self.commit(),
            false => Ok(()),
        }
    }

    fn refuse(&mut self, error: Error) {
        self.done += 1;
        self.refused += 1;
        self.set_progress();
        match &self.origin {
            Some(queue) => queue.post(error),
            None => self.untold = Some(error),
        }
    }

    fn commit(&mut self) -> Result<()> {
        let result = self.appender.commit();
        self.set_progress();
        result
    }

    fn set_progress(&self) {
        let committed = self.appender.committed_rows();
        self.signals.set_progress(Progress {
            committed: committed.saturating_sub(self.rows_before),
            refused: self.refused,
        });
    }

    /// Appends what is left in the queues, which take no more.
    fn close(&mut self) -> Result<()> {
        self.lanes.close();
        self.append_and_commit()?;
        let mut untold = self.untold.take();
        self.lanes
            .for_each(|queue| untold = untold.take().or_else(|| queue.take_error()));
        match untold {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

/// What a panic said, as an error.
pub(super) fn panicked(payload: &(dyn Any + Send)) -> Error {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    Error::new(ErrorKind::Panicked(text.unwrap_or_default().to_owned()))
}
