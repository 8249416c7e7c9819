//! Appending to a directory: by rows, bytes, time and on request, by every door of an appender.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use npyrec::{
    AppendOptions, Appender, BackgroundOptions, Bytes, Durability, ErrorKind, Recovery, Value,
};

use super::{assert_listed, assert_shards, names};
use crate::numpy::numpy;

/// Three shards of a directory of numbers.
const THREE: [&[u64]; 3] = [&[0, 1, 2], &[3, 4, 5], &[6, 7]];

fn options() -> AppendOptions {
    AppendOptions::new().rows_per_shard(3)
}

fn all_options() -> impl Iterator<Item = AppendOptions> {
    [Durability::Cached, Durability::Synced]
        .into_iter()
        .flat_map(|durability| {
            let options = options().durability(durability);
            [
                options,
                options.mapped(true),
                options.buffer_capacity(0),
                options.commit_every(2),
            ]
        })
}

#[test]
fn each_way_of_appending_fills_one_shard_after_another() {
    let rows: Vec<u64> = (0..8).collect();
    for options in all_options() {
        for way in 0..4 {
            let dir = tempfile::tempdir().unwrap();
            let mut log = options.open_dir::<u64>(dir.path()).unwrap();
            match way {
                0 => rows.iter().for_each(|row| log.append(row).unwrap()),
                1 => log.append_slice(&rows).unwrap(),
                2 => log.extend(&rows).unwrap(),
                _ => rows
                    .chunks(5)
                    .for_each(|rows| log.append_slice(rows).unwrap()),
            }
            assert_eq!((log.rows(), log.shards()), (8, 3));
            assert_eq!(log.dir(), dir.path());
            assert_eq!(log.path(), dir.path().join("2.npy"));
            assert_listed(dir.path(), &[3, 3]);
            log.close().unwrap();
            assert_listed(dir.path(), &[3, 3, 2]);
            assert_shards(dir.path(), &THREE);
            assert_eq!(names(dir.path()), ["info", "0.npy", "1.npy", "2.npy"]);
        }
    }
}

#[test]
fn a_directory_that_is_opened_again_goes_on_in_its_last_shard() {
    for options in all_options() {
        let dir = tempfile::tempdir().unwrap();
        for (opened, rows) in [(0, 0..2_u64), (1, 2..3), (1, 3..7), (3, 7..7), (3, 7..8)] {
            let mut log = options.open_dir::<u64>(dir.path()).unwrap();
            assert_eq!(log.rows(), rows.start);
            assert!(log.recovery().is_none());
            // The last shard is taken off the list.
            assert_listed(dir.path(), &[3, 3, 3][..opened.max(1) - 1]);
            log.extend(rows).unwrap();
            log.close().unwrap();
        }
        assert_shards(dir.path(), &THREE);
        assert_listed(dir.path(), &[3, 3, 2]);
    }
}

#[test]
fn an_empty_directory_is_an_empty_array() {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("host=a").join("date=2026-11-25");
    let log = options().open_dir::<u64>(&inner).unwrap();
    assert_eq!((log.rows(), log.shards()), (0, 1));
    assert_listed(&inner, &[]);
    log.close().unwrap();
    assert_listed(&inner, &[0]);
    assert_shards::<u64>(&inner, &[&[]]);
}

#[test]
fn rotate_seals_a_shard_that_has_rows() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = AppendOptions::new().open_dir::<u64>(dir.path()).unwrap();
    log.rotate().unwrap();
    log.extend([0_u64, 1, 2]).unwrap();
    log.rotate().unwrap();
    log.rotate().unwrap();
    assert_eq!((log.rows(), log.committed_rows(), log.shards()), (3, 3, 2));
    assert_eq!(log.max_rows(), u64::MAX);
    assert_listed(dir.path(), &[3]);
    log.extend([3_u64, 4, 5]).unwrap();
    log.rotate().unwrap();
    log.extend([6_u64, 7]).unwrap();
    drop(log);
    assert_shards(dir.path(), &THREE);
    assert_listed(dir.path(), &[3, 3, 2]);
}

#[test]
fn a_single_file_has_no_shards_to_rotate() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = npyrec::Appender::<u64>::create(dir.path().join("log.npy")).unwrap();
    let error = log.rotate().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(
        error.to_string().contains("`AppendOptions::open_dir`"),
        "{error}"
    );
    assert_eq!((log.shards(), log.dir()), (1, dir.path()));
    log.append(&7).unwrap();
    log.close().unwrap();
}

#[test]
fn a_shard_has_at_most_its_bytes_and_at_least_a_row() {
    for (bytes, rows) in [
        (128 + 24, 3),
        (128 + 31, 3),
        (128 + 32, 4),
        (128, 1),
        (1, 1),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let mut log = AppendOptions::new()
            .bytes_per_shard(bytes)
            .rows_per_shard(7)
            .open_dir::<u64>(dir.path())
            .unwrap();
        log.extend(0..8_u64).unwrap();
        log.close().unwrap();
        let all: Vec<u64> = (0..8).collect();
        assert_shards(dir.path(), &all.chunks(rows).collect::<Vec<_>>());
    }
}

