//! What becomes of rows when the storage fails.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use super::*;

/// Memory with so much room, whose header can be made to refuse writes.
#[derive(Debug, Default)]
struct Disk {
    bytes: Mutex<Vec<u8>>,
    room: AtomicU64,
    is_header_broken: AtomicBool,
    is_sync_broken: AtomicBool,
    /// What was done, in order.
    calls: Mutex<Vec<&'static str>>,
}

impl Storage for Arc<Disk> {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).unwrap();
        self.bytes.lock().unwrap().resize(len, 0);
        Ok(())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let bytes = self.bytes.lock().unwrap();
        let mut rest = &bytes[bytes.len().min(usize::try_from(offset).unwrap())..];
        io::Read::read(&mut rest, buffer)
    }

    /// Three bytes at a time, as far as there is room.
    fn write_at(&self, new: &[u8], offset: u64) -> io::Result<usize> {
        let room = self.room.load(Ordering::Relaxed).saturating_sub(offset);
        let len = new.len().min(3).min(usize::try_from(room).unwrap());
        if len == 0 || offset < 128 && self.is_header_broken.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let start = usize::try_from(offset).unwrap();
        let mut bytes = self.bytes.lock().unwrap();
        let end = bytes.len().max(start + len);
        bytes.resize(end, 0);
        bytes[start..start + len].copy_from_slice(&new[..len]);
        self.note(if offset < 128 { "header" } else { "rows" });
        Ok(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.note("sync");
        match self.is_sync_broken.load(Ordering::Relaxed) {
            true => Err(io::Error::other("the device is gone")),
            false => Ok(()),
        }
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }
}

impl Disk {
    fn new(room: u64) -> Arc<Self> {
        let disk = Disk::default();
        disk.room.store(room, Ordering::Relaxed);
        Arc::new(disk)
    }

    fn note(&self, call: &'static str) {
        let mut calls = self.calls.lock().unwrap();
        if calls.last() != Some(&call) {
            calls.push(call);
        }
    }

    fn rows_in_header(&self) -> u64 {
        let bytes = self.bytes.lock().unwrap();
        Header::read_from(&mut &bytes[..]).unwrap().rows().unwrap()
    }

    fn data(&self) -> Vec<u8> {
        self.bytes.lock().unwrap()[128..].to_vec()
    }
}

fn open(disk: &Arc<Disk>, buffer_capacity: usize, commit_every: u64) -> Result<Rows> {
    open_durable(disk, buffer_capacity, commit_every, Durability::Cached)
}

fn open_durable(
    disk: &Arc<Disk>,
    buffer_capacity: usize,
    commit_every: u64,
    durability: Durability,
) -> Result<Rows> {
    let record: DType = "<u2".parse().unwrap();
    let settings = Settings {
        buffer_capacity,
        commit_every,
        durability,
        lock: false,
    };
    let header = Header::of_rows(&record, 0);
    Rows::of(
        Box::new(Arc::clone(disk)),
        Path::new("rows.npy"),
        &header,
        &record,
        settings,
    )
}

fn append(rows: &mut Rows, row: u8) -> Result<()> {
    if let Some(place) = rows.next_place(2) {
        place.copy_from_slice(&[row, 0]);
        rows.advance(2);
        return Ok(());
    }
    rows.last_place()?.copy_from_slice(&[row, 0]);
    rows.advance_and_write()
}

#[test]
fn a_full_disk_loses_no_row_that_was_taken() {
    // Room for five rows and a half, and a buffer of two.
    let disk = Disk::new(128 + 11);
    let mut rows = open(&disk, 4, u64::MAX).unwrap();
    for row in 0..5 {
        append(&mut rows, row).unwrap();
    }
    let error = append(&mut rows, 5).unwrap_err();
    assert_eq!(
        error.to_string(),
        "rows.npy: cannot write rows: no storage space; the 4 rows before are in the file"
    );
    assert_eq!(rows.rows(), 5);
    assert_eq!(
        disk.data(),
        [0, 0, 1, 0, 2, 0, 3, 0],
        "a torn row is cut off"
    );
    rows.commit().unwrap();
    assert_eq!((rows.committed(), disk.rows_in_header()), (5, 5));

    append(&mut rows, 6).unwrap();
    rows.commit().unwrap_err();
    assert_eq!((rows.rows(), rows.committed()), (6, 5));
    disk.room.store(u64::MAX, Ordering::Relaxed);
    append(&mut rows, 7).unwrap();
    rows.commit().unwrap();
    assert_eq!(disk.data(), [0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 6, 0, 7, 0]);
    assert_eq!((rows.committed(), disk.rows_in_header()), (7, 7));
}

