//! Every call that an appender makes, failing alone, with another one, and with all that follow.

use std::{collections::HashSet, sync::Mutex};

use super::*;
#[cfg(feature = "mmap")]
use crate::storage::{FailingFile, MappedStorage};
use crate::{
    header::Order,
    storage::{Cases, Plan, Seen, check_with_numpy, sweep},
};

/// A kind of log.
#[derive(Clone, Copy, Debug)]
struct Kind {
    /// The elements of a row, and their order, unless the rows are elements.
    array: Option<(u64, Order)>,
    settings: AppendOptions,
}

/// The storage that a log is opened on, and what its file holds.
trait Medium {
    /// The disk that is asked about each call.
    fn disk(&self) -> &Arc<Disk>;

    /// The content of the file.
    fn bytes(&self) -> Vec<u8>;

    fn open(&self, kind: Kind) -> Result<Rows>;

    /// Returns what looks at the content of the file, from wherever it is.
    fn looker(&self) -> Option<Box<dyn Fn() -> Vec<u8> + Send>> {
        None
    }
}

impl Medium for Arc<Disk> {
    fn disk(&self) -> &Arc<Disk> {
        self
    }

    fn bytes(&self) -> Vec<u8> {
        Disk::bytes(self)
    }

    fn open(&self, kind: Kind) -> Result<Rows> {
        open_target(self, &kind.target(), kind.settings)
    }
}

impl Kind {
    fn target(self) -> Target {
        let dtype = "<u2".parse().unwrap();
        match self.array {
            None => Target::rows(&dtype),
            Some((len, order)) => Target::array(dtype, Some(&[len]), Some(order)),
        }
        .unwrap()
    }

    fn row_len(self) -> u64 {
        self.array.map_or(1, |(len, _)| len)
    }

    /// The size of a row.
    fn row_size(self) -> usize {
        usize::try_from(self.row_len()).unwrap() * 2
    }

    /// The bytes of rows, all elements of each of which have its number.
    fn rows(self, numbers: &[u16]) -> Vec<u8> {
        let mut rows = Vec::with_capacity(numbers.len() * self.row_size());
        for number in numbers {
            for _ in 0..self.row_len() {
                rows.extend_from_slice(&number.to_le_bytes());
            }
        }
        rows
    }

    /// The bytes of a row whose elements all have its number.
    fn row(self, number: u16) -> Vec<u8> {
        self.rows(&[number])
    }

    fn header(self, rows: usize) -> Header {
        let target = self.target();
        let header = target.new_header().unwrap();
        header.with_rows(rows as u64)
    }
}

/// A log and what it must hold.
struct Log<'a, M> {
    medium: &'a M,
    kind: Kind,
    rows: Option<Rows>,
    /// The numbers of the rows that were taken. Each number is unique, and not 0.
    taken: Vec<u16>,
    /// Their bytes.
    bytes: Vec<u8>,
    /// The number of committed rows.
    committed: usize,
    /// A copy of `committed` for the thread that looks at the file before each call.
    promised: Arc<AtomicU64>,
    next: u16,
    errors: u32,
    is_for_ever: bool,
}

/// The rows after the first commit: the next one makes the digits cross a line of the header.
const START: u16 = 99;

