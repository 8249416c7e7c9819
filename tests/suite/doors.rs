//! Reading at every door: a file has the same rows, and an error the same place, however it is read.

use std::{fmt, fs, io::Read, io::Write, num::NonZero, path::Path};

use npyrec::{
    Element, ErrorKind, Follow, Header, NpyFile, NpyRecord, Order, ReadOptions, Reader, Str, Value,
    npz, stream, value,
};

/// All rows that a door gives, or its first error.
pub type Rows<R> = Vec<(&'static str, npyrec::Result<Vec<R>>)>;

/// A source that gives its bytes in small pieces and cannot seek.
struct Pipe(Vec<u8>, usize);

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let rest = &self.0[self.1..];
        let len = rest.len().min(buffer.len()).min(7);
        buffer[..len].copy_from_slice(&rest[..len]);
        self.1 += len;
        Ok(len)
    }
}

/// An archive whose member `m` is a file.
fn archive(bytes: &[u8], method: zip::CompressionMethod) -> std::io::Cursor<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    archive.start_file("m.npy", options).unwrap();
    archive.write_all(bytes).unwrap();
    let mut file = archive.finish().unwrap();
    file.set_position(0);
    file
}

#[allow(unsafe_code)]
fn mapped<E: Element>(options: ReadOptions, path: &Path) -> npyrec::Result<Vec<E>> {
    // SAFETY: nobody else knows of the file.
    let mapped = unsafe { options.map::<E>(path) }?;
    let rows: Vec<E> = mapped.iter().collect::<npyrec::Result<_>>()?;
    assert_eq!(mapped.len(), rows.len());
    Ok(rows)
}

#[allow(unsafe_code)]
fn mapped_mut<E: Element>(options: ReadOptions, path: &Path) -> npyrec::Result<Vec<E>> {
    // SAFETY: nobody else knows of the file.
    let mapped = unsafe { options.map_mut::<E>(path) }?;
    let rows = (0..mapped.len()).map(|row| mapped.get(row).unwrap());
    rows.collect()
}

#[allow(unsafe_code)]
fn mapped_member<E: Element>(options: ReadOptions, path: &Path) -> npyrec::Result<Vec<E>> {
    let stored = archive(&fs::read(path).unwrap(), zip::CompressionMethod::Stored);
    let path = path.with_extension("npz");
    fs::write(&path, stored.into_inner()).unwrap();
    let mut archive = npz::Reader::open(&path).unwrap();
    // SAFETY: nobody else knows of the file.
    let mapped = unsafe {
        archive
            .by_name("m")
            .and_then(|array| array.with(options).map::<E>())
    }?;
    mapped.iter().collect()
}

fn one_by_one<E: Element, S: Read>(reader: Reader<E, S>) -> npyrec::Result<Vec<E>> {
    let remaining = reader.remaining();
    let rows: Vec<E> = reader.collect::<npyrec::Result<_>>()?;
    assert_eq!(rows.len() as u64, remaining);
    Ok(rows)
}

/// The doors of sources that cannot seek.
pub fn pipes<E: Element>(options: ReadOptions, path: &Path) -> Rows<E> {
    use zip::CompressionMethod::{Deflated, Stored};
    let bytes = fs::read(path).unwrap();
    let pipe = || Pipe(bytes.clone(), 0);
    let member = |method| -> npyrec::Result<Vec<E>> {
        let mut archive = npz::Reader::new(archive(&bytes, method)).unwrap();
        archive.by_name("m")?.with(options).rows::<E>()?.read_all()
    };
    let array = || -> npyrec::Result<Vec<E>> {
        let mut arrays = stream::Reader::new(pipe());
        let array = arrays.next_array().unwrap()?;
        array.with(options).rows::<E>()?.read_all()
    };
    vec![
        (
            "pipe",
            options.from_reader::<E>(pipe()).and_then(one_by_one),
        ),
        (
            "pipe, all",
            options.from_reader::<E>(pipe()).and_then(Reader::read_all),
        ),
        ("array of a pipe", array()),
        ("stored member", member(Stored)),
        ("deflated member", member(Deflated)),
    ]
}

