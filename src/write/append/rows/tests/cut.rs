//! A file that another program cuts, or appends to, while an appender has it open.

use super::*;

/// Rows that are in the file when it is cut.
const WRITTEN: u64 = 100;

fn rows_of(capacity: usize, durability: Durability) -> (Arc<Disk>, Rows) {
    let disk = Disk::new(Vec::new());
    let mut rows = open_durable(&disk, capacity, u64::MAX, durability).unwrap();
    let written = u8::try_from(WRITTEN).unwrap();
    (0..written).for_each(|row| append(&mut rows, row).unwrap());
    rows.commit().unwrap();
    (disk, rows)
}

fn cut(disk: &Disk, len: usize) -> Vec<u8> {
    disk.change(Change::SetLen(len));
    disk.bytes()
}

/// Does everything that an appender can do, none of which succeeds, or changes the file.
fn end(disk: &Disk, mut rows: Rows, is_noticed: impl Fn(&Error) -> bool) {
    let before = disk.bytes();
    let count = rows.rows();
    for act in [
        |rows: &mut Rows| append(rows, 1),
        |rows: &mut Rows| rows.append_bytes(&[7; 20_000], 10_000),
        |rows: &mut Rows| rows.append_each::<u16>(&(), &[1, 2, 3]),
        |rows: &mut Rows| rows.commit(),
        |rows: &mut Rows| rows.sync(),
        |rows: &mut Rows| rows.close(),
    ] {
        let error = act(&mut rows).unwrap_err();
        assert!(is_noticed(&error), "{error}");
        assert!(error.is_repeat());
        assert_eq!(error.path(), Some(Path::new("rows.npy")));
    }
    assert_eq!(rows.rows(), count, "nothing is taken that is never written");
    rows.reopen();
    rows.drop_rows();
    assert!(disk.bytes() == before);
}

#[test]
fn nothing_is_written_to_a_file_that_was_cut() {
    for durability in [Durability::Cached, Durability::Synced] {
        for len in [
            0,
            1,
            HEADER - 1,
            HEADER,
            HEADER + 1,
            HEADER + 100,
            HEADER + 199,
        ] {
            let found = (len.saturating_sub(HEADER) / 2) as u64;
            let is_noticed = |error: &Error| matches!(*error.cause(), Cause::CutShort { expected: WRITTEN, found: n } if n == found);
            let acts: [fn(&mut Rows) -> Result<()>; 6] = [
                Rows::commit,
                Rows::sync,
                Rows::close,
                |rows| (0..50).try_for_each(|row| append(rows, row)),
                |rows| rows.append_bytes(&[7; 20_000], 10_000),
                |rows| rows.append_each::<u16>(&(), &[0; 100]),
            ];
            for act in acts {
                let (disk, mut rows) = rows_of(16, durability);
                append(&mut rows, 1).unwrap();
                let left = cut(&disk, len);
                let error = act(&mut rows).unwrap_err();
                assert!(is_noticed(&error), "{error}");
                assert!(!error.is_repeat());
                assert!(disk.bytes() == left, "the cut to {len} bytes is as it was");
                end(&disk, rows, is_noticed);
            }
        }
    }
}

/// Rows that are in the file, and not yet counted.
#[test]
fn rows_that_were_cut_are_not_counted() {
    for durability in [Durability::Cached, Durability::Synced] {
        let (disk, mut rows) = rows_of(2, durability);
        rows.append_bytes(&[7; 200], 100).unwrap();
        let left = cut(&disk, HEADER + 300);
        let error = rows.commit().unwrap_err();
        assert_eq!(
            error.to_string(),
            "rows.npy: the file was cut while it was open: of the 200 rows that it had, 150 are \
             left; this appender writes nothing more: drop it, and open the file anew to go on with \
             the rows that are there"
        );
        assert_eq!(rows_in_header(&disk), WRITTEN);
        assert!(disk.bytes() == left);
    }
}

#[test]
fn a_cut_is_noticed_at_the_end_though_nothing_is_left_to_write() {
    for act in [Rows::sync, Rows::close] {
        let (disk, mut rows) = rows_of(16, Durability::Cached);
        cut(&disk, 0);
        rows.commit().unwrap();
        let error = act(&mut rows).unwrap_err();
        assert!(
            matches!(error.cause(), Cause::CutShort { found: 0, .. }),
            "{error}"
        );
        assert!(disk.bytes().is_empty());
    }
}

