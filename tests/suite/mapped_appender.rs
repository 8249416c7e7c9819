//! Appending through a map of the file.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Duration,
};

use npyrec::{
    AppendOptions, Appender, DType, Durability, Follow, Header, NpyRecord, Order, Recovery,
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

fn options() -> AppendOptions {
    // Some of the tests leave a file open, as a killed program does.
    AppendOptions::new().mapped(true).lock(false)
}

/// Leaves a file as a killed program does: with committed rows, and others that are not.
fn killed(path: &Path, committed: u32, written: u32) {
    // The log stays mapped, and Windows lets nobody cut a file that is.
    static LOGS: AtomicU32 = AtomicU32::new(0);
    let nth = LOGS.fetch_add(1, Relaxed);
    let live = path.with_extension(format!("live{nth}"));
    let mut log = options()
        .buffer_capacity(0)
        .create::<Sample>(&live)
        .unwrap();
    log.extend((0..committed).map(sample)).unwrap();
    log.commit().unwrap();
    log.extend((committed..written).map(sample)).unwrap();
    std::mem::forget(log);
    fs::copy(&live, path).unwrap();
    let _ = fs::remove_file(live);
}

/// Returns the bytes of a file of `rows` rows.
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
            let mut log = options.create::<Sample>(&path).unwrap();
            log.extend((0..rows / 3).map(sample)).unwrap();
            drop(log);
            let mut log = options.open::<Sample>(&path).unwrap();
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
    let mut log = options().create::<Sample>(&path).unwrap();
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
            let mut log = options().recover(recovery).open::<Sample>(&path).unwrap();
            assert_eq!(log.rows(), u64::from(committed));
            let report = log.recovery().unwrap();
            assert_eq!(report.recovered_rows(), Some(u64::from(committed)));
            log.append(&sample(committed)).unwrap();
            log.close().unwrap();
            assert!(fs::read(&path).unwrap() == file(committed + 1));
        }
    }
}

/// A program that is killed while it extends or shortens the file.
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
        let log = options().open::<Sample>(&path).unwrap();
        assert_eq!(log.rows(), 5);
        drop(log);
        assert!(fs::read(&path).unwrap() == file(5));
    }
    // Rows without a mark after them, as written without a map, are adopted.
    fs::write(&path, [&file(5), &[0; 24][..]].concat()).unwrap();
    assert_eq!(options().open::<Sample>(&path).unwrap().rows(), 7);
}

#[test]
fn arrays_are_appended_through_a_map_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("frames.npy");
    let options = AppendOptions::new().mapped(true);
    let mut frames = options.create_array::<f32>(&path, &[64, 128]).unwrap();
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

/// Replaces the number of rows in a header by other text of the same length.
fn with_count(bytes: &[u8], rows: u32, text: &str) -> Vec<u8> {
    let shape = |count: &str| format!("'shape': ({count},), }}");
    let (old, mut new) = (shape(&rows.to_string()), shape(text));
    while new.len() < old.len() {
        new.push(' ');
    }
    let at = bytes
        .windows(old.len())
        .position(|part| part == old.as_bytes());
    let at = at.unwrap();
    // A longer text takes the place of padding.
    assert!(
        bytes[at + old.len()..at + new.len()]
            .iter()
            .all(|byte| *byte == b' ')
    );
    let mut bytes = bytes.to_vec();
    bytes[at..at + new.len()].copy_from_slice(new.as_bytes());
    bytes
}

/// Counts that cannot be read, and counts of more rows than there can be.
const UNKNOWN: [&str; 8] = [
    "",
    "*****",
    "-1",
    "1**",
    "1\0",
    "1**45",
    "999999999",
    "99999999999999999999",
];

/// Checks that a file is refused at every door that mends files, and stays as it is.
fn is_refused_for_its_room(path: &Path, case: &str) {
    let bytes = fs::read(path).unwrap();
    let recoveries = [
        Recovery::Adopt,
        Recovery::Discard,
        Recovery::ZeroFill,
        Recovery::Refuse,
    ];
    let errors = recoveries.into_iter().flat_map(|recovery| {
        let log = options().recover(recovery).open::<Sample>(path).map(drop);
        let array = AppendOptions::new().lock(false);
        let array = array
            .recover(recovery)
            .make_appendable(true)
            .open_array::<Sample>(path);
        [
            log,
            array.map(drop),
            npyrec::recover(path, recovery).map(drop),
        ]
    });
    let others = [
        options().open::<Sample>(path).map(drop),
        options()
            .durability(Durability::Synced)
            .open::<Sample>(path)
            .map(drop),
        npyrec::check(path).map(drop),
        npyrec::make_appendable(path).map(drop),
    ];
    for error in errors.chain(others) {
        let error = error.expect_err(case).to_string();
        assert!(
            error.contains("the room of a mapped log"),
            "{case}: {error}"
        );
        assert!(fs::read(path).unwrap() == bytes, "{case}");
    }
}

