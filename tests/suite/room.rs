//! The room that a header has for the number of rows, when a file is opened to append to it.

use std::{fs, path::Path};

use npyrec::{Appender, ArrayAppender, ErrorKind, Header, Order};
use serde_json::json;

use crate::{
    logs::{KINDS, Setup, setups},
    numpy::numpy,
};

/// A file of `rows` rows whose header has room for `digits` digits.
fn narrow(setup: Setup, rows: u16, digits: usize) -> Vec<u8> {
    let whole = setup.file(rows);
    let header = Header::read_from(&mut &whole[..]).unwrap();
    let mut text = header.to_string().into_bytes();
    text.extend(vec![b' '; digits - rows.to_string().len()]);
    text.push(b'\n');
    let len = u16::try_from(text.len()).unwrap().to_le_bytes();
    let data = &whole[setup.file(0).len()..];
    [b"\x93NUMPY\x01\0", &len[..], &text, data].concat()
}

fn setup(kind: crate::logs::Kind) -> Setup {
    Setup {
        kind,
        ..setups()[0]
    }
}

fn room(result: npyrec::Result<impl Sized>) -> Option<u64> {
    let error = result.err()?;
    assert_eq!(error.kind(), ErrorKind::NoGrowthRoom, "{error}");
    error.max_rows()
}

#[test]
fn a_header_with_room_for_fewer_than_a_billion_rows_is_an_error_unless_it_is_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("narrow.npy");
    for kind in KINDS {
        let setup = setup(kind);
        let accepting = Setup {
            accept_little_room: true,
            ..setup
        };
        for digits in 1..=12 {
            let bytes = narrow(setup, 5, digits);
            fs::write(&path, &bytes).unwrap();
            let max_rows = 10_u64.pow(digits as u32) - 1;
            match setup.open(&path) {
                Ok(log) => {
                    assert!(max_rows >= 1_000_000_000, "{kind:?}, {digits}");
                    assert_eq!(log.max_rows(), max_rows);
                }
                Err(error) => {
                    assert!(max_rows < 1_000_000_000, "{kind:?}, {digits}: {error}");
                    assert_eq!(
                        error.to_string(),
                        format!(
                            "{}: the header has no room for more than {max_rows} rows; \
                             `npyrec::make_appendable` gives it room while no appender has it open; \
                             `AppendOptions::make_appendable` does so when the file is opened, and \
                             `AppendOptions::accept_little_room` appends as many as fit",
                            path.display()
                        )
                    );
                }
            }
            assert_eq!(fs::read(&path).unwrap(), bytes, "it is not touched");
            let mut log = accepting.open(&path).unwrap();
            assert_eq!((log.rows(), log.max_rows()), (5, max_rows));
            let last = max_rows.min(200) as u16;
            (5..last).for_each(|row| log.append(row).unwrap());
            if u64::from(last) == max_rows {
                assert_eq!(room(log.append(last)), Some(max_rows));
            }
            log.close().unwrap();
            assert_eq!(fs::read(&path).unwrap(), narrow(setup, last, digits));
            let Some(mut numpy) = numpy() else { continue };
            let loaded = numpy.python(&path, "answer = max(np.load(path).shape)");
            assert_eq!(loaded, json!(last));
        }
    }
}

#[test]
fn a_header_with_little_room_is_given_some_if_that_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("narrow.npy");
    for kind in KINDS {
        let setup = setup(kind);
        let making_room = Setup {
            make_appendable: true,
            ..setup
        };
        for digits in [1, 2, 8, 9, 10, 12] {
            fs::write(&path, narrow(setup, 5, digits)).unwrap();
            let mut log = making_room.open(&path).unwrap();
            assert!(log.max_rows() >= 1_000_000_000);
            (5..1_200).for_each(|row| log.append(row).unwrap());
            log.close().unwrap();
            assert!(
                fs::read(&path).unwrap() == setup.file(1_200),
                "{kind:?}, {digits}"
            );
            setup.open(&path).unwrap();
        }
        // The function does the same.
        fs::write(&path, narrow(setup, 5, 8)).unwrap();
        assert!(npyrec::make_appendable(&path).unwrap());
        assert_eq!(setup.open(&path).unwrap().rows(), 5);
    }
}