#[test]
fn rows_of_no_bytes_are_not_counted_in_a_file_that_was_cut() {
    let disk = Disk::new(Vec::new());
    let mut rows = open_as(&disk, &"|V0".parse().unwrap(), AppendOptions::default()).unwrap();
    append_row(&mut rows, &[]).unwrap();
    rows.commit().unwrap();
    append_row(&mut rows, &[]).unwrap();
    cut(&disk, 0);
    let error = rows.commit().unwrap_err();
    assert!(
        matches!(
            error.cause(),
            Cause::CutShort {
                expected: 2,
                found: 0
            }
        ),
        "{error}"
    );
    assert!(disk.bytes().is_empty());
}

#[test]
fn what_another_program_appended_is_not_overwritten() {
    for (more, found, torn) in [
        (1, WRITTEN, 1),
        (2, WRITTEN + 1, 0),
        (1001, WRITTEN + 500, 1),
    ] {
        for act in [Rows::commit, Rows::sync, Rows::close] {
            let (disk, mut rows) = rows_of(16, Durability::Cached);
            append(&mut rows, 1).unwrap();
            let end_at = disk.bytes().len();
            disk.change(Change::Write {
                offset: end_at,
                bytes: vec![9; more],
            });
            let left = disk.bytes();
            let is_noticed = |error: &Error| {
                matches!(
                    *error.cause(),
                    Cause::NeedsRecovery { counted: Some(WRITTEN), found: n, torn_bytes }
                        if n == found && torn_bytes == torn
                )
            };
            let error = act(&mut rows).unwrap_err();
            assert!(is_noticed(&error), "{error}");
            assert!(
                error
                    .to_string()
                    .contains("another program appended to the file")
            );
            assert!(disk.bytes() == left);
            end(&disk, rows, is_noticed);
        }
    }
}

/// The calls that a commit makes.
fn calls_of(rows: &mut Rows, disk: &Disk) -> Vec<&'static str> {
    let calls = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = Arc::clone(&calls);
    disk.fail(move |_, call| {
        noted.lock().unwrap().push(match call {
            Call::Len => "length",
            Call::Write { offset, .. } if *offset < HEADER => "header",
            Call::Write { .. } => "rows",
            Call::Sync => "sync",
            _ => "other",
        });
        Fault::None
    });
    rows.commit().unwrap();
    disk.heal();
    Arc::into_inner(calls).unwrap().into_inner().unwrap()
}

#[test]
fn the_length_is_looked_at_once_where_a_commit_takes_no_time() {
    let (disk, mut rows) = rows_of(1 << 16, Durability::Cached);
    append(&mut rows, 1).unwrap();
    assert_eq!(calls_of(&mut rows, &disk), ["length", "rows", "header"]);
    assert!(calls_of(&mut rows, &disk).is_empty());
    rows.append_bytes(&[7; 5_000], 2_500).unwrap();
    let mut calls = calls_of(&mut rows, &disk);
    calls.dedup(); // It takes several writes to the header.
    assert_eq!(calls, ["length", "rows", "length", "header"]);

    let (disk, mut rows) = rows_of(1 << 16, Durability::Synced);
    append(&mut rows, 1).unwrap();
    let synced = ["length", "rows", "sync", "length", "header", "sync"];
    assert_eq!(calls_of(&mut rows, &disk), synced);
}

/// It is not the fault of the file if its length cannot be read.
#[test]
fn the_log_goes_on_after_the_length_could_not_be_read() {
    let (disk, mut rows) = rows_of(16, Durability::Cached);
    append(&mut rows, 1).unwrap();
    disk.fail(|_, call| match call {
        Call::Len => Fault::Error(io::ErrorKind::Other),
        _ => Fault::None,
    });
    let error = rows.commit().unwrap_err();
    assert!(
        error.to_string().contains("cannot read the file's length"),
        "{error}"
    );
    disk.heal();
    rows.close().unwrap();
    assert_eq!(rows_in_header(&disk), WRITTEN + 1);
}