#[test]
fn room_is_never_taken_for_rows_where_their_number_is_unknown() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npy");
    for (committed, written) in [(5, 9), (12_345, 20_000)] {
        killed(&path, committed, written);
        let bytes = fs::read(&path).unwrap();
        for count in UNKNOWN {
            fs::write(&path, with_count(&bytes, committed, count)).unwrap();
            is_refused_for_its_room(&path, &format!("{count:?} for {committed}"));
        }
        // With the number in its place again, nothing is lost.
        fs::write(&path, &bytes).unwrap();
        npyrec::recover(&path, Recovery::Adopt).unwrap();
        assert!(fs::read(&path).unwrap() == file(committed));
    }
}

/// Half of a number, where the bracket after the shape is lost, may start the number of rows that would fit
/// into the room.
#[test]
fn room_is_never_taken_for_rows_where_their_number_is_torn() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npy");
    killed(&path, 5, 9);
    let log = fs::read(&path).unwrap();
    let mark = &log[log.len() - 64..];
    let (mut adopted, mut mended, mut refused) = (0, 0, 0);
    for (mixed, dtype, counts) in torn_headers() {
        // Numbers that start with a half of each number of `torn_headers`.
        for rows in [1_777, 10_777, 12_777, 99_777, 120_777] {
            fs::write(&path, [&mixed[..], &vec![1; rows]].concat()).unwrap();
            adopted += u32::from(npyrec::recover(&path, Recovery::Adopt).is_ok());
            let room = [&mixed[..], &vec![0; rows - 64], mark].concat();
            let open = |path: &Path| Appender::open_with_dtype(path, &dtype).map(drop);
            let recover = |path: &Path| npyrec::recover(path, Recovery::Adopt).map(drop);
            for door in [&open as &dyn Fn(&Path) -> _, &recover] {
                fs::write(&path, &room).unwrap();
                match door(&path) {
                    Ok(()) => {
                        // Half of the larger number may be between the two, and all its rows are there.
                        let kept = npyrec::check(&path).unwrap().header_rows().unwrap();
                        assert!(
                            counts[0] <= kept && kept <= counts[1],
                            "{kept}, {}",
                            mixed.escape_ascii()
                        );
                        mended += 1;
                    }
                    Err(error) => {
                        assert!(fs::read(&path).unwrap() == room, "{error}");
                        refused += 1;
                    }
                }
            }
        }
    }
    assert!(
        adopted > 5 && mended > 5 && refused > 5,
        "{adopted} {mended} {refused}"
    );
}

/// Returns headers that an interrupted rewrite left, with the dtype and the two numbers of rows.
fn torn_headers() -> Vec<(Vec<u8>, DType, [u64; 2])> {
    let mut headers = Vec::new();
    for name in 1..=64 {
        let dtype: DType = format!("[('{}', '|u1')]", "x".repeat(name))
            .parse()
            .unwrap();
        for counts in [[9, 10], [99, 100], [9, 1_200], [99, 1_200]] {
            let [before, after] = counts.map(|rows| {
                let header = Header::new(dtype.clone(), Order::C, &[rows]);
                header.unwrap().to_bytes()
            });
            for bound in (64..before.len()).step_by(64) {
                for (head, tail) in [(&before, &after), (&after, &before)] {
                    let mixed = [&head[..bound], &tail[bound..]].concat();
                    if Header::read_from(&mut &mixed[..]).is_err() {
                        headers.push((mixed, dtype.clone(), counts));
                    }
                }
            }
        }
    }
    headers
}

/// Windows lets nobody mend a file that another program writes.
#[cfg(unix)]
#[test]
fn the_room_of_a_live_log_whose_number_of_rows_is_lost_is_not_taken_for_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npy");
    for lock in [true, false] {
        let mut log = options().lock(lock).create::<Sample>(&path).unwrap();
        log.extend((0..123).map(sample)).unwrap();
        log.commit().unwrap();
        let bytes = fs::read(&path).unwrap();
        let head = &with_count(&bytes, 123, "***")[..128];
        let write = |bytes: &[u8]| {
            use std::io::Write;
            let mut file = fs::File::options().write(true).open(&path).unwrap();
            file.write_all(bytes).unwrap();
        };
        write(head);
        if lock {
            let locked = |error: npyrec::Error| matches!(error.kind(), npyrec::ErrorKind::Locked);
            assert!(locked(npyrec::recover(&path, Recovery::Adopt).unwrap_err()));
            assert!(locked(Appender::<Sample>::open(&path).unwrap_err()));
        } else {
            is_refused_for_its_room(&path, "live");
        }
        let error = npyrec::check(&path).unwrap_err().to_string();
        assert!(error.contains("the room of a mapped log"), "{error}");
        write(&bytes[..128]);
        log.append(&sample(123)).unwrap();
        log.close().unwrap();
        assert!(fs::read(&path).unwrap() == file(124));
    }
}
