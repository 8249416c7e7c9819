//! A directory of shards in memory: calls that fail, alone, in pairs and for ever, and power cuts.

mod sealing;

use std::{fs, path::PathBuf, sync::Mutex, time::SystemTime};

use fastrand::Rng;

use super::*;
use crate::{
    header::GrowingHeader,
    shards::{Info, info_of},
    storage::{Cases, Plan, Seen, power_cut, sweep},
    write::append::shard_folder::ShardFolder,
};

/// The rows of a shard.
const PER_SHARD: usize = 4;

/// An event in a directory.
#[derive(Clone, Debug)]
enum Event {
    /// The next change of a shard.
    Change(usize),
    /// A shard got its name.
    Start,
    List(Vec<u8>),
    /// Names and the list are on the device.
    Sync,
}

/// A directory in memory.
#[derive(Default)]
struct Memory {
    /// Is asked about each call.
    master: Arc<Disk>,
    shards: Mutex<Vec<Arc<Disk>>>,
    info: Mutex<Vec<u8>>,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Memory {
    fn note(&self, event: Event) {
        self.events.lock().unwrap().push(event);
    }

    fn fails(&self, call: &Call) -> Result<()> {
        let called = self.master.call(call, usize::MAX);
        called.map(drop).map_err(|e| Error::io("call", e))
    }

    /// Adds a shard with a header that is on the device.
    fn add(&self, header: &Header) -> Arc<Disk> {
        let disk = Disk::new(Vec::new());
        let bytes = header.to_bytes();
        disk.change(Change::Write { offset: 0, bytes });
        disk.change(Change::Sync);
        let mut shards = self.shards.lock().unwrap();
        let (number, master) = (shards.len(), Arc::clone(&self.master));
        let events = Arc::clone(&self.events);
        disk.fail(move |_, call| {
            if matches!(call, Call::Write { .. } | Call::SetLen | Call::Sync) {
                events.lock().unwrap().push(Event::Change(number));
            }
            match master.call(call, usize::MAX) {
                Ok(usize::MAX) => Fault::None,
                Ok(short) => Fault::Short(short),
                Err(error) => Fault::Error(error.kind()),
            }
        });
        shards.push(Arc::clone(&disk));
        self.note(Event::Start);
        disk
    }

    /// The bytes of each shard.
    fn files(&self) -> Vec<Vec<u8>> {
        let shards = self.shards.lock().unwrap();
        shards.iter().map(|disk| disk.bytes()).collect()
    }
}

impl ShardFolder for Arc<Memory> {
    fn dir(&self) -> &Path {
        Path::new("ticks")
    }

    fn start(&self, number: u64, header: &Header) -> Result<(Box<dyn Storage>, GrowingHeader)> {
        self.fails(&Call::Allocate)?;
        let there = self
            .shards
            .lock()
            .unwrap()
            .get(usize::try_from(number).unwrap())
            .cloned();
        let disk = there.unwrap_or_else(|| self.add(header));
        self.fails(&Call::Sync)?;
        self.note(Event::Sync);
        Ok((Box::new(disk), GrowingHeader::new(header).unwrap()))
    }

    fn list(&self, info: &[u8], is_synced: bool) -> Result<()> {
        self.fails(&Call::Insert)?;
        *self.info.lock().unwrap() = info.to_vec();
        self.note(Event::List(info.to_vec()));
        if is_synced {
            self.fails(&Call::Sync)?;
            self.note(Event::Sync);
        }
        Ok(())
    }

