//! Readers of records, from files and from any other source.

use std::{
    fs,
    io::{self, Read},
};

use npyrec::{
    EncodeAs, EncodeError, ErrorKind, Header, NpyRecord, Order, ReadOptions, Reader, Value,
};
use proptest::prelude::*;

use crate::{
    records::{Level1, Tick},
    skipping::many_rows,
    sources::stays_the_same,
};

#[derive(NpyRecord, Clone, Debug, PartialEq)]
pub struct Row {
    pub id: u32,
    pub ok: bool,
}

pub fn bytes_of(rows: u64, data: &[u8]) -> Vec<u8> {
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
    assert_eq!((reader.remaining(), reader.header().rows()), (2, Some(2)));
    assert_eq!(reader.map(Result::unwrap).collect::<Vec<_>>(), expected);
    let boxed: Box<dyn Read> = Box::new(io::Cursor::new(bytes));
    let rows: npyrec::Result<Vec<Row>> = Reader::<Row>::new(boxed).unwrap().collect();
    assert_eq!(rows.unwrap(), expected);
}

/// The bytes after the rows stay in the source, for example for the next array of a stream.
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
    assert_eq!(
        (error.kind(), error.expected_rows(), error.found_rows()),
        (ErrorKind::Truncated, Some(3), Some(2)),
        "{error}"
    );
    assert!(reader.next().is_none() && reader.remaining() == 0);

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("short.npy");
    fs::write(&path, &bytes).unwrap();
    let reader = Reader::<Row>::open(&path).unwrap();
    assert_eq!(reader.size_hint(), (1, None));
    assert_eq!(reader.filter(Result::is_ok).count(), 2);
    let error = npyrec::read::<Row>(&path).unwrap_err();
    assert_eq!(
        (error.kind(), error.expected_rows(), error.found_rows()),
        (ErrorKind::Truncated, Some(3), Some(2)),
        "{error}"
    );
    fs::write(
        &path,
        [Header::for_record::<u32>(3).to_bytes(), vec![0; 11]].concat(),
    )
    .unwrap();
    let error = npyrec::read::<u32>(&path).unwrap_err();
    assert_eq!(
        (error.kind(), error.expected_rows(), error.found_rows()),
        (ErrorKind::Truncated, Some(3), Some(2)),
        "{error}"
    );
}

/// Of more rows than are read at once, whose `bool`s are any byte, or whose fields are in another order in
/// memory.
#[test]
fn records_are_made_where_their_bytes_are() {
    #[derive(NpyRecord, Debug, PartialEq)]
    #[repr(C)]
    struct Flagged {
        value: u16,
        ok: bool,
        level: i8,
    }

    #[derive(NpyRecord, Debug, PartialEq)]
    struct Shuffled {
        tag: [u8; 2],
        value: u16,
    }

    let rows = 200_000_u32;
    let flagged: Vec<u8> = (0..rows)
        .flat_map(|row| [row as u8, 3, (row % 3 * 127) as u8, row as u8])
        .collect();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    let header = Header::for_record::<Flagged>(rows.into()).to_bytes();
    fs::write(&path, [header, flagged.clone()].concat()).unwrap();
    let expected: Vec<Flagged> = (0..rows)
        .map(|row| Flagged {
            value: u16::from(row as u8) + 0x300,
            ok: row % 3 != 0,
            level: row as i8,
        })
        .collect();
    assert_eq!(npyrec::read::<Flagged>(&path).unwrap(), expected);
    let file = npyrec::NpyFile::open(&path).unwrap();
    let range = file.read_range::<Flagged>(1_000..150_000).unwrap();
    assert_eq!(range, expected[1_000..150_000]);

    let header = Header::for_record::<Shuffled>(rows.into()).to_bytes();
    fs::write(&path, [header, flagged].concat()).unwrap();
    let shuffled = npyrec::read::<Shuffled>(&path).unwrap();
    assert_eq!(shuffled.len(), expected.len());
    for (row, Shuffled { tag, value }) in (0..rows).zip(shuffled) {
        assert_eq!(tag, [row as u8, 3]);
        assert_eq!(value.to_le_bytes(), [(row % 3 * 127) as u8, row as u8]);
    }
}

