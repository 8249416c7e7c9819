//! Where errors say that a bad value is: in a column, and where it is refused.

use std::{fs, io::Cursor};

use ndarray::Array2;
use npyrec::{
    AppendOptions, Appender, DType, EncodeAs, EncodeError, Error, Header, NpyFile, NpyRecord,
    Order, Str, Value, stream,
};

use crate::headers::header_of;

type Letter = Str<1>;

/// The row, index and field of an error.
type Place = (Option<u64>, Vec<u64>, Option<String>);

fn place(error: &Error) -> Place {
    let field = error.field().map(str::to_owned);
    (error.row(), error.index().to_vec(), field)
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

/// A letter that may be refused.
#[derive(Clone, Copy)]
struct Picky(bool);

impl EncodeAs<Picky> for Picky {
    fn encode_as(&self, (): &(), out: &mut [u8]) -> Result<(), EncodeError> {
        self.encode(out)
    }
}

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
    let mut records = stream::RecordWriter::seekable(Cursor::new(Vec::new())).unwrap();
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
        let options = AppendOptions::new().order(order);
        let mut array = options.create_array::<Picky>(&path, &shape).unwrap();
        let rows = array.append_rows(&values).unwrap_err();
        drop(array);
        let mut array = options.create_array::<Picky>(&path, &shape).unwrap();
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
        let header = header_of::<Picky>(&[4, 3], order);
        let part = || stream::RecordWriter::with_header(Vec::new(), &header).unwrap();
        let errors = [
            rows,
            appended,
            npyrec::write_array(&path, &laid_out).unwrap_err(),
            archive.write_array("array", &laid_out).unwrap_err(),
            archive.write_with("m", &header, &values).unwrap_err(),
            writer.write_with(&header, &values).unwrap_err(),
            writer.write_array(&laid_out).unwrap_err(),
            part().append_slice(&values).unwrap_err(),
        ];
        for (nth, error) in errors.iter().enumerate() {
            assert_eq!(place(error), expected, "{nth}, {order:?}: {error}");
        }
    }
    let dtype: DType = "|u1".parse::<DType>().unwrap();
    let mut appender =
        Appender::create_with_dtype(&path, &DType::subarray(dtype, &[3]).unwrap()).unwrap();
    let array = |last: i64| {
        let values = [1, last, 1].map(Value::Int).to_vec();
        Value::Array(npyrec::value::Array::new(&[3], values).unwrap())
    };
    let error = appender
        .extend([array(1), array(1), array(300)])
        .unwrap_err();
    assert_eq!(place(&error), row_wise, "{error}");
}
