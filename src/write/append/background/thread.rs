use std::{
    mem,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    lanes::Lanes,
    options::BackgroundOptions,
    panics::catch_panic,
    queue::room_for_records,
    signals::{Signals, be_appending_thread},
    sink::{LogTarget, is_final, is_of_record, lost_rows},
};
use crate::error::{Cause, Error, Result};

/// The time from a failed write to the next attempt.
const RETRY: Duration = Duration::from_millis(100);

/// The state of the thread, which takes the items of one queue after another and appends them.
pub(super) struct AppendingThread<S: LogTarget> {
    sink: S,
    options: BackgroundOptions,
    lanes: Arc<Lanes<S::Item>>,
    signals: Arc<Signals>,
    /// The items that were taken, and the number of them that are appended or refused.
    batch: Vec<S::Item>,
    done: usize,
    /// The largest number of items that are appended at once.
    at_once: usize,
    /// True if items were taken since the last look at the clock.
    has_taken: bool,
    /// When to commit, or to try again. While a record waits for that, there is a time.
    deadline: Option<Instant>,
    is_failing: bool,
    /// The numbers of items that are appended, and that are committed.
    appended: u64,
    committed: u64,
}

impl<S: LogTarget> AppendingThread<S> {
    pub(super) fn new(
        sink: S,
        options: BackgroundOptions,
        lanes: Arc<Lanes<S::Item>>,
        signals: Arc<Signals>,
    ) -> Self {
        AppendingThread {
            batch: room_for_records(options.capacity),
            deadline: Instant::now().checked_add(options.commit_interval),
            sink,
            options,
            lanes,
            signals,
            done: 0,
            at_once: usize::MAX,
            has_taken: false,
            is_failing: false,
            appended: 0,
            committed: 0,
        }
    }

    /// Works until the guard or an error ends it.
    pub(super) fn work(mut self) {
        be_appending_thread();
        let worked = self.catch(Self::work_until_closed);
        self.lanes.close(worked.as_ref().err().cloned());
        // The queues take no more records.
        let worked = worked.and_then(|()| self.try_twice(Self::append_all));
        // The rows in the file are committed even if others could not be appended.
        let closed = match worked.is_ok() {
            true => self.try_twice(|writer| writer.sink.rows().close()),
            false => self.catch(|writer| writer.sink.rows().close()),
        };
        self.note_committed();
        let error = worked.and(closed).err();
        if let Some(error) = &error {
            self.call_back(error);
            let lost_rows = lost_rows(error, self.sink.rows().committed_in_file());
            let committed = self.committed.saturating_sub(lost_rows);
            self.signals.set_committed(committed);
        }
        let done = self.signals.done();
        let lost = self.lanes.accepted().saturating_sub(done);
        self.discard_rest();
        self.signals.end(lost, error.as_ref());
    }

    /// Runs `attempt`, and runs it again if an I/O error ended it that may pass.
    fn try_twice(&mut self, attempt: impl Fn(&mut Self) -> Result<()>) -> Result<()> {
        let Err(error) = self.catch(&attempt) else {
            return Ok(());
        };
        let may_pass = matches!(error.cause(), Cause::Io(_));
        if !may_pass || self.sink.rows().is_halted() {
            return Err(error);
        }
        self.catch(&attempt)?;
        if !self.is_failing {
            self.report_passing(error);
        }
        Ok(())
    }

    /// Drops the records that could not be appended.
    fn discard_rest(&mut self) {
        self.discard();
        for index in 0..self.lanes.len() {
            if let Some(queue) = self.lanes.get(index) {
                queue.take(&mut self.batch);
            }
            self.discard();
        }
    }

    /// Makes a panic, which would be a fault of this crate, an error.
    fn catch(&mut self, work: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        catch_panic("append logged records", || work(self))
            .and_then(|result| result)
            .map_err(|e| e.at_path_if_unknown(self.lanes.path()))
    }

