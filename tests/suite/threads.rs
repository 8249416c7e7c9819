//! Rows that several threads convert are those that one thread converts, and so are the errors.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use npyrec::{Casting, NpyRecord, ReadOptions, npz};

#[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
struct Old {
    time: i32,
    value: f32,
    on: u8,
}

#[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
struct New {
    on: u8,
    time: i64,
    value: f64,
}

/// Enough rows for many blocks.
const ROWS: usize = 300_000;

const THREADS: [usize; 4] = [2, 3, 8, 0];

fn old() -> Vec<Old> {
    let row = |row: usize| Old {
        time: row as i32,
        value: row as f32 / 8.0,
        on: (row % 3) as u8,
    };
    (0..ROWS).map(row).collect()
}

fn options(threads: usize) -> ReadOptions {
    ReadOptions::new()
        .casting(Casting::SameKind)
        .threads(threads)
}

#[test]
fn any_number_of_threads_reads_the_same_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    for rows in [0, 1, 7, 30_000, ROWS] {
        npyrec::write(&path, &old()[..rows]).unwrap();
        let expected: Vec<New> = options(1).read(&path).unwrap();
        assert_eq!(expected.len(), rows);
        for threads in THREADS {
            assert_eq!(options(threads).read::<New>(&path).unwrap(), expected);
            let bytes = fs::read(&path).unwrap();
            let mut reader = options(threads).from_reader::<New>(&bytes[..]).unwrap();
            let first = reader.by_ref().take(3).map(Result::unwrap);
            let mut all: Vec<New> = first.collect();
            all.extend(reader.read_all().unwrap());
            assert_eq!(all, expected);
        }
    }
}

#[test]
fn any_number_of_threads_reads_the_same_array_and_member() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("grid.npy");
    let grid = ndarray::Array2::from_shape_fn((700, 300), |(i, j)| (i * 300 + j) as f32);
    npyrec::write_array(&path, &grid).unwrap();
    let mut archive = npz::Writer::new(io::Cursor::new(Vec::new()));
    archive = archive.compression(npz::Compression::Deflated);
    archive.write("rows", &old()).unwrap();
    let archive = archive.finish().unwrap();
    let rows: Vec<New> = options(1)
        .read(write(&dir.path().join("rows.npy"), &old()))
        .unwrap();
    for threads in THREADS {
        let read = options(threads).read_array::<f64>(&path).unwrap();
        assert_eq!(read, grid.mapv(f64::from).into_dyn());
        let mut archive = npz::Reader::new(archive.clone()).unwrap();
        let member = archive.by_name("rows").unwrap();
        assert_eq!(member.with(options(threads)).read::<New>().unwrap(), rows);
    }
}

fn write<'a, R: NpyRecord>(path: &'a Path, rows: &[R]) -> &'a Path {
    npyrec::write(path, rows).unwrap();
    path
}

#[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
struct Letters {
    on: bool,
    letter: char,
}

/// The bytes of a file of `Letters` whose rows at some places are not values.
fn letters(path: &Path, wrong: &[usize]) {
    let mut letters = vec![
        Letters {
            on: true,
            letter: 'a'
        };
        ROWS
    ];
    letters[ROWS / 2].letter = 'z';
    npyrec::write(path, &letters).unwrap();
    let mut bytes = fs::read(path).unwrap();
    let start = bytes.len() - ROWS * Letters::ITEMSIZE;
    for &row in wrong {
        let letter = start + row * Letters::ITEMSIZE + 1;
        bytes[letter..letter + 4].copy_from_slice(&0xd800_u32.to_le_bytes());
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn any_number_of_threads_finds_the_first_row_at_fault() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("letters.npy");
    for wrong in [
        &[][..],
        &[0],
        &[ROWS - 1],
        &[ROWS / 2, ROWS / 2 + 1, 3 * ROWS / 4],
        &[100_001, 100_000],
    ] {
        letters(&path, wrong);
        let expected = options(1).read::<Letters>(&path);
        assert_eq!(expected.is_err(), !wrong.is_empty());
        for threads in THREADS {
            for _ in 0..3 {
                match (&expected, options(threads).read::<Letters>(&path)) {
                    (Ok(expected), Ok(found)) => assert_eq!(&found, expected),
                    (Err(expected), Err(found)) => {
                        assert_eq!(found.to_string(), expected.to_string());
                        assert_eq!(found.row(), wrong.iter().min().map(|&row| row as u64));
                    }
                    (_, found) => panic!("{:?}", found.map(|rows| rows.len())),
                }
            }
        }
    }
}

#[test]
fn a_bool_of_another_byte_is_true_on_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("letters.npy");
    letters(&path, &[]);
    let mut bytes = fs::read(&path).unwrap();
    let start = bytes.len() - ROWS * Letters::ITEMSIZE;
    for row in [0, 70_000, 200_000] {
        bytes[start + row * Letters::ITEMSIZE] = 2;
    }
    fs::write(&path, bytes).unwrap();
    for threads in THREADS {
        let found = options(threads).read::<Letters>(&path).unwrap();
        assert!(found.len() == ROWS && found.iter().all(|row| row.on));
        assert_eq!(found[ROWS / 2].letter, 'z');
    }
}

/// A source that fails once, or ends, after some bytes.
struct Failing<'a> {
    bytes: &'a [u8],
    error: Option<io::ErrorKind>,
}

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match (self.bytes.is_empty(), self.error.take()) {
            (true, Some(kind)) => Err(kind.into()),
            (_, error) => {
                self.error = error;
                // A pipe returns what it has.
                let len = buffer.len().min(10_000);
                self.bytes.read(&mut buffer[..len])
            }
        }
    }
}

#[test]
fn a_source_that_fails_or_ends_is_the_same_error_on_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    npyrec::write(&path, &old()).unwrap();
    let bytes = fs::read(&path).unwrap();
    for len in [bytes.len() - 1, bytes.len() / 2, 210, 192] {
        for error in [None, Some(io::ErrorKind::ConnectionReset)] {
            let read = |threads| {
                let bytes = &bytes[..len];
                let reader = options(threads).from_reader::<New>(Failing { bytes, error });
                reader.unwrap().read_all().unwrap_err().to_string()
            };
            let expected = read(1);
            for threads in THREADS {
                assert_eq!(read(threads), expected);
            }
        }
        fs::write(&path, &bytes[..len]).unwrap();
        let read = |threads| options(threads).read::<New>(&path).unwrap_err().to_string();
        for threads in THREADS {
            assert_eq!(read(threads), read(1));
        }
    }
}

#[test]
fn any_number_of_threads_migrates_to_the_same_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    let migrate = |rows: &[New], threads| {
        npyrec::write(&path, rows).unwrap();
        let migrated = options(threads).migrate::<Old>(&path);
        let result = migrated.map_err(|e| (e.row(), e.to_string()));
        (
            result.map(|migration| migration.rows()),
            fs::read(&path).unwrap(),
        )
    };
    let row = |row: usize| New {
        on: 1,
        time: row as i64,
        value: 0.5,
    };
    let mut rows: Vec<New> = (0..ROWS).map(row).collect();
    let expected = migrate(&rows, 1);
    assert_eq!(expected.0, Ok(ROWS as u64));
    for threads in THREADS {
        assert!(migrate(&rows, threads) == expected);
    }
    for wrong in [250_000, 100_001, 100_000] {
        rows[wrong].time = 1 << 40;
        let expected = migrate(&rows, 1);
        assert_eq!(expected.0.as_ref().unwrap_err().0, Some(wrong as u64));
        for threads in THREADS {
            assert!(migrate(&rows, threads) == expected);
        }
    }
}
