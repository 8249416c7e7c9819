//! Where errors say that a bad value is: one row and one index at every door.

use std::{fs, io::Cursor, num::NonZero, path::Path};

use ndarray::Array2;
use npyrec::{
    Appender, ArrayAppender, Casting, DType, EncodeError, Error, ErrorKind, Follow, Header,
    MappedMut, NpyFile, NpyRecord, Order, Reader, Str, Value, ValueAppender, ValueReader, stream,
};

use crate::both_orders::stored;

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

/// What an error says of its place.
type Place = (Option<u64>, Vec<u64>, Option<String>);

fn place(error: &Error) -> Place {
    let field = error.field().map(str::to_owned);
    (error.row(), error.index().to_vec(), field)
}

/// A file of shape (4, 3) whose element [2, 1] is bad.
fn matrix<R: NpyRecord>(order: Order, good: &[u8], bad: &[u8]) -> Vec<u8> {
    let mut bytes = Header::new(R::dtype(), order, &[ROWS, WIDTH])
        .unwrap()
        .to_bytes();
    let at = match order {
        Order::C => 2 * WIDTH + 1,
        Order::Fortran => ROWS + 2,
    };
    for n in 0..ROWS * WIDTH {
        bytes.extend(if n == at { bad } else { good });
    }
    bytes
}

#[allow(unsafe_code)]
fn get<R: NpyRecord>(path: &Path, nth: usize) -> [Error; 2] {
    // SAFETY: nobody else knows of the file.
    let mapped = unsafe { npyrec::Mapped::<R>::open(path) }.unwrap();
    let error = mapped.get(nth).unwrap().err().unwrap();
    drop(mapped);
    // SAFETY: as above.
    let mapped = unsafe { MappedMut::<R>::open(path) }.unwrap();
    [error, mapped.get(nth).unwrap().err().unwrap()]
}

fn first_error<T>(rows: impl Iterator<Item = npyrec::Result<T>>) -> Error {
    rows.filter_map(Result::err).next().unwrap()
}

/// The errors of every door that reads elements, or rows of any order.
fn elements<R: NpyRecord>(path: &Path, order: Order, untyped: bool) -> Vec<(&'static str, Error)> {
    let bytes = fs::read(path).unwrap();
    let nth = match order {
        Order::C => 7,
        Order::Fortran => 6,
    };
    let in_c_order = Reader::<R>::options().in_c_order(true);
    let file = NpyFile::open(path).unwrap();
    let mut arrays = stream::Reader::new(&bytes[..]);
    let array = arrays.next_array().unwrap().unwrap();
    let mut index = stream::Index::build(path).unwrap();
    let archive = || npyrec::npz::Reader::new(stored("m.npy", &bytes)).unwrap();
    let [mapped, mapped_mut] = get::<R>(path, nth);
    let mut errors = vec![
        ("read", npyrec::read::<R>(path).err().unwrap()),
        ("Reader", first_error(Reader::<R>::open(path).unwrap())),
        (
            "Reader::new",
            first_error(Reader::<R>::new(&bytes[..]).unwrap()),
        ),
        ("in_c_order", in_c_order.read(path).err().unwrap()),
        ("casting", {
            let options = Reader::<R>::options().casting(Casting::SameKind);
            options.read(path).err().unwrap()
        }),
        ("Mapped", mapped),
        ("MappedMut", mapped_mut),
        ("read_array", npyrec::read_array::<R>(path).err().unwrap()),
        (
            "NpyFile::read_array",
            file.read_array::<R>(1..4).err().unwrap(),
        ),
        ("stream", array.read::<R>().err().unwrap()),
        ("Index", index.read::<R>(0).err().unwrap()),
        ("npz", archive().read::<R>("m").err().unwrap()),
    ];
    if untyped {
        errors.push(("row", file.row(2).err().unwrap()));
        errors.push(("rows", first_error(file.rows())));
        errors.push(("read_range", file.read_range(1..4).err().unwrap()));
        let step = NonZero::new(2).unwrap();
        errors.push(("read_strided", file.read_strided(0..4, step).err().unwrap()));
        errors.push((
            "ValueReader",
            first_error(ValueReader::new(&bytes[..]).unwrap()),
        ));
    }
    errors
}

