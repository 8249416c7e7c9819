//! 100,000 shards of a billion rows each, all of them holes.

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, Instant},
};

use npyrec::{AppendOptions, Follow, Header, Shards};

use crate::process::is_full;

/// Windows gives each byte its place on the disk.
const ROWS: u64 = if cfg!(unix) { 1_000_000_000 } else { 10_000 };

/// Makes shards of zeros, whose data take no space.
fn make(dir: &Path, shards: u64) {
    let header = Header::for_record::<u64>(ROWS).to_bytes();
    for number in 0..shards {
        let path = dir.join(format!("{number}.npy"));
        fs::write(&path, &header).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(header.len() as u64 + ROWS * 8).unwrap();
    }
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    eprintln!("{what}: {:?}", start.elapsed());
    (result, start.elapsed())
}

/// The memory that this program uses, in bytes.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or_default() * 4096
}

#[test]
fn many_shards_are_opened_read_and_followed() {
    let shards = if is_full() { 100_000 } else { 2_000 };
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), shards);
    let all = shards * ROWS;
    let before = memory();
    let (read, _) = timed("open", || Shards::<u64>::open(dir.path()).unwrap());
    assert_eq!((read.len(), read.shards().len() as u64), (all, shards));
    let used = memory().saturating_sub(before);
    eprintln!("memory: {used}");
    assert!(used < (2 << 20) + 40 * shards, "{used}");
    let mut random = fastrand::Rng::with_seed(7);
    timed("1,000 rows anywhere", || {
        for _ in 0..1_000 {
            assert_eq!(read.row(random.u64(..all)).unwrap(), 0);
        }
    });
    let (rows, _) = timed("a row of each 1,000th shard", || {
        let step = std::num::NonZero::new(1_000 * ROWS).unwrap();
        read.read_strided(0..all, step).unwrap()
    });
    assert_eq!(rows.len() as u64, shards.div_ceil(1_000));

    let (mut log, _) = timed("open to append", || {
        AppendOptions::new()
            .rows_per_shard(ROWS)
            .open_dir::<u64>(dir.path())
            .unwrap()
    });
    assert_eq!((log.rows(), log.shards()), (all, shards));
    timed("seal and start the next", || log.append(&7).unwrap());
    timed("close", || log.close().unwrap());
    let mut follow = Follow::<u64>::open(dir.path()).unwrap();
    follow.skip_to(all);
    let (rows, _) = timed("follow to the last row", || follow.poll().unwrap());
    assert_eq!(rows, [7]);
    let mut read = read;
    let (rows, _) = timed("refresh", || read.refresh().unwrap());
    assert_eq!(rows, all + 1);
}