impl<M: Medium> Log<'_, M> {
    /// Opens the log, twice if it fails once.
    fn open(&mut self) {
        for _ in 0..3 {
            match self.medium.open(self.kind) {
                Ok(rows) => {
                    let kept = usize::try_from(rows.rows()).unwrap();
                    assert!(kept >= self.committed, "{kept} of {}", self.committed);
                    self.keep(kept);
                    self.rows = Some(rows);
                    return;
                }
                Err(_) => self.errors += 1,
            }
        }
        assert!(self.is_for_ever, "two faults keep the file closed");
    }

    /// Replaces the expected rows by the rows in the file, which must start with the committed rows.
    fn keep(&mut self, kept: usize) {
        let bytes = self.medium.bytes();
        let start = self.kind.header(0).to_bytes().len();
        let size = self.kind.row_size();
        let found = bytes[start..][..kept * size].chunks_exact(size);
        let found: Vec<u16> = found
            .map(|row| u16::from_le_bytes([row[0], row[1]]))
            .collect();
        self.bytes = self.kind.rows(&found);
        assert!(bytes[start..].starts_with(&self.bytes));
        assert!(!found.contains(&0), "no zeros are taken for rows");
        // While nothing can be cut off, a part of what was refused may stay after the committed rows.
        let sure = match self.is_for_ever {
            true => self.committed,
            false => kept.min(self.taken.len()),
        };
        assert_eq!(found[..sure], self.taken[..sure]);
        assert!(found.iter().all(|number| *number < self.next));
        self.taken = found;
        self.committed = kept;
    }

    /// Does something that may fail, after which the counts have to be true.
    fn act(&mut self, act: impl FnOnce(&mut Rows) -> Result<()>, new: &[u16]) -> bool {
        let Some(rows) = &mut self.rows else {
            return false;
        };
        let result = act(rows);
        let taken = usize::try_from(rows.rows()).unwrap() - self.taken.len();
        assert!(result.is_err() || taken == new.len());
        self.taken.extend(&new[..taken]);
        self.bytes.extend(self.kind.rows(&new[..taken]));
        let committed = usize::try_from(rows.committed()).unwrap();
        assert!(committed >= self.committed, "what is committed stays so");
        self.committed = committed;
        self.promised.store(committed as u64, Ordering::Relaxed);
        let is_ok = result.is_ok();
        let is_lost = result.is_err_and(|error| {
            self.errors += 1;
            rows.file.failures.is_sync_lost || matches!(error.cause(), Cause::SyncLost)
        });
        self.check();
        if is_lost {
            self.rows = None;
            self.open();
        }
        is_ok
    }

    /// NumPy reads the file, which has the committed rows, and counts only rows that were taken.
    fn check(&self) {
        let rows = self.rows.as_ref().unwrap();
        let bytes = self.medium.bytes();
        let mut rest = &bytes[..];
        let header = Header::read_from(&mut rest).expect("NumPy reads it");
        let counted = header.rows().unwrap();
        assert!((rows.committed()..=rows.rows()).contains(&counted));
        let counted = usize::try_from(counted).unwrap();
        assert_eq!(header, self.kind.header(counted));
        assert!(rest.starts_with(&self.bytes[..counted * self.kind.row_size()]));
    }

    fn commit(&mut self) {
        if self.act(Rows::commit, &[]) {
            let rows = self.rows.as_ref().unwrap();
            assert_eq!(rows.committed(), rows.rows());
            self.is_final_header();
        }
    }

    /// The header is as `np.save` writes it.
    fn is_final_header(&self) {
        let header = self.kind.header(self.taken.len()).to_bytes();
        assert_eq!(self.medium.bytes()[..header.len()], header);
    }

    fn append(&mut self, count: u16) {
        for _ in 0..count {
            let number = self.next;
            self.next += 1;
            let (row, elements) = (self.kind.row(number), self.kind.row_len());
            self.act(
                |rows| match elements {
                    1 => append_row(rows, &row),
                    _ => rows.append_bytes(&row, elements),
                },
                &[number],
            );
        }
    }

    fn append_at_once(&mut self, count: u16) {
        let new: Vec<u16> = (self.next..self.next + count).collect();
        self.next += count;
        let bytes = self.kind.rows(&new);
        let elements = self.kind.row_len() * u64::from(count);
        self.act(|rows| rows.append_bytes(&bytes, elements), &new);
    }

    /// Closes, and does so again should it fail.
    fn close(&mut self) {
        for _ in 0..3 {
            if self.rows.is_none() || self.act(Rows::close, &[]) {
                break;
            }
            if let Some(rows) = &mut self.rows {
                rows.reopen();
            }
        }
        if let Some(rows) = &self.rows
            && rows.is_closed
        {
            self.is_as_saved();
        }
        self.rows = None;
    }

    /// The file is as `np.save` writes it.
    fn is_as_saved(&self) {
        let header = self.kind.header(self.taken.len()).to_bytes();
        assert!(self.medium.bytes() == [&header[..], &self.bytes].concat());
    }

    /// Creates, appends, commits, syncs, closes and continues; the digits cross a line twice.
    fn live(&mut self) {
        self.open();
        self.append_at_once(START);
        self.commit();
        self.append(1);
        self.commit();
        self.append_at_once(899);
        self.append(2);
        self.act(Rows::sync, &[]);
        self.close();
        self.open();
        self.append(9);
        self.commit();
        self.append_at_once(5);
        self.rows = None;
    }
}

