//! Blocks of rows, on which several threads work at once.

use std::{num::NonZero, thread};

use npyrec::Value;

use super::{rows::Rows, slice::Picked};
use crate::failure::Result;

/// The most values of a block.
const VALUES: usize = 1 << 13;

/// The most threads, each of which has a block in memory.
const MOST_THREADS: usize = 8;

/// Returns the number of threads that are worth their start.
pub(crate) fn threads() -> usize {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    threads.min(MOST_THREADS)
}

/// Returns the number of rows of a block, from the bytes of a row.
fn rows_of_block(itemsize: usize) -> u64 {
    (VALUES / itemsize.div_ceil(8).max(1)).max(1) as u64
}

impl Rows<'_> {
    /// Calls `make` with blocks of the rows in several threads, and `take` with what it returns, in the order of the
    /// rows.
    pub(crate) fn each_block<T: Send>(
        &mut self,
        picked: Picked,
        make: &(dyn Fn(Vec<Value>) -> Result<T> + Sync),
        take: &mut dyn FnMut(T) -> Result<()>,
    ) -> Result<()> {
        let rows = rows_of_block(self.layout().row.itemsize());
        let blocks = picked.count.div_ceil(rows);
        let part = |block: u64| Picked {
            first: picked.row(block * rows),
            count: rows.min(picked.count - block * rows),
            step: picked.step,
        };
        let mut first = 0;
        while first < blocks {
            let wave = (first..blocks).take(threads()).map(part);
            let parts: Vec<Picked> = wave.collect();
            first += parts.len() as u64;
            for made in self.make_all(&parts, make)? {
                take(made?)?;
            }
        }
        Ok(())
    }

    fn make_all<T: Send>(
        &mut self,
        parts: &[Picked],
        make: &(dyn Fn(Vec<Value>) -> Result<T> + Sync),
    ) -> Result<Vec<Result<T>>> {
        let is_backwards = parts.iter().any(|part| part.step < 0);
        if let Some(read) = self.range_reader().filter(|_| !is_backwards) {
            return Ok(in_threads(parts, |part| make(read(*part)?)));
        }
        let mut blocks = Vec::new();
        for part in parts {
            let mut values = Vec::new();
            self.each(*part, |_, value| {
                values.push(value);
                Ok(())
            })?;
            blocks.push(values);
        }
        Ok(in_threads(blocks, make))
    }
}

/// Calls `work` with each item in another thread. Returns the results, in the order of the items.
pub(crate) fn in_threads<I: Send, T: Send>(
    items: impl IntoIterator<Item = I>,
    work: impl Fn(I) -> T + Sync,
) -> Vec<T> {
    let work = &work;
    thread::scope(|scope| {
        let threads = items
            .into_iter()
            .map(|item| scope.spawn(move || work(item)));
        let threads: Vec<_> = threads.collect();
        let results = threads.into_iter().map(thread::ScopedJoinHandle::join);
        // A panic of a thread is one of this.
        results
            .map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
