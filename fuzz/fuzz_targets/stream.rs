//! Any file of several arrays: all readers agree on the arrays and their content. No reader panics, or takes
//! more memory than in proportion to the file.
#![no_main]

use std::{
    fs,
    io::{Cursor, Read, Seek},
    path::Path,
};

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use npyrec::{Error, ErrorKind, Header, Order, Value, stream::{Index, Reader, Writer, concatenate, cut_torn}};
use npyrec_fuzz::{
    memory::{Limited, limited},
    mutate::{DTYPES, mutate_several},
    temporary_file,
    way::{Answer, Limits, Way, told},
};

#[global_allocator]
static ALLOCATOR: Limited = Limited;

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate_several(data, size, max_size, seed, &DTYPES)
});

fuzz_target!(|bytes: &[u8]| {
    let (dir, path) = temporary_file(bytes);
    let file = File::of(bytes);
    let number = bytes
        .iter()
        .fold(bytes.len(), |sum, &byte| sum + usize::from(byte));
    let (is_path, way) = (number % 2 == 0, Way::of(number / 2));
    let read = |array: &Array| way.read(array.rest, &file.limits(&|_| {}));
    let expected: Vec<_> = file.arrays.iter().map(read).collect();
    file.check_arrays(Reader::new(bytes), way, &expected);
    let read = |array: &Array| way.read(Cursor::new(array.rest), &file.limits(&|_| {}));
    let expected: Vec<_> = file.arrays.iter().map(read).collect();
    if is_path {
        file.check_arrays(Reader::open(&path).expect("it is there"), way, &expected);
        file.check_index(file.limited(|| Index::build(&path)), way, &expected);
    } else {
        let source = || Cursor::new(bytes);
        file.check_arrays(Reader::seekable(source()), way, &expected);
        file.check_index(file.limited(|| Index::build_from(source())), way, &expected);
    }
    file.check_concatenated(&path, &dir.path().join("one.npy"));
    file.check_append(&path);
});

/// The content of a file, read header by header.
struct File<'a> {
    bytes: &'a [u8],
    arrays: Vec<Array<'a>>,
    /// The number and the offset of the first invalid or incomplete array.
    end: Result<(), (u64, u64)>,
}

struct Array<'a> {
    header: Header,
    offset: usize,
    /// From there to the end of the file.
    rest: &'a [u8],
    data: &'a [u8],
}

