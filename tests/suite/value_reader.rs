//! Values from sources that cannot seek.

use std::{
    fs,
    io::{self, Read},
};

use npyrec::{ErrorKind, Header, NpyFile, Order, ReadOptions, Reader, Value};

/// Gives a byte or some more at a time, and refuses now and then.
struct Halting<'a> {
    bytes: &'a [u8],
    reads: usize,
}

impl Read for Halting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads += 1;
        if self.reads.is_multiple_of(5) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = buffer.len().min(1 + self.reads % 7);
        self.bytes.read(&mut buffer[..len])
    }
}

/// Reads rows, which are in C order, from a source that cannot seek.
fn open<S: Read>(source: S) -> npyrec::Result<Reader<Value, impl Read>> {
    let options = ReadOptions::new().in_c_order(true);
    options.from_reader::<Value>(source)
}

fn array(dtype: &str, order: Order, shape: &[u64]) -> Vec<u8> {
    let header = Header::new(dtype.parse().unwrap(), order, shape).unwrap();
    let len = header.data_len().unwrap() as u8;
    let mut bytes = header.to_bytes();
    bytes.extend(0..len);
    bytes
}

const SHAPES: [&[u64]; 7] = [&[], &[0], &[4], &[2, 3], &[3, 1, 2], &[2, 0, 3], &[0, 2]];

const DTYPES: [&str; 6] = [
    "|u1",
    ">i2",
    "|V3",
    "|S2",
    "[('a', '|u1'), ('', '|V1'), ('b', '>u2', (2,))]",
    "|V0",
];

fn all() -> impl Iterator<Item = Vec<u8>> {
    [Order::C, Order::Fortran].into_iter().flat_map(|order| {
        DTYPES
            .into_iter()
            .flat_map(move |dtype| SHAPES.map(|shape| array(dtype, order, shape)))
    })
}

#[test]
fn the_rows_are_those_of_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("array.npy");
    for bytes in all() {
        fs::write(&path, &bytes).unwrap();
        let file = NpyFile::open(&path).unwrap();
        let expected: Vec<Value> = file.rows().map(Result::unwrap).collect();
        let reads = 0;
        let mut source = Halting {
            bytes: &bytes,
            reads,
        };
        let mut reader = open(&mut source).unwrap();
        assert_eq!(reader.header(), file.header());
        for (row, value) in expected.iter().enumerate() {
            assert_eq!(reader.next_row(), row as u64);
            assert_eq!(reader.remaining(), (expected.len() - row) as u64);
            assert_eq!(&reader.next().unwrap().unwrap(), value);
        }
        assert!(reader.remaining() == 0 && reader.next().is_none());
        for row in 0..expected.len() {
            let mut reader = open(&bytes[..]).unwrap();
            assert_eq!(reader.nth(row).unwrap().unwrap(), expected[row]);
            assert!(reader.nth(expected.len()).is_none());
        }
    }
}

#[test]
fn nothing_behind_the_last_row_is_read() {
    for mut bytes in all() {
        bytes.extend(b"more");
        let mut source = &bytes[..];
        let reader = open(&mut source).unwrap();
        reader.for_each(|row| drop(row.unwrap()));
        assert_eq!(source, b"more");
    }
}

#[test]
fn a_source_that_ends_early_is_an_error_after_the_rows_before() {
    for bytes in all() {
        let reader = open(&bytes[..]).unwrap();
        let rows = reader.remaining();
        for end in 0..bytes.len() {
            let reader = match open(&bytes[..end]) {
                Ok(reader) => reader,
                // The header is torn, or the array is read whole.
                Err(error) => {
                    let (is_header, is_data) = match error.kind() {
                        ErrorKind::Header => (true, false),
                        ErrorKind::Truncated => (false, error.found_rows() < error.expected_rows()),
                        _ => (false, false),
                    };
                    assert!(is_header || is_data, "{error}");
                    continue;
                }
            };
            let read: Vec<_> = reader.collect();
            let (last, before) = read.split_last().unwrap();
            assert!(before.iter().all(Result::is_ok));
            let error = last.as_ref().unwrap_err();
            let there = before.len() as u64;
            assert_eq!(
                (error.kind(), error.expected_rows(), error.found_rows()),
                (ErrorKind::Truncated, Some(rows), Some(there)),
                "{error}"
            );
        }
    }
}

#[test]
fn a_header_that_promises_much_takes_no_memory() {
    let header = Header::new("|u1".parse().unwrap(), Order::C, &[2, 1 << 40]).unwrap();
    let mut bytes = header.to_bytes();
    bytes.extend([0; 100]);
    let error = Reader::<Value>::new(&bytes[..])
        .unwrap()
        .next()
        .unwrap()
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.found_rows()),
        (ErrorKind::Truncated, Some(0))
    );
    let header = Header::new("|u1".parse().unwrap(), Order::Fortran, &[2, 1 << 40]).unwrap();
    let mut bytes = header.to_bytes();
    bytes.extend([0; 100]);
    let error = open(&bytes[..]).unwrap_err();
    assert_eq!(
        (error.kind(), error.found_rows()),
        (ErrorKind::Truncated, Some(50))
    );
    let limited = ReadOptions::new()
        .max_header_size(20)
        .from_reader::<Value>(&bytes[..])
        .err()
        .unwrap();
    assert!(limited.to_string().contains("the limit is 20"), "{limited}");
}