#[test]
fn a_full_header_is_an_error_though_little_room_is_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("full.npy");
    for kind in KINDS {
        let accepting = Setup {
            accept_little_room: true,
            ..setup(kind)
        };
        fs::write(&path, narrow(accepting, 9, 1)).unwrap();
        assert_eq!(room(accepting.open(&path)), Some(9));
        let error = accepting.open(&path).err().unwrap().to_string();
        assert!(!error.contains("accept_little_room"), "{error}");
    }
}

#[test]
fn new_files_and_those_of_numpy_have_room() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new.npy");
    for kind in KINDS {
        let _ = fs::remove_file(&path);
        let mut log = setup(kind).open(&path).unwrap();
        (0..2).for_each(|row| log.append(row).unwrap());
        let most = i64::MAX as u64 / setup(kind).row_size() as u64;
        assert!(log.max_rows() > most - 200, "{kind:?}: {}", log.max_rows());
        log.close().unwrap();
        let Some(mut numpy) = numpy() else { continue };
        let code = "np.save(path, np.load(path))\nanswer = 0";
        numpy.python(&path, code);
        setup(kind).open(&path).unwrap();
    }
}

/// Writes a file of one-byte elements whose header has room for `digits` digits.
fn bytes_of(path: &Path, shape: &[u64], digits: usize) {
    let header = Header::new("|u1".parse().unwrap(), Order::C, shape).unwrap();
    let text = format!("{header}{}\n", " ".repeat(digits - 1));
    let len = u16::try_from(text.len()).unwrap().to_le_bytes();
    fs::write(
        path,
        [b"\x93NUMPY\x01\0", &len[..], text.as_bytes()].concat(),
    )
    .unwrap();
}

/// A file has at most 2⁶³ - 1 bytes, and so fewer than a billion rows of 10 GB.
#[test]
fn room_for_all_rows_that_can_be_is_enough() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.npy");
    let row = 10_000_000_000;
    bytes_of(&path, &[0, row], 9);
    let log = ArrayAppender::<u8>::open(&path).unwrap();
    assert_eq!(log.max_rows(), i64::MAX as u64 / row);
    drop(log);
    bytes_of(&path, &[0, row], 8);
    assert_eq!(room(ArrayAppender::<u8>::open(&path)), Some(99_999_999));
}

/// They take no room in the file, but their number does.
#[test]
fn rows_of_no_bytes_want_room_as_any_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("nothing.npy");
    bytes_of(&path, &[3, 0], 8);
    assert_eq!(room(ArrayAppender::<u8>::open(&path)), Some(99_999_999));
    assert_eq!(room(Appender::<[u8; 0]>::open(&path)), Some(99_999_999));
    bytes_of(&path, &[3, 0], 10);
    let mut log = Appender::<[u8; 0]>::open(&path).unwrap();
    assert_eq!((log.rows(), log.max_rows()), (3, 9_999_999_999));
    log.append(&[]).unwrap();
    log.close().unwrap();
    let array = ArrayAppender::<u8>::open(&path).unwrap();
    assert_eq!(
        (array.shape(), array.max_rows()),
        (vec![4, 0], 9_999_999_999)
    );
}

/// The size of a file is another limit than the room in its header.
#[test]
fn rows_beyond_what_a_file_can_hold_are_no_matter_of_the_header() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("most.npy");
    let most = i64::MAX as u64;
    fs::write(&path, Header::for_record::<[u8; 0]>(most - 1).to_bytes()).unwrap();
    let mut log = Appender::<[u8; 0]>::open(&path).unwrap();
    assert_eq!(log.max_rows(), most);
    log.append(&[]).unwrap();
    let error = log.append(&[]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains(&format!("{} rows of this size are more", most + 1)),
        "{error}"
    );
}
