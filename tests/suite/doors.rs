//! Reading at every door: a file has the same rows, and an error the same place, however it is read.

use std::{fmt, fs, io::Read, io::Write, num::NonZero, path::Path};

use npyrec::{
    Casting, Element, Error, ErrorKind, Follow, Header, NpyFile, NpyRecord, Order, ReadOptions,
    Reader, Str, Value, npz, stream, value,
};

/// All rows that a door gives, or its first error.
type Rows<R> = Vec<(&'static str, npyrec::Result<Vec<R>>)>;

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
fn pipes<E: Element>(options: ReadOptions, path: &Path) -> Rows<E> {
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
fn files<E: Element>(options: ReadOptions, path: &Path) -> Rows<E> {
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
fn maps<E: Element>(options: ReadOptions, path: &Path) -> Rows<E> {
    vec![
        ("Mapped", mapped(options, path)),
        ("MappedMut", mapped_mut(options, path)),
        ("mapped member", mapped_member(options, path)),
    ]
}

/// The doors that read any range of rows.
fn ranges<E: Element>(options: ReadOptions, path: &Path) -> Rows<E> {
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

fn follow<E: Element>(options: ReadOptions, path: &Path) -> Rows<E> {
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
fn rows<E: Element>(path: &Path) -> Rows<E> {
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
fn arrays<T: Element + Clone>(path: &Path) -> Arrays<T> {
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
fn file(path: &Path, descr: &str, order: Order, shape: &[u64], data: &[u8]) {
    let header = Header::new(descr.parse().unwrap(), order, shape).unwrap();
    fs::write(path, [header.to_bytes(), data.to_vec()].concat()).unwrap();
}

fn bytes_of(numbers: impl IntoIterator<Item = u16>) -> Vec<u8> {
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
struct Tick {
    size: u16,
    name: Str<1>,
}

fn tick(size: u16, name: &str) -> (Tick, Value) {
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

/// The error of each door.
fn errors<R>(doors: Rows<R>) -> Vec<(&'static str, Error)> {
    let error = |(door, rows): (_, npyrec::Result<Vec<R>>)| {
        let error = rows.err().unwrap_or_else(|| panic!("{door}: no error"));
        (door, error)
    };
    doors.into_iter().map(error).collect()
}

fn array_errors<T: Element + Clone>(path: &Path) -> Vec<(&'static str, Error)> {
    let error = |(door, array): (_, npyrec::Result<_>)| {
        let error = array.err().unwrap_or_else(|| panic!("{door}: no error"));
        (door, error)
    };
    arrays::<T>(path).into_iter().map(error).collect()
}

type Letter = Str<1>;

#[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
struct Named {
    number: u16,
    name: Letter,
}

#[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
#[repr(u8)]
enum Side {
    Buy = 1,
    Sell = 2,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Text {
    #[npy(dtype = "S2")]
    text: String,
}

const ROWS: u64 = 4;
const WIDTH: u64 = 3;

/// Writes a file of shape (4, 3) whose element [2, 1] is bad.
fn matrix<T: NpyRecord>(path: &Path, order: Order, good: &[u8], bad: &[u8]) {
    let header = Header::new(T::dtype(), order, &[ROWS, WIDTH]).unwrap();
    let mut bytes = header.to_bytes();
    let at = match order {
        Order::C => 2 * WIDTH + 1,
        Order::Fortran => ROWS + 2,
    };
    for n in 0..ROWS * WIDTH {
        bytes.extend(if n == at { bad } else { good });
    }
    fs::write(path, bytes).unwrap();
}

/// The errors of the doors that read parts of a file with a bad row 2.
fn of_parts<R: Element>(path: &Path) -> Vec<(&'static str, Error)> {
    let file = NpyFile::open(path).unwrap();
    let step = NonZero::new(2).unwrap();
    errors(vec![
        ("range from 1", file.read_range::<R>(1..4)),
        ("every other row", file.read_strided::<R>(0..4, step)),
    ])
}

/// The errors of the doors that read values of rows.
fn of_values(path: &Path) -> Vec<(&'static str, Error)> {
    let file = NpyFile::open(path).unwrap();
    let mut doors = of_parts::<Value>(path);
    doors.extend(errors(vec![
        ("row", file.row(2).map(|value| vec![value])),
        ("rows", file.rows().collect()),
    ]));
    doors
}

/// The errors of every door that gives single elements.
fn of_elements<T: Element + Clone>(path: &Path) -> Vec<(&'static str, Error)> {
    let flat = ReadOptions::new().flat(true);
    let cast = flat.casting(Casting::SameKind);
    let mut doors = errors(maps::<T>(flat, path));
    for options in [flat, cast, flat.in_c_order(true)] {
        doors.extend(errors(files::<T>(options, path)));
        doors.extend(errors(pipes::<T>(options, path)));
    }
    doors.extend(array_errors::<T>(path));
    doors
}

/// The errors of every door that gives rows.
fn of_rows<R: Element>(path: &Path, order: Order) -> Vec<(&'static str, Error)> {
    let options = ReadOptions::new();
    let mut doors = match order {
        Order::C => errors(rows::<R>(path)),
        Order::Fortran => errors(files::<R>(options, path)),
    };
    doors.extend(errors(ranges::<R>(options, path)));
    doors.extend(errors(pipes::<R>(options.in_c_order(true), path)));
    doors.extend(of_parts::<R>(path));
    doors
}

#[test]
fn a_bad_value_is_at_the_same_place_at_every_door() {
    fn check<T: NpyRecord + Clone>(path: &Path, order: Order, field: Option<&str>) {
        let mut doors = of_elements::<T>(path);
        doors.extend(of_rows::<[T; 3]>(path, order));
        check_places(doors, order, field);
    }

    fn check_places(doors: Vec<(&str, Error)>, order: Order, field: Option<&str>) {
        let (row, index) = match order {
            Order::C => (2, 1),
            Order::Fortran => (1, 2),
        };
        for (door, error) in doors {
            let found = (error.row(), error.index(), error.field());
            assert_eq!(
                found,
                (Some(row), &[index][..], field),
                "{door}, {order:?}: {error}"
            );
            let text = format!("row {row}, index ({index},): ");
            assert!(error.to_string().contains(&text), "{door}: {error}");
        }
    }

    fn check_values(path: &Path, order: Order, field: Option<&str>) {
        let mut doors = of_elements::<Value>(path);
        doors.extend(of_rows::<Value>(path, order));
        doors.extend(of_values(path));
        check_places(doors, order, field);
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("matrix.npy");
    let surrogate = [0, 0xd8, 0, 0];
    for order in [Order::C, Order::Fortran] {
        matrix::<Letter>(&path, order, &[65, 0, 0, 0], &surrogate);
        check::<Letter>(&path, order, None);
        check_values(&path, order, None);

        let bad = [&[7, 0], &surrogate[..]].concat();
        matrix::<Named>(&path, order, &[7, 0, 65, 0, 0, 0], &bad);
        check::<Named>(&path, order, Some("name"));
        check_values(&path, order, Some("name"));

        // As values, these are a number and bytes, and not bad.
        matrix::<Side>(&path, order, &[1], &[9]);
        check::<Side>(&path, order, None);
        matrix::<Text>(&path, order, b"ab", b"\xff\xfe");
        check::<Text>(&path, order, Some("text"));
    }
}

#[test]
fn rows_of_several_axes_have_an_index_of_several_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cube.npy");
    for order in [Order::C, Order::Fortran] {
        // [1, 0, 2] of (2, 2, 3) is bad.
        let (at, row, index) = match order {
            Order::C => (8, 1, [0, 2]),
            Order::Fortran => (9, 2, [1, 0]),
        };
        let letters = (0..12).map(|n| if n == at { 0xd800_u32 } else { 65 });
        let data: Vec<u8> = letters.flat_map(u32::to_le_bytes).collect();
        file(&path, "<U1", order, &[2, 2, 3], &data);
        let mut doors = of_elements::<Letter>(&path);
        doors.extend(of_elements::<Value>(&path));
        let options = ReadOptions::new();
        doors.extend(errors(files::<[[Letter; 3]; 2]>(options, &path)));
        doors.extend(errors(ranges::<[[Letter; 3]; 2]>(options, &path)));
        doors.extend(errors(files::<Value>(options, &path)));
        doors.extend(errors(ranges::<Value>(options, &path)));
        if order == Order::C {
            let flat = options.flat(true);
            doors.extend(errors(files::<[Letter; 3]>(flat, &path)));
            doors.extend(errors(maps::<[Letter; 3]>(flat, &path)));
            doors.extend(errors(rows::<[[Letter; 3]; 2]>(&path)));
            doors.extend(errors(rows::<Value>(&path)));
        }
        for (door, error) in doors {
            let place = (error.row(), error.index());
            assert_eq!(place, (Some(row), &index[..]), "{door}, {order:?}: {error}");
        }
    }
}

/// The errors of every door that gives rows of a file that is too short.
fn of_short_rows<R: Element>(path: &Path, order: Order) -> Vec<(&'static str, Error)> {
    let options = ReadOptions::new();
    let mut doors = errors(files::<R>(options, path));
    doors.extend(errors(ranges::<R>(options, path)));
    doors.extend(errors(pipes::<R>(options.in_c_order(true), path)));
    doors.extend(of_parts::<R>(path));
    if order == Order::C {
        doors.extend(errors(pipes::<R>(options, path)));
        doors.extend(errors(maps::<R>(options, path)));
        // A header that is ahead of the rows may be half written, so that none are given yet.
        for (_, rows) in follow::<R>(options, path) {
            assert!(rows.unwrap().is_empty());
        }
    }
    doors
}

#[test]
fn a_file_that_is_too_short_counts_rows_at_every_door() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("short.npy");
    for order in [Order::C, Order::Fortran] {
        // 8 of 12 elements, of which one is torn: two rows of three, or one of four.
        matrix::<u32>(&path, order, &[1, 0, 0, 0], &[1, 0, 0, 0]);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 17]).unwrap();
        let counts = match order {
            Order::C => (4, 2),
            Order::Fortran => (3, 1),
        };
        let mut doors = of_elements::<u32>(&path);
        doors.extend(of_elements::<Value>(&path));
        doors.extend(of_short_rows::<[u32; 3]>(&path, order));
        doors.extend(of_short_rows::<Value>(&path, order));
        doors.extend(of_values(&path));
        let passed_over =
            Reader::<[u32; 3]>::open(&path).and_then(|mut rows| rows.nth(3).transpose());
        doors.push(("nth", passed_over.unwrap_err()));
        for (door, error) in doors {
            assert_eq!(error.kind(), ErrorKind::Truncated, "{door}: {error}");
            let found = error.expected_rows().zip(error.found_rows());
            assert_eq!(found, Some(counts), "{door}, {order:?}: {error}");
        }
    }
}

#[test]
fn a_damaged_header_is_the_same_error_at_every_door() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("damaged.npy");
    file(&path, "<u2", Order::C, &[2], &bytes_of([1, 2]));
    let bytes = fs::read(&path).unwrap();
    let with = |from: &str, to: &str| {
        let text = String::from_utf8_lossy(&bytes[10..128]).replace(from, to);
        [&bytes[..10], text.as_bytes(), &bytes[128..]].concat()
    };
    let damaged = [
        bytes[..100].to_vec(),
        bytes[..7].to_vec(),
        [b"\x93NUMPX", &bytes[6..]].concat(),
        [&bytes[..6], &[9, 0], &bytes[8..]].concat(),
        with("<u2", "<u9"),
        with("False", "Fals_"),
        with("(2,)", "(2,]"),
        with("(2,)", "(-2)"),
        with("shape", "shapi"),
    ];
    for bytes in damaged {
        fs::write(&path, &bytes).unwrap();
        let mut doors = errors(rows::<u16>(&path));
        doors.extend(errors(rows::<Value>(&path)));
        doors.extend(array_errors::<u16>(&path));
        let of_file = format!("{}: ", path.display());
        let expected = doors[0].1.to_string().replace(&of_file, "");
        for (door, error) in doors {
            assert!(matches!(error.kind(), ErrorKind::Header), "{door}: {error}");
            assert!(error.to_string().ends_with(&expected), "{door}: {error}");
        }
    }
}

/// Elements in the place of rows: the error says what a row is.
#[test]
fn the_type_of_a_row_is_named_at_every_door() {
    fn check<T: Element>(path: &Path, row: &str) {
        let options = ReadOptions::new();
        let mut doors = errors(rows::<T>(path));
        doors.extend(errors(pipes::<T>(options.in_c_order(true), path)));
        doors.extend(errors(files::<T>(options.casting(Casting::SameKind), path)));
        doors.extend(errors(ranges::<T>(
            options.casting(Casting::SameKind),
            path,
        )));
        let end = format!(
            "; a row is an array: read rows as `{row}`, single elements by a `Reader` with \
             `ReadOptions::flat`, or the whole array with `read_array`"
        );
        for (door, error) in doors {
            assert!(matches!(error.kind(), ErrorKind::DType), "{door}: {error}");
            assert!(error.to_string().ends_with(&end), "{door}: {error}");
        }
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    file(&path, "<f8", Order::C, &[1, 3], &[0; 24]);
    check::<f64>(&path, "[f64; 3]");
    let error = npyrec::read::<f64>(&path).unwrap_err().to_string();
    let text = error.replace(&path.display().to_string(), "rows.npy");
    insta::assert_snapshot!(text, @"
    rows.npy: the dtype of the file is not that of the record:
      file has ('<f8', (3,)), record has <f8; a row is an array: read rows as `[f64; 3]`, single elements by a `Reader` with `ReadOptions::flat`, or the whole array with `read_array`
    ");

    file(&path, "<f8", Order::C, &[2, 2, 3], &[0; 96]);
    check::<f64>(&path, "[[f64; 3]; 2]");
    check::<[f64; 3]>(&path, "[[f64; 3]; 2]");
    npyrec::write(&path, &[[tick(1, "a").0, tick(2, "b").0]]).unwrap();
    check::<Tick>(&path, "[Tick; 2]");
    // A single element that is an array is a row.
    let text = "{'descr': ('<f8', (2, 3)), 'fortran_order': False, 'shape': ()}";
    fs::write(&path, crate::format::file(1, text, 64, &[0; 48])).unwrap();
    check::<f64>(&path, "[[f64; 3]; 2]");
}

/// The error for a type that is not an element names no row type.
#[test]
fn a_row_of_another_dtype_is_not_taken_for_an_element() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    file(&path, "<f8", Order::C, &[1, 3], &[0; 24]);
    for (door, error) in errors(rows::<u16>(&path)) {
        assert!(matches!(error.kind(), ErrorKind::DType), "{door}: {error}");
        assert!(
            !error.to_string().contains("a row is an array"),
            "{door}: {error}"
        );
    }
}
