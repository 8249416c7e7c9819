//! Values, and other types that are encoded as a record, at each writer.

use crate::{
    endings::{Name, name, saved},
    headers::header_of,
};
use npyrec::{
    DType, EncodeAs, ErrorKind, Header, NpyRecord, Order, Value, npz,
    stream::{self, RecordWriter},
};
use std::io::Cursor;

#[test]
fn values_are_written_at_every_door() {
    let dtype: DType = "[('id', 'u1'), ('name', 'S2')]".parse().unwrap();
    let value = |id: u64, name: &str| -> Value {
        let fields = [("id", Value::from(id)), ("name", Value::Bytes(name.into()))];
        Value::from(npyrec::value::Record::from_iter(fields))
    };
    let values: Vec<Value> = (0..6).map(|id| value(id, "x")).collect();
    let header = |shape: &[u64], order| Header::new(dtype.clone(), order, shape).unwrap();
    let six = header(&[6], Order::C);
    let pairs = |order| header(&[3, 2], order);
    let rows: Vec<Name> = (0..6).map(|id| name(id, "x")).collect();
    let expected = saved(&rows);
    let shaped = |order| {
        let mut arrays = stream::Writer::new(Vec::new());
        arrays
            .write_with(&header_of::<Name>(&[3, 2], order), &rows)
            .unwrap();
        arrays.into_inner()
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("values.npy");

    npyrec::write_with(&path, &six, &values).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), expected);

    let mut records = RecordWriter::with_header(Vec::new(), &six).unwrap();
    records.extend(&values).unwrap();
    assert_eq!(records.finish().unwrap(), expected);
    let mut records = RecordWriter::seekable_with_dtype(Cursor::new(Vec::new()), &dtype).unwrap();
    records.append_slice(&values).unwrap();
    assert_eq!(records.finish().unwrap().into_inner(), expected);

    for order in [Order::C, Order::Fortran] {
        let expected = shaped(order);
        let mut arrays = stream::Writer::new(Vec::new());
        arrays.write_with(&pairs(order), &values).unwrap();
        arrays.write_with(&six, &values).unwrap();
        let mut records = arrays.records_with(&pairs(order)).unwrap();
        records.append_slice(&values).unwrap();
        records.finish().unwrap();
        let mut records = arrays.records_with(&six).unwrap();
        records.append_slice(&values).unwrap();
        records.finish().unwrap();
        let flat = saved(&rows);
        let all = [&expected[..], &flat, &expected, &flat].concat();
        assert_eq!(arrays.into_inner(), all);
        let mut records = RecordWriter::with_header(Vec::new(), &pairs(order)).unwrap();
        records.append_slice(&values).unwrap();
        assert_eq!(records.finish().unwrap(), expected);
    }

    let mut archive = npz::Writer::new(Cursor::new(Vec::new()));
    archive.write_with("all", &six, &values).unwrap();
    archive
        .write_with("fortran", &pairs(Order::Fortran), &values)
        .unwrap();
    let mut log = archive.records_with_dtype("log", &dtype).unwrap();
    log.append_slice(&values).unwrap();
    log.finish().unwrap();
    let mut exact = archive.records_with("exact", &six).unwrap();
    exact.append_slice(&values).unwrap();
    exact.finish().unwrap();
    let mut archive = npz::Reader::new(archive.finish().unwrap()).unwrap();
    for member in ["all", "log", "exact"] {
        assert_eq!(archive.read::<Name>(member).unwrap(), rows);
    }
    let fortran = archive.by_name("fortran").unwrap();
    let fortran = fortran.header();
    assert_eq!(
        (fortran.order(), fortran.shape()),
        (Order::Fortran, &[3, 2][..])
    );

    let too_long = [value(1, "a"), value(2, "too long")];
    let error = npyrec::write_with(&path, &header(&[2], Order::C), &too_long).unwrap_err();
    assert_eq!((error.row(), error.path()), (Some(1), Some(&*path)));
    let objects = Header::new("O".parse().unwrap(), Order::C, &[0]).unwrap();
    let error = npyrec::write_with::<Value>(&path, &objects, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType);
}

/// Is stored as the number of its bytes.
struct Text<'a>(&'a str);

impl EncodeAs<u16> for Text<'_> {
    fn encode_as(&self, (): &(), out: &mut [u8]) -> Result<(), npyrec::EncodeError> {
        (self.0.len() as u16).encode(out)
    }
}

#[test]
fn whatever_is_encoded_as_a_record_can_be_appended() {
    let mut records = RecordWriter::<u16, _>::new(Vec::new(), 3).unwrap();
    records.append(&Text("four")).unwrap();
    records.extend([Text("a"), Text("")]).unwrap();
    assert_eq!(records.finish().unwrap(), saved(&[4_u16, 1, 0]));
    let mut archive = npz::Writer::new(Cursor::new(Vec::new()));
    let mut log = archive.records::<u16>("log").unwrap();
    log.append(&Box::new(Text("four"))).unwrap();
    log.finish().unwrap();
}
