use std::{
    fs::{self, File},
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
    process::{Command, Stdio},
    thread,
};

use npyrec::{
    Bytes, Datetime64, ErrorKind, Header, NpyRecord, Order, Str, Timedelta64, Void,
    half::f16,
    num_complex::Complex,
    stream::{RecordWriter, Writer},
    unit,
};
use serde_json::json;

use super::{Event, all_sorts, event};
use crate::{
    headers::header_of,
    numpy::numpy,
    python::python,
    sample::{Random, Sample},
};

/// The bytes that `np.save` writes for the arrays that `np.load` reads, each on one open handle.
fn resaved(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut numpy = numpy()?;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("arrays.npy");
    fs::write(&path, bytes).unwrap();
    let code = "end, answer = os.path.getsize(path), 0\n\
                with open(path, 'rb') as old, open(path + '.new', 'wb') as new:\n\
                \x20   while old.tell() < end:\n\
                \x20       np.save(new, np.load(old)); answer += 1";
    let code = format!("import os\n{code}");
    assert!(numpy.python(&path, &code).as_u64().unwrap() > 0);
    Some(fs::read(dir.path().join("arrays.npy.new")).unwrap())
}

#[test]
fn arrays_are_those_of_np_save_on_one_handle() {
    let bytes = all_sorts();
    let Some(resaved) = resaved(&bytes) else {
        return;
    };
    assert_eq!(bytes, resaved);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("arrays.npy");
    let code = "event = np.dtype([('time', '<i8'), ('name', 'S4'), ('level', '<f4', (2,))])\n\
                matrix = np.arange(6, dtype='<i2')\n\
                arrays = [np.array([1, 2, 3], 'u1'), np.zeros(0), matrix.reshape(2, 3),\n\
                \x20   matrix.reshape((3, 2), order='F'), np.array(0.5, '<f4'),\n\
                \x20   np.array([(1, b'a', (1, .5)), (2, b'bcd', (2, .5))], event),\n\
                \x20   np.zeros((3, 0), 'u1'), np.zeros((2, 0, 3), 'u1'), np.array([7], '<u8')]\n\
                with open(path, 'wb') as file:\n\
                \x20   for array in arrays: np.save(file, array)\n\
                answer = len(arrays)";
    assert_eq!(numpy().unwrap().python(&path, code), json!(9));
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn arrays_of_every_dtype_are_saved_again_by_numpy_to_the_same_bytes() {
    fn write<R: NpyRecord + Sample>(arrays: &mut Writer<Vec<u8>>, random: &mut Random) {
        let rows: Vec<R> = (0..random.below(5)).map(|_| R::sample(random)).collect();
        arrays.write(&rows).unwrap();
        let rows: Vec<R> = (0..6).map(|_| R::sample(random)).collect();
        arrays
            .write_with(&header_of::<R>(&[3, 1, 2], Order::C), &rows)
            .unwrap();
        // NumPy loads elements without bytes in both orders, whichever they were saved in.
        if R::dtype().base_and_shape().1.is_empty() && R::ITEMSIZE > 0 {
            arrays
                .write_with(&header_of::<R>(&[3, 1, 2], Order::Fortran), &rows)
                .unwrap();
        }
    }
    let (mut arrays, mut random) = (Writer::new(Vec::new()), Random(5));
    macro_rules! every {
        ($($t:ty),+ $(,)?) => { $(write::<$t>(&mut arrays, &mut random);)+ };
    }
    every!(
        bool,
        i8,
        i16,
        i32,
        i64,
        u8,
        u16,
        u32,
        u64,
        f32,
        f64,
        f16,
        Complex<f32>,
        Complex<f64>,
        Bytes<5>,
        Str<3>,
        Void<3>,
        Void<0>,
        Datetime64<unit::Nanosecond>,
        Timedelta64<unit::Day>,
        [u16; 2],
        [[f32; 2]; 3],
        (u8, f64),
        (i16, [Bytes<2>; 2], (u8, Complex<f32>)),
    );
    let bytes = arrays.into_inner();
    let Some(resaved) = resaved(&bytes) else {
        return;
    };
    assert_eq!(bytes, resaved);
}

/// Takes some bytes at a time, and refuses now and then.
struct Grudging {
    taken: Vec<u8>,
    writes: usize,
    refuses: io::ErrorKind,
    refusals: usize,
}

impl Grudging {
    fn new(refuses: io::ErrorKind) -> Self {
        let (taken, writes) = (Vec::new(), 0);
        Grudging {
            taken,
            writes,
            refuses,
            refusals: usize::MAX,
        }
    }
}

impl Write for Grudging {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes += 1;
        if self.writes.is_multiple_of(3) && self.refusals > 0 {
            self.refusals -= 1;
            return Err(self.refuses.into());
        }
        let len = bytes.len().min(1 + self.writes * 997 % 20_011);
        self.taken.extend(&bytes[..len]);
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn saved<R: NpyRecord>(records: &[R]) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("saved.npy");
    npyrec::write(&path, records).unwrap();
    fs::read(&path).unwrap()
}

#[test]
fn records_of_a_known_number_go_to_any_writer() {
    let numbers: Vec<u64> = (0..50_000).collect();
    let events: Vec<Event> = (0..9_000).map(|n| event(n, "x")).collect();

    let interrupted = Grudging::new(io::ErrorKind::Interrupted);
    let mut records = RecordWriter::new(interrupted, 50_000).unwrap();
    assert_eq!(records.expected_rows(), Some(50_000));
    records.append(&0).unwrap();
    records.append_slice(&numbers[1..10]).unwrap();
    records.append_slice(&numbers[10..40_000]).unwrap();
    records.extend(&numbers[40_000..]).unwrap();
    assert_eq!(records.rows(), 50_000);
    assert_eq!(records.finish().unwrap().taken, saved(&numbers));

    let interrupted = Grudging::new(io::ErrorKind::Interrupted);
    let mut records = RecordWriter::new(interrupted, 9_000).unwrap();
    records.append_slice(&events[..8_000]).unwrap();
    records.extend(events[8_000..].iter().cloned()).unwrap();
    assert_eq!(records.finish().unwrap().taken, saved(&events));

    let none = RecordWriter::<Event, _>::new(Vec::new(), 0).unwrap();
    assert_eq!(none.finish().unwrap(), saved::<Event>(&[]));
}

#[test]
fn what_a_writer_refuses_is_written_when_it_takes_it() {
    let numbers: Vec<u64> = (0..50_000).collect();
    let mut full = Grudging::new(io::ErrorKind::WouldBlock);
    full.refusals = 12;
    let mut records = RecordWriter::new(full, 50_000).unwrap();
    let mut refused = 0;
    while records.rows() < 50_000 {
        let next = records.rows() as usize;
        let result = match refused % 2 {
            0 => records.append_slice(&numbers[next..]),
            _ => records.append(&numbers[next]),
        };
        if let Err(error) = result {
            let Some(error) = error.io_error() else {
                panic!("{error}")
            };
            assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
            refused += 1;
        }
    }
    assert_eq!(refused, 12);
    assert_eq!(records.finish().unwrap().taken, saved(&numbers));
}

#[test]
fn no_more_and_no_fewer_records_than_promised() {
    let mut records = RecordWriter::new(Vec::new(), 3).unwrap();
    records.append_slice(&[1_u8, 2]).unwrap();
    let error = records.append_slice(&[3, 4]).unwrap_err();
    assert_eq!(
        (error.kind(), error.expected_rows(), error.found_rows()),
        (ErrorKind::Shape, Some(3), Some(4))
    );
    assert_eq!(records.rows(), 2);
    records.append(&3).unwrap();
    records.append(&4).unwrap_err();
    let bytes = records.finish().unwrap();
    assert!(bytes.ends_with(&[b'\n', 1, 2, 3]));

    let records = RecordWriter::<u8, _>::new(Vec::new(), 3).unwrap();
    let error = records.finish().unwrap_err();
    assert_eq!(
        (error.kind(), error.expected_rows(), error.found_rows()),
        (ErrorKind::Shape, Some(3), Some(0))
    );
    insta::assert_snapshot!(error, @"the header was written before the rows and counts 3, not 0");
}

#[test]
fn a_record_that_cannot_be_encoded_is_left_out_and_writing_goes_on() {
    let mut records = RecordWriter::<Event, _>::new(Vec::new(), 2).unwrap();
    records.append(&event(1, "a")).unwrap();
    let error = records.append(&event(2, "too long")).unwrap_err();
    insta::assert_snapshot!(error, @r#"row 1: field `name`: "too long" is 8 bytes long, the dtype holds 4"#);
    records.append(&event(3, "b")).unwrap();
    let bytes = records.finish().unwrap();
    assert_eq!(bytes, saved(&[event(1, "a"), event(3, "b")]));

    let mut records = RecordWriter::seekable(Cursor::new(Vec::new())).unwrap();
    let some = [event(1, "a"), event(2, "too long"), event(3, "b")];
    assert_eq!(records.append_slice(&some).unwrap_err().row(), Some(1));
    records.append_slice(&some[2..]).unwrap();
    assert_eq!(records.finish().unwrap().into_inner(), bytes);
}

#[test]
fn an_array_with_a_record_that_cannot_be_encoded_is_not_started() {
    let mut arrays = Writer::new(Vec::new());
    arrays.write(&[1_u8]).unwrap();
    let error = arrays
        .write(&[event(1, "a"), event(2, "too long")])
        .unwrap_err();
    assert_eq!(error.row(), Some(1));
    arrays.write(&[2_u8]).unwrap();
    assert_eq!(
        arrays.into_inner(),
        [saved(&[1_u8]), saved(&[2_u8])].concat()
    );
}

#[test]
fn elements_of_a_shape_go_to_a_pipe() {
    let matrix: Vec<f32> = (0..24_u8).map(f32::from).collect();
    for order in [Order::C, Order::Fortran] {
        let header = Header::new(f32::dtype(), order, &[2, 3, 4]).unwrap();
        let mut records = RecordWriter::<f32, _>::with_header(Vec::new(), &header).unwrap();
        records.extend(&matrix).unwrap();
        let bytes = records.finish().unwrap();
        let data: Vec<u8> = matrix.iter().flat_map(|x| x.to_le_bytes()).collect();
        assert_eq!(bytes, [header.to_bytes(), data].concat());
    }
    let records = RecordWriter::<[u8; 2], _>::with_header(
        Vec::new(),
        &header_of::<[u8; 2]>(&[3], Order::Fortran),
    );
    assert!(
        records
            .unwrap_err()
            .to_string()
            .contains("not contiguous in Fortran order")
    );
    let huge = RecordWriter::<u64, _>::new(Vec::new(), u64::MAX);
    assert_eq!(huge.unwrap_err().kind(), ErrorKind::Header);
    let mut arrays = Writer::new(Vec::new());
    let error = arrays
        .write_with(&header_of::<u8>(&[2, 3], Order::C), &[1_u8; 5])
        .unwrap_err();
    insta::assert_snapshot!(error, @"array 0, at byte 0: the number of elements is 5, which does not match the shape (2, 3)");
    assert!(arrays.get_ref().is_empty());
}

#[test]
fn numpy_reads_records_from_a_pipe() {
    if numpy().is_none() {
        return;
    }
    let code = "import sys, numpy as np\n\
                from numpy.lib import format\n\
                class Pipe: read = sys.stdin.buffer.read\n\
                a, b = (format.read_array(Pipe) for _ in range(2))\n\
                print(a['time'].sum(), a['name'][-1], b.shape, sys.stdin.buffer.read())";
    let mut child = Command::new(python().unwrap());
    child
        .args(["-c", code])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = child.spawn().unwrap();
    let mut arrays = Writer::new(child.stdin.take().unwrap());
    let mut events = arrays.records::<Event>(10_000).unwrap();
    for n in 0..10_000 {
        events.append(&event(n, "last")).unwrap();
    }
    events.finish().unwrap();
    arrays
        .write_with(&header_of::<f64>(&[3, 2], Order::C), &[1.5_f64; 6])
        .unwrap();
    drop(arrays);
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap().trim(),
        "49995000 b'last' (3, 2) b''"
    );
}

#[test]
fn a_pipe_of_the_system_carries_arrays() {
    let (reader, writer) = io::pipe().unwrap();
    let writing = thread::spawn(move || {
        let mut arrays = Writer::new(writer);
        for n in 0..50_u32 {
            arrays.write(&vec![n; 1000 * n as usize]).unwrap();
        }
    });
    let mut arrays = npyrec::stream::Reader::new(reader);
    let mut number = 0;
    while let Some(array) = arrays.next_array() {
        let array = array.unwrap();
        if number % 3 > 0 {
            let numbers = array.read::<u32>().unwrap();
            assert_eq!(numbers, vec![number; 1000 * number as usize]);
        }
        number += 1;
    }
    writing.join().unwrap();
    assert_eq!(number, 50);
}

/// Notes where each write starts.
struct Noted {
    file: Cursor<Vec<u8>>,
    writes: Vec<u64>,
}

impl Write for Noted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes.push(self.file.position());
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Noted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[test]
fn records_of_an_unknown_number_are_counted_behind_them() {
    let (file, writes) = (Cursor::new(b"before".to_vec()), Vec::new());
    let mut noted = Noted { file, writes };
    noted.seek(SeekFrom::End(0)).unwrap();
    let mut records = RecordWriter::<Event, _>::seekable(noted).unwrap();
    records.extend((0..20_000).map(|n| event(n, "x"))).unwrap();
    assert_eq!(records.rows(), 20_000);
    let mut noted = records.finish().unwrap();
    let (first, last) = (noted.writes[0], noted.writes.last().unwrap());
    let data = 6 + Header::for_record::<Event>(0).to_bytes().len() as u64;
    assert_eq!(first, 6);
    assert!(*last > 6 && *last < data, "{last}");
    let behind = noted
        .writes
        .iter()
        .skip(1)
        .take_while(|at| **at >= data)
        .count();
    assert!(behind >= 6, "{behind}");
    noted.write_all(b"behind").unwrap();
    let events: Vec<Event> = (0..20_000).map(|n| event(n, "x")).collect();
    let expected = [&b"before"[..], &saved(&events), b"behind"].concat();
    assert!(noted.file.into_inner() == expected);
}

#[test]
fn a_seekable_file_counts_no_rows_until_it_is_finished_or_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("numbers.npy");
    let mut records = RecordWriter::seekable(File::create(&path).unwrap()).unwrap();
    records.append_slice(&vec![1_u16; 100_000]).unwrap();
    let mut start = Vec::new();
    File::open(&path)
        .unwrap()
        .take(128)
        .read_to_end(&mut start)
        .unwrap();
    assert_eq!(start, Header::for_record::<u16>(0).to_bytes());
    drop(records);
    assert_eq!(npyrec::read::<u16>(&path).unwrap(), vec![1; 100_000]);
    let none = RecordWriter::<u16, _>::seekable(File::create(&path).unwrap()).unwrap();
    none.finish().unwrap();
    assert_eq!(fs::read(&path).unwrap(), saved::<u16>(&[]));
}

