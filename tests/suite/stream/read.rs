use std::{
    fs,
    io::{Cursor, Read, Seek},
};

use npyrec::{
    Casting, ErrorKind, Header, Member, NpyFile, Order, ReadOptions, Value,
    stream::{Data, Index, Reader, Writer},
};

use super::{Event, Halting, all_sorts, event, starts};
use crate::numpy::numpy;

/// Options for rows of arrays in Fortran order from any source.
fn in_c_order() -> ReadOptions {
    ReadOptions::new().in_c_order(true)
}

/// Does something with each array of some bytes, from sources of all sorts.
fn with_arrays(bytes: &[u8], each: impl Fn(usize, AnyArray)) {
    fn go<S: Read>(mut arrays: Reader<S>, each: &dyn Fn(usize, AnyArray)) {
        let mut number = 0;
        while let Some(array) = arrays.next_array() {
            each(number, AnyArray::of(array.unwrap(), number));
            number += 1;
        }
        assert_eq!(arrays.arrays(), number as u64);
        assert!(arrays.next_array().is_none());
    }
    go(Reader::new(bytes), &each);
    go(Reader::new(Halting::new(bytes)), &each);
    go(Reader::seekable(Cursor::new(bytes)), &each);
}

/// The result of reading an array: all rows, the first row, or nothing.
struct AnyArray {
    header: Header,
    offset: u64,
    values: Option<Vec<Value>>,
}

impl AnyArray {
    fn of<S: Read>(array: Member<Data<'_, S>>, number: usize) -> Self {
        assert_eq!(array.number(), Some(number as u64));
        let (header, offset) = (array.header().clone(), array.offset().unwrap());
        let values = (number % 3 != 1).then(|| {
            let rows = if number.is_multiple_of(3) {
                usize::MAX
            } else {
                1
            };
            let values = array.with(in_c_order()).rows::<Value>().unwrap();
            values.take(rows).map(Result::unwrap).collect()
        });
        AnyArray {
            header,
            offset,
            values,
        }
    }
}

#[test]
fn what_is_not_read_of_an_array_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("array.npy");
    let all = all_sorts();
    let starts = starts(&all);
    assert_eq!(starts.len(), 10);
    // Each array is once read whole, once in part, once not at all.
    for first in 0..3 {
        let bytes = &all[starts[first]..];
        with_arrays(bytes, |number, array| {
            let (start, end) = (starts[first + number], starts[first + number + 1]);
            fs::write(&path, &all[start..end]).unwrap();
            let file = NpyFile::open(&path).unwrap();
            assert_eq!(&array.header, file.header());
            assert_eq!(array.offset as usize, start - starts[first]);
            if let Some(values) = array.values {
                let expected: Vec<Value> = file
                    .rows()
                    .take(values.len().max(1))
                    .map(Result::unwrap)
                    .collect();
                assert_eq!(values, expected);
            }
        });
    }
}