/// Records that own memory are dropped once when a later row is invalid.
#[test]
fn a_row_that_is_no_record_is_told_wherever_it_is() {
    use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

    static ALIVE: AtomicI64 = AtomicI64::new(0);

    #[derive(Debug)]
    struct Owned(#[allow(dead_code)] Box<u64>);

    impl Drop for Owned {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, Relaxed);
        }
    }

    impl EncodeAs<Owned> for Owned {
        fn encode_as(&self, (): &(), out: &mut [u8]) -> Result<(), EncodeError> {
            self.encode(out)
        }
    }

    impl NpyRecord for Owned {
        const ITEMSIZE: usize = size_of::<Owned>();

        fn dtype() -> npyrec::DType {
            [u8::dtype(), u32::dtype(), u64::dtype()]
                .into_iter()
                .find(|dtype| dtype.itemsize() == Owned::ITEMSIZE)
                .unwrap()
        }

        fn encode(&self, _: &mut [u8]) -> Result<(), npyrec::EncodeError> {
            unreachable!("it is only read")
        }

        fn decode(bytes: &[u8]) -> Result<Self, npyrec::DecodeError> {
            if bytes.contains(&0xff) {
                return Err(npyrec::DecodeError::new("is not whole"));
            }
            ALIVE.fetch_add(1, Relaxed);
            Ok(Owned(Box::new(bytes[0].into())))
        }
    }

    let rows = 100_000;
    let mut bytes = Header::for_record::<Owned>(rows as u64).to_bytes();
    let start = bytes.len();
    bytes.resize(start + rows * Owned::ITEMSIZE, 1);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("owned.npy");
    for bad in [0, 7, 32_767, 32_768, 99_999] {
        let mut bytes = bytes.clone();
        bytes[start + bad * Owned::ITEMSIZE] = 0xff;
        fs::write(&path, bytes).unwrap();
        let error = npyrec::read::<Owned>(&path).unwrap_err();
        assert_eq!(error.row(), Some(bad as u64), "{error}");
        let file = npyrec::NpyFile::open(&path).unwrap();
        let error = file.read_range::<Owned>(0..rows as u64).unwrap_err();
        assert_eq!(error.row(), Some(bad as u64), "{error}");
        assert_eq!(ALIVE.load(Relaxed), 0);
    }
    fs::write(&path, bytes).unwrap();
    let records = npyrec::read::<Owned>(&path).unwrap();
    assert_eq!(ALIVE.load(Relaxed), rows as i64);
    drop(records);
    assert_eq!(ALIVE.load(Relaxed), 0);
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
        (error.kind() == ErrorKind::Decode) && error.row() == Some(1),
        "{error}"
    );
    assert_eq!(rows[2].as_ref().unwrap(), &Side::Ask);
}

/// A record of a gigabyte, which is never in memory.
#[derive(Debug)]
pub struct Large;

// `Box<T>` encodes itself as the same types as `T`.
impl EncodeAs<Box<Large>> for Large {
    fn encode_as(&self, (): &(), _: &mut [u8]) -> Result<(), EncodeError> {
        Ok(())
    }
}

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
    let error = npyrec::read::<Row>(&path).unwrap_err();
    assert_eq!(
        (error.kind(), error.differences().len()),
        (ErrorKind::DType, 2)
    );
    let fortran = Header::new("<u4".parse().unwrap(), Order::Fortran, &[2, 3]).unwrap();
    fs::write(&path, fortran.to_bytes()).unwrap();
    let error = Reader::<[u32; 3]>::new(&fs::read(&path).unwrap()[..]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("shape (2, 3) and is in Fortran order"),
        "{error}"
    );
    let scalar = Header::new("<u4".parse().unwrap(), Order::C, &[]).unwrap();
    fs::write(&path, scalar.to_bytes()).unwrap();
    let error = npyrec::Appender::<u32>::open(&path).unwrap_err();
    assert!(error.to_string().contains("which has no rows"), "{error}");
    let missing = npyrec::read::<u32>(dir.path().join("missing.npy")).unwrap_err();
    assert_eq!(missing.io_error().unwrap().kind(), io::ErrorKind::NotFound);
}

#[test]
fn rows_are_read_into_a_slice() {
    let numbers: Vec<u32> = (0..70_000).collect();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("numbers.npy");
    npyrec::write(&path, &numbers).unwrap();
    let mut reader = Reader::<u32>::open(&path).unwrap();
    let mut slice = vec![0; 30_000];
    assert_eq!(reader.next().unwrap().unwrap(), 0);
    assert_eq!(reader.read_into(&mut slice).unwrap(), 30_000);
    assert_eq!(slice, numbers[1..30_001]);
    assert_eq!(reader.read_into(&mut slice).unwrap(), 30_000);
    assert_eq!(reader.nth(2).unwrap().unwrap(), 60_003);
    assert_eq!(reader.read_into(&mut slice).unwrap(), 9_996);
    assert_eq!(slice[..9_996], numbers[60_004..]);
    assert_eq!(reader.read_into(&mut slice).unwrap(), 0);
    assert_eq!(reader.read_into(&mut []).unwrap(), 0);

    // Of records that are not copied whole, and from a source that drips.
    let bytes = many_rows(3);
    let mut rows = [Row { id: 9, ok: true }, Row { id: 9, ok: true }];
    let mut reader = Reader::<Row>::new(Drip(&bytes, false)).unwrap();
    assert_eq!(reader.read_into(&mut rows).unwrap(), 2);
    assert_eq!(rows, [Row { id: 0, ok: true }, Row { id: 1, ok: false }]);
    let file = fs::read(&path).unwrap();
    let mut drip = Reader::<u32>::new(Drip(&file[..1000], false)).unwrap();
    let error = drip.read_into(&mut slice).unwrap_err();
    assert_eq!(
        (error.kind(), error.found_rows()),
        (ErrorKind::Truncated, Some(218)),
        "{error}"
    );
    assert_eq!(slice[..218], numbers[..218]);
}