    /// Works until the guard closes. Returns the error after which no write can succeed, if one occurs.
    fn work_until_closed(&mut self) -> Result<()> {
        let mut flushes = Vec::new();
        while !self.signals.wait(self.deadline, &mut flushes) || !flushes.is_empty() {
            let is_due = self.deadline.is_some_and(|at| at <= Instant::now());
            let result = match is_due || !flushes.is_empty() {
                true => self.append_and_commit(),
                false => self.append_all(),
            };
            let rotated = match result.is_ok() && flushes.iter().any(|flush| flush.rotates) {
                true => self.sink.rows().rotate(),
                false => result.clone(),
            };
            self.note(&rotated)?;
            for flush in flushes.drain(..) {
                let answer = if flush.rotates { &rotated } else { &result };
                self.signals.answer(flush, answer.clone());
            }
            self.set_deadline(is_due);
        }
        Ok(())
    }

    fn set_deadline(&mut self, is_due: bool) {
        let (has_taken, now) = (mem::take(&mut self.has_taken), Instant::now());
        if self.is_failing {
            self.deadline = now.checked_add(RETRY);
        } else if has_taken && (is_due || self.deadline.is_none()) {
            self.deadline = now.checked_add(self.options.commit_interval);
        } else if is_due {
            self.deadline = None;
        }
    }

    /// Reports the first of several failed writes. Returns the error if no later write can succeed.
    fn note(&mut self, result: &Result<()>) -> Result<()> {
        let was_failing = mem::replace(&mut self.is_failing, result.is_err());
        let Err(error) = result else { return Ok(()) };
        if is_final(error) || self.sink.rows().is_halted() {
            return Err(error.clone());
        }
        if !was_failing {
            self.report_passing(error.clone());
        }
        Ok(())
    }

    /// Reports an error that cost no record.
    fn report_passing(&mut self, error: Error) {
        match self.options.on_error {
            Some(_) => self.call_back(&error),
            None => self.signals.pass(error),
        }
    }

    fn call_back(&self, error: &Error) {
        if let Some(callback) = &self.options.on_error {
            // The panic's message was printed, and costs no record.
            let _ = catch_panic("call back", || (callback.0)(error));
        }
    }

    /// Appends and commits all records. While writing fails it commits first, so that the rows in the file
    /// are committed, and each retry writes once.
    fn append_and_commit(&mut self) -> Result<()> {
        if self.is_failing {
            self.commit()?;
        }
        self.append_all()?;
        self.commit()
    }

    /// Appends the rest of the last batch, and then a batch of each queue. A logger that the callback
    /// clones is left for the next time, so that this comes to an end.
    fn append_all(&mut self) -> Result<()> {
        self.append_batch()?;
        let mut index = 0;
        for _ in 0..self.lanes.len() {
            let Some(queue) = self.lanes.get(index) else {
                break;
            };
            let goes_on = queue.take(&mut self.batch);
            self.has_taken |= !self.batch.is_empty();
            self.append_batch()?;
            match goes_on {
                true => index += 1,
                false => self.lanes.remove(index),
            }
        }
        if self.options.commit_every < u64::MAX {
            self.call_in_time(index);
        }
        Ok(())
    }

    /// Makes the queues call the thread before all of them together hold the items of one commit.
    fn call_in_time(&mut self, queues: usize) {
        let left = self
            .options
            .commit_every
            .saturating_sub(self.uncommitted_rows());
        let each = usize::try_from(left).unwrap_or(usize::MAX) / queues.max(1);
        let mut calls = false;
        self.lanes
            .for_each(|queue| calls |= queue.call_at_most(each.max(1)));
        if calls {
            self.signals.call();
        }
    }

    fn uncommitted_rows(&mut self) -> u64 {
        let rows = self.sink.rows();
        rows.rows().saturating_sub(rows.committed())
    }

