//! Rows that a reader passes over.

use crate::reader::{Row, bytes_of};
use npyrec::{ErrorKind, Reader};
use std::{
    fs,
    io::{self, Read},
};

/// Seven rows of a pattern, from each kind of source.
fn sources(bytes: &[u8], path: &std::path::Path) -> Vec<Reader<Row, Box<dyn ReadSeek>>> {
    fs::write(path, bytes).unwrap();
    let boxed = |source: Box<dyn ReadSeek>| source;
    vec![
        Reader::<Row>::new(boxed(Box::new(io::Cursor::new(bytes.to_vec())))).unwrap(),
        Reader::<Row>::seekable(boxed(Box::new(io::Cursor::new(bytes.to_vec())))).unwrap(),
        Reader::<Row>::seekable(boxed(Box::new(fs::File::open(path).unwrap()))).unwrap(),
    ]
}

trait ReadSeek: Read + io::Seek {}

impl<T: Read + io::Seek> ReadSeek for T {}

pub fn many_rows(rows: u32) -> Vec<u8> {
    let data = (0..rows).flat_map(|id| [&id.to_le_bytes()[..], &[u8::from(id % 3 == 0)]].concat());
    bytes_of(rows.into(), &data.collect::<Vec<u8>>())
}

#[test]
fn rows_are_passed_over_as_if_they_were_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    let bytes = many_rows(100_000);
    let steps = [0, 3, 12_000, 1, 13_105, 13_107, 60_000, 0];
    for mut reader in sources(&bytes, &path) {
        let mut row = 0;
        for step in steps {
            let found = reader.nth(step).unwrap().unwrap();
            row += step as u32;
            assert_eq!(found.id, row);
            row += 1;
            assert_eq!(reader.remaining(), u64::from(100_000 - row));
        }
        assert!(reader.nth(5_000).is_none() && reader.remaining() == 0);
    }
    let reader = Reader::<Row>::open(&path).unwrap();
    assert_eq!(
        reader
            .skip(99_998)
            .map(|row| row.unwrap().id)
            .collect::<Vec<_>>(),
        [99_998, 99_999]
    );
}

/// A source that can seek is not read for what is passed over.
#[test]
fn passing_over_rows_takes_constant_time() {
    struct Counted(io::Cursor<Vec<u8>>, std::rc::Rc<std::cell::Cell<usize>>);
    impl Read for Counted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1.set(self.1.get() + 1);
            self.0.read(buffer)
        }
    }
    impl io::Seek for Counted {
        fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }
    let reads = std::rc::Rc::default();
    let source = Counted(
        io::Cursor::new(many_rows(1_000_000)),
        std::rc::Rc::clone(&reads),
    );
    let mut reader = Reader::<Row>::seekable(source).unwrap();
    let before = reads.get();
    assert_eq!(reader.nth(900_000).unwrap().unwrap().id, 900_000);
    assert_eq!(reads.get() - before, 1);
}

#[test]
fn rows_that_are_missing_are_told_when_others_were_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    let mut bytes = many_rows(50_000);
    bytes.truncate(bytes.len() - 5 * 10_000 - 1);
    let check = |error: npyrec::Error| {
        assert_eq!(
            (error.kind(), error.expected_rows(), error.found_rows()),
            (ErrorKind::Truncated, Some(50_000), Some(39_999)),
            "{error}"
        );
    };
    fs::write(&path, &bytes).unwrap();
    let mut reader = Reader::<Row>::open(&path).unwrap();
    assert_eq!(reader.nth(39_998).unwrap().unwrap().id, 39_998);
    check(reader.nth(3).unwrap().unwrap_err());
    assert!(reader.next().is_none());
    check(
        Reader::<Row>::open(&path)
            .unwrap()
            .nth(45_000)
            .unwrap()
            .unwrap_err(),
    );
    check(
        Reader::<Row>::new(&bytes[..])
            .unwrap()
            .nth(45_000)
            .unwrap()
            .unwrap_err(),
    );
}

#[test]
fn passing_over_rows_that_are_missing_tells_how_many_are_there() {
    let bytes = bytes_of(9, &[1, 0, 0, 0, 0, 2, 0, 0, 0, 1]);
    for n in [2, 5, 8, 9] {
        let mut reader = Reader::<Row>::seekable(io::Cursor::new(&bytes)).unwrap();
        let error = reader.nth(n).unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Truncated, "{error}");
        let counts = (error.expected_rows(), error.found_rows());
        assert_eq!(counts, (Some(9), Some(2)), "row {n}");
        assert!(reader.next().is_none());
    }
}