#[test]
fn nothing_follows_an_array_that_is_not_whole() {
    let mut arrays = Writer::new(Vec::new());
    let mut records = arrays.records::<u8>(3).unwrap();
    records.append(&1).unwrap();
    drop(records);
    let error = arrays.write(&[1_u8]).unwrap_err();
    assert!(
        error.to_string().contains("was not written whole"),
        "{error}"
    );
    insta::assert_snapshot!(error, @"array 0, at byte 0: the array was not written whole, so no array can follow it");
    arrays.records::<u8>(1).unwrap_err();
    // One that is whole may be dropped.
    let mut arrays = Writer::new(Vec::new());
    let mut records = arrays.records::<u8>(2).unwrap();
    records.append_slice(&[1, 2]).unwrap();
    drop(records);
    arrays.write(&[3_u8]).unwrap();
    assert_eq!(
        arrays.into_inner(),
        [saved(&[1_u8, 2]), saved(&[3_u8])].concat()
    );
}

#[test]
fn a_failed_write_is_told_and_leaves_an_array_that_is_not_whole() {
    /// A writer with room for a number of bytes.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let len = bytes.len().min(self.0);
            self.0 -= len;
            match len {
                0 => Err(io::ErrorKind::StorageFull.into()),
                len => Ok(len),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    // There is room for the first array, or for a part of the second as well.
    for room in [256, 300, 500] {
        let mut arrays = Writer::new(Full(room));
        arrays.write(&[1_u64; 16]).unwrap();
        let error = arrays.write(&[2_u64; 100]).unwrap_err();
        assert_eq!(error.io_error().unwrap().kind(), io::ErrorKind::StorageFull);
        assert_eq!((error.array(), error.array_offset()), (Some(1), Some(256)));
        let next = arrays.write(&[3_u64]).unwrap_err();
        assert_eq!(
            next.to_string().contains("was not written whole"),
            room > 256,
            "{next}"
        );
        assert_eq!(next.array(), Some(1));
    }
}