    /// Appends the batch. Items that cannot be written stay in it; one that does not fit is refused.
    fn append_batch(&mut self) -> Result<()> {
        while let Some(left) = self.batch.get(self.done..).filter(|left| !left.is_empty()) {
            let now = left.get(..self.at_once).unwrap_or(left);
            let (items, result) = self.sink.append(now);
            let is_one = now.len() == 1;
            self.done += items;
            self.appended += items as u64;
            match result {
                Ok(()) => {}
                Err(error) if is_of_record(&error) => self.refuse(error),
                // There may be room for the first of them.
                Err(error) if is_final(&error) && !is_one => self.at_once = 1,
                Err(error) => return Err(error),
            }
        }
        self.discard();
        match self.uncommitted_rows() >= self.options.commit_every {
            true => self.commit(),
            false => Ok(()),
        }
    }

    /// Drops the batch. If destructors panic, runs the others as well, and reports the last panic.
    fn discard(&mut self) {
        self.done = 0;
        let mut panic = None;
        if !mem::needs_drop::<S::Item>() {
            self.batch.clear();
        }
        while !self.batch.is_empty() {
            let dropped = catch_panic("drop a record", || {
                while let Some(item) = self.batch.pop() {
                    drop(item);
                }
            });
            if let Err(error) = dropped {
                panic = Some(error.at_path(self.lanes.path()));
            }
        }
        if let Some(error) = panic {
            self.report_passing(error);
        }
    }

    fn refuse(&mut self, error: Error) {
        self.done += 1;
        self.call_back(&error);
        self.signals.refuse(error);
    }

    fn commit(&mut self) -> Result<()> {
        let result = self.sink.rows().commit();
        self.note_committed();
        result
    }

    /// Counts the committed items. Each uncommitted row counts as one uncommitted item, so while a part of
    /// an item of several rows is in the file, the number may be too small.
    fn note_committed(&mut self) {
        let committed = self.appended.saturating_sub(self.uncommitted_rows());
        if committed > self.committed {
            self.committed = committed;
            self.signals.set_committed(committed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        path::Path,
        sync::atomic::{AtomicU64, Ordering},
    };

    use super::*;
    use crate::{
        record::NpyRecord,
        storage::{Call, Disk, Fault},
        write::append::{
            Appender,
            durability::Durability,
            rows::tests::{open_target, rows_in_header, settings},
            target::Target,
        },
    };

    #[test]
    fn each_attempt_on_a_disk_that_fails_writes_once() {
        let disk = Disk::new(Vec::new());
        let target = Target::rows(&u16::dtype()).unwrap();
        let rows = open_target(&disk, &target, settings(4, u64::MAX, Durability::Cached)).unwrap();
        let lanes = Arc::new(Lanes::new(100, Path::new("rows.npy")));
        let (queue, options) = (lanes.add(), BackgroundOptions::new());
        let sink = Appender::<u16>::from_rows(rows, ());
        let mut writer = AppendingThread::new(sink, options, lanes, Arc::default());
        // It stays in the buffer.
        queue.push(0).unwrap();
        writer.append_all().unwrap();
        let writes = Arc::new(AtomicU64::new(0));
        let written = Arc::clone(&writes);
        disk.fail(move |_, call| match call {
            Call::Write { .. } => {
                written.fetch_add(1, Ordering::Relaxed);
                Fault::Error(io::ErrorKind::StorageFull)
            }
            _ => Fault::None,
        });
        for number in 1..10 {
            queue.push(number).unwrap();
        }
        for attempt in 1..5 {
            let result = writer.append_and_commit();
            assert!(result.is_err());
            writer.note(&result).unwrap();
            assert_eq!(writes.load(Ordering::Relaxed), attempt);
        }
        disk.heal();
        let result = writer.append_and_commit();
        writer.note(&result).unwrap();
        result.unwrap();
        assert_eq!(rows_in_header(&disk), 10);
    }
}
