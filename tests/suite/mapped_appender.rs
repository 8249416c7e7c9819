//! Appending through a map of the file.

use std::{fs, path::Path, time::Duration};

use npyrec::{
    AppendOptions, Appender, ArrayAppender, Durability, Follow, Header, NpyRecord, Recovery,
};
use serde_json::json;

use crate::numpy::numpy;

#[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
struct Sample {
    number: u32,
    value: f64,
}

fn sample(number: u32) -> Sample {
    Sample {
        number,
        value: f64::from(number) / 4.0,
    }
}

fn options() -> AppendOptions<Sample> {
    // Some of the tests leave a file open, as a killed program does.
    Appender::options().mapped(true).lock(false)
}

/// Leaves a file as a killed program does: with committed rows, and others that are not.
fn killed(path: &Path, committed: u32, written: u32) {
    let mut log = options().buffer_capacity(0).create(path).unwrap();
    log.extend((0..committed).map(sample)).unwrap();
    log.commit().unwrap();
    log.extend((committed..written).map(sample)).unwrap();
    std::mem::forget(log);
}

/// The bytes of a file of so many rows.
fn file(rows: u32) -> Vec<u8> {
    let mut bytes = Header::for_record::<Sample>(rows.into()).to_bytes();
    for number in 0..rows {
        let mut row = [0; Sample::ITEMSIZE];
        sample(number).encode(&mut row).unwrap();
        bytes.extend(row);
    }
    bytes
}

#[test]
fn a_closed_file_is_the_one_that_writing_makes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npy");
    for (capacity, every) in [(0, 1), (100, 7), (65_536, 0), (1 << 20, 1_000)] {
        for durability in [Durability::Cached, Durability::Synced] {
            let synced = durability == Durability::Synced;
            let rows = if synced { 300 } else { 50_000 };
            let options = options()
                .durability(durability)
                .buffer_capacity(capacity)
                .commit_every(every);
            let mut log = options.create(&path).unwrap();
            log.extend((0..rows / 3).map(sample)).unwrap();
            drop(log);
            let mut log = options.open(&path).unwrap();
            assert!(log.recovery().is_none(), "nothing was left behind the rows");
            log.append_slice(&(rows / 3..rows).map(sample).collect::<Vec<_>>())
                .unwrap();
            log.sync().unwrap();
            log.close().unwrap();
            assert!(fs::read(&path).unwrap() == file(rows));
        }
    }
    let Some(mut numpy) = numpy() else { return };
    assert!(fs::read(&path).unwrap() == numpy.resave(&path));
}

#[test]
fn committed_rows_are_seen_while_it_is_open() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npy");
    let mut log = options().create(&path).unwrap();
    let mut follow = Follow::<Sample>::open(&path).unwrap();
    for number in 0..1_100 {
        log.append(&sample(number)).unwrap();
        log.commit().unwrap();
        let rows = npyrec::read::<Sample>(&path).unwrap();
        assert_eq!(rows.len() as u32, number + 1);
        assert_eq!(rows[number as usize], sample(number));
        assert!(follow.wait(Duration::from_secs(60)).unwrap());
        assert_eq!(follow.poll().unwrap(), [sample(number)]);
    }
    let report = npyrec::check(&path).unwrap();
    assert_eq!((report.rows(), report.header_rows()), (1_100, Some(1_100)));
    assert!(report.preallocated_bytes() > 0 && report.numpy_loads() && !report.is_sound());
    let text = report.to_string();
    assert!(
        text.contains("bytes behind them are preallocated"),
        "{text}"
    );
    if let Some(mut numpy) = numpy() {
        let code = "a = np.load(path, mmap_mode='r')\nanswer = [len(a), float(a['value'].sum())]";
        let sum = f64::from(1_099 * 1_100 / 2) / 4.0;
        assert_eq!(numpy.python(&path, code), json!([1_100, sum]));
    }
    log.close().unwrap();
    assert!(npyrec::check(&path).unwrap().is_sound());
}

#[test]
fn room_that_a_killed_program_left_is_never_taken_for_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npy");
    let recoveries = [
        Recovery::Adopt,
        Recovery::Discard,
        Recovery::ZeroFill,
        Recovery::Refuse,
    ];
    for recovery in recoveries {
        // The second time it is extended twice, and the first mark lies among the rows.
        for (committed, written) in [(5, 9), (100_000, 150_000), (0, 1)] {
            killed(&path, committed, written);
            let report = npyrec::check(&path).unwrap();
            assert_eq!(report.rows(), u64::from(committed));
            assert!(report.preallocated_bytes() > 0);
            let report = npyrec::recover(&path, recovery).unwrap();
            assert_eq!(report.recovered_rows(), Some(u64::from(committed)));
            assert!(fs::read(&path).unwrap() == file(committed), "{recovery:?}");

            killed(&path, committed, written);
            let mut log = options().recover(recovery).open(&path).unwrap();
            assert_eq!(log.rows(), u64::from(committed));
            let report = log.recovery().unwrap();
            assert_eq!(report.recovered_rows(), Some(u64::from(committed)));
            log.append(&sample(committed)).unwrap();
            log.close().unwrap();
            assert!(fs::read(&path).unwrap() == file(committed + 1));
        }
    }
}

/// Whatever is killed, on the way to room for more or back.
#[test]
fn a_file_that_is_just_being_extended_or_cut_is_recovered() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npy");
    killed(&path, 5, 9);
    let extended = fs::read(&path).unwrap();
    let mark = &extended[extended.len() - 64..];
    // The mark is written and nothing is there yet before it.
    let hole = [&file(5), &vec![0; 5 << 20][..], mark].concat();
    for bytes in [hole, file(5), [&file(5), mark].concat()] {
        fs::write(&path, bytes).unwrap();
        let log = options().open(&path).unwrap();
        assert_eq!(log.rows(), 5);
        drop(log);
        assert!(fs::read(&path).unwrap() == file(5));
    }
    // Rows that were written and no mark behind them, as without a map, are adopted.
    fs::write(&path, [&file(5), &[0; 24][..]].concat()).unwrap();
    assert_eq!(options().open(&path).unwrap().rows(), 7);
}

#[test]
fn arrays_are_appended_through_a_map_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("frames.npy");
    let options = ArrayAppender::<f32>::options().mapped(true);
    let mut frames = options.create(&path, &[64, 128]).unwrap();
    for number in 0..100 {
        let frame = [f32::from(number as u8); 64 * 128];
        frames.append_rows(&frame).unwrap();
        frames.commit().unwrap();
    }
    frames.append_rows(&[0.0; 3]).unwrap_err();
    frames.close().unwrap();
    let Some(mut numpy) = numpy() else { return };
    let code = "a = np.load(path)\n\
                answer = [a.shape, bool((a == np.arange(100)[:, None, None]).all())]";
    assert_eq!(numpy.python(&path, code), json!([[100, 64, 128], true]));
    assert!(fs::read(&path).unwrap() == numpy.resave(&path));
}
