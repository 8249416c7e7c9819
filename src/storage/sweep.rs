//! Fault plans: each call to a storage fails alone, with a second call, and with all later calls.

use std::{
    collections::HashSet,
    env, fs, io,
    process::Command,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Call, Disk, Fault};
use crate::header::Header;

/// The variable that selects the long form of the tests, as in `.ci/run`.
const FULL: &str = "NPYREC_FULL";

/// The calls that fail in one case.
#[derive(Clone, Debug)]
pub(crate) enum Plan {
    /// These calls, by their number.
    Some(Vec<(u64, Fault)>),
    /// A call and all later calls. The first has its own fault, which may be a short write.
    From(u64, Fault, io::ErrorKind),
    /// From this call on, all calls that make the file longer than it was.
    Full(u64),
    /// From this call on, all calls that write or sync.
    Writing(u64),
}

/// The calls of one case, while faults were possible.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<Call>>>);

impl Seen {
    fn push(&self, call: Call) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(call);
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.clone()
    }
}

/// The cases that were run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cases {
    pub(crate) single: u64,
    pub(crate) pairs: u64,
    pub(crate) for_ever: u64,
}

impl Cases {
    pub(crate) fn all(self) -> u64 {
        self.single + self.pairs + self.for_ever
    }
}

impl std::ops::AddAssign for Cases {
    fn add_assign(&mut self, other: Self) {
        self.single += other.single;
        self.pairs += other.pairs;
        self.for_ever += other.for_ever;
    }
}

impl Plan {
    /// Lets the calls to a disk fail as planned from now on, and does something before each call.
    pub(crate) fn start(
        &self,
        disk: &Disk,
        mut before: impl FnMut(u64, &Call) + Send + 'static,
    ) -> Seen {
        let (seen, plan) = (Seen::default(), self.clone());
        let noted = seen.clone();
        let mut longest = 0;
        disk.fail(move |nth, call| {
            before(nth, call);
            noted.push(call.clone());
            let end = match call {
                Call::Write { offset, len } => offset + len,
                _ => 0,
            };
            let fault = plan.fault(nth, call, end > longest);
            if fault == Fault::None {
                longest = longest.max(end);
            }
            fault
        });
        seen
    }

    fn fault(&self, nth: u64, call: &Call, is_longer: bool) -> Fault {
        match self {
            Plan::Some(faults) => {
                let fault = faults.iter().find(|(at, _)| *at == nth);
                fault.map_or(Fault::None, |(_, fault)| *fault)
            }
            Plan::From(first, fault, _) if nth == *first => *fault,
            Plan::From(first, _, kind) if nth > *first => Fault::Error(*kind),
            Plan::Full(first) if nth >= *first => match call {
                Call::Write { .. } if is_longer => Fault::Error(io::ErrorKind::StorageFull),
                Call::Allocate | Call::Insert => Fault::Error(io::ErrorKind::StorageFull),
                _ => Fault::None,
            },
            Plan::Writing(first) if nth >= *first => match call {
                Call::Write { .. } | Call::Sync => Fault::Error(io::ErrorKind::Other),
                _ => Fault::None,
            },
            Plan::From(..) | Plan::Full(_) | Plan::Writing(_) => Fault::None,
        }
    }

    /// The first call that fails.
    pub(crate) fn first(&self) -> u64 {
        match self {
            Plan::Some(faults) => faults.first().map_or(0, |(nth, _)| *nth),
            Plan::From(nth, ..) | Plan::Full(nth) | Plan::Writing(nth) => *nth,
        }
    }

    /// Returns true if two calls fail.
    pub(crate) fn is_pair(&self) -> bool {
        matches!(self, Plan::Some(faults) if faults.len() > 1)
    }

    /// Returns true if a call reads or writes a part.
    pub(crate) fn tears(&self) -> bool {
        match self {
            Plan::Some(faults) => {
                let mut faults = faults.iter();
                faults.any(|(_, fault)| matches!(fault, Fault::Short(_)))
            }
            Plan::From(_, fault, _) => matches!(fault, Fault::Short(_)),
            Plan::Full(_) | Plan::Writing(_) => false,
        }
    }

    /// Returns true if the storage fails until it is healed.
    pub(crate) fn is_for_ever(&self) -> bool {
        !matches!(self, Plan::Some(_))
    }
}