#[test]
fn a_file_says_how_many_rows_are_left() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    fs::write(&path, many_rows(10)).unwrap();
    let mut reader = Reader::<Row>::open(&path).unwrap();
    assert_eq!((reader.remaining(), reader.size_hint()), (10, (1, None)));
    reader.nth(3);
    assert_eq!(reader.remaining(), 6);
    assert_eq!(reader.by_ref().skip(1).count(), 5);
    assert_eq!((reader.remaining(), reader.size_hint()), (0, (0, Some(0))));
}

/// The size hint of an iterator is true for every adapter, also if the file is too short.
#[test]
fn no_iterator_over_a_file_promises_more_rows_than_it_gives() {
    fn check(label: &str, rows: impl Iterator) {
        let (low, high) = rows.size_hint();
        let count = rows.count();
        assert!(
            low <= count && high.is_none_or(|high| count <= high),
            "{label}: {low} {count} {high:?}"
        );
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    let bytes = many_rows(10);
    let row = (bytes.len() - 128) / 10;
    for len in [bytes.len(), 128 + 4 * row + 1, 128] {
        fs::write(&path, &bytes[..len]).unwrap();
        for skipped in 0..12 {
            check("file", Reader::<Row>::open(&path).unwrap().skip(skipped));
            check(
                "bytes",
                Reader::<Row>::new(&bytes[..len]).unwrap().skip(skipped),
            );
            check(
                "values",
                npyrec::Reader::<Value>::new(&bytes[..len])
                    .unwrap()
                    .skip(skipped),
            );
            let file = npyrec::NpyFile::open(&path).unwrap();
            check("rows", file.rows().skip(skipped));
        }
    }
}

/// An array of several axes has records whose own axes are its last axes.
#[test]
fn an_array_of_any_shape_is_one_record_after_another() {
    let header = Header::new("<u2".parse().unwrap(), Order::C, &[2, 2, 3]).unwrap();
    let data: Vec<u8> = (0..12_u16).flat_map(u16::to_le_bytes).collect();
    let bytes = [header.to_bytes(), data].concat();
    let options = ReadOptions::new().flat(true);
    let flat = options.from_reader::<u16>(&bytes[..]).unwrap();
    assert_eq!(
        (flat.remaining(), flat.shape(), flat.order()),
        (12, &[2, 2, 3][..], Order::C)
    );
    assert_eq!(flat.read_all().unwrap(), (0..12).collect::<Vec<u16>>());
    // The last axes are the axes of a record.
    let lines = options.from_reader::<[u16; 3]>(&bytes[..]).unwrap();
    assert_eq!((lines.remaining(), lines.shape()), (4, &[2, 2][..]));
    assert_eq!(lines.last().unwrap().unwrap(), [9, 10, 11]);
    let rows = Reader::<[[u16; 3]; 2]>::new(&bytes[..]).unwrap();
    assert_eq!((rows.remaining(), rows.shape()), (2, &[2][..]));
    let whole = options
        .from_reader::<[[[u16; 3]; 2]; 2]>(&bytes[..])
        .unwrap();
    assert_eq!((whole.remaining(), whole.shape()), (1, &[][..]));
    assert!(options.from_reader::<[u16; 2]>(&bytes[..]).is_err());
    assert!(
        options
            .from_reader::<[[[[u16; 3]; 2]; 2]; 1]>(&bytes[..])
            .is_err()
    );
    let single = Header::new("<u2".parse().unwrap(), Order::C, &[]).unwrap();
    let bytes = [single.to_bytes(), vec![7, 0]].concat();
    assert_eq!(
        Reader::<u16>::new(&bytes[..]).unwrap().read_all().unwrap(),
        [7]
    );
}

/// Rows are read by their place, so that threads share a file.
#[test]
fn rows_are_read_from_several_threads_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("numbers.npy");
    npyrec::write(&path, &(0..1000_u32).collect::<Vec<_>>()).unwrap();
    let file = npyrec::NpyFile::open(&path).unwrap();
    std::thread::scope(|scope| {
        for part in 0..4 {
            let file = &file;
            scope.spawn(move || {
                for row in part * 250..(part + 1) * 250 {
                    assert_eq!(file.row(row).unwrap(), npyrec::Value::Uint(row));
                }
            });
        }
    });
}

/// NumPy's `same_kind` loses what does not fit, where it is asked for.
#[test]
fn a_value_that_does_not_fit_is_read_as_astype_reads_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.npy");
    npyrec::write(&path, &[70_000_i64, -1]).unwrap();
    let options = ReadOptions::new().casting(npyrec::Casting::SameKind);
    assert_eq!(options.read::<i16>(&path).unwrap(), [4464, -1]);
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
    assert_eq!(reader.size_hint(), (1, None));
    assert_eq!(reader.read_all().unwrap().len(), 3);
}
