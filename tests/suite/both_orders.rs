//! Arrays that are in C and in Fortran order at once: with at most one axis longer than 1, or without
//! elements.

use std::{fs, path::Path};

use npyrec::{
    AppendOptions, Appender, ArrayAppender, DType, Follow, Header, MappedMut, NpyFile, NpyRecord,
    Order, ReadOptions, Reader, Value, stream,
};
use serde_json::json;

use crate::numpy::numpy;

/// A file of `<f8` with the elements 0.0, 1.0, …, which are the same in both orders.
fn file(shape: &[u64], order: Order) -> Vec<u8> {
    let header = Header::new(f64::dtype(), order, shape).unwrap();
    let len = shape.iter().product::<u64>();
    let data = (0..len).flat_map(|n| (n as f64).to_le_bytes());
    header.to_bytes().into_iter().chain(data).collect()
}

/// The text of a header.
fn text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    Header::read_from(&mut &bytes[..]).unwrap().to_string()
}

#[allow(unsafe_code)]
fn mapped<R: NpyRecord>(path: &Path) -> npyrec::Result<Vec<R>> {
    // SAFETY: nobody else knows of the file.
    unsafe { npyrec::Mapped::<R>::open(path)? }.iter().collect()
}

/// An archive with a member of these bytes.
pub fn stored(name: &str, bytes: &[u8]) -> std::io::Cursor<Vec<u8>> {
    use std::io::Write;

    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file(name, options).unwrap();
    archive.write_all(bytes).unwrap();
    let mut file = archive.finish().unwrap();
    file.set_position(0);
    file
}

/// Rows of a file at every typed door.
fn rows_at_every_door<R>(path: &Path, expected: &[R])
where
    R: NpyRecord + Clone + PartialEq + std::fmt::Debug + Default,
{
    let bytes = fs::read(path).unwrap();
    assert_eq!(npyrec::read::<R>(path).unwrap(), expected);
    let rows: npyrec::Result<Vec<R>> = Reader::<R>::new(&bytes[..]).unwrap().collect();
    assert_eq!(rows.unwrap(), expected);
    let in_c_order = ReadOptions::new().in_c_order(true);
    assert_eq!(in_c_order.read::<R>(path).unwrap(), expected);
    assert_eq!(mapped::<R>(path).unwrap(), expected);
    #[allow(unsafe_code)]
    // SAFETY: nobody else knows of the file.
    let map = unsafe { MappedMut::<R>::open(path) }.unwrap();
    assert_eq!(map.len(), expected.len());
    drop(map);
    let file = NpyFile::open(path).unwrap();
    let len = expected.len() as u64;
    assert_eq!(file.read_range::<R>(0..len).unwrap(), expected);
    assert_eq!(Follow::<R>::open(path).unwrap().poll().unwrap(), expected);
    let mut arrays = stream::Reader::new(&bytes[..]);
    let array = arrays.next_array().unwrap().unwrap();
    assert_eq!(array.read::<R>().unwrap(), expected);
    assert_eq!(
        stream::Index::build(path)
            .unwrap()
            .array(0)
            .unwrap()
            .read::<R>()
            .unwrap(),
        expected
    );
    let mut archive = npyrec::npz::Reader::new(stored("rows.npy", &bytes)).unwrap();
    assert_eq!(archive.read::<R>("rows").unwrap(), expected);
}

#[test]
fn a_row_or_column_marked_fortran_is_read_and_mapped_as_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("marked.npy");
    fs::write(&path, file(&[1, 6], Order::Fortran)).unwrap();
    rows_at_every_door(&path, &[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]]);
    fs::write(&path, file(&[6, 1], Order::Fortran)).unwrap();
    rows_at_every_door(&path, &[[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]]);
    fs::write(&path, file(&[0, 3], Order::Fortran)).unwrap();
    rows_at_every_door::<[f64; 3]>(&path, &[]);
    fs::write(&path, file(&[3, 1, 1], Order::Fortran)).unwrap();
    rows_at_every_door(&path, &[[[0.0]], [[1.0]], [[2.0]]]);
}