impl<'a> File<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let mut arrays = Vec::new();
        let mut offset = 0;
        let end = loop {
            let rest = &bytes[offset..];
            if rest.is_empty() {
                break Ok(());
            }
            let place = (arrays.len() as u64, offset as u64);
            let mut data = rest;
            let header = match Header::read_from(&mut data) {
                Ok(header) if !header.dtype().has_objects() => header,
                _ => break Err(place),
            };
            let len = header.data_len().and_then(|len| usize::try_from(len).ok());
            let whole = len.and_then(|len| data.split_at_checked(len));
            arrays.push(Array {
                header,
                offset,
                rest,
                data: whole.map_or(data, |(data, _)| data),
            });
            match whole {
                Some((_, behind)) => offset = bytes.len() - behind.len(),
                None => break Err(place),
            }
        };
        File { bytes, arrays, end }
    }

    fn limited<T>(&self, work: impl FnOnce() -> T) -> T {
        limited(self.bytes.len(), 0, work)
    }

    fn limits<'b>(&self, error: &'b dyn Fn(&Error)) -> Limits<'b> {
        let len = self.bytes.len();
        Limits { len, error }
    }

    /// Compares the arrays of a reader to each array alone, from the same kind of source.
    fn check_arrays<S: Read>(&self, mut reader: Reader<S>, way: Way, expected: &[Answer]) {
        for (number, (array, expected)) in self.arrays.iter().zip(expected).enumerate() {
            let place = (number as u64, array.offset as u64);
            let found = self.limited(|| reader.next_array());
            let found = found.expect("there is one").expect("it is one");
            assert_eq!((found.number(), found.offset()), (Some(place.0), Some(place.1)));
            assert_eq!(*found.header(), array.header);
            let found = way.read(found, &self.limits(&|error| check_place(error, place)));
            // Missing rows are reported before other errors, if the reader knows of them.
            let is_cut =
                |answer: &Answer| matches!(answer, Err(text) if text.contains("Truncated"));
            let is_told_first = is_cut(&found) && expected.is_err() && way.reads_all();
            if !is_told_first || place.0 + 1 < self.arrays.len() as u64 {
                assert_eq!(found, *expected);
            }
        }
        let end = self.limited(|| reader.next_array());
        match (end, self.end) {
            (None, Ok(())) => assert_eq!(reader.offset(), self.bytes.len() as u64),
            (Some(Err(error)), Err(place)) => check_place(&error, place),
            (end, expected) => panic!("{end:?} is not {expected:?}"),
        }
        assert!(reader.next_array().is_none());
        assert_eq!(reader.arrays(), self.arrays.len() as u64);
    }

    fn check_index<S>(&self, index: Result<Index<S>, Error>, way: Way, expected: &[Answer])
    where
        S: Read + Seek,
    {
        let mut index = match (index, self.end) {
            (Ok(index), Ok(())) => index,
            (Err(error), Err(place)) => return check_place(&error, place),
            (index, expected) => panic!("{index:?} is not {expected:?}"),
        };
        assert_eq!(index.len(), self.arrays.len());
        for (number, (array, expected)) in self.arrays.iter().zip(expected).enumerate().rev() {
            let entry = index.get(number).expect("it is there");
            assert_eq!(entry.offset(), array.offset as u64);
            let data = array.data.as_ptr() as usize - self.bytes.as_ptr() as usize;
            assert_eq!(entry.data_offset(), data as u64);
            assert_eq!(*entry.header(), array.header);
            let place = (number as u64, array.offset as u64);
            let found = self.limited(|| index.array(number)).expect("it is there");
            let found = way.read(found, &self.limits(&|error| check_place(error, place)));
            assert_eq!(found, *expected);
            let Some(other) = way.other() else { continue };
            let other = other.read(Cursor::new(array.rest), &self.limits(&|_| {}));
            // There may be no such array of `ndarray`.
            if !(found.as_ref()).is_err_and(|text| text.contains("ArrayTooLarge")) {
                assert_eq!(found, other);
            }
        }
        assert!(index.array(self.arrays.len()).is_err());
    }

    /// Checks that the concatenated array has all elements, or that there is an error.
    fn check_concatenated(&self, source: &Path, target: &Path) {
        let made = self.limited(|| concatenate(source, target));
        let rows = match (made, self.end) {
            (Ok(rows), Ok(())) => rows,
            (Ok(_), Err(_)) => panic!("it is not whole"),
            (Err(error), Err(place)) => return check_place(&error, place),
            (Err(error), Ok(())) => {
                assert!(!target.exists());
                return self.check_refused(&error);
            }
        };
        let bytes = fs::read(target).expect("it was just written");
        let mut data = &bytes[..];
        let header = Header::read_from(&mut data).expect("it was just written");
        assert_eq!(header.data_len(), Some(data.len() as u64));
        let axis = |header: &Header| {
            let axes = axes(header);
            let order = header.order();
            (axes.len() == 1 || order == Order::C).then(|| axes[0])
        };
        if let Some(found) = axis(&header).filter(|_| !data.is_empty()) {
            assert_eq!(found, rows);
        }
        let found = elements(&header, data);
        let expected = (self.arrays.iter()).map(|array| elements(&array.header, array.data));
        assert_eq!(found, expected.collect::<Vec<_>>().concat());
        assert!(Index::build(target).is_ok_and(|index| index.len() == 1));
    }

    fn check_refused(&self, error: &Error) {
        let Some((first, others)) = self.arrays.split_first() else {
            return assert_eq!(error.kind(), ErrorKind::Header, "{error}");
        };
        let is_same = others.iter().all(|array| array.header == first.header);
        match error.kind() {
            ErrorKind::Shape if error.to_string().contains("does not match") => {
                assert!(!is_same, "{error}");
                assert!(error.array().is_some_and(|number| number > 0), "{error}");
            }
            ErrorKind::Shape if error.to_string().contains("no rows") => {
                let number = error.array().expect("it is one of them") as usize;
                assert!(axes(&self.arrays[number].header).is_empty(), "{error}");
            }
            ErrorKind::Shape | ErrorKind::Header => {}
            // Bytes that are not a value cannot be swapped.
            ErrorKind::Io => assert!(error.array().is_some(), "{error}"),
            _ => panic!("{error}"),
        }
    }

    /// A file takes another array, once what is torn is cut off.
    fn check_append(&self, path: &Path) {
        let append = |expected: &[u8]| {
            let mut arrays = Writer::open(path).expect("all are whole");
            arrays.write(&[1.5_f64, 2.5]).expect("the disk is not full");
            drop(arrays);
            let bytes = fs::read(path).expect("it is there");
            let more = bytes.strip_prefix(expected).expect("what was there stays");
            let more: Vec<f64> = npyrec::Reader::new(more)
                .and_then(npyrec::Reader::read_all)
                .expect("it was just written");
            assert_eq!(more, [1.5, 2.5]);
        };
        let Err((number, offset)) = self.end else {
            assert_eq!(
                self.limited(|| cut_torn(path)).expect("all are whole"),
                None
            );
            return append(self.bytes);
        };
        let error = self.limited(|| Writer::open(path)).map(|_| ());
        check_place(&error.expect_err("it is not whole"), (number, offset));
        let cut = self.limited(|| cut_torn(path));
        match cut {
            Ok(cut) => {
                assert_eq!(cut, Some(offset));
                append(&self.bytes[..offset as usize]);
            }
            Err(error) => {
                check_place(&error, (number, offset));
                assert_eq!(fs::read(path).expect("it is there"), self.bytes);
            }
        }
    }
}

fn check_place(error: &Error, (number, offset): (u64, u64)) {
    let place = (error.array(), error.array_offset());
    assert_eq!(place, (Some(number), Some(offset)), "{}", told(error));
}

/// Returns all axes, including the axes of a subarray.
fn axes(header: &Header) -> Vec<u64> {
    let (_, inner) = header.dtype().base_and_shape();
    let inner = inner.into_iter().map(|dim| dim as u64);
    header.shape().iter().copied().chain(inner).collect()
}

/// The elements, in the order of the file.
fn elements(header: &Header, data: &[u8]) -> Vec<String> {
    let (dtype, _) = header.dtype().base_and_shape();
    let Some(len) = data.len().checked_div(dtype.itemsize()) else {
        return Vec::new();
    };
    let header = Header::new(dtype.clone(), Order::C, &[len as u64]);
    let bytes = [&header.expect("there is such an array").to_bytes(), data].concat();
    let values = npyrec::Reader::<Value>::new(&bytes[..]).expect("it is an array");
    let told = |value: Result<_, Error>| match value {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("{:?}", error.kind()),
    };
    values.map(told).collect()
}