/// The doors of files and other sources that can seek, and that copy what they read.
pub fn files<E: Element>(options: ReadOptions, path: &Path) -> Rows<E> {
    let bytes = fs::read(path).unwrap();
    let array = || -> npyrec::Result<Vec<E>> {
        let mut arrays = stream::Reader::open(path).unwrap();
        let array = arrays.next_array().unwrap()?;
        array.with(options).rows::<E>()?.read_all()
    };
    let of_index = || -> npyrec::Result<Vec<E>> {
        let mut index = stream::Index::build(path)?;
        index.array(0)?.with(options).rows::<E>()?.read_all()
    };
    let cursor = || std::io::Cursor::new(&bytes[..]);
    vec![
        ("read", options.read::<E>(path)),
        ("Reader", options.open::<E>(path).and_then(one_by_one)),
        (
            "seekable",
            options.from_seekable::<E>(cursor()).and_then(one_by_one),
        ),
        (
            "seekable, all",
            options
                .from_seekable::<E>(cursor())
                .and_then(Reader::read_all),
        ),
        ("array of a stream", array()),
        ("array of an index", of_index()),
    ]
}

/// The doors of maps.
pub fn maps<E: Element>(options: ReadOptions, path: &Path) -> Rows<E> {
    vec![
        ("Mapped", mapped(options, path)),
        ("MappedMut", mapped_mut(options, path)),
        ("mapped member", mapped_member(options, path)),
    ]
}

/// The doors that read any range of rows.
pub fn ranges<E: Element>(options: ReadOptions, path: &Path) -> Rows<E> {
    let by = |step: u64| -> npyrec::Result<Vec<E>> {
        let file = options.npy_file(path)?;
        file.read_strided::<E>(0..file.len(), NonZero::new(step).unwrap())
    };
    // Every other row, and those between them.
    let halves = || -> npyrec::Result<Vec<E>> {
        let file = options.npy_file(path)?;
        let mut rows = Vec::new();
        for row in 0..file.len() {
            rows.extend(file.read_range::<E>(row..row + 1)?);
        }
        Ok(rows)
    };
    vec![("range", by(1)), ("ranges of one row", halves())]
}

pub fn follow<E: Element>(options: ReadOptions, path: &Path) -> Rows<E> {
    let all = || -> npyrec::Result<Vec<E>> {
        let mut follow: Follow<E> = options.follow::<E>(path)?;
        let mut rows = Vec::new();
        loop {
            match follow.poll_into(&mut rows)? {
                0 => return Ok(rows),
                _ => continue,
            }
        }
    };
    vec![("Follow", all())]
}

/// Every door that yields rows.
pub fn rows<E: Element>(path: &Path) -> Rows<E> {
    let options = ReadOptions::new();
    let mut doors = files(options, path);
    doors.extend(pipes(options, path));
    doors.extend(maps(options, path));
    doors.extend(ranges(options, path));
    doors.extend(follow(options, path));
    doors
}