#[test]
fn records_continue_an_array_in_both_orders_along_its_first_axis() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("marked.npy");
    let shapes: [&[u64]; 5] = [&[6, 1], &[0, 1], &[1, 1], &[123_456, 1], &[9, 1]];
    for shape in shapes {
        for order in [Order::C, Order::Fortran] {
            fs::write(&path, file(shape, order)).unwrap();
            let mut column = Appender::<[f64; 1]>::open(&path).unwrap();
            column.extend([[7.0], [8.0]]).unwrap();
            column.close().unwrap();
            let rows = shape[0] as usize;
            let read = npyrec::read::<[f64; 1]>(&path).unwrap();
            assert_eq!(read.len(), rows + 2);
            assert_eq!(read[rows..], [[7.0], [8.0]]);
            let new = Header::for_record::<[f64; 1]>(rows as u64 + 2).to_bytes();
            assert!(fs::read(&path).unwrap().starts_with(&new));

            fs::write(&path, file(shape, order)).unwrap();
            let dtype: DType = <[f64; 1]>::dtype();
            let mut column = Appender::open_with_dtype(&path, &dtype).unwrap();
            let row = npyrec::value::Array::new(&[1], vec![Value::Float64(7.0)]).unwrap();
            column.append(&Value::Array(row)).unwrap();
            column.close().unwrap();
            assert_eq!(npyrec::read::<[f64; 1]>(&path).unwrap()[rows], [7.0]);
        }
    }
}

#[test]
fn an_empty_array_of_old_numpy_takes_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("empty.npy");
    for order in [Order::C, Order::Fortran] {
        fs::write(&path, file(&[0, 3], order)).unwrap();
        let mut rows = Appender::<[f64; 3]>::open(&path).unwrap();
        rows.extend([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).unwrap();
        rows.close().unwrap();
        let mut expected = Header::for_record::<[f64; 3]>(2).to_bytes();
        expected.extend((1..=6).flat_map(|n| f64::from(n).to_le_bytes()));
        assert_eq!(fs::read(&path).unwrap(), expected);
    }
}

/// NumPy 1.11 pads to 16 bytes: its text is replaced by today's.
#[test]
fn an_empty_array_with_little_padding_takes_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    let text = "{'descr': '<f8', 'fortran_order': True, 'shape': (0, 3), }           \n";
    let header = [b"\x93NUMPY\x01\0\x46\0", text.as_bytes()].concat();
    assert_eq!(header.len(), 80);
    fs::write(&path, header).unwrap();
    let mut rows = Appender::<[f64; 3]>::open(&path).unwrap();
    rows.append(&[1.0, 2.0, 3.0]).unwrap();
    rows.append(&[4.0, 5.0, 6.0]).unwrap();
    rows.close().unwrap();
    let rows = npyrec::read::<[f64; 3]>(&path).unwrap();
    assert_eq!(rows, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
}

#[test]
fn an_array_appender_continues_an_array_in_both_orders_along_either_axis() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("array.npy");
    let options = AppendOptions::new;
    for marked in [Order::C, Order::Fortran] {
        for order in [Order::C, Order::Fortran] {
            let (shape, row, row_shape): (_, &[f64], _) = match order {
                Order::C => ([6, 1], &[6.0], 1),
                Order::Fortran => ([1, 6], &[6.0], 1),
            };
            for create in [false, true] {
                fs::write(&path, file(&shape, marked)).unwrap();
                let options = options().order(order);
                let array = match create {
                    true => options.open_or_create_array::<f64>(&path, &[row_shape]),
                    false => options.open_array(&path),
                };
                let mut array = array.unwrap();
                array.append_rows(row).unwrap();
                array.append_rows(row).unwrap();
                array.close().unwrap();
                let expected = match order {
                    Order::C => "'fortran_order': False, 'shape': (8, 1), }",
                    Order::Fortran => "'fortran_order': True, 'shape': (1, 8), }",
                };
                assert!(text(&path).ends_with(expected), "{}", text(&path));
                let values: Vec<f64> = ReadOptions::new().flat(true).read(&path).unwrap();
                assert_eq!(values, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 6.0]);
            }
        }
    }
}

