//! Rows of any size, appended in any way to a storage that fails at any call, held against the list of
//! those that were taken.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::atomic::AtomicBool,
    time::Duration,
};

use fastrand::Rng;

use super::*;
use crate::{dtype::Casting, header::Order};

/// The number of histories of each element size.
const SEEDS: u64 = 60;

/// The bytes of a header that are written at once or not at all.
const LINE: usize = 64;

/// An element of `N` bytes.
#[derive(Clone, Copy)]
struct Element<const N: usize> {
    bytes: [u8; N],
    fate: Fate,
}

/// The outcome of encoding an element.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Fits,
    Mismatches,
    Panics,
}

crate::record::encode_as::encode_as_itself!(impl[const N: usize] Element<N>);

impl<const N: usize> NpyRecord for Element<N> {
    const ITEMSIZE: usize = N;

    fn dtype() -> DType {
        format!("|S{N}").parse().unwrap()
    }

    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        out.fill(0xee); // A partly encoded element.
        match self.fate {
            Fate::Fits => out.copy_from_slice(&self.bytes),
            Fate::Mismatches => return Err(EncodeError::new("it", "does not fit")),
            Fate::Panics => resume_unwind(Box::new("it panics")),
        }
        Ok(())
    }

    fn decode(_: &[u8]) -> Result<Self, crate::record::DecodeError> {
        unreachable!("nothing is read")
    }
}

/// The failures since they were last taken.
#[derive(Default)]
struct Failed {
    any: AtomicBool,
    header: AtomicBool,
    set_len: AtomicBool,
}

fn take(flag: &AtomicBool) -> bool {
    flag.swap(false, Ordering::Relaxed)
}

/// A file of rows of `N`-byte elements, and what must be in it.
struct Model<const N: usize> {
    random: Rng,
    disk: Arc<Disk>,
    failed: Arc<Failed>,
    target: Target,
    settings: AppendOptions,
    header_len: usize,
    row_len: usize,
    row_size: usize,
    /// The bytes of the rows that were taken, in the order of the file.
    taken: Vec<u8>,
    rows: Option<Rows>,
    /// A write to the header failed after the last commit that did not.
    is_header_lost: bool,
    /// The last cut failed, so the bytes after the rows may still be there.
    is_cut_lost: bool,
    seen: Seen,
}

/// The number of events, to check that the test covers them.
#[derive(Default)]
struct Seen {
    /// Appends in which a call to the storage failed.
    failed: u32,
    /// Failed appends that took some rows.
    in_part: u32,
    /// Appends in which an element did not fit, or panicked.
    mismatches: u32,
    panics: u32,
    lost_syncs: u32,
    /// Elements of which a part was written, and a part was in the buffer.
    torn_elements: u32,
}

impl<const N: usize> Model<N> {
    fn new(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let row_len = random.usize(1..=7);
        let order = [Order::C, Order::Fortran][random.usize(..2)];
        let target = match row_len {
            1 if random.bool() => Target::rows(&Element::<N>::dtype()).unwrap(),
            1 => Target::array(Element::<N>::dtype(), Some(&[]), Some(order)).unwrap(),
            _ => {
                Target::array(Element::<N>::dtype(), Some(&[row_len as u64]), Some(order)).unwrap()
            }
        };
        let buffer_capacity = match random.u8(..8) {
            0 => random.usize(..2) * N,
            1 | 2 => random.usize(..600),
            3 => random.usize(..8 * N),
            4 => [4095, 4096, 4097, 8191, 8192][random.usize(..5)],
            5 => random.usize(4096..20_000),
            _ => random.usize(..70_000),
        };
        let settings = AppendOptions {
            buffer_capacity,
            commit_every: [u64::MAX, 1, 2, 3, 7, 50][random.usize(..6)],
            commit_interval: match random.u8(..8) {
                0 => Some(Duration::ZERO),
                1 => Some(Duration::MAX),
                _ => None,
            },
            durability: [Durability::Cached, Durability::Synced][usize::from(random.u8(..4) == 0)],
            casting: Casting::Safe,
            ..AppendOptions::default()
        };
        // Elements of more bytes, into which those appended are converted.
        let more = match random.u8(..4) {
            0 => random.usize(1..9),
            _ => 0,
        };
        let dtype: DType = format!("|S{}", N + more).parse().unwrap();
        let empty = target.new_header().unwrap();
        let header = Header::new(dtype, empty.order(), empty.shape()).unwrap();
        let header = header.to_bytes();
        let header_len = header.len();
        let disk = Disk::new(match more {
            0 => Vec::new(),
            _ => header,
        });
        let mut model = Model {
            random,
            disk,
            failed: Arc::default(),
            target,
            settings,
            header_len,
            row_len,
            row_size: row_len * (N + more),
            taken: Vec::new(),
            rows: None,
            is_header_lost: false,
            is_cut_lost: false,
            seen: Seen::default(),
        };
        model.open();
        model
    }

