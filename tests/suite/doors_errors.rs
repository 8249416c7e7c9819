//! Errors at every door.

use npyrec::{
    Casting, Element, Error, ErrorKind, Header, NpyFile, NpyRecord, Order, ReadOptions, Reader,
    Str, Value,
};
use std::{fs, num::NonZero, path::Path};

use crate::doors::{
    Rows, Tick, arrays, bytes_of, file, files, follow, maps, pipes, ranges, rows, tick,
};

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