#[test]
fn arrays_are_read_typed() {
    let bytes = all_sorts();
    let mut arrays = Reader::new(Halting::new(&bytes[..]));
    let array = arrays.next_array().unwrap().unwrap();
    assert_eq!(array.read::<u8>().unwrap(), [1, 2, 3]);
    let mut arrays = Reader::seekable(Cursor::new(&bytes));
    assert_eq!(
        arrays
            .next_array()
            .unwrap()
            .unwrap()
            .rows::<u8>()
            .unwrap()
            .nth(2)
            .unwrap()
            .unwrap(),
        3
    );
    let none = arrays.next_array().unwrap().unwrap().read::<f64>().unwrap();
    assert!(none.is_empty());
    let error = arrays
        .next_array()
        .unwrap()
        .unwrap()
        .read::<f64>()
        .unwrap_err();
    assert_eq!((error.array(), error.array_offset()), (Some(2), Some(259)));
    let casting = ReadOptions::new().casting(Casting::Safe).in_c_order(true);
    let records = arrays
        .next_array()
        .unwrap()
        .unwrap()
        .with(casting)
        .rows::<[f64; 2]>()
        .unwrap();
    assert_eq!(
        records.read_all().unwrap(),
        [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
    );
    assert_eq!(
        arrays.next_array().unwrap().unwrap().read::<f32>().unwrap(),
        [0.5]
    );
    let mut records = arrays
        .next_array()
        .unwrap()
        .unwrap()
        .rows::<Event>()
        .unwrap();
    assert_eq!(records.remaining(), 2);
    assert_eq!(records.next().unwrap().unwrap(), event(1, "a"));
    assert_eq!(
        arrays
            .next_array()
            .unwrap()
            .unwrap()
            .read::<[u8; 0]>()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(
        arrays.next_array().unwrap().unwrap().header().shape(),
        [2, 0, 3]
    );
    assert_eq!(
        arrays.next_array().unwrap().unwrap().read::<u64>().unwrap(),
        [7]
    );
    assert!(arrays.next_array().is_none());
}

#[test]
fn arrays_that_numpy_saved_on_one_handle_are_read() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("arrays.npy");
    let code = "dtypes = ['?', '>i2', '<u8', '<f2', '>f8', '<c8', 'S3', '>U2', 'V3', '<M8[us]', '>m8[D]',\n\
                \x20   [('a', 'u1'), ('b', '>f4', (2,))], np.dtype([('x', 'u1'), ('y', '<f8')], align=True)]\n\
                shapes, answer = [(), (0,), (3,), (2, 3), (2, 1, 2), (0, 2)], 0\n\
                with open(path, 'wb') as file:\n\
                \x20   for dtype in dtypes:\n\
                \x20       for shape in shapes:\n\
                \x20           for order in 'CF':\n\
                \x20               size = int(np.prod(shape)) * np.dtype(dtype).itemsize\n\
                \x20               raw = bytes(i % 2 for i in range(size))\n\
                \x20               array = np.ndarray(shape, dtype, raw, order=order)\n\
                \x20               np.save(file, array); np.save(f'{path}.{answer}.npy', array); answer += 1";
    let count = numpy.python(&path, code).as_u64().unwrap() as usize;
    let bytes = fs::read(&path).unwrap();
    let mut arrays = Reader::open(&path).unwrap();
    let mut slowly = Reader::new(Halting::new(&bytes[..]));
    let mut index = Index::build(&path).unwrap();
    assert_eq!(index.len(), count);
    for number in 0..count {
        let file = NpyFile::open(dir.path().join(format!("arrays.npy.{number}.npy"))).unwrap();
        let expected: Vec<_> = file.rows().map(|row| row.map_err(|e| e.row())).collect();
        let values = |values: Vec<npyrec::Result<Value>>| -> Vec<_> {
            values
                .into_iter()
                .map(|row| row.map_err(|e| e.row()))
                .collect()
        };
        let array = arrays.next_array().unwrap().unwrap();
        assert_eq!(array.header(), file.header());
        assert_eq!(
            values(array.rows::<Value>().unwrap().collect()),
            expected,
            "{number}"
        );
        let array = slowly.next_array().unwrap().unwrap();
        assert_eq!(
            values(array.with(in_c_order()).rows::<Value>().unwrap().collect()),
            expected,
            "{number}"
        );
        let array = index.array(count - 1 - number).unwrap();
        assert_eq!(array.number().unwrap() as usize, count - 1 - number);
        let array = index.array(number).unwrap();
        assert_eq!(
            values(array.rows::<Value>().unwrap().collect()),
            expected,
            "{number}"
        );
    }
    assert!(arrays.next_array().is_none() && slowly.next_array().is_none());
}

#[test]
fn an_end_between_arrays_is_the_end_and_any_other_an_error_that_says_where() {
    let all = all_sorts();
    let starts = starts(&all);
    fn run<S: Read>(mut arrays: Reader<S>, read: bool) -> (usize, Option<npyrec::Error>) {
        let mut whole = 0;
        while let Some(array) = arrays.next_array() {
            let result = array.and_then(|array| match read {
                true => array
                    .with(in_c_order())
                    .rows::<Value>()?
                    .try_for_each(|row| row.map(drop)),
                false => Ok(()),
            });
            match result {
                Ok(()) => whole += 1,
                Err(error) => return (whole, Some(error)),
            }
        }
        (whole, None)
    }
    for end in 0..=all.len() {
        let bytes = &all[..end];
        let complete = starts.iter().filter(|&&start| start <= end).count() - 1;
        let is_between = starts.contains(&end);
        let mut errors = Vec::new();
        for read in [true, false] {
            for (whole, error) in [
                run(Reader::new(bytes), read),
                run(Reader::new(Halting::new(bytes)), read),
                run(Reader::seekable(Cursor::new(bytes)), read),
            ] {
                // One that is torn is given all the same, if its header is whole.
                assert!(
                    whole == complete || !read && whole == complete + 1,
                    "{end}: {whole}"
                );
                errors.push(error);
            }
        }
        errors.push(Index::build_from(Cursor::new(bytes)).err());
        for error in errors {
            assert_eq!(error.is_none(), is_between, "{end}: {error:?}");
            let Some(error) = error else { continue };
            assert_eq!(error.array(), Some(complete as u64), "{error}");
            assert_eq!(
                error.array_offset(),
                Some(starts[complete] as u64),
                "{error}"
            );
            assert!(
                matches!(error.kind(), ErrorKind::Truncated | ErrorKind::Header),
                "{error}"
            );
        }
    }
}

fn error_of(bytes: &[u8]) -> npyrec::Error {
    let mut arrays = Reader::new(bytes);
    loop {
        match arrays.next_array() {
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                assert!(arrays.next_array().is_none());
                return error;
            }
            None => panic!("there is no error"),
        }
    }
}