/// Opens a directory in which the last shard was changed long ago.
fn open_later(dir: &Path, options: AppendOptions) -> Appender<u64> {
    let log = options.open_dir::<u64>(dir).unwrap();
    let last = log.path().to_owned();
    drop(log);
    let file = fs::File::options().write(true).open(last).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    options.open_dir::<u64>(dir).unwrap()
}

#[test]
fn the_clock_starts_a_shard_with_the_next_row_or_commit() {
    let dir = tempfile::tempdir().unwrap();
    // Since 1970 such an interval has passed, and none ends soon.
    let options = AppendOptions::new().shard_every(Duration::from_secs(20 * 365 * 86_400));
    // Its time is over, but it has no rows.
    let mut log = open_later(dir.path(), options);
    log.commit().unwrap();
    log.append(&0).unwrap();
    assert_eq!(log.shards(), 1);
    drop(log);
    let mut log = open_later(dir.path(), options);
    log.append(&1).unwrap();
    assert_eq!(log.shards(), 2);
    drop(log);
    let mut log = open_later(dir.path(), options);
    log.commit().unwrap();
    assert_eq!(log.shards(), 3);
    log.append(&2).unwrap();
    log.close().unwrap();
    let mut log = open_later(dir.path(), options);
    log.append_slice(&[3, 4]).unwrap();
    drop(log);
    assert_shards::<u64>(dir.path(), &[&[0], &[1], &[2], &[3, 4]]);
    let mut log = open_later(
        dir.path(),
        AppendOptions::new().shard_every(Duration::from_secs(1 << 32)),
    );
    log.append(&5).unwrap();
    assert_eq!(log.shards(), 4);
}

#[test]
fn rows_of_arrays_are_never_split() {
    for options in all_options() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = options.open_array_dir::<u8>(dir.path(), &[2, 2]).unwrap();
        log.append_rows(&(0..16).collect::<Vec<_>>()).unwrap();
        log.append_rows(&(16..32).collect::<Vec<_>>()).unwrap();
        assert_eq!((log.shape(), log.shards()), (vec![8, 2, 2], 3));
        log.close().unwrap();
        let row = |n: u8| [[4 * n, 4 * n + 1], [4 * n + 2, 4 * n + 3]];
        let rows: Vec<_> = (0..8).map(row).collect();
        let shards: Vec<_> = rows.chunks(3).collect();
        assert_shards::<[[u8; 2]; 2]>(dir.path(), &shards);
        assert_listed(dir.path(), &[3, 3, 2]);
        let error = options.open_array_dir::<u8>(dir.path(), &[4]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape);
        assert_listed(dir.path(), &[3, 3, 2]);
    }
}

#[test]
fn values_and_rows_of_no_bytes_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let dtype = "[('a', '<i4'), ('b', '|S2')]".parse().unwrap();
    let mut log = options().open_dir_with_dtype(dir.path(), &dtype).unwrap();
    let row = |n: i64| {
        let fields = [("a", Value::from(n)), ("b", Value::from("xy"))];
        Value::from(npyrec::value::Record::from_iter(fields))
    };
    log.extend((0..8).map(row)).unwrap();
    // A row that does not fit is left out, and belongs to no shard.
    log.append(&row(1 << 40)).unwrap_err();
    log.close().unwrap();
    assert_listed(dir.path(), &[3, 3, 2]);

    let empty = dir.path().join("empty");
    let mut log = options().open_dir::<Bytes<0>>(&empty).unwrap();
    log.extend([Bytes::default(); 4]).unwrap();
    log.append_slice(&[Bytes::default(); 4]).unwrap();
    assert_eq!((log.rows(), log.shards()), (8, 3));
    log.close().unwrap();
    assert_listed(&empty, &[3, 3, 2]);
    let nothing = dir.path().join("nothing");
    let mut log = options().open_array_dir::<u8>(&nothing, &[2]).unwrap();
    log.append_rows(&[]).unwrap();
    log.close().unwrap();
    assert_listed(&nothing, &[0]);
}

#[test]
fn a_logger_rotates_on_its_thread() {
    for options in all_options() {
        let dir = tempfile::tempdir().unwrap();
        let log = options.open_dir::<u64>(dir.path()).unwrap();
        let (log, guard) = log.into_background(BackgroundOptions::new());
        (0..8).for_each(|row| log.log(row).unwrap());
        log.flush().unwrap();
        assert_eq!(
            npyrec::read::<u64>(dir.path().join("2.npy")).unwrap(),
            [6, 7]
        );
        guard.close().unwrap();
        assert_shards(dir.path(), &THREE);
        assert_listed(dir.path(), &[3, 3, 2]);

        let arrays = dir.path().join("arrays");
        let log = options.open_array_dir::<u8>(&arrays, &[2]).unwrap();
        let (log, guard) = log.into_background(BackgroundOptions::new());
        log.log((0..10).collect()).unwrap();
        log.log((10..16).collect()).unwrap();
        guard.close().unwrap();
        assert_listed(&arrays, &[3, 3, 2]);
    }
}

