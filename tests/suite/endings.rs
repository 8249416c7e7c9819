//! The rules that all writers share: for a record that does not fit, and for a writer that is dropped.

use std::{
    cell::RefCell,
    io::{self, Cursor, Seek, SeekFrom, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};

use npyrec::{
    Appender, Error, ErrorKind, Header, NpyRecord, Order, Reader, npz,
    stream::{self, RecordWriter},
};

use crate::headers::header_of;

/// A text of at most two bytes.
#[derive(NpyRecord, Clone, Debug, PartialEq)]
pub struct Name {
    id: u8,
    #[npy(dtype = "S2")]
    name: String,
}

pub fn name(id: u8, name: &str) -> Name {
    Name {
        id,
        name: name.to_owned(),
    }
}

/// Two records that fit around one that does not.
fn names() -> [Name; 3] {
    [name(1, "a"), name(2, "too long"), name(3, "b")]
}

pub fn saved<R: NpyRecord>(records: &[R]) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("saved.npy");
    npyrec::write(&path, records).unwrap();
    std::fs::read(&path).unwrap()
}

/// A failure of a device.
#[derive(Clone, Copy, Debug, Default)]
enum Fault {
    #[default]
    None,
    /// After this number of bytes.
    Full(usize),
    /// At the next write.
    Panic,
}

#[derive(Debug, Default)]
struct State {
    file: Cursor<Vec<u8>>,
    fault: Fault,
    calls: u64,
}

/// A file in memory, shared with the test.
#[derive(Clone, Debug, Default)]
struct Device(Rc<RefCell<State>>);

impl Device {
    fn set(&self, fault: Fault) {
        self.0.borrow_mut().fault = fault;
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.borrow().file.get_ref().clone()
    }

    fn calls(&self) -> u64 {
        self.0.borrow().calls
    }
}

impl Write for Device {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.borrow_mut();
        state.calls += 1;
        let room = match state.fault {
            Fault::None => bytes.len(),
            Fault::Full(room) => room.saturating_sub(state.file.position() as usize),
            Fault::Panic => {
                // Half of it is written, and nobody knows.
                let half = bytes.len() / 2;
                state.file.write_all(&bytes[..half]).unwrap();
                drop(state);
                panic!("the device is gone");
            }
        };
        match bytes.get(..room.min(bytes.len())) {
            Some(&[]) if !bytes.is_empty() => Err(io::ErrorKind::StorageFull.into()),
            part => state.file.write(part.unwrap_or_default()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().calls += 1;
        Ok(())
    }
}

impl Seek for Device {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut state = self.0.borrow_mut();
        state.calls += 1;
        state.file.seek(to)
    }
}

/// Runs code that panics.
fn panics(code: impl FnOnce()) {
    catch_unwind(AssertUnwindSafe(code)).unwrap_err();
}

#[test]
fn a_record_that_does_not_fit_is_refused_and_the_next_one_is_taken() {
    fn append(mut append: impl FnMut(&Name) -> npyrec::Result<()>, check: impl Fn(&Error)) {
        let [first, bad, last] = names();
        append(&first).unwrap();
        let error = append(&bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
        assert_eq!(error.row(), Some(1));
        assert!(error.to_string().contains("field `name`"), "{error}");
        check(&error);
        append(&last).unwrap();
    }
    let expected = saved(&[name(1, "a"), name(3, "b")]);
    let none = |error: &Error| assert_eq!((error.path(), error.member()), (None, None));

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("names.npy");
    let mut appender = Appender::<Name>::create(&path).unwrap();
    append(
        |name| appender.append(name),
        |e| assert_eq!(e.path(), Some(&*path)),
    );
    appender.close().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), expected);

    let mut records = RecordWriter::<Name, _>::new(Vec::new(), 2).unwrap();
    append(|name| records.append(name), none);
    assert_eq!(records.finish().unwrap(), expected);

    let mut records = RecordWriter::<Name, _>::seekable(Cursor::new(Vec::new())).unwrap();
    append(|name| records.append(name), none);
    assert_eq!(records.finish().unwrap().into_inner(), expected);

    let mut arrays = stream::Writer::new(Vec::new());
    arrays.write(&[1_u8]).unwrap();
    let mut records = arrays.records::<Name>(2).unwrap();
    append(
        |name| records.append(name),
        |e| assert_eq!(e.array(), Some(1)),
    );
    records.finish().unwrap();
    assert_eq!(
        arrays.into_inner(),
        [saved(&[1_u8]), expected.clone()].concat()
    );

    let archive_path = dir.path().join("names.npz");
    let mut archive = npz::Writer::create(&archive_path).unwrap();
    let check = |member| {
        let path = &archive_path;
        move |e: &Error| assert_eq!((e.path(), e.member()), (Some(&**path), Some(member)))
    };
    let mut records = archive.records::<Name>("log").unwrap();
    append(|name| records.append(name), check("log"));
    records.finish().unwrap();
    let mut records = archive
        .records_with::<Name>("exact", &Header::for_record::<Name>(2))
        .unwrap();
    append(|name| records.append(name), check("exact"));
    records.finish().unwrap();
    archive.finish().unwrap();
    let mut archive = npz::Reader::open(&archive_path).unwrap();
    for member in ["log", "exact"] {
        assert_eq!(
            archive.read::<Name>(member).unwrap(),
            [name(1, "a"), name(3, "b")]
        );
    }
}

