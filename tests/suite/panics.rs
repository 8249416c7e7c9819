//! Records whose encoding panics, to writers that go on.

use std::{
    io::{Cursor, Write},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

use npyrec::{
    AppendOptions, Casting, DType, DecodeError, EncodeAs, EncodeError, NpyRecord, npz, stream,
};

/// A number, unless it is 100 or more.
#[derive(Clone, Copy)]
struct Moody(u16);

impl EncodeAs<Moody> for Moody {
    fn encode_as(&self, (): &(), out: &mut [u8]) -> Result<(), EncodeError> {
        self.encode(out)
    }
}

impl NpyRecord for Moody {
    const ITEMSIZE: usize = 2;

    fn dtype() -> DType {
        u16::dtype()
    }

    fn encode(&self, out: &mut [u8]) -> Result<(), EncodeError> {
        out.fill(0xee);
        match self.0 {
            0..100 => self.0.encode(out),
            _ => resume_unwind(Box::new("in a mood")),
        }
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        u16::decode(bytes).map(Moody)
    }
}

/// Appends three numbers, after the first of which another panics.
fn append(mut append: impl FnMut(&Moody) -> npyrec::Result<()>) {
    append(&Moody(1)).unwrap();
    catch_unwind(AssertUnwindSafe(|| append(&Moody(100)))).unwrap_err();
    append(&Moody(2)).unwrap();
    append(&Moody(3)).unwrap();
}

#[test]
fn a_record_that_panics_is_left_out_of_a_file_to_which_it_is_converted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("moods.npy");
    npyrec::write::<u64>(&path, &[]).unwrap();
    let options = AppendOptions::new().casting(Casting::Safe);
    let mut moods = options.commit_every(1).open::<Moody>(&path).unwrap();
    append(|mood| moods.append(mood));
    assert_eq!(moods.committed_rows(), 3);
    assert_eq!(npyrec::read::<u64>(&path).unwrap(), [1, 2, 3]);
}

#[test]
fn a_record_that_panics_is_left_out_of_a_stream() {
    let mut records = stream::RecordWriter::new(Vec::new(), 3).unwrap();
    append(|mood| records.append(mood));
    let bytes = records.finish().unwrap();
    let mut records = stream::RecordWriter::seekable(Cursor::new(Vec::new())).unwrap();
    append(|mood| records.append(mood));
    assert_eq!(records.finish().unwrap().into_inner(), bytes);
    let mut expected = npyrec::Header::for_record::<u16>(3).to_bytes();
    expected.write_all(&[1, 0, 2, 0, 3, 0]).unwrap();
    assert_eq!(bytes, expected);
}

#[test]
fn a_record_that_panics_is_left_out_of_an_archive() {
    let mut archive = npz::Writer::new(Cursor::new(Vec::new()));
    let mut log = archive.records::<Moody>("log").unwrap();
    append(|mood| log.append(mood));
    log.finish().unwrap();
    let mut exact = archive
        .records_with::<Moody>("exact", &npyrec::Header::for_record::<Moody>(3))
        .unwrap();
    append(|mood| exact.append(mood));
    exact.finish().unwrap();
    let mut archive = npz::Reader::new(archive.finish().unwrap()).unwrap();
    for name in ["log", "exact"] {
        assert_eq!(archive.read::<u16>(name).unwrap(), [1, 2, 3]);
    }
}