#[test]
fn a_logger_rotates_when_it_is_asked_to() {
    let dir = tempfile::tempdir().unwrap();
    let log = AppendOptions::new().open_dir::<u64>(dir.path()).unwrap();
    let (log, guard) = log.into_background(BackgroundOptions::new());
    log.rotate().unwrap();
    for rows in [0..3, 3..6, 6..8_u64] {
        rows.clone().for_each(|row| log.log(row).unwrap());
        if rows.end < 8 {
            log.clone().rotate().unwrap();
            assert_listed(dir.path(), &vec![3; rows.end as usize / 3]);
        }
    }
    guard.close().unwrap();
    assert_shards(dir.path(), &THREE);

    let path = dir.path().join("log.npy");
    let log = Appender::<u64>::create(&path).unwrap();
    let (log, guard) = log.into_background(BackgroundOptions::new());
    log.log(7).unwrap();
    let error = log.rotate().unwrap_err();
    assert!(
        error.to_string().contains("`AppendOptions::open_dir`"),
        "{error}"
    );
    log.log(8).unwrap();
    log.flush().unwrap();
    guard.close().unwrap();
    assert_eq!(npyrec::read::<u64>(&path).unwrap(), [7, 8]);
}

#[test]
fn a_directory_has_one_appender() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = options().open_dir::<u64>(dir.path()).unwrap();
    for rows in [0..2_u64, 2..3, 3..7] {
        log.extend(rows).unwrap();
        let error = options().open_dir::<u64>(dir.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Locked);
        assert_eq!(error.path(), Some(log.path()));
    }
    log.append(&7).unwrap();
    log.close().unwrap();
    assert_shards(dir.path(), &THREE);
}

#[test]
fn sealed_shards_are_as_numpy_saves_them_and_never_change() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut log = options().open_dir::<u64>(dir.path()).unwrap();
    let mut sealed = Vec::new();
    for row in 0..30_u64 {
        log.append(&row).unwrap();
        for (number, bytes) in sealed.iter().enumerate() {
            assert!(fs::read(dir.path().join(format!("{number}.npy"))).unwrap() == *bytes);
        }
        if log.shards() > sealed.len() as u64 + 1 {
            let path = dir.path().join(format!("{}.npy", sealed.len()));
            let bytes = fs::read(&path).unwrap();
            assert!(numpy.resave(&path) == bytes);
            sealed.push(bytes);
        }
    }
    assert_eq!(sealed.len(), 9);
}

#[cfg(unix)] // Windows lets nobody remove a file that is locked.
#[test]
fn a_shard_that_is_removed_is_told_when_it_is_sealed_and_no_gap_is_made() {
    for is_whole_directory in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = options().open_dir::<u64>(&path).unwrap();
        log.extend(0..5_u64).unwrap();
        match is_whole_directory {
            true => fs::remove_dir_all(&path).unwrap(),
            false => fs::remove_file(path.join("1.npy")).unwrap(),
        }
        log.append(&5).unwrap();
        for row in 6..9 {
            let error = log.append(&row).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Removed);
            assert_eq!(error.path(), Some(&*path.join("1.npy")));
        }
        assert_eq!((log.rows(), log.shards()), (6, 2));
        assert_eq!(log.close().unwrap_err().kind(), ErrorKind::Removed);
        let mut log = options().open_dir::<u64>(&path).unwrap();
        let before = if is_whole_directory { 0 } else { 3 };
        assert_eq!(log.rows(), before);
        log.append(&before).unwrap();
        log.close().unwrap();
        assert_eq!(
            npyrec::read::<u64>(&path).unwrap(),
            (0..=before).collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_cached_directory_is_synced_as_a_whole_when_it_is_asked_to() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = options().open_dir::<u64>(dir.path()).unwrap();
    log.extend(0..8_u64).unwrap();
    log.sync().unwrap();
    log.sync().unwrap();
    #[cfg(unix)]
    {
        // Each sealed shard is synced, so that one that is gone is an error, once it is not synced yet.
        log.extend(8..10_u64).unwrap();
        fs::remove_file(dir.path().join("2.npy")).unwrap();
        let error = log.sync().unwrap_err();
        assert_eq!(error.path(), Some(&*dir.path().join("2.npy")));
    }
}

/// Rows of a listed shard that is gone are not forgotten, whatever recovery was asked for.
#[test]
fn a_listed_shard_that_is_missing_is_an_error_with_any_recovery() {
    let dir = tempfile::tempdir().unwrap();
    let options = AppendOptions::new().rows_per_shard(2);
    let mut log = options.open_dir::<u64>(dir.path()).unwrap();
    log.extend(0..6_u64).unwrap();
    log.close().unwrap();
    fs::remove_file(dir.path().join("2.npy")).unwrap();
    let info = fs::read(dir.path().join("info")).unwrap();
    for recovery in [Recovery::Refuse, Recovery::Adopt, Recovery::Discard] {
        let options = options.recover(recovery);
        let error = options.open_dir::<u64>(dir.path()).unwrap_err();
        assert_eq!(error.path(), Some(&*dir.path().join("2.npy")), "{error}");
        assert_eq!(fs::read(dir.path().join("info")).unwrap(), info);
    }
}
