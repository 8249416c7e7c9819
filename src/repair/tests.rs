//! Plans, and files that are mended while the storage fails or power is cut.

mod plan;
mod sweep;

use std::{
    io,
    sync::{Arc, Mutex},
};

use fastrand::Rng;

use super::*;
use crate::{
    error::Result,
    header::{Header, Order},
    storage::{Call, Change, Disk, Fault, power_cut},
};

/// The size of the block that `make_appendable` inserts.
const BLOCK: usize = 4096;

fn header(rows: u64) -> Header {
    Header::new("<u2".parse().unwrap(), Order::C, &[rows]).unwrap()
}

/// Returns a header of several sectors.
fn long_header(rows: u64) -> Header {
    let dtype = format!("[('{}', '<u2')]", "x".repeat(1_000));
    Header::new(dtype.parse().unwrap(), Order::C, &[rows]).unwrap()
}

/// Returns a header and `len` bytes of rows.
fn file(header: &[u8], len: usize) -> Vec<u8> {
    let rows = (0..).flat_map(u16::to_le_bytes);
    header.iter().copied().chain(rows.take(len)).collect()
}

/// Files whose header and data do not agree, or whose header was moved and not written. A number of rows
/// from 100 on lies across two lines of the header, so that several writes may be needed.
fn damaged() -> Vec<(&'static str, Vec<u8>)> {
    let counting = |rows, len| file(&header(rows).to_bytes(), len);
    let moved = |header: Header, filled: usize| {
        let old = header.to_bytes();
        let room = header.to_bytes_of_len(BLOCK + old.len()).unwrap();
        let zeros = vec![0; BLOCK - filled];
        [&room[..filled], &zeros, &file(&old, 100)].concat()
    };
    vec![
        ("rows more", counting(90, 240)),
        ("rows more, one torn", counting(90, 241)),
        ("a torn row", counting(90, 181)),
        ("rows missing", counting(120, 180)),
        ("rows missing, one torn", counting(120, 181)),
        ("a number that cannot be read", {
            let mut bytes = counting(100, 241);
            bytes[61..64].copy_from_slice(b"***");
            bytes
        }),
        ("moved", moved(header(50), 0)),
        ("moved, the header partly there", moved(header(50), 512)),
        ("moved, the header there", moved(header(50), BLOCK)),
        ("a long one moved", moved(long_header(50), 0)),
        ("a long one moved, there", moved(long_header(50), BLOCK)),
    ]
}

fn disk_of(bytes: Vec<u8>) -> Arc<Disk> {
    let disk = Disk::new(Vec::new());
    disk.change(Change::Write { offset: 0, bytes });
    disk.change(Change::Sync);
    disk
}

/// Mends a file in place, as [`recover`] does.
fn mend_disk(disk: &Arc<Disk>, recovery: Recovery) -> Result<()> {
    let inspection = Inspection::of(disk)?;
    if inspection.is_sound() {
        return Ok(());
    }
    let rows = inspection.rows_after(recovery)?;
    match RepairPlan::recover(&inspection, rows) {
        RepairPlan::InPlace(steps) => mend(disk, &steps),
        plan => panic!("{plan:?}"),
    }
}

/// The header, however it is written, and the rows.
fn array(disk: &Arc<Disk>) -> (Header, Vec<u8>) {
    let bytes = disk.bytes();
    let mut rest = &bytes[..];
    let header = Header::read_from(&mut rest).unwrap();
    (header, rest.to_vec())
}

/// Returns each damaged file with each recovery, and the mended file.
fn cases() -> impl Iterator<Item = (String, Vec<u8>, Recovery, Arc<Disk>)> {
    let recoveries = [Recovery::Adopt, Recovery::Discard, Recovery::ZeroFill];
    damaged().into_iter().flat_map(move |(name, bytes)| {
        recoveries.map(|recovery| {
            let disk = disk_of(bytes.clone());
            mend_disk(&disk, recovery).unwrap();
            let case = format!("{name}, {recovery:?}");
            assert!(Inspection::of(&disk).unwrap().is_sound(), "{case}");
            (case, bytes.clone(), recovery, disk)
        })
    })
}

/// A call fails, or writes no more than one sector before it does.
#[test]
fn whichever_call_fails_once_the_next_recovery_does_the_same() {
    let mut errors = 0;
    for (case, bytes, recovery, mended) in cases() {
        for is_torn in [false, true] {
            for nth in 0.. {
                let disk = disk_of(bytes.clone());
                let failed = Arc::new(Mutex::new(None));
                let noted = Arc::clone(&failed);
                disk.fail(move |at, call| {
                    if at == nth {
                        *noted.lock().unwrap() = Some(call.clone());
                    }
                    let error = Fault::Error(io::ErrorKind::StorageFull);
                    match (at.checked_sub(nth), call) {
                        (Some(0), Call::Write { len, .. }) if is_torn && *len > 512 => {
                            Fault::Short(512)
                        }
                        (Some(0), _) => error,
                        (Some(1), Call::Write { .. }) if is_torn => error,
                        _ => Fault::None,
                    }
                });
                let first = mend_disk(&disk, recovery);
                disk.heal();
                let Some(call) = failed.lock().unwrap().take() else {
                    break;
                };
                let case = format!("{case}, the call {nth}: {call:?}, {is_torn}");
                errors += u32::from(first.is_err());
                // Where no header can be read, a moved one is looked for.
                assert!(first.is_err() || call == Call::Read, "{case}");
                mend_disk(&disk, recovery).expect(&case);
                assert!(array(&disk) == array(&mended), "{case}");
            }
        }
    }
    assert!(errors > 200, "{errors}");
}

#[test]
fn after_a_power_cut_the_next_recovery_does_the_same() {
    let mut random = Rng::with_seed(7);
    let mut cuts = 0;
    for (case, bytes, recovery, mended) in cases() {
        let trace = mended.trace();
        for cut in 2..=trace.len() {
            for _ in 0..50 {
                let image = power_cut(&trace[..cut], false, |count| random.usize(..count));
                let disk = Disk::new(image);
                mend_disk(&disk, recovery).expect(&case);
                let ((header, rows), (expected, mended)) = (array(&disk), array(&mended));
                assert_eq!(header, expected, "{case}, cut {cut}");
                assert_eq!(rows.len(), mended.len(), "{case}, cut {cut}");
                // What a torn row is filled up with may be anything then.
                let sure = mended.len() - usize::from(bytes.len() % 2 > 0);
                assert_eq!(rows[..sure], mended[..sure], "{case}, cut {cut}");
                cuts += 1;
            }
        }
    }
    assert!(cuts > 1_000, "{cuts}");
}