#[test]
fn the_records_of_a_slice_before_one_that_does_not_fit_are_kept() {
    fn append(mut append: impl FnMut(&[Name]) -> npyrec::Result<()>) {
        assert_eq!(append(&names()).unwrap_err().row(), Some(1));
        append(&names()[2..]).unwrap();
    }
    let expected = saved(&[name(1, "a"), name(3, "b")]);
    let mut records = RecordWriter::new(Vec::new(), 3).unwrap();
    append(|names| records.append_slice(names));
    assert_eq!(records.rows(), 2);
    records.append(&name(4, "c")).unwrap();
    records.finish().unwrap();
    let mut records = RecordWriter::seekable(Cursor::new(Vec::new())).unwrap();
    append(|names| records.append_slice(names));
    assert_eq!(records.finish().unwrap().into_inner(), expected);
    let mut archive = npz::Writer::new(Cursor::new(Vec::new()));
    let mut records = archive.records("log").unwrap();
    append(|names| records.append_slice(names));
    records.finish().unwrap();
    let mut archive = npz::Reader::new(archive.finish().unwrap()).unwrap();
    assert_eq!(
        archive.read::<Name>("log").unwrap(),
        [name(1, "a"), name(3, "b")]
    );
}

#[test]
fn an_array_in_memory_with_an_element_that_does_not_fit_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("names.npy");
    npyrec::write(&path, &[1_u8]).unwrap();
    assert_eq!(npyrec::write(&path, &names()).unwrap_err().row(), Some(1));
    assert_eq!(npyrec::read::<u8>(&path).unwrap(), [1]);
    let mut arrays = stream::Writer::new(Vec::new());
    let mut six = vec![name(1, "a"); 6];
    six[4] = name(2, "too long");
    for (order, row, index) in [(Order::C, 2, 0), (Order::Fortran, 1, 1)] {
        let error = arrays
            .write_with(&header_of::<Name>(&[3, 2], order), &six)
            .unwrap_err();
        assert_eq!((error.row(), error.index()), (Some(row), &[index][..]));
    }
    assert!(arrays.get_ref().is_empty());
    let mut archive = npz::Writer::new(Cursor::new(Vec::new()));
    assert_eq!(archive.write("names", &names()).unwrap_err().row(), Some(1));
    archive.write("others", &[2_u8]).unwrap();
    let archive = npz::Reader::new(archive.finish().unwrap()).unwrap();
    assert_eq!(archive.names(), ["others"]);
}

#[test]
fn a_record_writer_that_is_dropped_when_it_is_whole_leaves_a_whole_array() {
    let device = Device::default();
    let mut records = RecordWriter::<u16, _>::new(device.clone(), 3).unwrap();
    records.append_slice(&[1, 2, 3]).unwrap();
    drop(records);
    assert_eq!(device.bytes(), saved(&[1_u16, 2, 3]));

    let mut archive = npz::Writer::new(Cursor::new(Vec::new()));
    let mut exact = archive
        .records_with::<u16>("exact", &Header::for_record::<u16>(2))
        .unwrap();
    exact.append_slice(&[1, 2]).unwrap();
    drop(exact);
    let mut log = archive.records::<u16>("log").unwrap();
    log.append(&3_u16).unwrap();
    drop(log);
    let mut archive = npz::Reader::new(archive.finish().unwrap()).unwrap();
    assert_eq!(archive.read::<u16>("exact").unwrap(), [1, 2]);
    assert_eq!(archive.read::<u16>("log").unwrap(), [3]);
}