/// The errors of every door that reads rows of three.
fn rows<R: NpyRecord>(path: &Path, order: Order) -> Vec<(&'static str, Error)> {
    let file = NpyFile::open(path).unwrap();
    let step = NonZero::new(2).unwrap();
    let mut errors = vec![
        ("range", file.read_range_as::<[R; 3]>(1..4).err().unwrap()),
        (
            "strided",
            file.read_strided_as::<[R; 3]>(0..4, step).err().unwrap(),
        ),
    ];
    if order == Order::C {
        let mut follow = Follow::<[R; 3]>::open(path).unwrap();
        assert_eq!(follow.poll().unwrap().len(), 2);
        errors.push(("Follow", follow.poll().err().unwrap()));
        errors.push(("read rows", npyrec::read::<[R; 3]>(path).err().unwrap()));
        errors.extend(get::<[R; 3]>(path, 2).map(|error| ("map rows", error)));
    }
    errors
}

#[test]
fn a_bad_value_is_at_the_same_place_at_every_door() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("matrix.npy");
    let surrogate = [0, 0xd8, 0, 0];
    for order in [Order::C, Order::Fortran] {
        let (row, index) = match order {
            Order::C => (2, 1),
            Order::Fortran => (1, 2),
        };
        let check = |errors: Vec<(&str, Error)>, field: Option<&str>| {
            for (door, error) in errors {
                let expected = (Some(row), vec![index], field.map(str::to_owned));
                assert_eq!(place(&error), expected, "{door}, {order:?}: {error}");
                let text = format!("row {row}, index ({index},): ");
                assert!(error.to_string().contains(&text), "{door}: {error}");
            }
        };
        let letters = matrix::<Letter>(order, &[65, 0, 0, 0], &surrogate);
        fs::write(&path, letters).unwrap();
        check(elements::<Letter>(&path, order, true), None);
        check(rows::<Letter>(&path, order), None);

        let bad = [&[7, 0], &surrogate[..]].concat();
        fs::write(&path, matrix::<Named>(order, &[7, 0, 65, 0, 0, 0], &bad)).unwrap();
        check(elements::<Named>(&path, order, true), Some("name"));
        check(rows::<Named>(&path, order), Some("name"));

        fs::write(&path, matrix::<Side>(order, &[1], &[9])).unwrap();
        check(elements::<Side>(&path, order, false), None);
        check(rows::<Side>(&path, order), None);

        fs::write(&path, matrix::<Text>(order, b"ab", b"\xff\xfe")).unwrap();
        check(elements::<Text>(&path, order, false), Some("text"));
        check(rows::<Text>(&path, order), Some("text"));
    }
}

#[test]
fn a_bad_value_of_a_column_is_in_its_field() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("column.npy");
    #[derive(NpyRecord)]
    struct Row {
        names: [Letter; 2],
    }
    let mut bytes = Header::for_record::<Row>(2).to_bytes();
    bytes.extend([65, 0, 0, 0, 65, 0, 0, 0, 65, 0, 0, 0, 0, 0xd8, 0, 0]);
    fs::write(&path, bytes).unwrap();
    #[allow(unsafe_code)]
    // SAFETY: nobody else knows of the file.
    let mapped = unsafe { npyrec::Mapped::<Row>::open(&path) }.unwrap();
    let column = mapped.column::<[Letter; 2]>("names").unwrap();
    let expected = (Some(1), vec![], Some("names[1]".to_owned()));
    assert_eq!(place(&column.to_vec().unwrap_err()), expected);
    assert_eq!(place(&mapped.get(1).unwrap().err().unwrap()), expected);
    assert_eq!(place(&npyrec::read::<Row>(&path).err().unwrap()), expected);
    let file = NpyFile::open(&path).unwrap();
    assert_eq!(place(&file.row(1).unwrap_err()), expected);
}

