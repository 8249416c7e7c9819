//! The text of a header, as NumPy reads or refuses it.

use crate::{
    format::{file, header, loads},
    numpy::numpy,
};
use npyrec::{DType, Header, NpyRecord, Order};
use serde_json::json;
use std::fs;

#[derive(NpyRecord, Debug, PartialEq)]
pub struct Latin1 {
    pub é: f32,
}

#[test]
fn every_spelling_of_the_dictionary_that_numpy_reads_is_read() {
    let texts = [
        "{'shape': (3,), 'fortran_order': False, 'descr': '<f8'}",
        "{\"descr\":\"<f8\",\"fortran_order\":False,\"shape\":(3,)}",
        "  { 'descr' : '<f8' , 'fortran_order' : False , 'shape' : (   3 , ) , }",
        "{'descr': '<f8',\n 'fortran_order': False, 'shape': (3,), }",
        "{'descr': 'float64', 'fortran_order': False, 'shape': (3L,), }",
        "{'descr': '<i2', 'descr': '<f8', 'fortran_order': False, 'shape': (3,), }",
    ];
    let mut numpy = numpy();
    let dir = tempfile::tempdir().unwrap();
    for text in texts {
        let read = header(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(
            read,
            header("{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }").unwrap()
        );
        for version in [1, 2] {
            let bytes = file(version, text, 64, &[0; 24]);
            assert_eq!(Header::read_from(&mut &bytes[..]).unwrap().shape(), [3]);
            if let Some(numpy) = &mut numpy {
                assert_eq!(
                    loads(numpy, dir.path(), &bytes).unwrap()["shape"],
                    json!([3]),
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn a_dictionary_that_numpy_refuses_is_refused() {
    let texts = [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': [3], }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (03,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-3,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3.0,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': ('3',), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (True,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (********************,), }",
        "{'descr': '<f8', 'fortran_order': 0, 'shape': (3,), }",
        "{'descr': '<f8', 'fortran_order': False}",
        "{'descr': '<f8', 'shape': (3,)}",
        "{'fortran_order': False, 'shape': (3,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 'order': 'C'}",
        "{'descr': '<bool', 'fortran_order': False, 'shape': (3,), }",
        "{'descr': [('a', '<i4'), ('a', '<i4')], 'fortran_order': False, 'shape': (3,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), };",
        "['descr', '<f8']",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775808, 0), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 2), }",
        "",
    ];
    let mut numpy = numpy();
    let dir = tempfile::tempdir().unwrap();
    let mut errors = Vec::new();
    for text in texts {
        errors.push(format!("{text}\n  {}", header(text).unwrap_err()));
        if let Some(numpy) = &mut numpy {
            let theirs = loads(numpy, dir.path(), &file(1, text, 64, &[0; 48]));
            assert!(theirs.is_err(), "{text}: {theirs:?}");
        }
    }
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn what_is_not_a_header_is_refused_at_its_byte() {
    let whole = Header::for_record::<f64>(0).to_bytes();
    let with = |at: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        bytes
    };
    let mut huge = whole.clone();
    huge[6] = 2;
    huge[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut not_utf8 = file(3, "{'descr': '<f8?", 64, &[]);
    not_utf8[26] = 0xff;
    let cases = [
        ("empty", vec![]),
        ("text", b"time,price\n1,2\n".to_vec()),
        ("zip", b"PK\x03\x04\x14\0\0\0".to_vec()),
        ("part of the magic", b"\x93NUM".to_vec()),
        ("no length", b"\x93NUMPY\x01\x00\x76".to_vec()),
        ("no text", whole[..10].to_vec()),
        ("half the text", whole[..60].to_vec()),
        ("version 4.0", with(6, 4)),
        ("version 1.1", with(7, 1)),
        ("a wrong digit", with(67, b'x')),
        ("4 GiB", huge),
        ("not UTF-8", not_utf8),
    ];
    let errors = cases.map(|(case, bytes)| {
        format!(
            "{case}: {}",
            Header::read_from(&mut &bytes[..]).unwrap_err()
        )
    });
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn the_limit_of_a_header_can_be_raised() {
    let names: Vec<_> = (0..50_000).map(|i| (format!("field{i}"), "<f8")).collect();
    let dtype: DType = npyrec::literal::from_str_with_limits(
        &npyrec::literal::to_string(&names).unwrap(),
        npyrec::literal::Limits {
            length: usize::MAX,
            ..Default::default()
        },
    )
    .unwrap();
    let header = Header::new(dtype, Order::C, &[1]).unwrap();
    let bytes = header.to_bytes();
    let error = Header::read_from(&mut &bytes[..]).unwrap_err().to_string();
    assert!(
        error.contains("the limit is 1048576; for reading, `max_header_size` raises it"),
        "{error}"
    );
    assert_eq!(
        Header::read_from_with_max_size(&mut &bytes[..], 2 << 20).unwrap(),
        header
    );
}

/// NumPy writes such a header without a word, and then refuses to load it.
#[test]
fn a_header_over_10_000_bytes_needs_max_header_size() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.npy");
    npyrec::write(&path, &[[0_u8; 0]; 1]).unwrap();
    let code = "dtype = [(f'field{i:04}', 'f8') for i in range(500)]\n\
                np.save(path, np.zeros(2, dtype)); answer = 0";
    numpy.python(&path, code);
    let theirs = numpy.try_ask(json!({"ask": "loads", "path": path}));
    assert!(theirs.unwrap_err().contains("max_header_size"));
    let header = Header::read_from(&mut fs::File::open(&path).unwrap()).unwrap();
    assert_eq!(
        (header.dtype().fields().len(), header.rows()),
        (500, Some(2))
    );
}