#[test]
fn a_pipe_that_is_dropped_too_early_has_an_array_that_is_too_short() {
    let device = Device::default();
    let mut records = RecordWriter::<u16, _>::new(device.clone(), 3).unwrap();
    records.append_slice(&[1, 2]).unwrap();
    drop(records);
    let bytes = device.bytes();
    assert!(bytes.ends_with(&[b'\n', 1, 0, 2, 0]));
    let error = Reader::<u16, _>::new(&bytes[..])
        .unwrap()
        .read_all()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Truncated);
    assert_eq!(
        (error.expected_rows(), error.found_rows()),
        (Some(3), Some(2))
    );

    let mut arrays = stream::Writer::new(Vec::new());
    let mut records = arrays.records::<u16>(3).unwrap();
    records.append(&1_u16).unwrap();
    drop(records);
    let error = arrays.write(&[1_u8]).unwrap_err();
    assert!(
        error.to_string().contains("no array can follow it"),
        "{error}"
    );
}

#[test]
fn a_pipe_that_is_finished_too_early_says_so_and_has_what_was_appended() {
    let device = Device::default();
    let mut records = RecordWriter::<u16, _>::new(device.clone(), 3).unwrap();
    records.append_slice(&[1, 2]).unwrap();
    let error = records.finish().unwrap_err();
    assert!(error.to_string().ends_with("counts 3, not 2"), "{error}");
    assert!(device.bytes().ends_with(&[b'\n', 1, 0, 2, 0]));
}

/// Also where not all rows could be written.
#[test]
fn a_seekable_file_counts_the_rows_that_are_there() {
    let header = Header::for_record::<u32>(0).to_bytes().len();
    let rows: Vec<u32> = (0..100).collect();
    for is_finished in [false, true] {
        for room in [0, 1, 4, 7, 399, 400] {
            let device = Device::default();
            let mut records = RecordWriter::<u32, _>::seekable(device.clone()).unwrap();
            records.append_slice(&rows).unwrap();
            device.set(Fault::Full(header + room));
            match is_finished {
                true => assert_eq!(records.finish().is_err(), room < 400),
                false => drop(records),
            }
            let bytes = device.bytes();
            let there = Reader::<u32, _>::new(&bytes[..])
                .unwrap()
                .read_all()
                .unwrap();
            assert_eq!(there, rows[..room / 4], "{room} bytes, {is_finished}");
        }
    }
}

#[test]
fn a_dropped_member_that_lacks_records_is_reported_by_the_archive() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npz");
    let mut archive = npz::Writer::create(&path).unwrap();
    archive.write("old", &[1_u8]).unwrap();
    archive.finish().unwrap();

    let mut archive = npz::Writer::create(&path).unwrap();
    let mut exact = archive
        .records_with::<u16>("exact", &Header::for_record::<u16>(3))
        .unwrap();
    exact.append(&1_u16).unwrap();
    drop(exact);
    archive.write("other", &[2_u8]).unwrap();
    let error = archive.finish().unwrap_err();
    assert_eq!(
        (error.path(), error.member()),
        (Some(&*path), Some("exact"))
    );
    assert!(error.to_string().ends_with("counts 3, not 1"), "{error}");
    assert_eq!(npz::Reader::open(&path).unwrap().names(), ["old"]);
}

#[test]
fn an_archive_without_an_array_of_it_has_no_directory() {
    // `None`: another array of the name is written.
    for finish in [Some(false), Some(true), None] {
        let device = Device::default();
        let mut archive = npz::Writer::new(device.clone());
        archive.write("before", &[1_u8]).unwrap();
        let mut exact = archive
            .records_with::<u16>("exact", &Header::for_record::<u16>(3))
            .unwrap();
        exact.append(&1_u16).unwrap();
        drop(exact);
        match finish {
            Some(true) => drop(archive.finish().map(drop).unwrap_err()),
            Some(false) => drop(archive),
            None => {
                archive.write("exact", &[2_u16]).unwrap();
                drop(archive);
            }
        }
        let reader = npz::Reader::new(Cursor::new(device.bytes()));
        match finish {
            Some(_) => assert_eq!(reader.unwrap_err().kind(), ErrorKind::Archive),
            None => assert_eq!(reader.unwrap().names(), ["before", "exact"]),
        }
    }
}