/// The shape and the elements that a door gives, or its error.
type Arrays<T> = Vec<(&'static str, npyrec::Result<(Vec<usize>, Vec<T>)>)>;

/// The doors of `ndarray`: the elements of all rows in C order, and their shape.
pub fn arrays<T: Element + Clone>(path: &Path) -> Arrays<T> {
    let bytes = fs::read(path).unwrap();
    let in_c_order =
        |array: ndarray::ArrayD<T>| (array.shape().to_vec(), array.iter().cloned().collect());
    let mut archive = npz::Reader::new(archive(&bytes, zip::CompressionMethod::Deflated)).unwrap();
    let of_file = || -> npyrec::Result<ndarray::ArrayD<T>> {
        let file = NpyFile::open(path)?;
        file.read_array::<T>(0..file.len())
    };
    let of_stream = || -> npyrec::Result<ndarray::ArrayD<T>> {
        let mut arrays = stream::Reader::new(&bytes[..]);
        arrays.next_array().unwrap()?.read_array::<T>()
    };
    let of_pipe = || -> npyrec::Result<ndarray::ArrayD<T>> {
        let flat = ReadOptions::new().flat(true);
        flat.from_reader::<T>(Pipe(bytes.clone(), 0))?.read_array()
    };
    vec![
        ("read_array", npyrec::read_array::<T>(path)),
        ("read_array of a range", of_file()),
        ("read_array of a pipe", of_pipe()),
        ("read_array of a stream", of_stream()),
        (
            "read_array of a member",
            archive
                .by_name("m")
                .and_then(|array| array.read_array::<T>()),
        ),
    ]
    .into_iter()
    .map(|(door, array)| (door, array.map(in_c_order)))
    .collect()
}

#[track_caller]
fn assert_rows<R: PartialEq + fmt::Debug>(doors: Rows<R>, expected: &[R]) {
    for (door, rows) in doors {
        match rows {
            Ok(rows) => assert_eq!(rows, expected, "{door}"),
            Err(error) => panic!("{door}: {error}"),
        }
    }
}

/// Rows that cannot be read one after another, as they are scattered.
#[track_caller]
fn assert_scattered<R>(doors: Rows<R>) {
    for (door, rows) in doors {
        let error = rows
            .err()
            .unwrap_or_else(|| panic!("{door}: there are rows"));
        assert_eq!(error.kind(), ErrorKind::Shape, "{door}: {error}");
        assert!(error.to_string().contains("(2, 3)"), "{door}: {error}");
        assert!(
            error.to_string().contains("`read_array`"),
            "{door}: {error}"
        );
    }
}

#[track_caller]
fn assert_array<T: Element + Clone + PartialEq + fmt::Debug>(
    path: &Path,
    shape: &[usize],
    expected: &[T],
) {
    for (door, array) in arrays::<T>(path) {
        let (found, elements) = array.unwrap_or_else(|error| panic!("{door}: {error}"));
        // A range of a single element has one row.
        match (shape, door) {
            ([], "read_array of a range") => assert_eq!(found, [1], "{door}"),
            _ => assert_eq!(found, shape, "{door}"),
        }
        assert_eq!(elements, expected, "{door}");
    }
}

/// A file of a shape, and the bytes of its data.
pub fn file(path: &Path, descr: &str, order: Order, shape: &[u64], data: &[u8]) {
    let header = Header::new(descr.parse().unwrap(), order, shape).unwrap();
    fs::write(path, [header.to_bytes(), data.to_vec()].concat()).unwrap();
}

pub fn bytes_of(numbers: impl IntoIterator<Item = u16>) -> Vec<u8> {
    numbers.into_iter().flat_map(u16::to_le_bytes).collect()
}

fn uint(number: u16) -> Value {
    Value::Uint(number.into())
}

fn array_of(numbers: &[u16]) -> Value {
    let values = numbers.iter().copied().map(uint).collect();
    Value::Array(value::Array::new(&[numbers.len()], values).unwrap())
}

#[test]
fn one_axis() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("one.npy");
    for order in [Order::C, Order::Fortran] {
        for len in [0, 1, 5] {
            let numbers: Vec<u16> = (10..10 + len).collect();
            file(
                &path,
                "<u2",
                order,
                &[len.into()],
                &bytes_of(numbers.clone()),
            );
            let values: Vec<Value> = numbers.iter().copied().map(uint).collect();
            assert_rows(rows::<u16>(&path), &numbers);
            assert_rows(rows::<Value>(&path), &values);
            assert_array(&path, &[len.into()], &numbers);
            assert_array(&path, &[len.into()], &values);
        }
    }
}

#[test]
fn two_axes_in_c_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("two.npy");
    file(&path, "<u2", Order::C, &[2, 3], &bytes_of(0..6));
    assert_rows(rows::<[u16; 3]>(&path), &[[0, 1, 2], [3, 4, 5]]);
    assert_rows(
        rows::<Value>(&path),
        &[array_of(&[0, 1, 2]), array_of(&[3, 4, 5])],
    );
    let elements: Vec<u16> = (0..6).collect();
    assert_array(&path, &[2, 3], &elements);
    assert_array(
        &path,
        &[2, 3],
        &elements.iter().copied().map(uint).collect::<Vec<_>>(),
    );
    assert_flat(&path, &elements, &elements);
}

