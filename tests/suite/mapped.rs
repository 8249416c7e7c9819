//! Files that are mapped into memory.

use std::{fmt::Debug, fs, io::Write, path::Path};

use npyrec::{
    Appender, Casting, EncodeAs, EncodeError, ErrorKind, Header, LayoutMismatch, Mapped, NpyRecord,
    Order, ReadOptions,
};

#[allow(unsafe_code)]
pub fn map<R: NpyRecord>(path: &Path) -> npyrec::Result<Mapped<R>> {
    // SAFETY: each file is left alone while it is mapped.
    unsafe { Mapped::open(path) }
}

/// Maps the single elements of an array.
#[allow(unsafe_code)]
pub fn map_flat<T: NpyRecord>(path: &Path) -> npyrec::Result<Mapped<T>> {
    // SAFETY: each file is left alone while it is mapped.
    unsafe { ReadOptions::new().flat(true).map(path) }
}

/// True if numbers have the same form in memory and in a file, so that a map has slices.
pub const HAS_SLICES: bool = cfg!(target_endian = "little");

/// Returns the rows of a map of numbers. Checks that they equal its slice, or that it has no slice without
/// [`HAS_SLICES`].
pub fn rows<R: NpyRecord + Clone + PartialEq + Debug>(mapped: &Mapped<R>) -> Vec<R> {
    let rows: Vec<R> = mapped.iter().map(Result::unwrap).collect();
    check_slice(mapped.as_slice(), mapped.layout_mismatch().as_ref(), &rows);
    rows
}

/// Checks the slice that a map of numbers gives, or the reason for which it gives none.
pub fn check_slice<R: PartialEq + Debug>(
    slice: Option<&[R]>,
    mismatch: Option<&LayoutMismatch>,
    rows: &[R],
) {
    match HAS_SLICES {
        true => assert_eq!((slice, mismatch), (Some(rows), None)),
        false => assert_eq!((slice, mismatch), (None, Some(&LayoutMismatch::Record))),
    }
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Row {
    id: u32,
    ok: bool,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[repr(C)]
struct Tick {
    time: i64,
    at: Position,
    #[npy(rename = "a.b")]
    dotted: u32,
    size: u32,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[repr(C)]
struct Position {
    x: f32,
    y: f32,
}

fn tick(row: u32) -> Tick {
    let at = Position {
        x: row as f32,
        y: -(row as f32),
    };
    Tick {
        time: row.into(),
        at,
        dotted: 7,
        size: row + 1,
    }
}

#[test]
fn mapped_rows_are_those_of_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mapped.npy");
    npyrec::write(&path, &[1_u64, 2, 3]).unwrap();
    let mapped = map::<u64>(&path).unwrap();
    assert_eq!(rows(&mapped), [1, 2, 3]);
    assert_eq!(
        mapped.iter().rev().map(Result::unwrap).collect::<Vec<_>>(),
        [3, 2, 1]
    );
    assert!(mapped.get(3).is_none());
    drop(mapped);

    npyrec::write(&path, &[Row { id: 5, ok: true }]).unwrap();
    let mapped = map::<Row>(&path).unwrap();
    assert!(mapped.as_slice().is_none(), "any byte is not a bool");
    assert_eq!(mapped.get(0).unwrap().unwrap(), Row { id: 5, ok: true });
    drop(mapped);

    npyrec::write::<u64>(&path, &[]).unwrap();
    let mapped = map::<u64>(&path).unwrap();
    assert!(rows(&mapped).is_empty() && mapped.is_empty());
    drop(mapped);
    fs::write(&path, Header::for_record::<u64>(1 << 59).to_bytes()).unwrap();
    let error = map::<u64>(&path).unwrap_err();
    assert_eq!(
        (error.kind(), error.found_rows()),
        (ErrorKind::Truncated, Some(0)),
        "{error}"
    );
}

#[test]
fn a_range_is_gone_through_by_each_of_several_threads() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ticks.npy");
    npyrec::write(&path, &(0..1000).map(tick).collect::<Vec<_>>()).unwrap();
    let ticks = map::<Tick>(&path).unwrap();
    is_shared(&ticks);
    let sum = |rows| {
        ticks
            .range(rows)
            .map(|tick| u64::from(tick.unwrap().size))
            .sum::<u64>()
    };
    let parts: u64 = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..4)
            .map(|nth| scope.spawn(move || sum(nth * 250..(nth + 1) * 250)))
            .collect();
        parts.into_iter().map(|part| part.join().unwrap()).sum()
    });
    assert_eq!(parts, 500_500);
    assert_eq!(ticks.range(990..).len(), 10);
    assert_eq!(ticks.range(..=4).len(), 5);
    assert_eq!(ticks.range(990..2000).len(), 10);
    assert_eq!(ticks.range(2000..).len(), 0);
    #[allow(clippy::reversed_empty_ranges)]
    let backwards = 5..4;
    assert_eq!(ticks.range(backwards).len(), 0);
}