    fn taken_rows(&self) -> usize {
        self.taken.len() / self.row_size
    }

    /// Opens the file, where nothing fails, as it stands.
    fn open(&mut self) {
        self.disk.heal();
        let written = self
            .rows
            .take()
            .map_or(0, |rows| rows.file.extent.written_rows());
        let counted = self.counted();
        let rows = open_target(&self.disk, &self.target, self.settings).unwrap();
        assert_eq!(rows.rows(), rows.committed());
        let kept = usize::try_from(rows.rows()).unwrap();
        let written = usize::try_from(written).unwrap();
        match (self.settings.durability, counted) {
            (Durability::Synced, Some(counted)) => assert_eq!(kept, counted),
            // What could not be cut off is taken for rows.
            _ => assert!(kept == written || kept > written && self.is_cut_lost),
        }
        let bytes = self.disk.bytes();
        let data = &bytes[self.header_len..];
        assert_eq!(data.len(), kept * self.row_size);
        let known = kept.min(written) * self.row_size;
        assert!(data[..known] == self.taken[..known]);
        self.taken = data.to_vec();
        self.rows = Some(rows);
        (self.is_header_lost, self.is_cut_lost) = (false, false);
    }

    /// The rows that the header counts, if it is one.
    fn counted(&self) -> Option<usize> {
        let header = Header::read_from(&mut &self.disk.bytes()[..]).ok()?;
        usize::try_from(header.rows()?).ok()
    }

    /// Lets about one in `one_in` calls fail from now on.
    fn fail(&mut self, one_in: u32) {
        let (failed, header_len) = (Arc::clone(&self.failed), self.header_len);
        let mut random = Rng::with_seed(self.random.u64(..));
        let note = |flag: &AtomicBool| flag.store(true, Ordering::Relaxed);
        self.disk.fail(move |_, call| {
            if random.u32(..one_in) > 0 {
                return Fault::None;
            }
            let fault = match call {
                Call::Write { offset, len } => match random.u8(..4) {
                    0 => Fault::Error(io::ErrorKind::Interrupted),
                    1 => Fault::Error(io::ErrorKind::StorageFull),
                    // No device writes half a line of it.
                    _ if *offset < header_len => Fault::Short((LINE - offset % LINE) % LINE),
                    _ => Fault::Short(random.usize(..=*len)),
                },
                Call::Sync if random.u8(..4) > 0 => Fault::None,
                _ => Fault::Error(io::ErrorKind::Other),
            };
            match call {
                _ if fault == Fault::None => {}
                Call::Write { offset, .. } if *offset < header_len => note(&failed.header),
                Call::SetLen | Call::Len => note(&failed.set_len),
                _ => {}
            }
            if !matches!(
                fault,
                Fault::None | Fault::Error(io::ErrorKind::Interrupted)
            ) {
                note(&failed.any);
            }
            fault
        });
    }