#[test]
fn rows_of_several_axes_have_an_index_of_several_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cube.npy");
    for order in [Order::C, Order::Fortran] {
        // [1, 0, 2] of (2, 2, 3) is bad.
        let (at, row, index) = match order {
            Order::C => (8, 1, vec![0, 2]),
            Order::Fortran => (9, 2, vec![1, 0]),
        };
        let header = Header::new(Letter::dtype(), order, &[2, 2, 3]).unwrap();
        let letters = (0..12).map(|n| if n == at { 0xd800_u32 } else { 65 });
        let data = letters.flat_map(u32::to_le_bytes);
        let bytes: Vec<u8> = header.to_bytes().into_iter().chain(data).collect();
        fs::write(&path, bytes).unwrap();
        let file = NpyFile::open(&path).unwrap();
        let mut errors = vec![
            npyrec::read::<Letter>(&path).unwrap_err(),
            file.row(1).unwrap_err(),
            file.read_range_as::<[[Letter; 3]; 2]>(0..2).unwrap_err(),
            file.read_array::<Letter>(0..2).unwrap_err(),
        ];
        if order == Order::C {
            errors.push(npyrec::read::<[Letter; 3]>(&path).unwrap_err());
            errors.push(npyrec::read::<[[Letter; 3]; 2]>(&path).unwrap_err());
        }
        for error in errors {
            assert_eq!(place(&error), (Some(row), index.clone(), None), "{error}");
        }
    }
}

/// A letter that may be refused.
#[derive(Clone, Copy)]
struct Picky(bool);

impl NpyRecord for Picky {
    const ITEMSIZE: usize = 1;

    fn dtype() -> DType {
        u8::dtype()
    }

    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        match self.0 {
            true => 1_u8.encode(out),
            false => Err(EncodeError::new(self.0, "is refused")),
        }
    }

    fn decode(bytes: &[u8]) -> Result<Self, npyrec::DecodeError> {
        u8::decode(bytes).map(|byte| Picky(byte == 1))
    }
}

#[test]
fn a_value_that_is_refused_is_at_the_same_place_at_every_door() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("written.npy");
    let mut values = [Picky(true); 12];
    values[7] = Picky(false);
    let typed: Vec<[Picky; 3]> = values.as_chunks().0.to_vec();
    let row_wise = (Some(2), vec![1], None);
    let appender = || Appender::<[Picky; 3]>::create(&path).unwrap();
    let extended = appender().extend(&typed).unwrap_err();
    let sliced = appender().append_slice(&typed).unwrap_err();
    let mut one_by_one = appender();
    one_by_one.append(&typed[0]).unwrap();
    one_by_one.append(&typed[1]).unwrap();
    let appended = one_by_one.append(&typed[2]).unwrap_err();
    drop(one_by_one);
    let mut archive = npyrec::npz::Writer::new(Cursor::new(Vec::new()));
    let mut writer = stream::Writer::new(Vec::new());
    let mut records = stream::SeekableRecordWriter::new(Cursor::new(Vec::new())).unwrap();
    let errors = [
        extended,
        sliced,
        appended,
        npyrec::write(&path, &typed).unwrap_err(),
        archive.write("rows", &typed).unwrap_err(),
        archive
            .records::<[Picky; 3]>("log")
            .unwrap()
            .extend(&typed)
            .unwrap_err(),
        writer.write(&typed).unwrap_err(),
        records.append_slice(&typed).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(place(&error), row_wise, "{error}");
    }
    for order in [Order::C, Order::Fortran] {
        let expected = match order {
            Order::C => (Some(2), vec![1], None),
            // [3, 1] of (4, 3)
            Order::Fortran => (Some(1), vec![3], None),
        };
        let shape = match order {
            Order::C => [3],
            Order::Fortran => [4],
        };
        let options = ArrayAppender::<Picky>::options().order(order);
        let mut array = options.create(&path, &shape).unwrap();
        let rows = array.append_rows(&values).unwrap_err();
        drop(array);
        let mut array = options.create(&path, &shape).unwrap();
        let c_order = Array2::from_shape_vec((4, 3), values.to_vec()).unwrap();
        let laid_out = match order {
            Order::C => c_order,
            Order::Fortran => {
                let reversed = Array2::from_shape_vec((3, 4), values.to_vec()).unwrap();
                reversed.reversed_axes()
            }
        };
        let appended = array.append_array(&laid_out).unwrap_err();
        drop(array);
        let dims = [4, 3];
        let part = || stream::RecordWriter::with_shape(Vec::new(), &dims, order).unwrap();
        let errors = [
            rows,
            appended,
            npyrec::write_array(&path, &laid_out).unwrap_err(),
            archive.write_array("array", &laid_out).unwrap_err(),
            archive
                .write_shaped("m", &values, &dims, order)
                .unwrap_err(),
            writer.write_shaped(&values, &dims, order).unwrap_err(),
            writer.write_array(&laid_out).unwrap_err(),
            part().append_slice(&values).unwrap_err(),
        ];
        for (nth, error) in errors.iter().enumerate() {
            assert_eq!(place(error), expected, "{nth}, {order:?}: {error}");
        }
    }
    let dtype: DType = "|u1".parse::<DType>().unwrap();
    let mut appender =
        ValueAppender::create(&path, &DType::subarray(dtype, &[3]).unwrap()).unwrap();
    let array = |last: i64| {
        let values = [1, last, 1].map(Value::Int).to_vec();
        Value::Array(npyrec::value::Array::new(&[3], values).unwrap())
    };
    let error = appender
        .extend([array(1), array(1), array(300)])
        .unwrap_err();
    assert_eq!(place(&error), row_wise, "{error}");
}