#[test]
fn a_column_is_one_field_of_all_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ticks.npy");
    npyrec::write(&path, &(0..100).map(tick).collect::<Vec<_>>()).unwrap();
    let ticks = map::<Tick>(&path).unwrap();
    assert_eq!(rows(&ticks).len(), 100);
    let times = ticks.column::<i64>("time").unwrap();
    assert_eq!((times.len(), times.get(7).unwrap().unwrap()), (100, 7));
    assert!(times.get(100).is_none() && times.as_slice().is_none());
    let y = ticks.column::<f32>("at.y").unwrap();
    assert_eq!(y.to_vec().unwrap()[98..], [-98.0, -99.0]);
    assert_eq!(y.iter().next_back().unwrap().unwrap(), -99.0);
    assert_eq!(
        ticks.column::<u32>("a.b").unwrap().get(3).unwrap().unwrap(),
        7
    );
    let at = ticks.column::<Position>("at").unwrap();
    assert_eq!(at.get(1).unwrap().unwrap(), Position { x: 1.0, y: -1.0 });
    // The other fields of the record may differ from the file.
    assert_eq!(
        ticks
            .column::<(f32,)>("at")
            .unwrap_err()
            .to_string()
            .lines()
            .count(),
        3
    );

    let error = ticks.column::<f32>("at.z").unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("there is no field `at.z`; there is time, at, a.b, size"),
        "{error}"
    );
    let error = ticks.column::<u16>("size").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("\n  file has <u4, record has <u2\n  to convert, use `ReadOptions::casting(Casting::SameKind)`"),
        "{error}"
    );
    let options = ReadOptions::new().casting(Casting::SameKind);
    #[allow(unsafe_code)]
    // SAFETY: the file is left alone while it is mapped.
    let ticks = unsafe { options.map::<Tick>(&path) }.unwrap();
    assert_eq!(
        ticks.column::<u16>("size").unwrap().to_vec().unwrap()[99],
        100
    );

    // One field that is all of the record.
    #[derive(NpyRecord)]
    struct One {
        value: f64,
    }
    let path = dir.path().join("one.npy");
    npyrec::write(&path, &[One { value: 1.5 }, One { value: 2.5 }]).unwrap();
    let ones = map::<One>(&path).unwrap();
    let values = ones.column::<f64>("value").unwrap();
    assert_eq!(values.to_vec().unwrap(), [1.5, 2.5]);
    assert_eq!(values.as_slice(), HAS_SLICES.then_some(&[1.5, 2.5][..]));
    let path = dir.path().join("bytes.npy");
    npyrec::write(&path, &[1_u8]).unwrap();
    let error = map::<u8>(&path).unwrap().column::<u8>("value").unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("because the records have no fields"),
        "{error}"
    );
}