/// Runs a log under a plan, and then without faults; notes what it leaves, and what a kill would have
/// left before each call.
fn run<M: Medium>(medium: &M, kind: Kind, plan: &Plan, left: &mut HashSet<Vec<u8>>) -> Seen {
    let mut log = Log {
        medium,
        kind,
        rows: None,
        taken: Vec::new(),
        bytes: Vec::new(),
        committed: 0,
        promised: Arc::new(AtomicU64::new(0)),
        next: 1,
        errors: 0,
        is_for_ever: plan.is_for_ever(),
    };
    let killed = Arc::new(Mutex::new(HashSet::new()));
    let looker = medium.looker().filter(|_| !plan.is_pair());
    let (noted, committed) = (Arc::clone(&killed), Arc::clone(&log.promised));
    let (tears, first) = (plan.tears(), plan.first());
    let seen = plan.start(medium.disk(), move |nth, call| {
        // A header is written whole as it is within a page, and no kill leaves a part of it. Before the
        // first fault, each case is the same.
        let is_looked_at = nth >= first && !(tears && is_header(call));
        if let Some(look) = looker.as_ref().filter(|_| is_looked_at) {
            let committed = committed.load(Ordering::Relaxed);
            noted.lock().unwrap().insert((look(), committed));
        }
    });
    log.live();
    let bytes = medium.bytes();
    if !bytes.is_empty() {
        let header = Header::read_from(&mut &bytes[..]).expect("NumPy reads what is left");
        assert!(header.rows().unwrap() >= log.committed as u64);
        left.insert(bytes);
    }
    medium.disk().heal();
    log.open();
    log.is_for_ever = false;
    log.append(1);
    log.commit();
    log.close();
    log.is_as_saved();
    for (bytes, committed) in killed.lock().unwrap().drain() {
        has_only_rows(bytes, committed, kind);
    }
    seen
}

/// Checks that a file opened after a kill has the committed rows, and no row of zeros.
fn has_only_rows(bytes: Vec<u8>, committed: u64, kind: Kind) {
    let disk = Disk::new(bytes);
    let rows = disk.open(kind).unwrap();
    assert!(rows.rows() >= committed, "committed rows were lost");
    let start = kind.header(0).to_bytes().len();
    let end = start + usize::try_from(rows.rows()).unwrap() * kind.row_size();
    let bytes = disk.bytes();
    let mut found = bytes[start..end].chunks_exact(2);
    assert!(
        !found.any(|element| element == [0, 0]),
        "rows were invented"
    );
}

/// Holds that a call that is made fails within the header.
pub(super) fn is_header(call: &Call) -> bool {
    matches!(call, Call::Write { offset, .. } if *offset < HEADER)
}

fn kinds() -> Vec<Kind> {
    let mut kinds = Vec::new();
    for durability in [Durability::Cached, Durability::Synced] {
        for commit_every in [u64::MAX, 400] {
            for array in [None, Some((3, Order::C)), Some((3, Order::Fortran))] {
                let settings = settings(64, commit_every, durability);
                kinds.push(Kind { array, settings });
            }
        }
    }
    kinds
}