    /// New rows, with an element that is not taken in place of one of them, perhaps.
    fn new_rows(&mut self) -> (Vec<Element<N>>, Option<usize>) {
        let most = match self.random.u8(..10) {
            0 => 150_000 / self.row_size,
            1..4 => 10_000 / self.row_size,
            _ => 3,
        };
        let count = self.random.usize(..=most.clamp(1, 400)) * self.row_len;
        let mut new = vec![
            Element {
                bytes: [0; N],
                fate: Fate::Fits
            };
            count
        ];
        for element in &mut new {
            self.random.fill(&mut element.bytes);
        }
        let mut at_fault = None;
        if count > 0 && self.random.u8(..5) == 0 {
            let at = self.random.usize(..count);
            new[at].fate = [Fate::Mismatches, Fate::Panics][self.random.usize(..2)];
            at_fault = Some(at);
        }
        (new, at_fault)
    }

    /// The bytes of elements in the file.
    fn in_file(&self, elements: &[Element<N>]) -> Vec<u8> {
        let itemsize = self.row_size / self.row_len;
        let mut bytes = Vec::with_capacity(elements.len() * itemsize);
        for (nth, element) in elements.iter().enumerate() {
            bytes.extend(element.bytes);
            bytes.resize((nth + 1) * itemsize, 0);
        }
        bytes
    }

    /// Appends some rows, at once or one after another.
    fn append(&mut self) {
        let (new, at_fault) = self.new_rows();
        let rows = self.rows.as_mut().unwrap();
        let at_once = self.random.bool() && rows.takes_records() && at_fault.is_none();
        let before = usize::try_from(rows.rows()).unwrap();
        take(&self.failed.any);
        let result = catch_unwind(AssertUnwindSafe(|| match (at_once, self.row_len) {
            (true, _) => {
                let bytes: Vec<u8> = new.iter().flat_map(|element| element.bytes).collect();
                rows.append_bytes(&bytes, new.len() as u64)
            }
            // As `Appender::append`.
            (false, 1) => new
                .iter()
                .try_for_each(|element| rows.append(N, |place| element.encode(place))),
            (false, _) => rows.append_each(&(), &new),
        }));
        if result.is_err() {
            self.seen.panics += 1;
        }
        self.seen.torn_elements += u32::from(rows.file.extent.partial > 0);
        let most =
            self.settings.buffer_capacity.max(rows.file.extent.stride) + rows.file.extent.stride;
        assert!(rows.buffer.len() <= most, "{} of {most}", rows.buffer.len());
        let taken = usize::try_from(rows.rows()).unwrap() - before;
        assert!(taken * self.row_len <= at_fault.unwrap_or(new.len()));
        let failed = take(&self.failed.any);
        match (&result, at_fault) {
            (Ok(Ok(())), None) => assert_eq!(taken * self.row_len, new.len()),
            (Ok(Ok(())), Some(_)) => panic!("it does not fit"),
            (_, Some(at)) if !failed => assert_eq!(taken, at / self.row_len),
            _ => assert!(failed || rows.file.failures.is_sync_lost, "{result:?}"),
        }
        if matches!(result, Ok(Ok(()))) && taken > 0 {
            let due = match self.settings.commit_interval {
                Some(Duration::ZERO) => 1,
                _ => self.settings.commit_every,
            };
            assert!(rows.rows() - rows.committed() < due, "a commit is due");
        }
        if failed {
            self.seen.failed += 1;
            self.seen.in_part += u32::from(taken > 0 && taken * self.row_len < new.len());
        } else {
            self.seen.mismatches += u32::from(at_fault.is_some() && result.is_ok());
        }
        let taken = self.in_file(&new[..taken * self.row_len]);
        self.taken.extend(taken);
    }

