//! Reading records back, from files and from whatever else gives bytes.

use std::{
    fs,
    io::{self, Read},
};

use npyrec::{ErrorKind, Header, NpyRecord, Order, Reader};
use proptest::prelude::*;

use crate::records::{Level1, Tick};

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Row {
    id: u32,
    ok: bool,
}

fn bytes_of(rows: u64, data: &[u8]) -> Vec<u8> {
    let mut bytes = Header::for_record::<Row>(rows).to_bytes();
    bytes.extend(data);
    bytes
}

/// A source that gives one byte at a time, and is interrupted before each.
struct Drip<'a>(&'a [u8], bool);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = buffer.len().min(1);
        self.0.read(&mut buffer[..len])
    }
}

#[test]
fn rows_come_from_any_source() {
    let bytes = bytes_of(2, &[1, 0, 0, 0, 0, 2, 0, 0, 0, 1]);
    let expected = [Row { id: 1, ok: false }, Row { id: 2, ok: true }];
    let reader = Reader::<Row>::new(Drip(&bytes, false)).unwrap();
    assert_eq!((reader.len(), reader.header().rows()), (2, Some(2)));
    assert_eq!(reader.map(Result::unwrap).collect::<Vec<_>>(), expected);
    let boxed: Box<dyn Read> = Box::new(io::Cursor::new(bytes));
    let rows: npyrec::Result<Vec<Row>> = Reader::<Row>::new(boxed).unwrap().collect();
    assert_eq!(rows.unwrap(), expected);
}

/// What follows the rows is left to whoever reads on, such as the next array of a stream.
#[test]
fn a_source_is_read_no_further_than_the_last_row() {
    let mut bytes = bytes_of(2, &[1, 0, 0, 0, 0, 2, 0, 0, 0, 1]);
    bytes.extend(b"the rest");
    let mut source = &bytes[..];
    assert_eq!(Reader::<Row>::new(&mut source).unwrap().count(), 2);
    assert_eq!(source, b"the rest");
}

#[test]
fn a_short_source_gives_its_rows_and_then_says_where_it_ends() {
    let bytes = bytes_of(3, &[1, 0, 0, 0, 0, 2, 0, 0, 0, 1, 3]);
    let mut reader = Reader::<Row>::new(&bytes[..]).unwrap();
    assert_eq!(reader.next().unwrap().unwrap().id, 1);
    assert_eq!(reader.next().unwrap().unwrap().id, 2);
    let error = reader.next().unwrap().unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::Truncated {
                expected: 3,
                found: 2
            }
        ),
        "{error}"
    );
    assert!(reader.next().is_none() && reader.is_empty());

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("short.npy");
    fs::write(&path, &bytes).unwrap();
    let reader = Reader::<Row>::open(&path).unwrap();
    assert_eq!(reader.size_hint(), (3, Some(3)));
    assert_eq!(reader.filter(Result::is_ok).count(), 2);
    let error = npyrec::read::<Row>(&path).unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::Truncated {
                expected: 3,
                found: 2
            }
        ),
        "{error}"
    );
    fs::write(
        &path,
        [Header::for_record::<u32>(3).to_bytes(), vec![0; 11]].concat(),
    )
    .unwrap();
    let error = npyrec::read::<u32>(&path).unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::Truncated {
                expected: 3,
                found: 2
            }
        ),
        "{error}"
    );
}

/// As in NumPy, where a bool of another byte is true.
#[test]
fn any_byte_but_zero_is_true() {
    let bytes = bytes_of(1, &[1, 0, 0, 0, 7]);
    let row = Reader::<Row>::new(&bytes[..])
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(row, Row { id: 1, ok: true });
}

#[test]
fn a_record_that_cannot_be_decoded_does_not_end_the_reading() {
    #[derive(NpyRecord, Debug, PartialEq)]
    #[repr(u8)]
    enum Side {
        Bid = 1,
        Ask = 2,
    }
    let mut bytes = Header::for_record::<Side>(3).to_bytes();
    bytes.extend([1, 3, 2]);
    let rows: Vec<_> = Reader::<Side>::new(&bytes[..]).unwrap().collect();
    assert_eq!(rows[0].as_ref().unwrap(), &Side::Bid);
    let error = rows[1].as_ref().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Decode(_)) && error.row() == Some(1),
        "{error}"
    );
    assert_eq!(rows[2].as_ref().unwrap(), &Side::Ask);
}

/// A header may promise what it likes: memory is taken for what is there.
#[test]
fn a_header_of_too_many_rows_costs_nothing() {
    let huge = Header::for_record::<u32>(1 << 60).to_bytes();
    let mut reader = Reader::<u32>::new(&huge[..]).unwrap();
    assert_eq!(reader.size_hint(), (0, None));
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
    assert!(matches!(error.kind(), ErrorKind::TooManyRows(_)), "{error}");

    let large = Header::for_record::<[u8; 1 << 30]>(1).to_bytes();
    assert!(
        Reader::<Box<Large>>::new(&large[..])
            .unwrap()
            .next()
            .unwrap()
            .is_err()
    );
}

/// A record of a gigabyte, which is never in memory.
struct Large;

impl NpyRecord for Box<Large> {
    const ITEMSIZE: usize = 1 << 30;

    fn dtype() -> npyrec::DType {
        <[u8; 1 << 30]>::dtype()
    }

