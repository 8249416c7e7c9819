//! Blocks that several threads convert, and whose results are used in order.

use std::{
    collections::VecDeque,
    num::NonZero,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

/// A source of blocks to convert, which also takes the results. Both are called on the caller's thread.
pub(crate) trait Pipeline {
    /// A block with the place of its result.
    type Job: Send;
    type Error;

    /// Returns the next block, or `None` after the last one.
    fn next(&mut self) -> Result<Option<Self::Job>, Self::Error>;

    /// Takes a converted block. The blocks come in order.
    fn done(&mut self, job: Self::Job) -> Result<(), Self::Error>;
}

/// Returns `threads`, or the number of the processor's cores for 0.
pub(crate) fn threads_or_cores(threads: usize) -> usize {
    match threads {
        0 => thread::available_parallelism().map_or(1, NonZero::get),
        threads => threads,
    }
}

/// Converts all blocks of a pipeline by a function, on at most `threads` threads. The caller's thread is one of
/// them. Where the system starts no other thread, it does all the work.
///
/// # Errors
///
/// As the pipeline, whose first error in the order of the blocks ends the work. All blocks before it are done.
pub(crate) fn convert_in_order<P: Pipeline>(
    threads: usize,
    pipeline: &mut P,
    convert: impl Fn(&mut P::Job) + Sync,
) -> Result<(), P::Error> {
    let queue = JobQueue::default();
    thread::scope(|scope| {
        let _closed = CloseOnDrop(&queue);
        let mut started = 1_usize;
        for _ in 1..threads {
            let work = || {
                let _closed = CloseOnDrop(&queue);
                queue.work(&convert);
            };
            if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
            started += 1;
        }
        queue.run(started.saturating_mul(2), pipeline, &convert)
    })
}

/// The blocks that wait for a thread, and those that are converted.
struct JobQueue<J> {
    jobs: Mutex<Jobs<J>>,
    is_waiting: Condvar,
    is_converted: Condvar,
}

struct Jobs<J> {
    waiting: VecDeque<(u64, J)>,
    converted: Vec<(u64, J)>,
    /// No further block comes, or a thread has panicked.
    are_closed: bool,
}

impl<J> Default for JobQueue<J> {
    fn default() -> Self {
        JobQueue {
            jobs: Mutex::new(Jobs {
                waiting: VecDeque::new(),
                converted: Vec::new(),
                are_closed: false,
            }),
            is_waiting: Condvar::new(),
            is_converted: Condvar::new(),
        }
    }
}

/// Closes the queue when a thread ends, also by a panic, so that no other thread waits for it.
struct CloseOnDrop<'a, J>(&'a JobQueue<J>);

impl<J> Drop for CloseOnDrop<'_, J> {
    fn drop(&mut self) {
        self.0.jobs().are_closed = true;
        self.0.is_waiting.notify_all();
        self.0.is_converted.notify_all();
    }
}

impl<J> JobQueue<J> {
    fn jobs(&self) -> MutexGuard<'_, Jobs<J>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Converts blocks until the queue is closed.
    fn work(&self, convert: &impl Fn(&mut J)) {
        let mut jobs = self.jobs();
        while !jobs.are_closed {
            jobs = match jobs.waiting.pop_front() {
                Some(next) => {
                    drop(jobs);
                    self.convert(next, convert);
                    self.jobs()
                }
                None => self
                    .is_waiting
                    .wait(jobs)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn convert(&self, (number, mut job): (u64, J), convert: &impl Fn(&mut J)) {
        convert(&mut job);
        self.jobs().converted.push((number, job));
        self.is_converted.notify_one();
    }

    /// Takes blocks from a pipeline, at most `ahead` of them before the first one is done, and converts those that no
    /// other thread takes.
    fn run<P: Pipeline<Job = J>>(
        &self,
        ahead: usize,
        pipeline: &mut P,
        convert: &impl Fn(&mut J),
    ) -> Result<(), P::Error> {
        let (mut taken, mut done, mut end) = (0, 0, None);
        loop {
            while end.is_none() && taken - done < ahead as u64 {
                match pipeline.next() {
                    Ok(Some(job)) => {
                        self.jobs().waiting.push_back((taken, job));
                        self.is_waiting.notify_one();
                        taken += 1;
                    }
                    Ok(None) => end = Some(Ok(())),
                    Err(error) => end = Some(Err(error)),
                }
            }
            if let (true, Some(end)) = (taken == done, &mut end) {
                return std::mem::replace(end, Ok(()));
            }
            let mut jobs = self.jobs();
            if let Some(next) = jobs
                .converted
                .iter()
                .position(|(number, _)| *number == done)
            {
                let (_, job) = jobs.converted.swap_remove(next);
                drop(jobs);
                pipeline.done(job)?;
                done += 1;
            } else if let Some(next) = jobs.waiting.pop_front() {
                drop(jobs);
                self.convert(next, convert);
            } else if jobs.are_closed {
                // A thread panicked, and so will the caller when it waits for that thread.
                return Ok(());
            } else {
                drop(self.is_converted.wait(jobs));
            }
        }
    }
}
