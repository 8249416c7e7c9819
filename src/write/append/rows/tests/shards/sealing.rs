//! Sealed shards that are synced, the time of a shard, and a logger whose thread seals one.

use std::time::Duration;

use super::*;

/// The system drops what it could not write, and would not say so twice.
#[test]
fn a_sealed_shard_whose_sync_failed_is_not_said_to_be_synced_later() {
    let memory = Arc::new(Memory::default());
    let mut rows = open_memory(&memory, settings_of(Durability::Cached));
    for row in 1..=9_u16 {
        append_row(&mut rows, &row.to_le_bytes()).unwrap();
    }
    rows.commit().unwrap();
    let failing = Arc::clone(&memory.shards.lock().unwrap()[1]);
    failing.fail(|_, call| match call {
        Call::Sync => Fault::Error(io::ErrorKind::Other),
        _ => Fault::None,
    });
    let error = rows.sync().unwrap_err();
    assert_eq!(error.path(), Some(Path::new("ticks/1.npy")));
    failing.heal();
    for error in [rows.sync(), append_row(&mut rows, &[10, 0]), rows.commit()] {
        assert!(matches!(error.unwrap_err().cause(), Cause::SyncLost));
    }
}

#[test]
fn shards_of_an_earlier_run_are_synced_as_well() {
    let memory = Arc::new(Memory::default());
    let settings = settings_of(Durability::Cached);
    let mut rows = open_memory(&memory, settings);
    for row in 1..=9_u16 {
        append_row(&mut rows, &row.to_le_bytes()).unwrap();
    }
    rows.commit().unwrap();
    let folder = Box::new(Arc::clone(&memory));
    let sealed = vec![PER_SHARD as u64; 2];
    let again = ShardLog::new(folder, header(), sealed, SystemTime::now(), &settings);
    rows.shards = Some(Box::new(again));
    rows.sync().unwrap();
    for disk in &memory.shards.lock().unwrap()[..] {
        assert_eq!(disk.trace().last(), Some(&Change::Sync));
    }
}

/// An interval of which at least one has passed since 1970, and none ends soon.
const YEARS: Duration = Duration::from_secs(20 * 365 * 86_400);

#[test]
fn the_time_of_a_shard_without_rows_starts_with_its_first_row() {
    for is_committed in [false, true] {
        let memory = Arc::new(Memory::default());
        let settings = AppendOptions {
            shard_every: Some(YEARS),
            ..settings_of(Durability::Cached)
        };
        let mut rows = open_memory(&memory, settings);
        let folder = Box::new(Arc::clone(&memory));
        let log = ShardLog::new(
            folder,
            header(),
            Vec::new(),
            SystemTime::UNIX_EPOCH,
            &settings,
        );
        rows.shards = Some(Box::new(log));
        if is_committed {
            rows.commit().unwrap();
        }
        append_row(&mut rows, &[1, 0]).unwrap();
        append_row(&mut rows, &[2, 0]).unwrap();
        rows.commit().unwrap();
        assert_eq!((rows.rows(), rows.shards()), (2, 1));
    }
}

/// The storage blocks until all records are logged.
#[cfg(feature = "background")]
#[test]
fn a_logger_takes_records_while_its_thread_seals_a_shard() {
    use std::sync::mpsc::channel;

    use crate::write::append::{Appender, BackgroundOptions};
    for blocked in [Call::Insert, Call::Allocate, Call::Sync] {
        let memory = Arc::new(Memory::default());
        let rows = open_memory(&memory, settings_of(Durability::Synced));
        let (reached, is_reached) = channel();
        let (release, released) = channel::<()>();
        memory.master.fail(move |_, call| {
            if *call == blocked {
                reached.send(()).unwrap();
                // Until the other end is dropped.
                released.recv().unwrap_err();
            }
            Fault::None
        });
        let options = BackgroundOptions::new().capacity(64).commit_every(5);
        let (log, guard) = Appender::<u16>::from_rows(rows, ()).into_background(options);
        (1..=5).for_each(|row| log.log(row).unwrap());
        is_reached.recv().unwrap();
        for row in 6..30 {
            match row % 2 {
                0 => log.log(row).unwrap(),
                _ => log.try_log(row).unwrap(),
            }
        }
        drop(release);
        guard.close().unwrap();
        let info = memory.info.lock().unwrap();
        let all: Vec<u16> = (1..30).collect();
        assert_eq!(counted(&memory.files(), &info).concat(), all);
    }
}