#[test]
fn errors_say_which_array_and_at_which_byte() {
    let mut arrays = Writer::new(Vec::new());
    arrays.write(&[1_u8, 2]).unwrap();
    arrays.write(&[1_u32, 2, 3]).unwrap();
    let bytes = arrays.into_inner();
    let header = |text: &str| crate::format::file(1, text, 64, &[]);
    let objects = header("{'descr': '|O', 'fortran_order': False, 'shape': (0,), }");
    let wrong = header("{'descr': '<f8', 'fortran_order': False, 'shape': (3)}");
    let texts = [
        error_of(&[&bytes[..], b"\0\0\0"].concat()),
        error_of(&[&bytes[..], b"garbage"].concat()),
        error_of(&bytes[..bytes.len() - 5]),
        error_of(&bytes[..140]),
        error_of(&[&bytes[..], &objects].concat()),
        error_of(&[&bytes[..], &wrong].concat()),
        Index::build_from(Cursor::new(&bytes))
            .unwrap()
            .array(2)
            .unwrap_err(),
    ];
    let texts: Vec<String> = texts.iter().map(npyrec::Error::to_string).collect();
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn the_limit_of_headers_can_be_set() {
    let bytes = all_sorts();
    let mut arrays = Reader::new(&bytes[..]).max_header_size(20);
    let error = arrays.next_array().unwrap().unwrap_err();
    assert!(error.to_string().contains("the limit is 20"), "{error}");
}

#[test]
fn an_index_finds_any_array() {
    let bytes = all_sorts();
    let starts = starts(&bytes);
    let mut index = Index::build_from(Cursor::new(bytes)).unwrap();
    let offsets: Vec<usize> = index.iter().map(|entry| entry.offset() as usize).collect();
    assert_eq!(offsets, starts[..9]);
    assert_eq!(index.get(3).unwrap().header().order(), Order::Fortran);
    let data = index.get(8).unwrap().data_offset();
    assert_eq!(data, starts[8] as u64 + 128);
    for _ in 0..2 {
        assert_eq!(index.array(8).unwrap().read::<u64>().unwrap(), [7]);
        assert_eq!(
            index
                .array(0)
                .unwrap()
                .rows::<u8>()
                .unwrap()
                .next()
                .unwrap()
                .unwrap(),
            1
        );
        assert_eq!(
            index.array(3).unwrap().read::<[i16; 2]>().unwrap(),
            [[0, 3], [1, 4], [2, 5]]
        );
        assert_eq!(
            index.array(5).unwrap().read::<Event>().unwrap(),
            [event(1, "a"), event(2, "bcd")]
        );
    }
    let error = index.array(9).unwrap_err();
    assert_eq!(error.array(), Some(9));
    assert!(
        error
            .to_string()
            .ends_with("there is no array 9; there are 9")
    );
    assert!(Index::build_from(Cursor::new([])).unwrap().is_empty());
}

#[test]
fn arrays_of_no_bytes_come_to_an_end() {
    let text = "{'descr':'|V0','fortran_order':False,'shape':()}";
    let tiny = crate::format::file(1, text, 1, &[]);
    assert!(tiny.len() < 64);
    let bytes = tiny.repeat(20_000);
    let index = Index::build_from(Cursor::new(&bytes)).unwrap();
    assert_eq!(index.len(), 20_000);
    let rows = "{'descr':'|V0','fortran_order':False,'shape':(9223372036854775807,)}";
    let huge = crate::format::file(1, rows, 1, &[]).repeat(3);
    let mut arrays = Reader::new(&huge[..]);
    let mut count = 0;
    while let Some(array) = arrays.next_array() {
        let error = array.unwrap().rows::<Value>().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Shape));
        count += 1;
    }
    assert_eq!(count, 3);
}