/// Each reason for a missing slice is reported.
#[test]
fn it_is_told_why_there_is_no_slice() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mapped.npy");
    let text = |mismatch: Option<LayoutMismatch>| mismatch.unwrap().to_string();
    npyrec::write(&path, &[Row { id: 5, ok: true }]).unwrap();
    let mismatch = map::<Row>(&path).unwrap().layout_mismatch();
    assert_eq!(mismatch, Some(LayoutMismatch::Record));
    let mut texts = vec![text(mismatch)];

    let header = Header::new(">u4".parse().unwrap(), Order::C, &[1]).unwrap();
    fs::write(&path, [header.to_bytes(), vec![0, 0, 0, 1]].concat()).unwrap();
    let mapped = map::<u32>(&path).unwrap();
    assert_eq!(mapped.get(0).unwrap().unwrap(), 1);
    assert!(mapped.as_slice().is_none());
    texts.push(text(mapped.layout_mismatch()));
    drop(mapped);

    // Old writers put data at any byte.
    let header = "{'descr': '<u4', 'fortran_order': False, 'shape': (1,), } \n";
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    assert_ne!(bytes.len() % 4, 0);
    bytes.extend([2, 0, 0, 0]);
    fs::write(&path, bytes).unwrap();
    let mapped = map::<u32>(&path).unwrap();
    assert_eq!(mapped.get(0).unwrap().unwrap(), 2);
    texts.push(text(mapped.layout_mismatch()));
    if !HAS_SLICES {
        insta::assert_snapshot!(texts.join("\n"), @r"
        the memory of the record is not its form in the file, which is little-endian; on this big-endian machine it would be with single bytes alone (a `bool` can be read as `u8`); read the records one by one
        the dtype of the file is not that of the record:
          file has >u4, record has <u4
        the memory of the record is not its form in the file, which is little-endian; on this big-endian machine it would be with single bytes alone (a `bool` can be read as `u8`); read the records one by one
        ");
        return;
    }
    insta::assert_snapshot!(texts.join("\n"), @r"
    the memory of the record is not its form in the file; it would be with `#[repr(C)]`, no padding, and only numbers as they are stored (a `bool` can be read as `u8`)
    the dtype of the file is not that of the record:
      file has >u4, record has <u4
    the rows start at byte 69, which is no multiple of the record's alignment of 4 bytes
    ");
}

/// Writes over the start of a file, which Windows does not let anybody cut while it is mapped.
fn overwrite(path: &Path, bytes: &[u8]) {
    let mut file = fs::File::options().write(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn more_rows_are_mapped_as_they_are_committed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("grows.npy");
    let mut log = Appender::<u32>::create(&path).unwrap();
    let mut mapped = map::<u32>(&path).unwrap();
    for row in 0..2000_u32 {
        log.append(&row).unwrap();
        if row % 100 == 99 {
            assert_eq!(mapped.refresh().unwrap(), 0);
            log.commit().unwrap();
            assert_eq!(mapped.refresh().unwrap(), 100);
            assert_eq!(rows(&mapped), (0..=row).collect::<Vec<_>>());
        }
    }
    log.close().unwrap();
    // Mapped rows stay mapped after a failed refresh.
    overwrite(&path, &Header::for_record::<u32>(5000).to_bytes());
    let error = mapped.refresh().unwrap_err();
    assert_eq!(
        (error.kind(), error.expected_rows(), error.found_rows()),
        (ErrorKind::Truncated, Some(5000), Some(2000)),
        "{error}"
    );
    assert_eq!(mapped.len(), 2000);
}

#[test]
fn an_array_of_several_axes_is_mapped_as_it_lies() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("axes.npy");
    let header = Header::new("<u2".parse().unwrap(), Order::Fortran, &[2, 3]).unwrap();
    let data: Vec<u8> = (0..6_u16).flat_map(u16::to_le_bytes).collect();
    fs::write(&path, [header.to_bytes(), data].concat()).unwrap();
    let mapped = map_flat::<u16>(&path).unwrap();
    assert_eq!(
        (mapped.shape(), mapped.order()),
        (&[2, 3][..], Order::Fortran)
    );
    assert_eq!(rows(&mapped), [0, 1, 2, 3, 4, 5]);
    assert!(map::<[u16; 3]>(&path).is_err());
}

/// Changes that another writer may make to a mapped file.
#[test]
fn a_header_that_is_another_than_before_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("changes.npy");
    npyrec::write(&path, &[1_u32, 2, 3]).unwrap();
    let mut mapped = map::<u32>(&path).unwrap();
    let data = [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0];
    for (dtype, shape) in [
        (">u4", &[3][..]),
        ("<u4", &[2]),
        ("<u4", &[3, 1]),
        ("<u8", &[1]),
    ] {
        let header = Header::new(dtype.parse().unwrap(), Order::C, shape).unwrap();
        overwrite(&path, &[&header.to_bytes()[..], &data].concat());
        let error = mapped.refresh().err();
        assert!(
            error
                .unwrap()
                .to_string()
                .contains("the header changed while the file was open")
        );
        assert_eq!(rows(&mapped), [1, 2, 3]);
    }
}

