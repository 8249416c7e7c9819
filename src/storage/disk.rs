use std::{
    collections::HashSet,
    io::{self, Read},
    sync::{Arc, Mutex, MutexGuard},
};

use super::storage_trait::Storage;

/// Unsynced data is kept or lost in pieces of this size when power is cut.
const SECTOR: usize = 512;

/// A storage in memory. It fails on request, and can return the states that a power cut may leave.
#[derive(Default)]
pub(crate) struct Disk(Mutex<DiskState>);

#[derive(Default)]
struct DiskState {
    bytes: Vec<u8>,
    trace: Vec<Change>,
    calls: u64,
    fault: Option<Box<Faults>>,
}

/// The fault of each call, by its number.
type Faults = dyn FnMut(u64, &Call) -> Fault + Send;

/// A call to a disk.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Call {
    Len,
    SetLen,
    Read,
    Write {
        offset: usize,
        len: usize,
    },
    Sync,
    Insert,
    Remove,
    /// Allocates bytes ahead of the rows. Only a mapped file makes this call and the next.
    #[cfg_attr(not(feature = "mmap"), allow(dead_code))]
    Allocate,
    #[cfg_attr(not(feature = "mmap"), allow(dead_code))]
    Map,
}

/// The outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    Error(io::ErrorKind),
    /// Only this number of bytes is read or written.
    Short(usize),
}

/// A change of a disk.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    SetLen(usize),
    Sync,
    Insert(usize),
    Remove(usize),
}

impl Disk {
    pub(crate) fn new(bytes: Vec<u8>) -> Arc<Self> {
        let disk = Disk::default();
        disk.state().bytes = bytes;
        Arc::new(disk)
    }

    /// Calls `fault` for each call from now on. The first call has the number 0.
    pub(crate) fn fail(&self, fault: impl FnMut(u64, &Call) -> Fault + Send + 'static) {
        let mut state = self.state();
        state.calls = 0;
        state.fault = Some(Box::new(fault));
    }

    pub(crate) fn heal(&self) {
        self.state().fault = None;
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.state().bytes.clone()
    }

    pub(crate) fn trace(&self) -> Vec<Change> {
        self.state().trace.clone()
    }

    fn state(&self) -> MutexGuard<'_, DiskState> {
        self.0.lock().unwrap()
    }

    /// Returns the number of bytes that a call of `len` bytes reads or writes.
    pub(crate) fn call(&self, call: &Call, len: usize) -> io::Result<usize> {
        let state = &mut *self.state();
        let nth = state.calls;
        state.calls += 1;
        match state
            .fault
            .as_mut()
            .map_or(Fault::None, |fault| fault(nth, call))
        {
            Fault::None => Ok(len),
            Fault::Error(kind) => Err(kind.into()),
            Fault::Short(short) => Ok(short.min(len)),
        }
    }

    /// Changes the disk without a fault.
    pub(crate) fn change(&self, change: Change) {
        let mut state = self.state();
        change.apply(&mut state.bytes);
        state.trace.push(change);
    }
}

impl Change {
    fn apply(&self, disk: &mut Vec<u8>) {
        match self {
            Change::Write { offset, bytes } => {
                let end = offset + bytes.len();
                disk.resize(disk.len().max(end), 0);
                disk[*offset..end].copy_from_slice(bytes);
            }
            Change::SetLen(len) => disk.resize(*len, 0),
            Change::Sync => {}
            Change::Insert(len) => drop(disk.splice(..0, vec![0; *len])),
            Change::Remove(len) => drop(disk.drain(..len)),
        }
    }
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.trace()).finish()
    }
}

impl Storage for Arc<Disk> {
    fn len(&self) -> io::Result<u64> {
        self.call(&Call::Len, 0)?;
        Ok(self.state().bytes.len() as u64)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.call(&Call::SetLen, 0)?;
        self.change(Change::SetLen(usize::try_from(len).unwrap()));
        Ok(())
    }

    fn block_size(&self) -> io::Result<u64> {
        Ok(1 << 9)
    }

    fn insert(&self, len: u64) -> io::Result<()> {
        self.call(&Call::Insert, 0)?;
        self.change(Change::Insert(usize::try_from(len).unwrap()));
        Ok(())
    }

    fn remove(&self, len: u64) -> io::Result<()> {
        self.call(&Call::Remove, 0)?;
        self.change(Change::Remove(usize::try_from(len).unwrap()));
        Ok(())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let len = self.call(&Call::Read, buffer.len())?;
        let state = self.state();
        let offset = usize::try_from(offset).unwrap();
        let mut rest = state.bytes.get(offset..).unwrap_or_default();
        rest.read(&mut buffer[..len])
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let offset = usize::try_from(offset).unwrap();
        let call = Call::Write {
            offset,
            len: bytes.len(),
        };
        let len = self.call(&call, bytes.len())?;
        self.change(Change::Write {
            offset,
            bytes: bytes[..len].to_vec(),
        });
        Ok(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.call(&Call::Sync, 0)?;
        self.change(Change::Sync);
        Ok(())
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Returns a state that a power cut leaves of a disk that was empty before `trace`. All synced data is there.
/// `choose` decides about the other data: it gets a number of possibilities and returns one of them.
///
/// Each sector of each unsynced write is there or not, and so is each unsynced change of the length. Bytes
/// within the length that were not written are zeros or anything. With `in_order`, a sector is as it was at
/// one moment, like a system that writes its memory out. Otherwise each write to a sector is there or not.
pub(crate) fn power_cut(
    trace: &[Change],
    in_order: bool,
    mut choose: impl FnMut(usize) -> usize,
) -> Vec<u8> {
    let synced = trace.iter().rposition(|change| *change == Change::Sync);
    let (synced, rest) = trace.split_at(synced.map_or(0, |at| at + 1));
    let mut disk = Vec::new();
    synced.iter().for_each(|change| change.apply(&mut disk));
    let mut lengths = vec![disk.len()];
    let mut written_out = HashSet::new();
    for change in rest {
        match change {
            Change::Write { offset, bytes } => {
                let (mut at, mut left) = (*offset, &bytes[..]);
                while !left.is_empty() {
                    let (sector, next) = left.split_at((SECTOR - at % SECTOR).min(left.len()));
                    if !written_out.contains(&(at / SECTOR)) && choose(2) == 1 {
                        let bytes = sector.to_vec();
                        Change::Write { offset: at, bytes }.apply(&mut disk);
                    } else if in_order {
                        written_out.insert(at / SECTOR);
                    }
                    at += sector.len();
                    left = next;
                    lengths.push(at);
                }
            }
            Change::SetLen(len) => {
                lengths.push(*len);
                if choose(2) == 1 {
                    disk.truncate(*len);
                }
            }
            Change::Sync => {}
            // The journal of the file system keeps moved data.
            Change::Insert(_) | Change::Remove(_) => change.apply(&mut disk),
        }
    }
    // A write within the file does not change its length.
    let shortest = rest
        .iter()
        .fold(lengths[0], |shortest, change| match change {
            Change::SetLen(len) => shortest.min(*len),
            _ => shortest,
        });
    lengths.retain(|len| *len >= shortest);
    lengths.sort_unstable();
    lengths.dedup();
    let garbage = [0, 0xa5][choose(2)];
    disk.resize(lengths[choose(lengths.len())], garbage);
    disk
}