#[test]
fn a_file_that_is_too_short_counts_rows_at_every_door() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("short.npy");
    for order in [Order::C, Order::Fortran] {
        // 8 of 12 elements, of which one is torn: two rows of three, or one of four.
        let mut bytes = matrix::<u32>(order, &[1, 0, 0, 0], &[1, 0, 0, 0]);
        bytes.truncate(bytes.len() - 17);
        fs::write(&path, &bytes).unwrap();
        let counts = match order {
            Order::C => (4, 2),
            Order::Fortran => (3, 1),
        };
        let file = NpyFile::open(&path).unwrap();
        let in_c_order = Reader::<u32>::options().in_c_order(true);
        #[allow(unsafe_code)]
        // SAFETY: nobody else knows of the file.
        let mapped = unsafe { npyrec::Mapped::<u32>::open(&path) }.unwrap_err();
        #[allow(unsafe_code)]
        // SAFETY: as above.
        let mapped_mut = unsafe { MappedMut::<u32>::open(&path) }.unwrap_err();
        let mut arrays = stream::Reader::new(&bytes[..]);
        let mut errors = vec![
            ("read", npyrec::read::<u32>(&path).unwrap_err()),
            ("Reader", first_error(Reader::<u32>::open(&path).unwrap())),
            ("new", first_error(Reader::<u32>::new(&bytes[..]).unwrap())),
            ("in_c_order", in_c_order.read(&path).unwrap_err()),
            (
                "from_reader",
                in_c_order
                    .from_reader(&bytes[..])
                    .err()
                    .unwrap_or_else(|| first_error(in_c_order.from_reader(&bytes[..]).unwrap())),
            ),
            (
                "nth",
                Reader::<u32>::open(&path)
                    .unwrap()
                    .nth(10)
                    .unwrap()
                    .unwrap_err(),
            ),
            ("Mapped", mapped),
            ("MappedMut", mapped_mut),
            ("read_array", npyrec::read_array::<u32>(&path).unwrap_err()),
            ("row", file.row(3).unwrap_err()),
            ("range", file.read_range_as::<[u32; 3]>(0..4).unwrap_err()),
            ("array", file.read_array::<u32>(0..4).unwrap_err()),
            (
                "stream",
                arrays
                    .next_array()
                    .unwrap()
                    .unwrap()
                    .read::<u32>()
                    .unwrap_err(),
            ),
            ("Index", stream::Index::build(&path).unwrap_err()),
            ("npz", {
                let mut archive = npyrec::npz::Reader::new(stored("m.npy", &bytes)).unwrap();
                archive.read::<u32>("m").unwrap_err()
            }),
        ];
        let values = ValueReader::new(&bytes[..]);
        errors.push((
            "ValueReader",
            match values {
                Ok(values) => first_error(values),
                Err(error) => error,
            },
        ));
        if order == Order::C {
            errors.push(("rows", npyrec::read::<[u32; 3]>(&path).unwrap_err()));
        }
        for (door, error) in errors {
            let ErrorKind::Truncated { expected, found } = *error.kind() else {
                panic!("{door}: {error}");
            };
            assert_eq!((expected, found), counts, "{door}, {order:?}: {error}");
        }
    }
}
