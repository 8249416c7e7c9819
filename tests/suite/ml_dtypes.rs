//! The types of the Python package `ml_dtypes`: `bfloat16` is a number, the others are raw bytes.

use std::{fs, path::Path, process::Command};

use npyrec::{
    AppendOptions, Appender, Casting, ErrorKind, NpyFile, ReadOptions, Value, Void, half::bf16,
    half::f16,
};

use crate::{
    format::file,
    numpy::{has_numpy, numpy},
    python::python,
};

/// A file of three elements with a descr that is written by hand.
fn by_hand(path: &Path, descr: &str, data: &[u8]) {
    let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (3,), }}");
    fs::write(path, file(1, &text, 64, data)).unwrap();
}

const NUMBERS: [f32; 3] = [1.5, 2.0, -3.0];

fn numbers() -> Vec<u8> {
    NUMBERS
        .iter()
        .flat_map(|&number| bf16::from_f32(number).to_le_bytes())
        .collect()
}

#[test]
fn bfloat16_is_read_by_its_name_and_by_what_numpy_saves() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bf16.npy");
    for descr in ["'bfloat16'", "'<V2'"] {
        by_hand(&path, descr, &numbers());
        let rows = npyrec::read::<bf16>(&path).unwrap();
        assert_eq!(rows, NUMBERS.map(bf16::from_f32), "{descr}");
        let file = NpyFile::open(&path).unwrap();
        assert_eq!(file.header().dtype().to_string(), "<V2");
        let values: Vec<Value> = file.rows().map(Result::unwrap).collect();
        assert_eq!(values, NUMBERS.map(Value::BFloat16));
    }
}

#[test]
fn bfloat16_is_cast_safely_to_wider_floats_and_within_a_kind_from_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bf16.npy");
    by_hand(&path, "'bfloat16'", &numbers());
    let safe = ReadOptions::new().casting(Casting::Safe);
    assert_eq!(safe.read::<f32>(&path).unwrap(), NUMBERS);
    let safe = ReadOptions::new().casting(Casting::Safe);
    assert_eq!(safe.read::<f64>(&path).unwrap(), NUMBERS.map(f64::from));
    let equiv = ReadOptions::new().casting(Casting::Equiv);
    let error = equiv.read::<f32>(&path).unwrap_err();
    assert!(
        error.to_string().contains(
            "file has <V2, record has <f4\n  to convert, use `ReadOptions::casting(Casting::Safe)`"
        ),
        "{error}"
    );
    let same_kind = ReadOptions::new().casting(Casting::SameKind);
    assert_eq!(
        same_kind.read::<f16>(&path).unwrap(),
        NUMBERS.map(f16::from_f32)
    );
    let refused = [
        ReadOptions::new()
            .casting(Casting::Safe)
            .read::<f16>(&path)
            .err(),
        ReadOptions::new()
            .casting(Casting::SameKind)
            .read::<i32>(&path)
            .err(),
    ];
    assert!(refused.iter().all(|error| {
        matches!(
            error.as_ref().map(npyrec::Error::kind),
            Some(ErrorKind::DType)
        )
    }));

    let wider = dir.path().join("f4.npy");
    npyrec::write(&wider, &[1.5_f32, 1.0 + 1.0 / 256.0, f32::NEG_INFINITY]).unwrap();
    let safe = ReadOptions::new().casting(Casting::Safe);
    assert!(safe.read::<bf16>(&wider).is_err());
    let same_kind = ReadOptions::new().casting(Casting::SameKind);
    let rounded = [1.5, 1.0, f32::NEG_INFINITY].map(bf16::from_f32);
    assert_eq!(same_kind.read::<bf16>(&wider).unwrap(), rounded);
}

#[test]
fn floats_are_appended_to_bfloat16_which_is_written_as_np_save_writes_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bf16.npy");
    by_hand(&path, "'<V2'", &numbers());
    let options = AppendOptions::new().casting(Casting::SameKind);
    let mut appender = options.open::<f32>(&path).unwrap();
    appender.append(&0.1).unwrap();
    assert!(appender.append(&f32::MAX).is_err());
    appender.close().unwrap();
    let rows = npyrec::read::<bf16>(&path).unwrap();
    let expected = [1.5, 2.0, -3.0, 0.1].map(bf16::from_f32);
    assert_eq!(rows, expected);
    let Some(mut numpy) = numpy() else { return };
    let code = "import ml_dtypes\n\
                np.save(path + '.npy', np.array([1.5, 2, -3, 0.1], 'bfloat16'))\n\
                answer = open(path, 'rb').read() == open(path + '.npy', 'rb').read()";
    assert_eq!(numpy.python(&path, code), true);
}

/// Descrs with types by name, and the size of an element.
const NAMED: [(&str, usize); 9] = [
    ("'bfloat16'", 2),
    ("'int4'", 1),
    ("'float8_e4m3fn'", 1),
    ("'<f1'", 1),
    ("'<W4'", 4),
    ("('int4', (1,))", 1),
    ("[('x', '<i2'), ('y', 'float8_e5m2', (2,))]", 4),
    (
        "[('x', 'bfloat16'), ('', '|V3'), (('t', 'y'), [('z', 'int4')], (2, 1))]",
        7,
    ),
    ("[('x', ('bfloat16', (2,)), (3,)), ('int4', '<f8')]", 20),
];