    fn sealed(&self, number: u64) -> Result<Box<dyn Storage>> {
        self.fails(&Call::Map)?;
        let shards = self.shards.lock().unwrap();
        Ok(Box::new(Arc::clone(
            &shards[usize::try_from(number).unwrap()],
        )))
    }
}

fn target() -> Target {
    Target::rows(&"<u2".parse().unwrap()).unwrap()
}

fn header() -> Header {
    target().new_header().unwrap().clone()
}

fn settings_of(durability: Durability) -> AppendOptions {
    AppendOptions {
        rows_per_shard: PER_SHARD as u64,
        lock: false,
        ..settings(5, u64::MAX, durability)
    }
}

/// A log of a new directory in memory.
fn open_memory(memory: &Arc<Memory>, settings: AppendOptions) -> Rows {
    let storage = memory.add(&header());
    memory.list(&info_of(&header(), &[]), true).unwrap();
    let opened =
        OpenedFile::open(&storage, Path::new("ticks/0.npy"), &target(), &settings).unwrap();
    let path = Path::new("ticks/0.npy");
    let mut rows = Rows::of(Box::new(storage), path, &target(), opened, settings).unwrap();
    let folder = Box::new(Arc::clone(memory));
    let log = ShardLog::new(folder, header(), Vec::new(), SystemTime::now(), &settings);
    rows.file.extent.limit(log.max_rows);
    rows.shards = Some(Box::new(log));
    rows.refill();
    rows
}

/// The rows that the headers count, one shard after another. The list counts the same, and NumPy reads each file.
fn counted(files: &[Vec<u8>], info: &[u8]) -> Vec<Vec<u16>> {
    let listed = Info::parse(info.to_vec()).unwrap().rows;
    let shards = files.iter().map(|bytes| {
        let mut rest = &bytes[..];
        let read = Header::read_from(&mut rest).expect("NumPy reads it");
        let rows = read.rows().unwrap();
        assert_eq!(read, header().with_rows(rows));
        let data = rest[..usize::try_from(rows).unwrap() * 2].chunks_exact(2);
        data.map(|row| u16::from_le_bytes([row[0], row[1]]))
            .collect::<Vec<_>>()
    });
    let shards: Vec<_> = shards.collect();
    assert!(listed.len() == shards.len() || listed.len() + 1 == shards.len());
    for (listed, rows) in listed.iter().zip(&shards) {
        assert_eq!(*listed, rows.len() as u64, "a listed shard has its rows");
    }
    shards
}

/// A folder of files, in memory where the system has one there.
struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[Vec<u8>], info: &[u8]) -> Self {
        let shm = Path::new("/dev/shm");
        let dir = tempfile::tempdir_in(shm)
            .or_else(|_| tempfile::tempdir())
            .unwrap();
        for (number, bytes) in files.iter().enumerate() {
            fs::write(dir.path().join(format!("{number}.npy")), bytes).unwrap();
        }
        fs::write(dir.path().join("info"), info).unwrap();
        Folder(dir)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn files(&self) -> Vec<Vec<u8>> {
        let path = |number| -> PathBuf { self.path().join(format!("{number}.npy")) };
        (0..)
            .map_while(|number| fs::read(path(number)).ok())
            .collect()
    }

    /// Opens the directory as it is, appends, closes, and returns the rows that were there, and all of them.
    fn go_on(&self, durability: Durability) -> (Vec<u16>, Vec<u16>) {
        let mut rows = Rows::open_dir(self.path(), Ok(target()), settings_of(durability)).unwrap();
        let info = || fs::read(self.path().join("info")).unwrap();
        let kept = counted(&self.files(), &info());
        let info_rows = Info::read(self.path(), u64::from(u16::MAX), &header())
            .unwrap()
            .unwrap()
            .rows
            .len();
        assert_eq!(info_rows + 1, kept.len(), "the last shard is not listed");
        assert_eq!(rows.rows(), kept.concat().len() as u64);
        for row in 60_000..60_007_u16 {
            append_row(&mut rows, &row.to_le_bytes()).unwrap();
        }
        rows.close().unwrap();
        let all = counted(&self.files(), &info());
        let (last, before) = all.split_last().unwrap();
        assert!(before.iter().all(|rows| !rows.is_empty()) && !last.is_empty());
        (kept.concat(), all.concat())
    }
}

/// A log and what it must hold.
struct Log {
    memory: Arc<Memory>,
    rows: Option<Rows>,
    taken: Vec<u16>,
    committed: usize,
    durability: Durability,
}