#[test]
fn a_member_of_which_finish_reports_that_it_lacks_records_does_not_concern_the_others() {
    let mut archive = npz::Writer::new(Cursor::new(Vec::new()));
    let exact = archive
        .records_with::<u16>("exact", &Header::for_record::<u16>(3))
        .unwrap();
    exact.finish().unwrap_err();
    archive.write("other", &[2_u8]).unwrap();
    let archive = npz::Reader::new(archive.finish().unwrap()).unwrap();
    assert_eq!(archive.names(), ["other"]);
}

#[test]
fn nothing_is_written_after_the_writer_panicked() {
    let device = Device::default();
    let mut records = RecordWriter::<u32, _>::new(device.clone(), 100).unwrap();
    records.append_slice(&[7; 100]).unwrap();
    device.set(Fault::Panic);
    panics(|| drop(records));
    let (bytes, calls) = (device.bytes(), device.calls());
    assert!(
        Reader::<u32, _>::new(&bytes[..])
            .unwrap()
            .read_all()
            .is_err()
    );

    let device = Device::default();
    let mut records = RecordWriter::<u32, _>::new(device.clone(), 40_000).unwrap();
    records.append(&1_u32).unwrap();
    device.set(Fault::Panic);
    panics(|| records.append_slice(&[7; 39_999]).unwrap());
    device.set(Fault::None);
    let before = (device.bytes(), device.calls());
    records.append_slice(&[7; 39_999]).unwrap_err();
    drop(records);
    assert!((device.bytes(), device.calls()) == before);
    assert!(calls > 0);

    // Of a file that can be counted no row is.
    let device = Device::default();
    let mut records = RecordWriter::<u32, _>::seekable(device.clone()).unwrap();
    records.append(&1_u32).unwrap();
    device.set(Fault::Panic);
    panics(|| records.append_slice(&[7; 40_000]).unwrap());
    device.set(Fault::None);
    let before = device.calls();
    records.finish().unwrap_err();
    assert_eq!(device.calls(), before);
    let bytes = device.bytes();
    assert_eq!(Reader::<u32, _>::new(&bytes[..]).unwrap().remaining(), 0);
}

#[test]
fn an_archive_whose_writer_panicked_has_no_directory() {
    for is_finished in [false, true] {
        let device = Device::default();
        let mut archive = npz::Writer::new(device.clone());
        archive.write("before", &[1_u8]).unwrap();
        let mut exact = archive
            .records_with::<u32>("exact", &Header::for_record::<u32>(40_000))
            .unwrap();
        device.set(Fault::Panic);
        panics(|| exact.append_slice(&[7; 40_000]).unwrap());
        device.set(Fault::None);
        drop(exact);
        match is_finished {
            true => drop(archive.finish().map(drop).unwrap_err()),
            false => drop(archive),
        }
        npz::Reader::new(Cursor::new(device.bytes())).unwrap_err();
    }
}

#[test]
fn writing_goes_on_after_a_panic_in_the_program() {
    let device = Device::default();
    panics(|| {
        let mut records = RecordWriter::<u16, _>::seekable(device.clone()).unwrap();
        records.append(&1_u16).unwrap();
        panic!("elsewhere");
    });
    let bytes = device.bytes();
    assert_eq!(
        Reader::<u16, _>::new(&bytes[..])
            .unwrap()
            .read_all()
            .unwrap(),
        [1]
    );
}

#[test]
fn nothing_is_written_after_finish() {
    for room in [usize::MAX, 0] {
        let device = Device::default();
        let mut records = RecordWriter::<u16, _>::seekable(device.clone()).unwrap();
        records.append(&1_u16).unwrap();
        device.set(Fault::Full(room));
        let finished = records.finish();
        device.set(Fault::None);
        let before = device.calls();
        drop(finished);
        assert_eq!(device.calls(), before);
    }
}