/// Skipped rows are not decoded.
#[test]
fn rows_are_passed_over_in_constant_time() {
    thread_local!(static DECODED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) });
    struct Counted(u32);
    impl EncodeAs<Counted> for Counted {
        fn encode_as(&self, (): &(), out: &mut [u8]) -> Result<(), EncodeError> {
            self.encode(out)
        }
    }

    impl NpyRecord for Counted {
        const ITEMSIZE: usize = 4;
        fn dtype() -> npyrec::DType {
            u32::dtype()
        }
        fn encode(&self, out: &mut [u8]) -> Result<(), npyrec::EncodeError> {
            self.0.encode(out)
        }
        fn decode(bytes: &[u8]) -> Result<Self, npyrec::DecodeError> {
            DECODED.set(DECODED.get() + 1);
            u32::decode(bytes).map(Counted)
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("numbers.npy");
    npyrec::write(&path, &(0..100_000_u32).collect::<Vec<_>>()).unwrap();
    let numbers = map::<Counted>(&path).unwrap();
    assert_eq!(numbers.iter().nth(90_000).unwrap().unwrap().0, 90_000);
    assert_eq!(numbers.iter().rev().nth(90_000).unwrap().unwrap().0, 9_999);
    let every = numbers.range(10..).step_by(50_000);
    assert_eq!(
        every.map(|n| n.unwrap().0).collect::<Vec<_>>(),
        [10, 50_010]
    );
    assert_eq!(DECODED.get(), 4);
}

/// A record whose fields are read in each way that a column has.
#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Mixed {
    flag: bool,
    price: f32,
    name: npyrec::Str<9>,
    #[npy(dtype = "S3")]
    code: String,
    none: [u8; 0],
}

#[test]
#[allow(unsafe_code)]
fn a_copied_column_has_the_values_and_the_errors_of_the_iterator() {
    fn check<T: npyrec::Element + PartialEq + std::fmt::Debug>(
        mapped: &Mapped<Mixed>,
        field: &str,
    ) {
        let column = mapped.column::<T>(field).unwrap();
        let one_by_one: npyrec::Result<Vec<T>> = column.iter().collect();
        match (column.to_vec(), one_by_one) {
            (Ok(copied), Ok(one_by_one)) => {
                assert_eq!(copied.len(), mapped.len());
                assert!(copied == one_by_one, "{field}");
            }
            (copied, one_by_one) => {
                let (copied, one_by_one) = (copied.unwrap_err(), one_by_one.unwrap_err());
                assert_eq!(copied.to_string(), one_by_one.to_string());
            }
        }
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mixed.npy");
    let row = |row: usize| Mixed {
        flag: row.is_multiple_of(3),
        price: row as f32,
        name: format!("é{row}").parse().unwrap(),
        code: ["", "a", "abc"][row % 3].to_owned(),
        none: [],
    };
    let rows: Vec<Mixed> = (0..40_000).map(row).collect();
    npyrec::write(&path, &rows).unwrap();
    let options = ReadOptions::new().casting(Casting::SameKind);
    // SAFETY: nobody else knows the file.
    let mapped = || unsafe { options.map::<Mixed>(&path) }.unwrap();
    let check_all = || {
        let mapped = mapped();
        check::<bool>(&mapped, "flag");
        check::<u8>(&mapped, "flag");
        check::<f32>(&mapped, "price");
        check::<f64>(&mapped, "price");
        check::<npyrec::Value>(&mapped, "price");
        check::<npyrec::Str<9>>(&mapped, "name");
        check::<npyrec::Bytes<3>>(&mapped, "code");
        check::<[u8; 0]>(&mapped, "none");
    };
    check_all();
    // After the first blocks: a true of another byte, and an invalid code point.
    let mut bytes = std::fs::read(&path).unwrap();
    let data = bytes.len() - rows.len() * Mixed::ITEMSIZE;
    bytes[data + 39_000 * Mixed::ITEMSIZE] = 7;
    bytes[data + 38_999 * Mixed::ITEMSIZE + 5 + 11] = 0xff;
    std::fs::write(&path, bytes).unwrap();
    check_all();
    assert!(
        mapped()
            .column::<npyrec::Str<9>>("name")
            .unwrap()
            .to_vec()
            .is_err()
    );
    assert!(mapped().column::<bool>("flag").unwrap().to_vec().unwrap()[39_000]);
}