#[test]
fn a_row_becomes_a_matrix_along_the_axis_that_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("array.npy");
    for marked in [Order::C, Order::Fortran] {
        // (1, 3) and a row more; (3, 1) and a column more.
        for (order, shape, end) in [
            (Order::C, [1, 3], "False, 'shape': (2, 3), }"),
            (Order::Fortran, [3, 1], "True, 'shape': (3, 2), }"),
        ] {
            fs::write(&path, file(&shape, marked)).unwrap();
            let options = AppendOptions::new().order(order);
            let mut array = options.open_or_create_array::<f64>(&path, &[3]).unwrap();
            array.append_rows(&[3.0, 4.0, 5.0]).unwrap();
            array.close().unwrap();
            assert!(text(&path).ends_with(end), "{}", text(&path));
            let flat = ReadOptions::new().flat(true);
            let read: Vec<f64> = flat.read(&path).unwrap();
            assert_eq!(read, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        }
    }
}

/// Without an order, `open` goes by the header: an array that one in Fortran order left with one row.
#[test]
fn an_array_that_grew_in_fortran_order_goes_on_so_from_any_number_of_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fortran.npy");
    let options = AppendOptions::new().order(Order::Fortran);
    options
        .create_array::<f64>(&path, &[3])
        .unwrap()
        .close()
        .unwrap();
    for rows in 0..4 {
        let mut array = ArrayAppender::<f64>::open(&path).unwrap();
        assert_eq!(array.shape(), [3, rows]);
        assert!(text(&path).contains("'fortran_order': True"));
        array.append_rows(&[1.0, 2.0, 3.0]).unwrap();
        array.close().unwrap();
    }
}

#[test]
fn a_followed_array_that_grows_along_its_last_axis_ends_in_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("followed.npy");
    fs::write(&path, file(&[3, 1], Order::C)).unwrap();
    let mut follow = Follow::<[f64; 1]>::open(&path).unwrap();
    assert_eq!(follow.poll().unwrap(), [[0.0], [1.0], [2.0]]);
    let options = AppendOptions::new().order(Order::Fortran);
    let mut array = options.open_array::<f64>(&path).unwrap();
    assert!(follow.poll().unwrap().is_empty());
    array.append_rows(&[3.0, 4.0, 5.0]).unwrap();
    array.commit().unwrap();
    let error = follow.poll().unwrap_err();
    assert!(
        error.to_string().contains("in Fortran order, so that"),
        "{error}"
    );
}

#[test]
fn elements_with_axes_of_their_own_do_not_grow_in_fortran_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fortran.npy");
    let options = AppendOptions::new().order(Order::Fortran);
    let error = options.create_array::<[f64; 1]>(&path, &[3]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("not contiguous in Fortran order"),
        "{error}"
    );
    assert!(!path.exists());
}

/// Every shape of 1 to 4 axes of lengths 0 to 3, marked both ways.
#[test]
fn small_arrays_of_both_marks_are_read_as_numpy_reads_them() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("small.npy");
    let code = "import itertools
