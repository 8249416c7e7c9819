//! Sources that are slow, broken, or promise more than they have.

use crate::{
    reader::{Large, Row},
    skipping::many_rows,
};
use npyrec::{ErrorKind, Header, NpyRecord, Order, ReadOptions, Reader, Value};
use std::{
    fs,
    io::{self, Read},
};

/// Memory is allocated for the data that exists, not for the rows in the header.
#[test]
fn a_header_of_too_many_rows_costs_nothing() {
    let huge = Header::for_record::<u32>(1 << 60).to_bytes();
    let mut reader = Reader::<u32>::new(&huge[..]).unwrap();
    assert_eq!(reader.size_hint(), (1, None));
    assert!(reader.next().unwrap().is_err());

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("huge.npy");
    fs::write(&path, &huge).unwrap();
    assert!(npyrec::read::<u32>(&path).is_err());
    assert_eq!(
        Reader::<u32>::open(&path)
            .unwrap()
            .collect::<Vec<_>>()
            .len(),
        1
    );
    fs::write(&path, Header::for_record::<[u8; 0]>(1 << 60).to_bytes()).unwrap();
    let error = npyrec::read::<[u8; 0]>(&path).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("more than a file or the memory can hold"),
        "{error}"
    );

    let large = Header::for_record::<[u8; 1 << 30]>(1).to_bytes();
    assert!(
        Reader::<Box<Large>>::new(&large[..])
            .unwrap()
            .next()
            .unwrap()
            .is_err()
    );
}

/// If bytes decode to a record, its encoding decodes to the same record.
pub fn stays_the_same<R: NpyRecord + std::fmt::Debug>(bytes: &[u8]) {
    let Ok(record) = R::decode(bytes) else { return };
    let mut first = vec![0; R::ITEMSIZE];
    if record.encode(&mut first).is_ok() {
        let mut second = vec![0; R::ITEMSIZE];
        R::decode(&first).unwrap().encode(&mut second).unwrap();
        assert_eq!(first, second);
    }
}

/// Arithmetic alone refuses it: nothing is allocated, and nothing read.
#[test]
fn a_header_of_more_bytes_than_there_can_be_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("huge.npy");
    let check = |error: npyrec::Error| {
        assert_eq!(error.kind(), ErrorKind::Header, "{error}");
        assert!(error.to_string().contains("2^63"), "{error}");
    };
    for shape in [
        "(9223372036854775808,)",
        "(9223372036854775807,)",
        "(4294967296, 4294967296)",
    ] {
        let text =
            format!("{{'descr': '|V2147483647', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.bytes());
        fs::write(&path, &bytes).unwrap();
        check(Reader::<Row>::new(&bytes[..]).unwrap_err());
        check(npyrec::read::<Row>(&path).unwrap_err());
        check(npyrec::NpyFile::open(&path).unwrap_err());
        check(npyrec::Follow::<Row>::open(&path).unwrap_err());
        check(crate::mapped::map::<Row>(&path).unwrap_err());
    }
}

/// A source that has nothing yet, as a socket with a timeout, is read on when it has more.
#[test]
fn a_source_that_is_slow_is_read_on() {
    /// A source that returns some bytes, and then reports `WouldBlock`.
    struct Slow<'a>(&'a [u8], bool);
    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 && self.0.len() <= 200 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let len = buffer.len().min(7);
            self.0.read(&mut buffer[..len])
        }
    }
    let bytes = many_rows(50);
    let reader = Reader::<Row>::new(Slow(&bytes, false)).unwrap();
    let ids: Vec<u32> = reader.filter_map(Result::ok).map(|row| row.id).collect();
    assert_eq!(ids, (0..50).collect::<Vec<_>>());

    let mut bytes = Header::for_record::<u32>(50).to_bytes();
    bytes.extend((0..50_u32).flat_map(u32::to_le_bytes));
    let mut reader = Reader::<u32>::new(Slow(&bytes, false)).unwrap();
    let (mut numbers, mut waits) = (vec![0; 50], 0);
    while reader.remaining() > 0 {
        let start = reader.next_row() as usize;
        waits += usize::from(reader.read_into(&mut numbers[start..]).is_err());
    }
    assert!(waits > 5, "{waits}");
    assert_eq!(numbers, (0..50).collect::<Vec<_>>());
}

