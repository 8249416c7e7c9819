//! Power cuts at any moment, and the rows after them.

use std::time::Duration;

use fastrand::Rng;

use super::*;
use crate::{repair::Recovery, storage::power_cut};

/// The rows of a history, by their place in the file: what is written in a second life of the file
/// differs from what was in the first.
fn row(place: u64, life: u64) -> [u8; 8] {
    (place << 8 | life)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .to_le_bytes()
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Append(u64),
    AppendAtOnce(u64),
    Commit,
    Sync,
    Reopen,
}

/// A promise that holds from some moment on.
#[derive(Clone, Debug)]
struct Promise {
    /// The changes of the disk before it.
    trace: usize,
    /// The rows that a power cut leaves.
    durable: u64,
    /// All rows that were appended.
    rows: Vec<[u8; 8]>,
}

/// A log, and what was promised of it after each step.
struct History {
    trace: Vec<Change>,
    promises: Vec<Promise>,
}

impl History {
    fn of(steps: &[Step], dtype: &DType, settings: AppendOptions) -> Self {
        let disk = Disk::new(Vec::new());
        let mut rows = open_as(&disk, dtype, settings).unwrap();
        // A new file has its name only when its header is there; with `Cached` that may not be synced.
        rows.sync().unwrap();
        let (mut life, mut appended) = (0, Vec::new());
        let mut promises = vec![Promise {
            trace: disk.trace().len(),
            durable: 0,
            rows: Vec::new(),
        }];
        let mut durable = 0;
        for &step in steps {
            match step {
                Step::Append(count) => {
                    for _ in 0..count {
                        let row = row(rows.rows(), life);
                        append_row(&mut rows, &row).unwrap();
                        appended.push(row);
                    }
                }
                Step::AppendAtOnce(count) => {
                    let next = rows.rows();
                    let new: Vec<_> = (next..next + count).map(|at| row(at, life)).collect();
                    rows.append_bytes(&new.concat(), count).unwrap();
                    appended.extend(new);
                }
                Step::Commit => rows.commit().unwrap(),
                Step::Sync => rows.sync().unwrap(),
                Step::Reopen => {
                    drop(rows);
                    rows = open_as(&disk, dtype, settings).unwrap();
                    life += 1;
                    assert!(rows.committed() >= durable);
                    appended.truncate(usize::try_from(rows.rows()).unwrap());
                }
            }
            if settings.durability == Durability::Synced || step == Step::Sync {
                durable = rows.committed();
            }
            promises.push(Promise {
                trace: disk.trace().len(),
                durable,
                rows: appended.clone(),
            });
        }
        History {
            trace: disk.trace(),
            promises,
        }
    }

    /// The moments at which power may be cut.
    fn cuts(&self) -> std::ops::RangeInclusive<usize> {
        self.promises[0].trace..=self.trace.len()
    }

    /// Returns a file that a power cut may leave. Without syncs, a log relies on the system to write sectors in
    /// order.
    fn cut(
        &self,
        at: usize,
        settings: AppendOptions,
        choose: impl FnMut(usize) -> usize,
    ) -> Vec<u8> {
        let in_order = settings.durability == Durability::Cached;
        power_cut(&self.trace[..at], in_order, choose)
    }

    /// The promise that was given before `cut`, and the next one.
    fn promises(&self, cut: usize) -> [&Promise; 2] {
        let next = self
            .promises
            .partition_point(|promise| promise.trace <= cut);
        let last = self.promises.len() - 1;
        [&self.promises[next - 1], &self.promises[next.min(last)]]
    }
}

/// Opens what a power cut left, and holds it against what was promised.
fn check(history: &History, cut: usize, image: Vec<u8>, dtype: &DType, settings: AppendOptions) {
    let [before, after] = history.promises(cut);
    let is_synced = settings.durability == Durability::Synced;
    let header = Header::of_rows(dtype, 0).to_bytes().len();
    if is_synced {
        // Even before it is opened: NumPy loads it, and finds nothing that was not appended.
        match Header::read_from(&mut &image[..]) {
            Ok(read) => {
                let counted = read.rows().unwrap();
                assert!((before.durable..=after.durable).contains(&counted));
                assert!(header + usize::try_from(counted).unwrap() * 8 <= image.len());
            }
            Err(error) => assert!(ends_across_sectors(dtype), "{error}"),
        }
    }
    let disk = Disk::new(image);
    let recovery = if is_synced {
        None
    } else {
        Some(Recovery::Adopt)
    };
    let settings = AppendOptions {
        recovery,
        ..settings
    };
    let mut rows = open_as(&disk, dtype, settings).unwrap();
    let kept = rows.rows();
    assert!(before.durable <= kept, "{kept} of {}", before.durable);
    let promised = match is_synced {
        true => {
            assert!(kept <= after.durable);
            kept
        }
        // Without a sync, the bytes after these rows may be anything.
        false => before.durable,
    };
    let promised = usize::try_from(promised).unwrap();
    assert_eq!(
        disk.bytes()[header..header + promised * 8],
        after.rows[..promised].concat()
    );
    append_row(&mut rows, &row(kept, u64::from(u8::MAX))).unwrap();
    rows.commit().unwrap();
    let bytes = disk.bytes();
    let expected = Header::of_rows(dtype, kept + 1).to_bytes();
    assert_eq!(bytes[..header], expected);
    assert_eq!(bytes.len() as u64, header as u64 + (kept + 1) * 8);
}

/// Returns a dtype of eight bytes. The filling moves the digits of the header, also across sectors.
fn dtype(filling: usize) -> DType {
    let name = "x".repeat(filling + 1);
    format!("[('{name}', '<u8')]").parse().unwrap()
}

