//! What is measured: work, and the ways of doing it.

use std::path::PathBuf;

/// Some work that can be done in several ways, the first of which the others are measured by.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// What is counted.
    pub(crate) unit: &'static str,
    /// How many of it there are.
    pub(crate) ops: f64,
    /// The rows of the file that is there before, if one is.
    pub(crate) rows: f64,
    /// Makes that file. It runs before each run, in a process of its own.
    pub(crate) prepare: Option<fn(&Job)>,
    /// The time of the clock is shown too.
    pub(crate) waits: bool,
    pub(crate) ways: &'static [Way],
}

/// One way of doing it.
pub(crate) struct Way {
    pub(crate) name: &'static str,
    /// How many of the operations it does, as a part of those of the base; the slow do fewer.
    pub(crate) share: f64,
    pub(crate) run: Run,
}

pub(crate) enum Run {
    Rust(fn(&Job)),
    /// By the function of this name in `python.py`.
    Python(&'static str),
}

impl Way {
    pub(crate) const fn new(name: &'static str, run: fn(&Job)) -> Self {
        Way {
            name,
            share: 1.0,
            run: Run::Rust(run),
        }
    }

    pub(crate) const fn python(name: &'static str, function: &'static str) -> Self {
        Way {
            name,
            share: 1.0,
            run: Run::Python(function),
        }
    }

    pub(crate) const fn share(mut self, share: f64) -> Self {
        self.share = share;
        self
    }
}

/// What a process is to do.
pub(crate) struct Job {
    pub(crate) folder: PathBuf,
    pub(crate) ops: u64,
    pub(crate) rows: u64,
}

/// The name of what a way writes, which is removed when its process has ended.
pub(crate) const OUT: &str = "out";

impl Job {
    pub(crate) fn out(&self) -> PathBuf {
        self.path(OUT)
    }

    /// Where a file is that stays for the next way.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// How often all rows are gone through; once at the least.
    pub(crate) fn passes(&self) -> u64 {
        (self.ops / self.rows.max(1)).max(1)
    }
}