    fn encode(&self, _: &mut [u8]) -> Result<(), npyrec::EncodeError> {
        Ok(())
    }

    fn decode(_: &[u8]) -> Result<Self, npyrec::DecodeError> {
        Ok(Box::new(Large))
    }
}

#[test]
fn a_file_that_is_not_of_the_record_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other.npy");
    npyrec::write(&path, &[(1_u8, 2.0_f32)]).unwrap();
    assert!(
        matches!(npyrec::read::<Row>(&path).unwrap_err().kind(), ErrorKind::DType(d) if d.len() == 2)
    );
    let fortran = Header::new("<u4".parse().unwrap(), Order::Fortran, &[2, 3]).unwrap();
    fs::write(&path, fortran.to_bytes()).unwrap();
    let error = npyrec::read::<[u32; 3]>(&path).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::FortranOrder(shape) if *shape == [2, 3]),
        "{error}"
    );
    let scalar = Header::new("<u4".parse().unwrap(), Order::C, &[]).unwrap();
    fs::write(&path, scalar.to_bytes()).unwrap();
    assert!(matches!(
        npyrec::Appender::<u32>::open(&path).unwrap_err().kind(),
        ErrorKind::NoRows
    ));
    let missing = npyrec::read::<u32>(dir.path().join("missing.npy")).unwrap_err();
    assert!(matches!(missing.kind(), ErrorKind::Io(e) if e.kind() == io::ErrorKind::NotFound));
}

#[cfg(feature = "mmap")]
#[test]
fn mapped_rows_are_those_of_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mapped.npy");
    #[allow(unsafe_code)]
    fn open<R: NpyRecord>(path: &std::path::Path) -> npyrec::Result<npyrec::Mapped<R>> {
        // SAFETY: each file is left alone while it is mapped.
        unsafe { npyrec::Mapped::open(path) }
    }
    npyrec::write(&path, &[1_u64, 2, 3]).unwrap();
    let mapped = open::<u64>(&path).unwrap();
    assert_eq!(mapped.as_slice().unwrap(), [1, 2, 3]);
    assert_eq!(
        mapped.iter().map(Result::unwrap).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert!(mapped.get(3).is_none());

    npyrec::write(&path, &[Row { id: 5, ok: true }]).unwrap();
    let mapped = open::<Row>(&path).unwrap();
    assert!(mapped.as_slice().is_none(), "any byte is not a bool");
    assert_eq!(mapped.get(0).unwrap().unwrap(), Row { id: 5, ok: true });

    npyrec::write::<u64>(&path, &[]).unwrap();
    assert!(open::<u64>(&path).unwrap().is_empty());
    fs::write(&path, Header::for_record::<u64>(1 << 59).to_bytes()).unwrap();
    let error = open::<u64>(&path).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Truncated { found: 0, .. }),
        "{error}"
    );
}

/// Whatever bytes decode to a record, encoding it gives bytes that decode to the same one.
fn stays_the_same<R: NpyRecord + std::fmt::Debug>(bytes: &[u8]) {
    let Ok(record) = R::decode(bytes) else { return };
    let mut first = vec![0; R::ITEMSIZE];
    if record.encode(&mut first).is_ok() {
        let mut second = vec![0; R::ITEMSIZE];
        R::decode(&first).unwrap().encode(&mut second).unwrap();
        assert_eq!(first, second);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_record_or_refused(seed in prop::collection::vec(any::<u8>(), 512)) {
        stays_the_same::<Tick>(&seed[..Tick::ITEMSIZE]);
        stays_the_same::<Level1>(&seed[..Level1::ITEMSIZE]);
        stays_the_same::<(bool, [i16; 3], npyrec::Str<2>)>(&seed[..15]);
    }

    #[test]
    fn a_slice_of_another_length_is_refused(len in 0_usize..100) {
        let bytes = vec![0; len];
        prop_assert_eq!(Tick::decode(&bytes).is_ok(), len == Tick::ITEMSIZE);
        prop_assert_eq!(crate::records::Meters::decode(&bytes).is_ok(), len == 8);
        let mut out = bytes;
        prop_assert_eq!(crate::records::Meters(1.0).encode(&mut out).is_ok(), len == 8);
    }
}

#[test]
fn the_number_of_rows_of_no_bytes_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("empty.npy");
    npyrec::write(&path, &[[0_u8; 0]; 3]).unwrap();
    let reader = Reader::<[u8; 0]>::open(&path).unwrap();
    assert_eq!(reader.size_hint(), (3, Some(3)));
    assert_eq!(reader.read_all().unwrap().len(), 3);
}

#[test]
fn passing_over_rows_that_are_missing_tells_how_many_are_there() {
    let bytes = bytes_of(9, &[1, 0, 0, 0, 0, 2, 0, 0, 0, 1]);
    for n in [2, 5, 8, 9] {
        let mut reader = Reader::<Row>::seekable(io::Cursor::new(&bytes)).unwrap();
        let error = reader.nth(n).unwrap().unwrap_err();
        let (expected, found) = match error.kind() {
            ErrorKind::Truncated { expected, found } => (*expected, *found),
            other => panic!("{other:?}"),
        };
        assert_eq!((expected, found), (9, 2), "row {n}");
        assert!(reader.next().is_none());
    }
}