#[test]
fn two_axes_in_fortran_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("two.npy");
    file(&path, "<u2", Order::Fortran, &[2, 3], &bytes_of(0..6));
    let (typed, values) = (
        [[0, 2, 4], [1, 3, 5]],
        [array_of(&[0, 2, 4]), array_of(&[1, 3, 5])],
    );
    let options = ReadOptions::new();
    assert_rows(files::<[u16; 3]>(options, &path), &typed);
    assert_rows(files::<Value>(options, &path), &values);
    assert_rows(ranges::<[u16; 3]>(options, &path), &typed);
    assert_rows(ranges::<Value>(options, &path), &values);
    assert_rows(pipes::<[u16; 3]>(options.in_c_order(true), &path), &typed);
    assert_rows(pipes::<Value>(options.in_c_order(true), &path), &values);
    assert_scattered(pipes::<[u16; 3]>(options, &path));
    assert_scattered(pipes::<Value>(options, &path));
    assert_scattered(maps::<[u16; 3]>(options, &path));
    assert_scattered(maps::<Value>(options, &path));
    assert_scattered(follow::<[u16; 3]>(options, &path));
    assert_scattered(follow::<Value>(options, &path));
    let elements = [0, 2, 4, 1, 3, 5];
    assert_array(&path, &[2, 3], &elements);
    assert_array(&path, &[2, 3], &elements.map(uint));
    assert_flat(&path, &[0, 1, 2, 3, 4, 5], &elements);
}

/// Elements come in the order of the file, or in C order.
#[track_caller]
fn assert_flat(path: &Path, as_stored: &[u16], in_c_order: &[u16]) {
    let flat = ReadOptions::new().flat(true);
    for (options, elements) in [(flat, as_stored), (flat.in_c_order(true), in_c_order)] {
        let values: Vec<Value> = elements.iter().copied().map(uint).collect();
        assert_rows(files::<u16>(options, path), elements);
        assert_rows(files::<Value>(options, path), &values);
        assert_rows(pipes::<u16>(options, path), elements);
        assert_rows(pipes::<Value>(options, path), &values);
        // What is mapped stays where it is.
        let values: Vec<Value> = as_stored.iter().copied().map(uint).collect();
        assert_rows(maps::<u16>(options, path), as_stored);
        assert_rows(maps::<Value>(options, path), &values);
    }
}

#[test]
fn a_single_element() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("single.npy");
    for order in [Order::C, Order::Fortran] {
        file(&path, "<u2", order, &[], &bytes_of([7]));
        assert_rows(rows::<u16>(&path), &[7]);
        assert_rows(rows::<Value>(&path), &[uint(7)]);
        assert_array(&path, &[], &[7_u16]);
        assert_array(&path, &[], &[uint(7)]);
        assert_flat(&path, &[7], &[7]);
    }
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
pub struct Tick {
    size: u16,
    name: Str<1>,
}

pub fn tick(size: u16, name: &str) -> (Tick, Value) {
    let record = [("size", uint(size)), ("name", Value::from(name))];
    let name = Str::new(name).unwrap();
    (
        Tick { size, name },
        Value::Record(record.into_iter().collect()),
    )
}

#[test]
fn structs() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ticks.npy");
    let (ticks, values): (Vec<_>, Vec<_>) = [tick(1, "a"), tick(2, ""), tick(3, "é")]
        .into_iter()
        .unzip();
    npyrec::write(&path, &ticks).unwrap();
    assert_rows(rows::<Tick>(&path), &ticks);
    assert_rows(rows::<Value>(&path), &values);
    assert_array(&path, &[3], &ticks);
    assert_array(&path, &[3], &values);
}

#[test]
fn a_foreign_byte_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("foreign.npy");
    file(
        &path,
        ">u2",
        Order::C,
        &[2, 3],
        &(0..6_u16).flat_map(u16::to_be_bytes).collect::<Vec<_>>(),
    );
    assert_rows(rows::<[u16; 3]>(&path), &[[0, 1, 2], [3, 4, 5]]);
    assert_rows(
        rows::<Value>(&path),
        &[array_of(&[0, 1, 2]), array_of(&[3, 4, 5])],
    );
    let elements: Vec<u16> = (0..6).collect();
    assert_array(&path, &[2, 3], &elements);
    assert_flat(&path, &elements, &elements);
}
