//! Every call to the storage, failing once.

use std::time::Duration;

use super::*;

/// Returns the faults of a call, and true for a short write whose rest fails. Interrupted calls are faults
/// only of reads and writes: std retries the others.
fn faults(call: &Call) -> Vec<(Fault, bool)> {
    use io::ErrorKind::{Interrupted, Other, QuotaExceeded, StorageFull};
    let faults = match call {
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
        ],
        _ => vec![Fault::Error(Other)],
    };
    let is_write = matches!(call, Call::Write { .. });
    let torn = is_write.then_some((Fault::Short(1), true));
    faults
        .into_iter()
        .map(|fault| (fault, false))
        .chain(torn)
        .collect()
}

/// Returns true if the caller receives an error.
fn is_error(fault: Fault) -> bool {
    !matches!(
        fault,
        Fault::Short(1) | Fault::Error(io::ErrorKind::Interrupted)
    )
}

/// A log and what it must hold.
struct Log {
    disk: Arc<Disk>,
    rows: Option<Rows>,
    settings: AppendOptions,
    /// The rows that were taken, each with a unique number.
    taken: Vec<u16>,
    /// The number of these rows that were committed.
    committed: usize,
    next: u16,
    errors: u32,
}

impl Log {
    fn open(&mut self) {
        for _ in 0..2 {
            let settings = AppendOptions { ..self.settings };
            match open_as(&self.disk, &"<u2".parse().unwrap(), settings) {
                Ok(rows) => {
                    // What was not committed is cut off, or was in the buffer.
                    let kept = usize::try_from(rows.rows()).unwrap();
                    assert!(kept >= self.committed, "{kept} of {}", self.committed);
                    self.taken.truncate(kept);
                    assert_eq!(self.taken.len(), kept);
                    self.rows = Some(rows);
                    return;
                }
                Err(_) => self.errors += 1,
            }
        }
        panic!("one fault keeps the file closed twice");
    }

    /// Does something that may fail, after which the counts have to be true.
    fn act(&mut self, act: impl FnOnce(&mut Rows) -> Result<()>, new: &[u16]) {
        let Some(rows) = &mut self.rows else {
            return;
        };
        let result = act(rows);
        let taken = usize::try_from(rows.rows()).unwrap() - self.taken.len();
        assert!(result.is_err() || taken == new.len());
        self.taken.extend(&new[..taken]);
        self.committed = usize::try_from(rows.committed()).unwrap();
        let is_lost = match result {
            Ok(()) => false,
            Err(error) => {
                self.errors += 1;
                rows.file.failures.is_sync_lost || matches!(error.cause(), Cause::SyncLost)
            }
        };
        self.check();
        if is_lost {
            // It says so from now on, and writes nothing more.
            let before = self.disk.bytes();
            let rows = self.rows.as_mut().unwrap();
            assert!(matches!(
                rows.commit().unwrap_err().cause(),
                Cause::SyncLost
            ));
            assert_eq!(self.disk.bytes(), before);
            self.rows = None;
            self.open();
        }
    }

    /// The committed rows are in the file, bit for bit, and the header counts no other.
    fn check(&self) {
        let rows = self.rows.as_ref().unwrap();
        let bytes = self.disk.bytes();
        let header = Header::read_from(&mut &bytes[..]).unwrap();
        let counted = header.rows().unwrap();
        assert!((rows.committed()..=rows.rows()).contains(&counted));
        let counted = usize::try_from(counted).unwrap();
        let expected = self.taken[..counted]
            .iter()
            .flat_map(|row| row.to_le_bytes());
        assert_eq!(
            bytes[HEADER..HEADER + counted * 2],
            expected.collect::<Vec<u8>>()
        );
    }

    fn append(&mut self, count: u16) {
        for _ in 0..count {
            let row = self.next;
            self.next += 1;
            self.act(|rows| append_row(rows, &row.to_le_bytes()), &[row]);
        }
    }

    fn append_at_once(&mut self, count: u16) {
        let new: Vec<u16> = (self.next..self.next + count).collect();
        self.next += count;
        let bytes: Vec<u8> = new.iter().flat_map(|row| row.to_le_bytes()).collect();
        self.act(|rows| rows.append_bytes(&bytes, count.into()), &new);
    }

    /// A long life: two openings, a tail that is torn, rows one by one and at once, commits and syncs.
    fn live(&mut self) {
        self.open();
        self.append(9);
        self.act(Rows::commit, &[]);
        self.append_at_once(30);
        self.append(3);
        self.act(Rows::commit, &[]);
        self.append(8);
        self.act(Rows::sync, &[]);
        self.append_at_once(3);
        self.act(Rows::commit, &[]);
        self.append_at_once(20);
        self.rows = None;
        self.disk.change(Change::Write {
            offset: self.disk.bytes().len(),
            bytes: vec![7],
        });
        self.open();
        self.append(60);
        self.act(Rows::sync, &[]);
    }
}

#[test]
fn whichever_call_fails_once_no_row_is_lost_that_was_taken() {
    for durability in [Durability::Cached, Durability::Synced] {
        // With an interval each append commits, or none does; a buffer is then filled in another way.
        for (commit_every, commit_interval) in [
            (u64::MAX, None),
            (5, None),
            (u64::MAX, Some(Duration::ZERO)),
            (5, Some(Duration::MAX)),
        ] {
            lose_no_row(AppendOptions {
                commit_interval,
                ..settings(16, commit_every, durability)
            });
        }
    }
}

fn lose_no_row(settings: AppendOptions) {
    let log = |disk| Log {
        disk,
        rows: None,
        settings,
        taken: Vec::new(),
        committed: 0,
        next: 0,
        errors: 0,
    };
    // The calls of a life without faults.
    let calls = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut sound = log(Disk::new(Vec::new()));
    let noted = Arc::clone(&calls);
    sound.disk.fail(move |_, call| {
        noted.lock().unwrap().push(call.clone());
        Fault::None
    });
    sound.live();
    let calls = calls.lock().unwrap().clone();
    assert!(calls.len() > 30, "{}", calls.len());

    for (nth, call) in calls.iter().enumerate() {
        for (fault, is_torn) in faults(call) {
            let mut log = log(Disk::new(Vec::new()));
            log.disk
                .fail(move |at, _| match at.checked_sub(nth as u64) {
                    Some(0) => fault,
                    Some(1) if is_torn => Fault::Error(io::ErrorKind::StorageFull),
                    _ => Fault::None,
                });
            let case = format!("{call:?}, the call {nth}: {fault:?}, {is_torn}");
            // What is written in one go has no part that is written without the rest.
            let is_whole = matches!(call, Call::Write { len: 1, .. });
            if is_torn && is_whole {
                continue;
            }
            log.live();
            // Cutting off what is torn is tried; the rows are right without it.
            let is_error = is_torn || is_error(fault);
            let may_pass = matches!(call, Call::SetLen) || !is_error;
            assert!(log.errors > 0 || may_pass, "{case}");
            assert!(log.errors == 0 || is_error, "{case}");
            log.act(Rows::commit, &[]);
            let rows = log.rows.as_ref().unwrap();
            assert_eq!(rows.rows(), rows.committed(), "{case}");
            let expected = log.taken.iter().flat_map(|row| row.to_le_bytes());
            assert_eq!(data(&log.disk), expected.collect::<Vec<u8>>(), "{case}");
        }
    }
}