impl Log {
    fn act(&mut self, act: impl FnOnce(&mut Rows) -> Result<()>, new: &[u16]) -> bool {
        let Some(rows) = &mut self.rows else {
            return false;
        };
        let result = act(rows);
        let taken = usize::try_from(rows.rows()).unwrap() - self.taken.len();
        assert!(result.is_err() || taken == new.len());
        self.taken.extend(&new[..taken]);
        let committed = usize::try_from(rows.committed()).unwrap();
        assert!(committed >= self.committed, "what is committed stays so");
        self.committed = committed;
        self.check();
        if self.rows.as_ref().unwrap().is_halted() {
            self.rows = None;
            self.reopen();
        }
        result.is_ok()
    }

    /// All committed rows are in the shards, and no others than were taken.
    fn check(&self) {
        let (files, info) = (self.memory.files(), self.memory.info.lock().unwrap());
        let shards = counted(&files, &info);
        let rows = shards.concat();
        assert!((self.committed..=self.taken.len()).contains(&rows.len()));
        assert!(self.taken.starts_with(&rows));
        let (last, sealed) = shards.split_last().unwrap();
        assert!(
            sealed
                .iter()
                .all(|rows| (1..=PER_SHARD).contains(&rows.len()))
        );
        assert!(last.len() <= PER_SHARD);
    }

    /// Opens the directory as another program would.
    fn reopen(&self) {
        let info = self.memory.info.lock().unwrap();
        let dir = Folder::with(&self.memory.files(), &info);
        let (kept, all) = dir.go_on(self.durability);
        let committed = &self.taken[..self.committed];
        assert!(kept.starts_with(committed));
        // As in a file: a row that was refused stays after them where it could not be cut off.
        let mut distinct = kept.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), kept.len(), "no row is repeated");
        assert!(!distinct.contains(&0), "no zeros are taken for rows");
        let added: Vec<u16> = (60_000..60_007).collect();
        assert_eq!(all, [kept, added].concat());
    }
}

/// Fills several shards by each door of an appender.
fn script(log: &mut Log) {
    let mut next = 1_u16;
    let mut append = |log: &mut Log, count: u16| {
        for row in next..next + count {
            log.act(|rows| append_row(rows, &row.to_le_bytes()), &[row]);
        }
        next += count;
    };
    append(log, 3);
    log.act(Rows::commit, &[]);
    append(log, 4);
    let new: Vec<u16> = (1_000..1_009).collect();
    let bytes: Vec<u8> = new.iter().flat_map(|row| row.to_le_bytes()).collect();
    log.act(|rows| rows.append_bytes(&bytes, 9), &new);
    log.act(Rows::rotate, &[]);
    append(log, 2);
    log.act(Rows::sync, &[]);
    log.act(Rows::rotate, &[]);
    log.act(Rows::rotate, &[]);
    append(log, 1);
    log.act(Rows::close, &[]);
    if let Some(rows) = &mut log.rows {
        rows.reopen();
        append(log, 1);
    }
    log.act(Rows::rotate, &[]);
    log.act(Rows::close, &[]);
    if let Some(rows) = &mut log.rows {
        rows.reopen();
        append(log, 1);
    }
}

fn run(plan: &Plan, durability: Durability) -> Seen {
    let memory = Arc::new(Memory::default());
    let rows = Some(open_memory(&memory, settings_of(durability)));
    let mut log = Log {
        memory,
        rows,
        taken: Vec::new(),
        committed: 0,
        durability,
    };
    let seen = plan.start(&log.memory.master, |_, _| {});
    script(&mut log);
    log.memory.master.heal();
    // A killed program leaves this, and one that goes on closes.
    log.reopen();
    if log.act(Rows::close, &[]) {
        assert_eq!(log.committed, log.taken.len());
        let info = log.memory.info.lock().unwrap().clone();
        let shards = counted(&log.memory.files(), &info);
        let all: Vec<u64> = shards.iter().map(|rows| rows.len() as u64).collect();
        // A shard that was started, and could not be synced, is not one of this log yet.
        let (last, before) = all.split_last().unwrap();
        let is_listed = |rows: &[u64]| info == info_of(&header(), rows);
        assert!(is_listed(&all) || *last == 0 && is_listed(before));
        drop(log.rows.take());
        log.reopen();
    } else {
        assert!(log.rows.is_none(), "a healed log is closed");
    }
    seen
}