/// Returns true if the bound of a sector lies in the brackets after the digits. Half of a write that adds a
/// digit then leaves an invalid header, and opening the file mends it.
fn ends_across_sectors(record: &DType) -> bool {
    (1..=3).any(|digits| {
        let header = Header::of_rows(record, 10_u64.pow(digits) - 1).to_bytes();
        let end = header.iter().rposition(|byte| *byte == b'}').unwrap();
        (end - 3..=end + 1).any(|at| at % 512 == 0)
    })
}

/// The fillings for which the digits lie across the bound of a sector.
fn across_sectors() -> Vec<usize> {
    let is_across = |filling: &usize| {
        let header = Header::of_rows(&dtype(*filling), 0).to_bytes();
        let end = header.iter().rposition(|byte| *byte == b'}').unwrap();
        let digits = end - "0,), ".len();
        digits / 512 != (digits + 3) / 512
    };
    (400..500).filter(is_across).collect()
}

/// The choices of a search that tries all of them, one after another.
#[derive(Default)]
struct Choices {
    /// The choice at each point, and how many there are.
    taken: Vec<(usize, usize)>,
    at: usize,
}

impl Choices {
    fn choose(&mut self, count: usize) -> usize {
        if self.at == self.taken.len() {
            self.taken.push((0, count));
        }
        self.at += 1;
        self.taken[self.at - 1].0
    }

    /// Goes on to the next choices, if there are any.
    fn next(&mut self) -> bool {
        self.at = 0;
        while let Some((choice, count)) = self.taken.pop() {
            if choice + 1 < count {
                self.taken.push((choice + 1, count));
                return true;
            }
        }
        false
    }
}

#[test]
fn a_file_whose_header_was_torn_by_a_power_cut_is_started_again() {
    let dtype = dtype(across_sectors()[0]);
    let settings = settings(0, u64::MAX, Durability::Synced);
    let disk = Disk::new(Vec::new());
    drop(open_as(&disk, &dtype, settings).unwrap());
    let mut choices = Choices::default();
    loop {
        let mut image = power_cut(&disk.trace()[..1], false, |n| choices.choose(n));
        image
            .iter_mut()
            .for_each(|byte| *byte = if *byte == 0xa5 { 0 } else { *byte });
        let again = Disk::new(image);
        drop(open_as(&again, &dtype, settings).unwrap());
        assert_eq!(again.bytes(), disk.bytes());
        if !choices.next() {
            break;
        }
    }
}

/// All that short histories may leave.
#[test]
fn after_a_power_cut_every_synced_row_is_there_in_all_short_histories() {
    let steps = [
        Step::Append(1),
        Step::AppendAtOnce(60),
        Step::Commit,
        Step::Reopen,
        // With `Synced` each commit is one.
        Step::Sync,
    ];
    let plain: DType = "<u8".parse().unwrap();
    let mut images = 0;
    for (durability, dtype, len) in [
        (Durability::Synced, &plain, 4),
        (Durability::Synced, &dtype(across_sectors()[0]), 4),
        (Durability::Cached, &plain, 3),
    ] {
        let steps = match durability {
            Durability::Synced => &steps[..4],
            Durability::Cached => &steps,
        };
        let settings = settings(160, u64::MAX, durability);
        for history in 0..steps.len().pow(len) {
            let steps: Vec<Step> = (0..len)
                .map(|nth| steps[history / steps.len().pow(nth) % steps.len()])
                .collect();
            let history = History::of(&steps, dtype, settings);
            for cut in history.cuts() {
                let mut choices = Choices::default();
                loop {
                    let image = history.cut(cut, settings, |count| choices.choose(count));
                    check(&history, cut, image, dtype, settings);
                    images += 1;
                    if !choices.next() {
                        break;
                    }
                }
            }
        }
    }
    assert!(images > 20_000, "{images}");
}

#[test]
fn after_a_power_cut_every_synced_row_is_there_in_many_long_histories() {
    let across: Vec<DType> = across_sectors().into_iter().map(dtype).collect();
    let dtypes: Vec<DType> = (0..80).map(dtype).collect();
    let plain: DType = "<u8".parse().unwrap();
    let mut images = 0;
    for seed in 0..1_300 {
        let mut random = Rng::with_seed(seed);
        // Where nothing is synced, digits that lie across sectors may get mixed.
        let (durability, dtype) = match random.u8(..8) {
            0 | 1 => (Durability::Cached, &plain),
            2 => (Durability::Synced, &across[random.usize(..across.len())]),
            _ => (Durability::Synced, &dtypes[random.usize(..dtypes.len())]),
        };
        let commit_every = [u64::MAX, 1, 7][random.usize(..3)];
        let commit_interval = match random.u8(..12) {
            0 => Some(Duration::ZERO),
            1 => Some(Duration::MAX),
            _ => None,
        };
        let settings = AppendOptions {
            commit_interval,
            ..settings(random.usize(..400), commit_every, durability)
        };
        let step = |random: &mut Rng| match random.u8(..12) {
            0..=3 => Step::Append(random.u64(..12)),
            4 | 5 => Step::AppendAtOnce(random.u64(..120)),
            6..=8 => Step::Commit,
            9 | 10 => Step::Sync,
            _ => Step::Reopen,
        };
        let steps: Vec<Step> = (0..12).map(|_| step(&mut random)).collect();
        let history = History::of(&steps, dtype, settings);
        for cut in history.cuts() {
            for _ in 0..2 {
                let image = history.cut(cut, settings, |count| random.usize(..count));
                check(&history, cut, image, dtype, settings);
                images += 1;
            }
        }
    }
    assert!(images > 100_000, "{images}");
}