#[test]
fn a_source_that_is_not_ready_is_asked_again() {
    /// Refuses each second time.
    struct NotReady<'a>(Cursor<&'a [u8]>, bool);

    impl Read for NotReady<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            // Headers come in one go.
            let is_data = self.0.stream_position()? >= 128;
            self.1 = !self.1;
            match self.1 && is_data {
                true => Err(std::io::ErrorKind::WouldBlock.into()),
                false => self.0.read(buffer),
            }
        }
    }

    let mut arrays = Writer::new(Vec::new());
    arrays.write(&[1_u8; 100]).unwrap();
    let bytes = arrays.into_inner();
    let mut arrays = Reader::new(NotReady(Cursor::new(&bytes), false));
    assert!(arrays.next_array().unwrap().is_ok());
    let mut refused = 0;
    while let Some(array) = arrays.next_array() {
        assert!(array.is_err());
        refused += 1;
    }
    assert!(refused > 0 && refused < 5, "{refused}");
}

#[cfg(feature = "ndarray")]
#[test]
fn arrays_of_ndarray_are_read_and_written() {
    let mut arrays = Writer::new(Vec::new());
    let matrix = ndarray::array![[1_i16, 2, 3], [4, 5, 6]];
    arrays.write_array(&matrix).unwrap();
    arrays.write_array(&matrix.t()).unwrap();
    arrays.write_array(&ndarray::arr0(0.5_f64)).unwrap();
    arrays
        .write_array(&ndarray::array![event(1, "too long")])
        .unwrap_err();
    arrays.write(&[7_u8]).unwrap();
    let bytes = arrays.into_inner();
    let mut arrays = Reader::new(&bytes[..]);
    let mut next = || {
        arrays
            .next_array()
            .unwrap()
            .unwrap()
            .read_array::<i16>()
            .unwrap()
    };
    assert_eq!(next(), matrix.clone().into_dyn());
    assert_eq!(next(), matrix.t().into_dyn());
    let single = arrays
        .next_array()
        .unwrap()
        .unwrap()
        .read_array::<f64>()
        .unwrap();
    assert_eq!(single, ndarray::arr0(0.5).into_dyn());
    assert_eq!(
        arrays.next_array().unwrap().unwrap().read::<u8>().unwrap(),
        [7]
    );
    assert!(arrays.next_array().is_none());
}