/// Returns the faults of a call. The standard library retries interrupted calls except reads and writes.
fn faults(call: &Call) -> Vec<Fault> {
    use io::ErrorKind::{Interrupted, Other, QuotaExceeded, StorageFull};
    match call {
        Call::Read => vec![
            Fault::Error(Other),
            Fault::Error(Interrupted),
            Fault::Short(1),
        ],
        Call::Write { .. } => vec![
            Fault::Error(Other),
            Fault::Error(StorageFull),
            Fault::Error(QuotaExceeded),
            Fault::Error(Interrupted),
            Fault::Short(0),
            Fault::Short(1),
            Fault::Short(5),
        ],
        Call::Allocate | Call::Insert => [Other, StorageFull, io::ErrorKind::Unsupported]
            .map(Fault::Error)
            .to_vec(),
        _ => vec![Fault::Error(Other)],
    }
}

/// Returns the faults with different consequences. After a short write, the next call writes the rest.
fn distinct(call: &Call) -> Vec<Fault> {
    match call {
        Call::Write { len, .. } if *len > 1 => {
            vec![Fault::Error(io::ErrorKind::Other), Fault::Short(3)]
        }
        Call::Allocate => vec![
            Fault::Error(io::ErrorKind::StorageFull),
            Fault::Error(io::ErrorKind::Unsupported),
        ],
        _ => vec![Fault::Error(io::ErrorKind::Other)],
    }
}

pub(crate) fn is_full() -> bool {
    env::var_os(FULL).is_some()
}

/// Runs `run` with every single call failing, every pair of calls, and every call and all that follow it.
/// `run` returns the calls that were made. In the short form, one pair of `stride` is run.
///
/// If `is_whole` returns true, a write is complete or does not happen. An example is a header, whose bytes
/// are within a page: no system stops within a page.
pub(crate) fn sweep(
    stride: usize,
    is_whole: impl Fn(&Call) -> bool,
    mut run: impl FnMut(&Plan) -> Seen,
) -> Cases {
    let mut cases = Cases::default();
    let calls = run(&Plan::Some(Vec::new())).calls();
    let stride = if is_full() { 1 } else { stride };
    let mut pair = 0;
    for (nth, call) in (0..).zip(&calls) {
        for fault in faults(call) {
            run(&Plan::Some(vec![(nth, fault)]));
            cases.single += 1;
        }
        for fault in distinct(call) {
            let first = (nth, fault);
            let others = run(&Plan::Some(vec![first])).calls();
            for (second, call) in (0..).zip(&others).skip(usize::try_from(nth).unwrap() + 1) {
                for fault in distinct(call) {
                    pair += 1;
                    if pair % stride == 0 {
                        run(&Plan::Some(vec![first, (second, fault)]));
                        cases.pairs += 1;
                    }
                }
            }
        }
        for kind in [io::ErrorKind::Other, io::ErrorKind::StorageFull] {
            run(&Plan::From(nth, Fault::Error(kind), kind));
            cases.for_ever += 1;
        }
        if matches!(call, Call::Write { len, .. } if *len > 1) && !is_whole(call) {
            let kind = io::ErrorKind::StorageFull;
            run(&Plan::From(nth, Fault::Short(3), kind));
            cases.for_ever += 1;
        }
        for plan in [Plan::Full(nth), Plan::Writing(nth)] {
            run(&plan);
            cases.for_ever += 1;
        }
    }
    cases
}

/// Checks that NumPy, if installed, loads files as [`Header`] reads them. At most `most` files are checked.
pub(crate) fn check_with_numpy(files: &HashSet<Vec<u8>>, most: usize) {
    const MADE_BY_THE_SUITE: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/target/tmp/numpy-environment/bin/python"
    );
    let has_numpy = |python: &&str| {
        let check = Command::new(python).args(["-c", "import numpy"]).output();
        check.is_ok_and(|output| output.status.success())
    };
    let Some(python) = ["python3", "python", MADE_BY_THE_SUITE]
        .into_iter()
        .find(has_numpy)
    else {
        eprintln!("*** SKIPPED: NumPy's reading of what is left, as there is none ***");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let sample = files.iter().take(most);
    let shapes = sample.enumerate().map(|(nth, bytes)| {
        fs::write(dir.path().join(format!("{nth}.npy")), bytes).unwrap();
        let header = Header::read_from(&mut &bytes[..]).unwrap();
        format!("{:?}\n", header.shape())
    });
    let shapes: Vec<String> = shapes.collect();
    let code = "import sys, numpy as np\n\
                for n in range(int(sys.argv[2])): print(list(np.load(f'{sys.argv[1]}/{n}.npy').shape))";
    let count = shapes.len().to_string();
    let loaded = Command::new(python)
        .args(["-c", code])
        .arg(dir.path())
        .arg(count)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&loaded.stderr);
    assert!(loaded.status.success(), "{errors}");
    assert_eq!(
        String::from_utf8_lossy(&loaded.stdout).replace('\r', ""),
        shapes.concat()
    );
}
