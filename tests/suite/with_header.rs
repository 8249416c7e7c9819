//! Whole arrays, described by a header.

use std::{fs, io::Cursor};

use npyrec::{
    Element, ErrorKind, Header, NpyRecord, Order, Result, Value, npz,
    stream::{self, RecordWriter},
};
use serde_json::json;

use crate::numpy::numpy;

/// The bytes that each writer of whole arrays makes of elements, or its error.
fn every_door<E: Element + Clone>(
    header: &Header,
    elements: &[E],
) -> Vec<(Result<Vec<u8>>, &'static str)> {
    let whole = || {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("array.npy");
        npyrec::write_with(&path, header, elements)?;
        Ok(fs::read(path).unwrap())
    };
    let part = || {
        let mut arrays = stream::Writer::new(Vec::new());
        arrays.write_with(header, elements)?;
        Ok(arrays.into_inner())
    };
    let records = || {
        let mut records = RecordWriter::<E, _>::with_header(Vec::new(), header)?;
        records.append_slice(elements)?;
        records.finish()
    };
    let records_of_part = || {
        let mut arrays = stream::Writer::new(Vec::new());
        let mut records = arrays.records_with::<E>(header)?;
        elements
            .iter()
            .try_for_each(|element| records.append(element))?;
        records.finish()?;
        Ok(arrays.into_inner())
    };
    let member = || {
        let mut archive = npz::Writer::new(Cursor::new(Vec::new()));
        archive.write_with("array", header, elements)?;
        member_of(archive)
    };
    let records_of_member = || {
        let mut archive = npz::Writer::new(Cursor::new(Vec::new()));
        let mut records = archive.records_with::<E>("array", header)?;
        records.extend(elements.iter().cloned())?;
        records.finish()?;
        member_of(archive)
    };
    vec![
        (whole(), "write_with"),
        (part(), "stream::Writer::write_with"),
        (records(), "RecordWriter::with_header"),
        (records_of_part(), "stream::Writer::records_with"),
        (member(), "npz::Writer::write_with"),
        (records_of_member(), "npz::Writer::records_with"),
    ]
}

/// The bytes of the only member of an archive that is not compressed.
fn member_of(archive: npz::Writer<Cursor<Vec<u8>>>) -> Result<Vec<u8>> {
    let bytes = archive.finish()?.into_inner();
    let start = bytes.windows(6).position(|at| at == b"\x93NUMPY").unwrap();
    let header = Header::read_from(&mut &bytes[start..])?;
    let len = header.to_bytes().len() + header.data_len().unwrap() as usize;
    Ok(bytes[start..start + len].to_vec())
}

/// What `np.save` writes for an expression.
fn saved(array: &str) -> Option<Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("array.npy");
    let code = format!("np.save(path, {array}); answer = 1");
    assert_eq!(numpy()?.python(&path, &code), json!(1));
    Some(fs::read(path).unwrap())
}

fn is_saved_as<E: Element + Clone>(header: &Header, elements: &[E], array: &str) {
    let Some(saved) = saved(array) else { return };
    for (bytes, door) in every_door(header, elements) {
        assert_eq!(bytes.unwrap(), saved, "{door}: {array}");
    }
}

fn header(dtype: &str, order: Order, shape: &[u64]) -> Header {
    Header::new(dtype.parse().unwrap(), order, shape).unwrap()
}

#[test]
fn an_array_of_a_header_is_that_of_numpy_at_every_door() {
    let c = header("<f4", Order::C, &[2, 3]);
    let array = "np.arange(6, dtype='<f4').reshape(2, 3)";
    let elements = [0.0_f32, 1.0, 2.0, 3.0, 4.0, 5.0];
    is_saved_as(&c, &elements, array);
    is_saved_as(&c, &elements.map(Value::from), array);
    // Records may be arrays of the last axes.
    is_saved_as(&c, &[[0.0_f32, 1.0, 2.0], [3.0, 4.0, 5.0]], array);
    is_saved_as(&c, &[[[0.0_f32, 1.0, 2.0], [3.0, 4.0, 5.0]]], array);

    let fortran = header("<f4", Order::Fortran, &[2, 3]);
    let elements = [0.0_f32, 3.0, 1.0, 4.0, 2.0, 5.0];
    let array = format!("np.asfortranarray({array})");
    is_saved_as(&fortran, &elements, &array);
    is_saved_as(&fortran, &elements.map(Value::from), &array);
}

#[derive(NpyRecord, Clone, Copy)]
struct Nothing {}

#[test]
fn an_array_that_is_in_both_orders_is_saved_in_c_order_as_in_numpy() {
    let [column, empty] = [&[3, 1], &[0, 2]].map(|shape| header("|u1", Order::Fortran, shape));
    is_saved_as(&column, &[7_u8; 3], "np.full((3, 1), 7, 'u1', order='F')");
    is_saved_as::<u8>(&empty, &[], "np.zeros((0, 2), 'u1', order='F')");
    let scalar = header("|u1", Order::Fortran, &[]);
    is_saved_as(&scalar, &[7_u8], "np.array(7, 'u1')");
    let nothing = header("[]", Order::Fortran, &[2, 3]);
    is_saved_as(
        &nothing,
        &[Nothing {}; 6],
        "np.zeros((2, 3), [], order='F')",
    );
}

#[test]
fn elements_that_are_not_those_of_the_header_are_refused_at_every_door() {
    fn refused<E: Element + Clone>(header: &Header, elements: &[E], kind: ErrorKind) -> String {
        let mut texts = Vec::new();
        for (bytes, door) in every_door(header, elements) {
            let error = bytes.unwrap_err();
            assert_eq!(error.kind(), kind, "{door}: {error}");
            texts.push(error.to_string());
        }
        texts.swap_remove(1)
    }
    let c = header("<f4", Order::C, &[2, 3]);
    let fortran = header("<f4", Order::Fortran, &[2, 3]);
    let objects = header("|O", Order::C, &[1]);
    let texts = [
        refused(&c, &[1.0_f64; 6], ErrorKind::DType),
        refused(&c, &[[1.0_f32; 2]; 3], ErrorKind::DType),
        refused(&c, &[1.0_f32; 5], ErrorKind::Shape),
        refused(&c, &[[1.0_f32; 3]], ErrorKind::Shape),
        refused(&fortran, &[[1.0_f32; 3]; 2], ErrorKind::Shape),
        refused(&objects, &[Value::from(1)], ErrorKind::DType),
    ];
    insta::assert_snapshot!(texts.join("\n"));
}
