//! What becomes of rows when the storage fails.

mod arrays;
mod close;
mod cut;
mod faults;
mod model;
mod power_cut;
mod repeat;
mod shards;
mod sweep;
#[cfg(feature = "background")]
mod sweep_logger;
mod together;

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::*;
use crate::{
    dtype::DType,
    error::{Cause, Error},
    header::Header,
    record::{EncodeError, NpyRecord},
    storage::{Call, Change, Disk, Fault, Storage},
    write::append::{
        durability::Durability, opened_file::OpenedFile, options::AppendOptions, target::Target,
    },
};

/// The size of the header of a file of `<u2`.
const HEADER: usize = 128;

pub(in crate::write::append) fn settings(
    buffer_capacity: usize,
    commit_every: u64,
    durability: Durability,
) -> AppendOptions {
    AppendOptions {
        buffer_capacity,
        commit_every,
        durability,
        ..AppendOptions::default()
    }
}

fn open_as(disk: &Arc<Disk>, dtype: &DType, settings: AppendOptions) -> Result<Rows> {
    open_target(disk, &Target::rows(dtype)?, settings)
}

pub(in crate::write::append) fn open_target(
    disk: &Arc<Disk>,
    target: &Target,
    settings: AppendOptions,
) -> Result<Rows> {
    let (storage, path) = (Arc::clone(disk), Path::new("rows.npy"));
    let opened = OpenedFile::open(&storage, path, target, &settings)?;
    Rows::of(Box::new(storage), path, target, opened, settings)
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
    let settings = settings(buffer_capacity, commit_every, durability);
    open_as(disk, &"<u2".parse().unwrap(), settings)
}

pub(in crate::write::append) fn rows_in_header(disk: &Disk) -> u64 {
    let header = Header::read_from(&mut &disk.bytes()[..]).unwrap();
    header.rows().unwrap()
}

fn data(disk: &Disk) -> Vec<u8> {
    disk.bytes()[HEADER..].to_vec()
}

/// Makes a disk as large as `room` says, which takes three bytes at a time.
fn limit(disk: &Disk, room: &Arc<AtomicU64>) {
    let room = Arc::clone(room);
    disk.fail(move |_, call| match call {
        Call::Write { offset, .. } => {
            let room = usize::try_from(room.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
            match room.saturating_sub(*offset) {
                0 => Fault::Error(io::ErrorKind::StorageFull),
                left => Fault::Short(left.min(3)),
            }
        }
        _ => Fault::None,
    });
}

/// Which of header, rows and syncs a disk saw, in order.
fn order(disk: &Disk) -> Vec<&'static str> {
    let order = disk.trace().into_iter().map(|change| match change {
        Change::Write { offset, .. } if offset < HEADER => "header",
        Change::Write { .. } => "rows",
        Change::SetLen(_) => "length",
        Change::Sync => "sync",
        Change::Insert(_) | Change::Remove(_) => "move",
    });
    order.collect()
}

fn append(rows: &mut Rows, row: u8) -> Result<()> {
    append_row(rows, &[row, 0])
}

fn append_row(rows: &mut Rows, row: &[u8]) -> Result<()> {
    rows.append(row.len(), |place| {
        place.copy_from_slice(row);
        Ok(())
    })
}

#[test]
fn a_full_disk_loses_no_row_that_was_taken() {
    // Room for five rows and a half, and a buffer of two.
    let (disk, room) = (Disk::new(Vec::new()), Arc::new(AtomicU64::new(128 + 11)));
    limit(&disk, &room);
    let mut rows = open(&disk, 4, u64::MAX).unwrap();
    for row in 0..5 {
        append(&mut rows, row).unwrap();
    }
    let error = append(&mut rows, 5).unwrap_err();
    assert_eq!(
        error.to_string(),
        "rows.npy: cannot write rows: no storage space; the 4 rows before are in the file; \
         appending may go on"
    );
    assert_eq!(rows.rows(), 5);
    assert_eq!(
        data(&disk),
        [0, 0, 1, 0, 2, 0, 3, 0],
        "a torn row is cut off"
    );
    rows.commit().unwrap();
    assert_eq!((rows.committed(), rows_in_header(&disk)), (5, 5));

    append(&mut rows, 6).unwrap();
    rows.commit().unwrap_err();
    assert_eq!((rows.rows(), rows.committed()), (6, 5));
    room.store(u64::MAX, Ordering::Relaxed);
    append(&mut rows, 7).unwrap();
    rows.commit().unwrap();
    assert_eq!(data(&disk), [0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 6, 0, 7, 0]);
    assert_eq!((rows.committed(), rows_in_header(&disk)), (7, 7));
}