/// Returns the header's text without its padding, and what is after the header.
fn text_and_data(path: &Path) -> (String, Vec<u8>) {
    let bytes = fs::read(path).unwrap();
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let text = String::from_utf8(bytes[10..start].to_vec()).unwrap();
    (text.trim_end().to_owned(), bytes[start..].to_vec())
}

fn expected_text(descr: &str, rows: u64) -> String {
    format!("{{'descr': {descr}, 'fortran_order': False, 'shape': ({rows},), }}")
}

#[test]
fn an_appended_file_keeps_the_names_of_its_types() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("named.npy");
    for (descr, size) in NAMED {
        let data: Vec<u8> = (0..3 * size).map(|n| n as u8).collect();
        by_hand(&path, descr, &data);
        let dtype = NpyFile::open(&path).unwrap().header().dtype().clone();
        let values: Vec<Value> = NpyFile::open(&path)
            .unwrap()
            .rows()
            .map(Result::unwrap)
            .collect();
        let mut appender = Appender::open_with_dtype(&path, &dtype).unwrap();
        appender.append(&values[0]).unwrap();
        appender.close().unwrap();
        let (text, written) = text_and_data(&path);
        assert_eq!(text, expected_text(descr, 4));
        assert_eq!(written.len(), 4 * size, "{descr}");
        assert!(written.starts_with(&data), "{descr}");
    }
}

#[test]
fn a_mended_file_keeps_the_names_of_its_types() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("named.npy");
    for (descr, size) in NAMED {
        // The header counts 3 rows of 5.
        by_hand(&path, descr, &vec![1; 5 * size]);
        let report = npyrec::recover(&path, npyrec::Recovery::Adopt).unwrap();
        assert_eq!(report.rows(), 5, "{descr}");
        assert_eq!(text_and_data(&path).0, expected_text(descr, 5));
    }
}

#[test]
fn a_file_made_appendable_keeps_the_names_of_its_types() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("named.npy");
    for (descr, size) in NAMED {
        let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (3,)}}\n");
        fs::write(&path, file(1, &text, 1, &vec![1; 3 * size])).unwrap();
        assert!(npyrec::make_appendable(&path).unwrap());
        assert_eq!(text_and_data(&path).0, expected_text(descr, 3));
        assert!(!npyrec::make_appendable(&path).unwrap());
    }
}

#[test]
fn a_header_keeps_the_names_of_its_types_in_json() {
    for (descr, _) in NAMED {
        let bytes = file(1, &expected_text(descr, 3), 64, &[]);
        let header = npyrec::Header::read_from(&mut &bytes[..]).unwrap();
        assert_eq!(header.to_string(), expected_text(descr, 3));
        let json = serde_json::to_string(&header).unwrap();
        let read: npyrec::Header = serde_json::from_str(&json).unwrap();
        assert_eq!(read.to_string(), expected_text(descr, 3), "{json}");
        assert_eq!(read, header);
    }
}

#[test]
fn ml_dtypes_loads_what_was_appended_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("named.npy");
    by_hand(&path, "'bfloat16'", &numbers());
    let options = AppendOptions::new().casting(Casting::SameKind);
    let mut appender = options.open::<f32>(&path).unwrap();
    appender.append(&0.5).unwrap();
    appender.close().unwrap();
    let Some(mut numpy) = numpy() else { return };
    let code = "import ml_dtypes\n\
                array = np.load(path)\n\
                answer = [str(array.dtype), array.astype('f4').tolist()]";
    let expected = serde_json::json!(["bfloat16", [1.5, 2.0, -3.0, 0.5]]);
    assert_eq!(numpy.python(&path, code), expected);
}

#[test]
fn the_other_types_are_read_as_raw_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("raw.npy");
    for descr in [
        "'float8_e4m3fn'",
        "'float8_e5m2'",
        "'<f1'",
        "'int4'",
        "'uint2'",
        "'float4_e2m1fn'",
    ] {
        by_hand(&path, descr, &[0x3c, 0x40, 0xff]);
        let rows = npyrec::read::<Void<1>>(&path).unwrap();
        let bytes: Vec<u8> = rows.iter().map(|row| row.0[0]).collect();
        assert_eq!(bytes, [0x3c, 0x40, 0xff], "{descr}");
    }
    by_hand(
        &path,
        "[('x', '<i2'), ('y', 'float8_e5m2', (2,))]",
        &[1, 0, 7, 9].repeat(3),
    );
    let file = NpyFile::open(&path).unwrap();
    let dtype = file.header().dtype().to_string();
    assert_eq!(dtype, "[('x', '<i2'), ('y', '<V1', (2,))]");
}

/// The oracle has imported `ml_dtypes`.
#[test]
fn numpy_alone_does_not_load_them_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("named.npy");
    let descrs = [
        "'bfloat16'",
        "'int4'",
        "'<f1'",
        "[('x', 'bfloat16')]",
        "'<V2'",
        "'<f2'",
    ];
    for descr in descrs {
        by_hand(&path, descr, &[0; 6]);
        let expected = ["'<V2'", "'<f2'"].contains(&descr);
        let report = npyrec::check(&path).unwrap();
        assert_eq!(report.numpy_loads(), expected, "{descr}");
        if has_numpy() {
            let code = "import sys, numpy; numpy.load(sys.argv[1])";
            let mut load = Command::new(python().unwrap());
            let loaded = load.args(["-c", code]).arg(&path).output().unwrap();
            assert_eq!(loaded.status.success(), expected, "{descr}");
        }
    }
}