/// Adds the cases of a sweep over each kind of log.
fn sweep_all<M: Medium>(
    kinds: Vec<Kind>,
    stride: usize,
    new: impl Fn(u64) -> M,
) -> (Cases, HashSet<Vec<u8>>) {
    let (mut cases, mut left, mut media) = (Cases::default(), HashSet::new(), 0);
    for kind in kinds {
        let sweep = sweep(stride, is_header, |plan| {
            media += 1;
            let medium = new(media);
            let case = format!("{kind:?} {plan:?}");
            in_case(&case, || run(&medium, kind, plan, &mut left))
        });
        assert!(sweep.single > 80 && sweep.for_ever > 50, "{sweep:?}");
        cases += sweep;
    }
    (cases, left)
}

#[test]
fn whichever_calls_fail_no_committed_row_is_lost_and_numpy_reads_the_file() {
    let (cases, left) = sweep_all(kinds(), 7, |_| Disk::new(Vec::new()));
    println!(
        "appenders: {cases:?}, {} in all, {} files",
        cases.all(),
        left.len()
    );
    check_with_numpy(&left, 150);
    assert!(cases.all() > 7_000, "{cases:?}");
}

/// A file that is mapped, and the disk that is asked about each call.
#[cfg(feature = "mmap")]
struct MappedFile {
    disk: Arc<Disk>,
    path: std::path::PathBuf,
}

#[cfg(feature = "mmap")]
impl Drop for MappedFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(feature = "mmap")]
impl Medium for MappedFile {
    fn disk(&self) -> &Arc<Disk> {
        &self.disk
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }

    fn open(&self, kind: Kind) -> Result<Rows> {
        let (file, path) = (FailingFile::open(&self.path, &self.disk), &self.path);
        let target = kind.target();
        let opened = OpenedFile::open(&file, path, &target, &kind.settings)?;
        let storage = MappedStorage::new(file).with_steps(2048);
        Rows::of(Box::new(storage), path, &target, opened, kind.settings)
    }

    fn looker(&self) -> Option<Box<dyn Fn() -> Vec<u8> + Send>> {
        let path = self.path.clone();
        Some(Box::new(move || std::fs::read(&path).unwrap()))
    }
}

/// Checks mapped logs, and that a kill before any call leaves no zeros that are taken for rows.
#[cfg(feature = "mmap")]
#[test]
fn whichever_calls_fail_rows_are_stored_through_a_map_or_written() {
    // Where there is one, a file system in memory, as each case makes a file.
    let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    let dir = dir.unwrap();
    let mut kinds = kinds();
    kinds.retain(|kind| match kind.array {
        None => true,
        Some((_, Order::C)) => kind.settings.durability == Durability::Cached,
        Some((_, Order::Fortran)) => false,
    });
    // Wine takes a second for a few cases.
    let (stride, least) = if cfg!(windows) {
        (200, 200)
    } else {
        (11, 2_000)
    };
    if cfg!(windows) {
        kinds.truncate(1);
    }
    let (cases, left) = sweep_all(kinds, stride, |nth| MappedFile {
        disk: Disk::new(Vec::new()),
        path: dir.path().join(format!("{nth}.npy")),
    });
    println!(
        "mapped: {cases:?}, {} in all, {} files",
        cases.all(),
        left.len()
    );
    check_with_numpy(&left, 150);
    assert!(cases.all() > least, "{cases:?}");
}

/// Says which case failed.
fn in_case<T>(case: &str, run: impl FnOnce() -> T) -> T {
    let run = std::panic::AssertUnwindSafe(run);
    std::panic::catch_unwind(run).unwrap_or_else(|panic| {
        eprintln!("in the case {case}");
        std::panic::resume_unwind(panic)
    })
}