#[test]
fn what_a_failed_write_left_is_cut_off_in_the_end() {
    let disk = Disk::new(Vec::new());
    let mut rows = open(&disk, 4, u64::MAX).unwrap();
    append(&mut rows, 1).unwrap();
    rows.commit().unwrap();
    rows.append_bytes(&[8; 20], 10).unwrap();
    disk.fail(|_, call| match call {
        Call::Write { offset, .. } if *offset == HEADER + 22 => Fault::Short(15),
        Call::Write { .. } | Call::SetLen => Fault::Error(io::ErrorKind::Other),
        _ => Fault::None,
    });
    rows.append_bytes(&[9; 20], 10).unwrap_err();
    assert_eq!(
        data(&disk).len(),
        37,
        "a part of what was not taken is left"
    );
    disk.heal();
    append(&mut rows, 2).unwrap();
    rows.close().unwrap();
    assert_eq!(rows.rows(), 12);
    assert_eq!(data(&disk), [&[1, 0][..], &[8; 20], &[2, 0]].concat());
}

#[test]
fn rows_in_the_file_are_committed_though_others_cannot_be_written() {
    let disk = Disk::new(Vec::new());
    limit(&disk, &Arc::new(AtomicU64::new(128 + 8)));
    let mut rows = open(&disk, 4, u64::MAX).unwrap();
    for row in 0..5 {
        append(&mut rows, row).unwrap();
    }
    rows.commit().unwrap_err();
    assert_eq!((rows.rows(), rows.committed()), (5, 4));
    assert_eq!(rows_in_header(&disk), 4);
}

#[test]
fn a_header_that_was_not_written_is_written_at_the_next_commit() {
    let disk = Disk::new(Vec::new());
    let mut rows = open(&disk, 100, 2).unwrap();
    append(&mut rows, 0).unwrap();
    disk.fail(|_, call| match call {
        Call::Write { offset, .. } if *offset < HEADER => Fault::Error(io::ErrorKind::Other),
        _ => Fault::None,
    });
    append(&mut rows, 1).unwrap_err();
    assert_eq!((rows.rows(), rows.committed()), (2, 0));
    append(&mut rows, 2).unwrap_err();
    assert_eq!((rows.rows(), data(&disk).len()), (3, 6));
    disk.heal();
    append(&mut rows, 3).unwrap();
    assert_eq!((rows.committed(), rows_in_header(&disk)), (4, 4));
}

#[test]
fn a_header_that_cannot_be_written_leaves_an_empty_file() {
    let disk = Disk::new(Vec::new());
    limit(&disk, &Arc::new(AtomicU64::new(100)));
    open(&disk, 100, u64::MAX).err().unwrap();
    assert_eq!(Storage::len(&disk).unwrap(), 0);
}

#[test]
fn rows_are_on_the_device_before_the_header_counts_them() {
    let disk = Disk::new(Vec::new());
    let mut rows = open_durable(&disk, 100, 2, Durability::Synced).unwrap();
    append(&mut rows, 0).unwrap();
    append(&mut rows, 1).unwrap();
    rows.commit().unwrap();
    assert_eq!(
        order(&disk),
        ["header", "sync", "rows", "sync", "header", "sync"]
    );
}

#[test]
fn nothing_is_synced_unless_asked() {
    let disk = Disk::new(Vec::new());
    let mut rows = open(&disk, 100, 2).unwrap();
    append(&mut rows, 0).unwrap();
    append(&mut rows, 1).unwrap();
    assert_eq!(order(&disk), ["header", "rows", "header"]);
    rows.sync().unwrap();
    assert_eq!(order(&disk).last(), Some(&"sync"));
}

#[test]
fn after_a_failed_sync_nothing_more_is_written() {
    let disk = Disk::new(Vec::new());
    let mut rows = open_durable(&disk, 100, 1, Durability::Synced).unwrap();
    append(&mut rows, 0).unwrap();
    disk.fail(|_, call| match call {
        Call::Sync => Fault::Error(io::ErrorKind::Other),
        _ => Fault::None,
    });
    append(&mut rows, 1).unwrap_err();
    disk.heal();
    assert_eq!((rows.committed(), rows_in_header(&disk)), (1, 1));
    for error in [
        append(&mut rows, 2).unwrap_err(),
        rows.commit().unwrap_err(),
    ] {
        assert!(matches!(error.cause(), Cause::SyncLost), "{error}");
        assert_eq!(
            error.to_string(),
            "rows.npy: rows could not be synced to the device before, and may be lost; open the file \
             again to continue with the rows that are there"
        );
    }
    assert_eq!(rows_in_header(&disk), 1);
}

#[test]
fn what_was_not_committed_is_kept_or_cut_off_when_the_file_is_opened_again() {
    for (durability, kept) in [(Durability::Cached, 3), (Durability::Synced, 1)] {
        let disk = Disk::new(Vec::new());
        let mut rows = open_durable(&disk, 0, u64::MAX, durability).unwrap();
        append(&mut rows, 0).unwrap();
        rows.commit().unwrap();
        append(&mut rows, 1).unwrap();
        append(&mut rows, 2).unwrap();
        drop(rows);
        let rows = open_durable(&disk, 0, u64::MAX, durability).unwrap();
        assert_eq!((rows.rows(), rows.committed()), (kept, kept));
        let report = rows.recovery().unwrap();
        assert_eq!((report.header_rows(), report.rows()), (Some(1), 3));
        assert_eq!(report.recovered_rows(), Some(kept));
    }
}