/// An error by which a source does not say that there may be more is the last item.
#[test]
fn a_source_that_is_broken_is_not_read_on() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    let bytes = many_rows(50);
    let source = bytes[..bytes.len() - 12].chain(Broken);
    let rows: Vec<_> = Reader::<Row>::new(source).unwrap().collect();
    assert_eq!(rows.len(), 48);
    assert!(rows[47].is_err());
}

/// Nothing in a file vouches for rows or values of no bytes.
#[test]
fn values_without_bytes_are_not_made_without_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("empty.npy");
    let header = |descr: &str, shape: &[u64]| {
        Header::new(descr.parse().unwrap(), Order::C, shape)
            .unwrap()
            .to_bytes()
    };
    let is_refused = |error: Option<npyrec::Error>| {
        let error = error.expect("it is refused");
        assert!(
            error
                .to_string()
                .contains("more than a file or the memory can hold"),
            "{error}"
        );
    };
    is_refused(Reader::<[u32; 0]>::new(&header("<u4", &[1 << 60, 0])[..]).err());
    // A record whose fields are not stored takes memory all the same.
    #[derive(NpyRecord, Debug)]
    #[allow(dead_code)]
    struct Skipped {
        #[npy(skip)]
        values: [u64; 4],
    }
    let skipped = header("[]", &[1 << 20]);
    is_refused(Reader::<Skipped>::new(&skipped[..]).err());
    fs::write(&path, &skipped).unwrap();
    is_refused(npyrec::read::<Skipped>(&path).err());
    is_refused(crate::mapped::map::<Skipped>(&path).err());
    is_refused(npyrec::Follow::<Skipped>::open(&path).unwrap().poll().err());
    let file = npyrec::NpyFile::open(&path).unwrap();
    is_refused(file.read_range::<Skipped>(0..1 << 20).err());
    assert_eq!(file.read_range::<Skipped>(0..5).unwrap().len(), 5);
    let texts = header("|S0", &[1 << 20]);
    let options = ReadOptions::new().casting(npyrec::Casting::Safe);
    let error = options
        .from_reader::<npyrec::Bytes<3>>(&texts[..])
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType, "{error}");
    for descr in [
        "[('a', [('b', [], (1000,))], (1000,))]",
        "[('a', [], (60000,)), ('b', [], (60000,)), ('c', '|u1')]",
        "[('a', [('b', [], (10,)), ('c', '|u1')], (10000,))]",
    ] {
        fs::write(&path, header(descr, &[1])).unwrap();
        is_refused(npyrec::NpyFile::open(&path).err());
    }
    fs::write(&path, header("[]", &[1 << 20])).unwrap();
    let file = npyrec::NpyFile::open(&path).unwrap();
    is_refused(file.read_range::<Value>(0..1 << 20).err());
    assert_eq!(file.read_range::<Value>(5..10).unwrap().len(), 5);
    assert_eq!(file.rows().count(), 1 << 20);
}

#[test]
fn a_header_longer_than_is_asked_for_is_refused() {
    let bytes = many_rows(1);
    let options = ReadOptions::new().max_header_size(50);
    let error = options.from_reader::<Row>(&bytes[..]).unwrap_err();
    insta::assert_snapshot!(error, @r"byte 8: the header says it is 118 bytes long, the limit is 50; for reading, `max_header_size` raises it if you trust the file");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    fs::write(&path, &bytes).unwrap();
    assert!(options.open::<Row>(&path).is_err() && options.follow::<Row>(&path).is_err());
    assert!(options.npy_file(&path).is_err());
    assert_eq!(
        options
            .max_header_size(200)
            .read::<Row>(&path)
            .unwrap()
            .len(),
        1
    );
}