from numpy.lib import format as npy
answer = []
for ndim in range(1, 5):
    for shape in itertools.product(range(4), repeat=ndim):
        for fortran in (False, True):
            size = int(np.prod(shape))
            a = np.arange(size, dtype='<f8').reshape(shape, order='F' if fortran else 'C')
            flags = [bool(a.flags.c_contiguous), bool(a.flags.f_contiguous)]
            answer.append([list(shape), fortran, flags, [np.ravel(row).tolist() for row in a],
                           a.ravel().tolist()])";
    let cases = numpy.python(&path, code);
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), 2 * (4 + 16 + 64 + 256));
    for case in cases {
        let shape: Vec<u64> = serde_json::from_value(case[0].clone()).unwrap();
        let order = match case[1].as_bool().unwrap() {
            true => Order::Fortran,
            false => Order::C,
        };
        let bytes = file(&shape, order);
        fs::write(&path, &bytes).unwrap();
        let in_both = case[2] == json!([true, true]);
        let flat = |row: &Value| -> Vec<f64> {
            match row {
                Value::Array(array) => array.values().iter().map(|v| v.as_f64().unwrap()).collect(),
                value => vec![value.as_f64().unwrap()],
            }
        };
        let rows: Vec<Vec<f64>> = serde_json::from_value(case[3].clone()).unwrap();
        let file = NpyFile::open(&path).unwrap();
        let values: Vec<_> = file.rows().map(|row| flat(&row.unwrap())).collect();
        assert_eq!(values, rows, "{case}");
        let in_c_order = ReadOptions::new().in_c_order(true);
        let reader = in_c_order.from_reader::<Value>(&bytes[..]).unwrap();
        let values: Vec<_> = reader.map(|row| flat(&row.unwrap())).collect();
        assert_eq!(values, rows, "{case}");
        let elements: Vec<f64> = serde_json::from_value(case[4].clone()).unwrap();
        assert_eq!(in_c_order.flat(true).read::<f64>(&path).unwrap(), elements);
        let array = npyrec::read_array::<f64>(&path).unwrap();
        assert_eq!(array.iter().copied().collect::<Vec<_>>(), elements);
        // Rows of three, typed.
        if shape.len() == 2 && shape[1] == 3 {
            let expected: Vec<[f64; 3]> = rows.iter().map(|r| [r[0], r[1], r[2]]).collect();
            match in_both || order == Order::C {
                true => {
                    rows_at_every_door(&path, &expected);
                    let mut appender = Appender::<[f64; 3]>::open(&path).unwrap();
                    appender.append(&[7.0, 8.0, 9.0]).unwrap();
                    appender.close().unwrap();
                    let resaved = numpy.resave(&path);
                    assert_eq!(fs::read(&path).unwrap(), resaved, "{case}");
                }
                false => {
                    assert_eq!(npyrec::read::<[f64; 3]>(&path).unwrap(), expected);
                    let error = Reader::<[f64; 3]>::new(&bytes[..]).unwrap_err();
                    assert!(
                        error.to_string().contains("in Fortran order, so that"),
                        "{error}"
                    );
                    assert!(Appender::<[f64; 3]>::open(&path).is_err());
                }
            }
        }
    }
}

/// The elements of a file in Fortran order of 40 rows of two.
fn forty_rows(path: &Path) -> Vec<[f64; 2]> {
    let mut bytes = Header::new(f64::dtype(), Order::Fortran, &[40, 2])
        .unwrap()
        .to_bytes();
    bytes.extend((0..80_u32).flat_map(|n| f64::from(n).to_le_bytes()));
    fs::write(path, bytes).unwrap();
    (0..40_u32)
        .map(|row| [f64::from(row), f64::from(40 + row)])
        .collect()
}

/// Its first axis is longer than what is put into order at once.
#[test]
fn one_record_may_have_all_axes_of_an_array_in_the_other_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("array.npy");
    let rows = forty_rows(&path);
    let options = ReadOptions::new().flat(true).in_c_order(true);
    let all = options.read::<[[f64; 2]; 40]>(&path).unwrap();
    assert_eq!(all, [<[[f64; 2]; 40]>::try_from(&*rows).unwrap()]);
    assert_eq!(options.read::<[f64; 2]>(&path).unwrap(), rows);
    assert_eq!(options.read::<f64>(&path).unwrap(), rows.as_flattened());
}

#[cfg(unix)]
#[test]
fn an_array_in_the_other_order_is_read_from_a_named_pipe() {
    let dir = tempfile::tempdir().unwrap();
    let (path, pipe) = (dir.path().join("array.npy"), dir.path().join("pipe"));
    let rows = forty_rows(&path);
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let options = ReadOptions::new().in_c_order(true);
    let doors: [&dyn Fn() -> npyrec::Result<Vec<[f64; 2]>>; 2] =
        [&|| options.read(&pipe), &|| options.open(&pipe)?.collect()];
    for read in doors {
        let found = std::thread::scope(|scope| {
            scope.spawn(|| fs::write(&pipe, fs::read(&path).unwrap()));
            read()
        });
        assert_eq!(found.unwrap(), rows);
    }
}
