//! The error of a full disk, and its repetition.

use super::*;

/// Appends rows to a full disk: the errors, by whether they repeat the one before.
fn repeats(rows: &mut Rows, count: u8, act: impl Fn(&mut Rows, u8) -> Result<()>) -> Vec<bool> {
    let results = (0..count).map(|row| act(rows, row));
    let errors = results.filter_map(Result::err);
    errors.map(|error| error.is_repeat()).collect()
}

#[test]
fn of_a_full_disk_only_the_first_error_is_new() {
    let append_slice = |rows: &mut Rows, row| rows.append_bytes(&[row; 6], 3);
    let append_each = |rows: &mut Rows, row: u8| rows.append_each::<u16>(&(), &[row.into(); 3]);
    let append_and_commit = |rows: &mut Rows, row| append(rows, row).and(rows.commit());
    let acts: [fn(&mut Rows, u8) -> Result<()>; 4] =
        [append, append_slice, append_each, append_and_commit];
    for (capacity, commit_every) in [(4, u64::MAX), (4, 1), (100, 2)] {
        for act in acts {
            let (disk, room) = (Disk::new(Vec::new()), Arc::new(AtomicU64::new(128)));
            limit(&disk, &room);
            let mut rows = open(&disk, capacity, commit_every).unwrap();
            let seen = repeats(&mut rows, 100, act);
            assert!(seen.len() > 1);
            assert!(
                !seen[0] && seen[1..].iter().all(|is_repeat| *is_repeat),
                "{capacity} {commit_every} {seen:?}"
            );
            // Once rows are written, the next failure is a new one.
            room.store(u64::MAX, Ordering::Relaxed);
            append(&mut rows, 1).unwrap();
            rows.commit().unwrap();
            room.store(0, Ordering::Relaxed);
            let seen = repeats(&mut rows, 100, act);
            assert!(
                !seen[0] && seen[1..].iter().all(|is_repeat| *is_repeat),
                "{capacity} {commit_every} {seen:?}"
            );
        }
    }
}

#[test]
fn another_reason_is_a_new_error() {
    let disk = Disk::new(Vec::new());
    let mut rows = open(&disk, 100, 1).unwrap();
    for (kind, is_repeat) in [
        (io::ErrorKind::StorageFull, false),
        (io::ErrorKind::StorageFull, true),
        (io::ErrorKind::Other, false),
        (io::ErrorKind::Other, true),
        (io::ErrorKind::StorageFull, false),
    ] {
        disk.fail(move |_, call| match call {
            Call::Write { .. } => Fault::Error(kind),
            _ => Fault::None,
        });
        assert_eq!(append(&mut rows, 1).unwrap_err().is_repeat(), is_repeat);
        // The error of a record that does not fit does not count.
        let refused = rows.append(2, |_| Err(EncodeError::new("it", "does not fit")));
        assert!(!refused.unwrap_err().is_repeat());
    }
}

#[test]
fn a_header_that_cannot_be_written_is_a_new_error_once_and_takes_the_record() {
    let disk = Disk::new(Vec::new());
    let mut rows = open(&disk, 100, 1).unwrap();
    disk.fail(|_, call| match call {
        Call::Write { offset, .. } if *offset < HEADER => Fault::Error(io::ErrorKind::Other),
        _ => Fault::None,
    });
    for row in 0..5 {
        let error = append(&mut rows, row).unwrap_err();
        assert_eq!(error.is_repeat(), row > 0);
        assert_eq!(rows.rows(), u64::from(row) + 1);
    }
}

#[test]
fn a_header_that_is_full_is_a_new_error_once() {
    let text = "{'descr': '<u2', 'fortran_order': False, 'shape': (9,), }\n";
    let header = [b"\x93NUMPY\x01\0", &[58, 0][..], text.as_bytes()].concat();
    let disk = Disk::new([header, vec![0; 18]].concat());
    let settings = AppendOptions {
        accept_little_room: true,
        ..AppendOptions::default()
    };
    assert!(open_as(&disk, &"<u2".parse().unwrap(), settings).is_err());
    disk.change(Change::SetLen(10 + 58 + 16));
    disk.change(Change::Write {
        offset: 10 + 51,
        bytes: b"8".to_vec(),
    });
    let mut rows = open_as(&disk, &"<u2".parse().unwrap(), settings).unwrap();
    append(&mut rows, 1).unwrap();
    for nth in 0..3 {
        let error = append(&mut rows, 2).unwrap_err();
        assert!(
            matches!(error.cause(), Cause::NoGrowthRoom { max_rows: 9 }),
            "{error}"
        );
        assert_eq!(error.is_repeat(), nth > 0);
        let _ = rows.commit();
    }
}