    /// Compares the file to the rows that were taken.
    fn check(&mut self) {
        let rows = self.rows.as_ref().unwrap();
        let is_sync_lost = rows.file.failures.is_sync_lost;
        assert_eq!(rows.rows(), self.taken_rows() as u64);
        let committed = usize::try_from(rows.committed()).unwrap();
        assert!(committed <= self.taken_rows());
        self.is_header_lost |= take(&self.failed.header);
        self.is_cut_lost |= take(&self.failed.set_len);
        let bytes = self.disk.bytes();
        let counted = self.counted();
        if is_sync_lost && !self.is_header_lost {
            // Perhaps the sync after the header failed.
            assert!((committed..=self.taken_rows()).contains(&counted.unwrap()));
        } else if !self.is_header_lost {
            assert_eq!(counted, Some(committed));
        } else if counted == Some(committed) {
            self.is_header_lost = false;
        } else {
            assert!(counted.is_none_or(|counted| counted <= self.taken_rows()));
        }
        let end = committed * self.row_size;
        let data = &bytes[self.header_len..];
        assert!(data.len() >= end, "the header is ahead of the data");
        assert!(data[..end] == self.taken[..end]);
        if is_sync_lost {
            self.seen.lost_syncs += 1;
            self.open();
        }
    }

    /// Commits where nothing fails: all that was taken is there, and nothing else.
    fn commit_all(&mut self) {
        self.disk.heal();
        let rows = self.rows.as_mut().unwrap();
        rows.commit().unwrap();
        assert_eq!(rows.committed(), self.taken_rows() as u64);
        self.is_header_lost = false;
        self.check();
        let bytes = self.disk.bytes();
        let end = self.header_len + self.taken.len();
        assert!(bytes[self.header_len..end] == self.taken);
        assert!(bytes.len() == end || self.is_cut_lost);
    }

    fn step(&mut self) {
        let rows = self.rows.as_mut().unwrap();
        match self.random.u8(..16) {
            0 => drop(rows.commit()),
            1 => drop(rows.sync()),
            2 => drop(rows.close()),
            3 => self.disk.heal(),
            4 => {
                let one_in = [1, 2, 5, 20][self.random.usize(..4)];
                self.fail(one_in);
            }
            5 => {
                self.commit_all();
                let (taken, is_cut_lost) = (self.taken.clone(), self.is_cut_lost);
                self.open();
                assert!(self.taken[..taken.len()] == taken);
                assert!(self.taken.len() == taken.len() || is_cut_lost);
            }
            6 => {
                self.open(); // As if it had been killed.
            }
            _ => self.append(),
        }
        self.check();
    }

    /// Opens a file, and appends to it.
    fn live(seed: u64) -> Seen {
        let mut model = Self::new(seed);
        for _ in 0..40 {
            model.step();
        }
        model.commit_all();
        model.seen
    }
}

#[test]
fn whatever_fails_the_rows_in_the_file_are_those_that_were_taken() {
    let lives = [
        Model::<1>::live,
        Model::<2>::live,
        Model::<3>::live,
        Model::<7>::live,
        Model::<8>::live,
        Model::<12>::live,
        Model::<17>::live,
        Model::<64>::live,
        Model::<100>::live,
        Model::<127>::live,
        Model::<199>::live,
        Model::<200>::live,
        Model::<5_000>::live,
    ];
    let mut seen = Seen::default();
    for seed in 0..SEEDS {
        for (nth, live) in lives.iter().enumerate() {
            let Ok(more) = catch_unwind(|| live(seed)) else {
                panic!("in the life of seed {seed} of the size {nth}");
            };
            seen.failed += more.failed;
            seen.in_part += more.in_part;
            seen.mismatches += more.mismatches;
            seen.panics += more.panics;
            seen.lost_syncs += more.lost_syncs;
            seen.torn_elements += more.torn_elements;
        }
    }
    let Seen {
        failed,
        in_part,
        mismatches,
        panics,
        lost_syncs,
        torn_elements,
    } = seen;
    assert!(failed > 1_000 && in_part > 300, "{failed}, {in_part}");
    assert!(mismatches > 500 && panics > 500, "{mismatches}, {panics}");
    assert!(lost_syncs > 30, "{lost_syncs}");
    assert!(torn_elements > 500, "{torn_elements}");
}