#[test]
fn rows_in_the_file_are_committed_though_others_cannot_be_written() {
    let disk = Disk::new(128 + 8);
    let mut rows = open(&disk, 4, u64::MAX).unwrap();
    for row in 0..5 {
        append(&mut rows, row).unwrap();
    }
    rows.commit().unwrap_err();
    assert_eq!((rows.rows(), rows.committed()), (5, 4));
    assert_eq!(disk.rows_in_header(), 4);
}

#[test]
fn a_header_that_was_not_written_is_written_at_the_next_commit() {
    let disk = Disk::new(u64::MAX);
    let mut rows = open(&disk, 100, 2).unwrap();
    append(&mut rows, 0).unwrap();
    disk.is_header_broken.store(true, Ordering::Relaxed);
    append(&mut rows, 1).unwrap_err();
    assert_eq!((rows.rows(), rows.committed()), (2, 0));
    append(&mut rows, 2).unwrap_err();
    assert_eq!((rows.rows(), disk.data().len()), (3, 6));
    disk.is_header_broken.store(false, Ordering::Relaxed);
    append(&mut rows, 3).unwrap();
    assert_eq!((rows.committed(), disk.rows_in_header()), (4, 4));
}

#[test]
fn a_header_that_cannot_be_written_leaves_an_empty_file() {
    let disk = Disk::new(100);
    open(&disk, 100, u64::MAX).err().unwrap();
    assert_eq!(Storage::len(&disk).unwrap(), 0);
}

#[test]
fn rows_are_on_the_device_before_the_header_counts_them() {
    let disk = Disk::new(u64::MAX);
    let mut rows = open_durable(&disk, 100, 2, Durability::Synced).unwrap();
    append(&mut rows, 0).unwrap();
    append(&mut rows, 1).unwrap();
    rows.commit().unwrap();
    let calls = disk.calls.lock().unwrap();
    assert_eq!(*calls, ["header", "sync", "rows", "sync", "header", "sync"]);
}

#[test]
fn nothing_is_synced_unless_asked() {
    let disk = Disk::new(u64::MAX);
    let mut rows = open(&disk, 100, 2).unwrap();
    append(&mut rows, 0).unwrap();
    append(&mut rows, 1).unwrap();
    assert_eq!(*disk.calls.lock().unwrap(), ["header", "rows", "header"]);
    rows.sync().unwrap();
    assert_eq!(disk.calls.lock().unwrap().last(), Some(&"sync"));
}

#[test]
fn after_a_failed_sync_nothing_more_is_written() {
    let disk = Disk::new(u64::MAX);
    let mut rows = open_durable(&disk, 100, 1, Durability::Synced).unwrap();
    append(&mut rows, 0).unwrap();
    disk.is_sync_broken.store(true, Ordering::Relaxed);
    append(&mut rows, 1).unwrap_err();
    disk.is_sync_broken.store(false, Ordering::Relaxed);
    assert_eq!((rows.committed(), disk.rows_in_header()), (1, 1));
    for error in [
        append(&mut rows, 2).unwrap_err(),
        rows.commit().unwrap_err(),
    ] {
        assert!(matches!(error.kind(), ErrorKind::SyncLost), "{error}");
        assert_eq!(
            error.to_string(),
            "rows.npy: rows could not be synced to the device before, and may be lost; open the file \
             anew to go on with the rows that are there"
        );
    }
    assert_eq!(disk.rows_in_header(), 1);
}

#[test]
fn what_was_not_committed_is_kept_or_cut_off_when_the_file_is_opened_again() {
    for (durability, kept) in [(Durability::Cached, 3), (Durability::Synced, 1)] {
        let disk = Disk::new(u64::MAX);
        let mut rows = open_durable(&disk, 0, u64::MAX, durability).unwrap();
        append(&mut rows, 0).unwrap();
        rows.commit().unwrap();
        append(&mut rows, 1).unwrap();
        append(&mut rows, 2).unwrap();
        drop(rows);
        let rows = open_durable(&disk, 0, u64::MAX, durability).unwrap();
        assert_eq!((rows.rows(), rows.committed()), (kept, 1));
    }
}
