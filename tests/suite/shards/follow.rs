//! Following a directory: each row once, from shard to shard.

use std::{fs, thread, time::Duration};

use npyrec::{AppendOptions, Durability, ErrorKind, Follow, Value};

use crate::process::LONG;

#[test]
fn each_row_is_yielded_once_from_shard_to_shard() {
    for options in [
        AppendOptions::new(),
        AppendOptions::new().durability(Durability::Synced),
        AppendOptions::new().mapped(true),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let mut log = options
            .rows_per_shard(7)
            .open_dir::<u64>(dir.path())
            .unwrap();
        let mut follow = Follow::<u64>::open(dir.path()).unwrap();
        let mut values = Follow::<Value>::open(dir.path()).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                for row in 0..500 {
                    log.append(&row).unwrap();
                    if row % 5 == 0 {
                        log.commit().unwrap();
                    }
                }
                log.commit().unwrap();
            });
            let mut rows = Vec::new();
            while rows.len() < 500 {
                assert!(follow.wait(LONG).unwrap());
                assert!(follow.poll_into(&mut rows).unwrap() > 0);
                assert_eq!(follow.next_row(), rows.len() as u64);
            }
            assert_eq!(rows, (0..500).collect::<Vec<_>>());
        });
        assert!(!follow.wait(Duration::ZERO).unwrap());
        assert_eq!(follow.committed_rows().unwrap(), 500);
        assert_eq!(values.committed_rows().unwrap(), 500);
        assert_eq!(values.poll().unwrap().len(), 500);
    }
}

#[test]
fn one_poll_takes_the_rows_of_many_shards() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = AppendOptions::new()
        .rows_per_shard(3)
        .open_dir::<u64>(dir.path())
        .unwrap();
    log.extend(0..1_000_u64).unwrap();
    log.close().unwrap();
    let mut follow = Follow::<u64>::open(dir.path()).unwrap();
    assert_eq!(follow.poll().unwrap(), (0..1_000).collect::<Vec<_>>());
    assert_eq!((follow.remaining(), follow.next_row()), (0, 1_000));
    assert!(follow.poll().unwrap().is_empty());
    for row in [0, 2, 3, 500, 999, 1, 998] {
        follow.skip_to(row);
        assert_eq!(follow.next_row(), row);
        assert_eq!(follow.poll().unwrap(), (row..1_000).collect::<Vec<_>>());
    }
    // A new one does not know the shards yet.
    let mut follow = Follow::<u64>::open(dir.path()).unwrap();
    follow.skip_to(700);
    assert!(follow.wait(Duration::ZERO).unwrap());
    assert_eq!(follow.poll().unwrap().first(), Some(&700));
    let mut follow = Follow::<u64>::open(dir.path()).unwrap();
    follow.skip_to(2_000);
    assert!(follow.poll().unwrap().is_empty());
    assert_eq!(follow.next_row(), 2_000);
}

#[test]
fn rows_at_once_are_limited_and_what_remains_is_told() {
    let dir = tempfile::tempdir().unwrap();
    // 1 MiB a row.
    let mut log = AppendOptions::new()
        .rows_per_shard(5)
        .open_array_dir::<u8>(dir.path(), &[1 << 20])
        .unwrap();
    for row in 0..40 {
        log.append_rows(&vec![row; 1 << 20]).unwrap();
    }
    log.close().unwrap();
    let mut follow = Follow::<Box<[u8; 1 << 20]>>::open(dir.path()).unwrap();
    let mut rows: Vec<u8> = Vec::new();
    loop {
        let polled = follow.poll().unwrap();
        assert!(polled.len() <= 16);
        rows.extend(polled.iter().map(|row| row[0]));
        if follow.remaining() == 0 {
            break;
        }
    }
    assert_eq!(rows, (0..40).collect::<Vec<_>>());
}

#[test]
fn a_shard_that_is_removed_or_foreign_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = AppendOptions::new()
        .rows_per_shard(3)
        .open_dir::<u64>(dir.path())
        .unwrap();
    log.extend(0..4_u64).unwrap();
    log.commit().unwrap();
    let mut follow = Follow::<u64>::open(dir.path()).unwrap();
    assert_eq!(follow.poll().unwrap(), [0, 1, 2, 3]);
    drop(log);
    fs::rename(dir.path().join("1.npy"), dir.path().join("elsewhere")).unwrap();
    let error = follow.poll().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Removed);
    assert_eq!(error.path(), Some(&*dir.path().join("1.npy")));

    npyrec::write(dir.path().join("1.npy"), &[1_i64]).unwrap();
    let mut follow = Follow::<Value>::open(dir.path()).unwrap();
    assert_eq!(follow.poll().unwrap().len(), 3);
    let error = follow.poll().unwrap_err();
    assert_eq!(error.path(), Some(&*dir.path().join("1.npy")));
    assert_eq!(error.kind(), ErrorKind::Shape);
}

/// The error of a row waits for the poll after the rows before it, in the last shard and in the first.
#[test]
fn a_row_that_is_no_record_is_an_error_once() {
    let dir = tempfile::tempdir().unwrap();
    for (number, bytes) in [[1_u8, 1], [2, 1]].iter().enumerate() {
        let path = dir.path().join(format!("{number}.npy"));
        npyrec::write(path, bytes).unwrap();
    }
    #[derive(npyrec::NpyRecord, Debug, PartialEq)]
    #[repr(u8)]
    enum Side {
        Buy = 1,
    }
    let mut log = Follow::<Side>::open(dir.path()).unwrap();
    assert_eq!(log.poll().unwrap(), [Side::Buy, Side::Buy]);
    let error = log.poll().unwrap_err();
    assert_eq!(error.path(), Some(&*dir.path().join("1.npy")));
    assert_eq!(log.poll().unwrap(), [Side::Buy]);
}

/// A shard that is sealed and shorter than its header is no shorter shard.
#[test]
fn a_sealed_shard_that_was_cut_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = |number: u32| dir.path().join(format!("{number}.npy"));
    npyrec::write(path(0), &[1_u64, 2, 3]).unwrap();
    let mut log = Follow::<u64>::open(dir.path()).unwrap();
    let file = fs::read(path(0)).unwrap();
    fs::write(path(0), &file[..file.len() - 8]).unwrap();
    npyrec::write(path(1), &[4_u64]).unwrap();
    let error = (0..3).find_map(|_| log.poll().err()).unwrap();
    assert_eq!(error.path(), Some(&*path(0)), "{error}");
    let mut log = Follow::<u64>::open(dir.path()).unwrap();
    let error = (0..3).find_map(|_| log.poll().err()).unwrap();
    assert_eq!(error.path(), Some(&*path(0)), "{error}");
}