#[test]
fn whichever_calls_fail_no_shard_is_lost_or_listed_wrongly() {
    let mut all = Cases::default();
    for durability in [Durability::Cached, Durability::Synced] {
        let is_header =
            |call: &Call| matches!(call, Call::Write { offset, .. } if *offset < HEADER);
        let cases = sweep(23, is_header, |plan| run(plan, durability));
        eprintln!("{durability:?}: {cases:?}");
        all += cases;
    }
    assert!(all.all() > 1_000, "{all:?}");
}

/// The directory that a power cut leaves after some events.
fn cut(events: &[Event], traces: &[Vec<Change>], choose: &mut dyn FnMut(usize) -> usize) -> Folder {
    let synced = events
        .iter()
        .rposition(|event| matches!(event, Event::Sync));
    let (mut names, mut info) = (0, Vec::new());
    let mut changes = vec![2; traces.len()];
    for (at, event) in events.iter().enumerate() {
        let is_there = synced.is_some_and(|synced| at < synced);
        match event {
            Event::Change(number) => changes[*number] += 1,
            Event::Start => names += usize::from(is_there || choose(2) == 1),
            Event::List(bytes) if is_there || choose(2) == 1 => info.clone_from(bytes),
            Event::List(_) | Event::Sync => {}
        }
    }
    let image = |number: usize| power_cut(&traces[number][..changes[number]], false, &mut *choose);
    let files: Vec<_> = (0..names).map(image).collect();
    Folder::with(&files, &info)
}

#[test]
fn power_cuts_at_any_moment_of_sealing_lose_no_synced_row() {
    let memory = Arc::new(Memory::default());
    let mut rows = open_memory(&memory, settings_of(Durability::Synced));
    let started = memory.events.lock().unwrap().len();
    // The rows that a power cut leaves, with the events before.
    let mut promises = vec![(started, 0)];
    let all: Vec<u16> = (1..40).collect();
    for (nth, row) in all.iter().enumerate() {
        append_row(&mut rows, &row.to_le_bytes()).unwrap();
        match nth % 5 {
            1 => rows.commit().unwrap(),
            4 => rows.rotate().unwrap(),
            _ => {}
        }
        let events = memory.events.lock().unwrap().len();
        promises.push((events, usize::try_from(rows.committed()).unwrap()));
    }
    rows.close().unwrap();
    let events = memory.events.lock().unwrap().clone();
    let traces: Vec<_> = memory
        .shards
        .lock()
        .unwrap()
        .iter()
        .map(|disk| disk.trace())
        .collect();
    let mut random = Rng::with_seed(16);
    let mut cuts = 0;
    for at in started..=events.len() {
        let next = promises.partition_point(|(events, _)| *events <= at);
        let promised = promises[next - 1].1;
        for _ in 0..10 {
            let dir = cut(&events[..at], &traces, &mut |count| random.usize(..count));
            // Even before it is opened, each listed shard is as it was listed.
            let info = Info::read(dir.path(), u64::from(u16::MAX), &header())
                .unwrap()
                .unwrap();
            for (number, listed) in info.rows.iter().enumerate() {
                let rows = fs::read(dir.path().join(format!("{number}.npy"))).unwrap();
                let mut rest = &rows[..];
                let counted = Header::read_from(&mut rest).unwrap().rows().unwrap();
                assert_eq!((counted, rest.len() as u64), (*listed, listed * 2));
            }
            let (kept, gone_on) = dir.go_on(Durability::Synced);
            assert!(kept.len() >= promised, "{} of {promised}", kept.len());
            assert!(all.starts_with(&kept));
            assert!(gone_on.starts_with(&kept));
            cuts += 1;
        }
    }
    assert!(cuts > 1_000, "{cuts}");
}
