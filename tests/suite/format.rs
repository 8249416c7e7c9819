//! The format as it is really met: one test a rule.

use std::{fs, path::Path};

use npyrec::{
    AppendOptions, Appender, Bytes, DType, Header, NpyRecord, Order, Reader, Version, Void,
};
use proptest::prelude::*;
use serde_json::json;

use crate::{
    dictionaries::Latin1,
    numpy::{Numpy, numpy},
};

/// A file with a header of that text, padded to a multiple of `alignment`, and some data.
pub fn file(version: u8, text: &str, alignment: usize, data: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = match version {
        3 => text.bytes().collect(),
        _ => text.chars().map(|c| u8::try_from(c).unwrap()).collect(),
    };
    let width = if version == 1 { 2 } else { 4 };
    let padding = alignment - (8 + width + text.len() + 1) % alignment;
    let len = text.len() + padding % alignment + 1;
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([version, 0]);
    bytes.extend(&len.to_le_bytes()[..width]);
    bytes.extend(text);
    bytes.resize(8 + width + len - 1, b' ');
    bytes.push(b'\n');
    bytes.extend(data);
    bytes
}

/// A file without data, of a dtype and shape that `Header::new` may refuse.
pub fn empty(descr: &str, order: Order, shape: &[u64]) -> Vec<u8> {
    let order = if order == Order::Fortran {
        "True"
    } else {
        "False"
    };
    let shape: String = shape.iter().map(|dim| format!("{dim}, ")).collect();
    let text = format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': ({shape}), }}");
    file(1, &text, 64, &[])
}

pub fn header(text: &str) -> Result<Header, String> {
    Header::read_from(&mut &file(1, text, 64, &[])[..]).map_err(|e| e.to_string())
}

/// Returns the array that NumPy reads from a file of these bytes, or its error.
pub fn loads(numpy: &mut Numpy, dir: &Path, bytes: &[u8]) -> Result<serde_json::Value, String> {
    let path = dir.join("loads.npy");
    fs::write(&path, bytes).unwrap();
    numpy.try_ask(json!({"ask": "loads", "path": path}))
}

/// Headers as they are met in the wild, with the file's rows and the bytes of its data.
const WILD: [(&str, &str, u64, usize); 6] = [
    (
        "open-ephys",
        "{'descr': '<i8', 'fortran_order': False, 'shape': (0, 3,), }",
        0,
        0,
    ),
    (
        "open-ephys text",
        "{'descr': [('time', '<i8', (1,)), ('text', '|S12', (1,))], 'fortran_order': False, 'shape': (7,), }",
        7,
        140,
    ),
    (
        "hftbacktest",
        "{'descr': [('ev', '<u8'), ('px', '<f8'), ], 'fortran_order': False, 'shape': (4, ), }",
        4,
        64,
    ),
    (
        "Python 2",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (10L,), }",
        10,
        80,
    ),
    (
        "hand-written",
        r#"{"descr": "<f8", "shape": (3,), "fortran_order": False}"#,
        3,
        24,
    ),
    (
        "nested",
        "{'descr': [('a', '<i4'), ('b', [('c', '>f4', (2,))], (3,))], 'fortran_order': False, 'shape': (    5,), }",
        5,
        140,
    ),
];

#[test]
fn headers_met_in_the_wild_are_read_as_numpy_reads_them() {
    let dir = tempfile::tempdir().unwrap();
    let mut numpy = numpy();
    let mut read = Vec::new();
    for (origin, text, rows, len) in WILD {
        let bytes = file(1, text, 16, &vec![0; len]);
        let header = Header::read_from(&mut &bytes[..]).unwrap();
        assert_eq!(header.rows(), Some(rows), "{origin}");
        assert_eq!(header.data_len(), Some(len as u64), "{origin}");
        read.push(format!("{origin}: {header}"));
        if let Some(numpy) = &mut numpy {
            let theirs = loads(numpy, dir.path(), &bytes).unwrap();
            assert_eq!(theirs["shape"], json!(header.shape()), "{origin}");
            let descr = header.dtype().to_string();
            assert_eq!(
                theirs["descr"].as_str().unwrap().trim_matches('\''),
                descr,
                "{origin}"
            );
        }
    }
    insta::assert_snapshot!(read.join("\n"));
}

/// Appends a row of zeros to a file made of a header of the wild.
fn append_to<R: NpyRecord + Default>(
    text: &str,
    alignment: usize,
    len: usize,
) -> npyrec::Result<Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("wild.npy");
    fs::write(&path, file(1, text, alignment, &vec![0; len])).unwrap();
    // Those that are padded to 16 have room for few rows.
    let mut appender = AppendOptions::new()
        .accept_little_room(true)
        .open::<R>(&path)?;
    appender.append(&R::default())?;
    appender.close()?;
    if let Some(mut numpy) = numpy() {
        let resaved = numpy.resave(&path);
        if alignment == 64 {
            assert_eq!(fs::read(&path).unwrap(), resaved);
        }
    }
    Ok(fs::read(&path).unwrap())
}

#[test]
fn headers_met_in_the_wild_are_appended_to_where_there_is_room() {
    type Text = ([i64; 1], [Bytes<12>; 1]);
    let text_names = WILD[1].1.replace("time", "f0").replace("text", "f1");
    let pair_names = WILD[2].1.replace("ev", "f0").replace("px", "f1");
    for alignment in [16, 64] {
        append_to::<[i64; 3]>(WILD[0].1, alignment, 0).unwrap();
        append_to::<Text>(&text_names, alignment, 140).unwrap();
        append_to::<(u64, f64)>(&pair_names, alignment, 64).unwrap();
        let bytes = append_to::<f64>(WILD[3].1, alignment, 80).unwrap();
        assert!(
            bytes.len() % 16 == 8 && String::from_utf8_lossy(&bytes).contains("'shape': (11,), }")
        );
    }
    append_to::<f64>(WILD[4].1, 64, 24).unwrap();
}

/// The intermediate headers that an appender writes if a single write of the digits might be torn.
#[test]
fn of_a_shape_given_twice_the_last_one_counts() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("twice.npy");
    for (order, shapes, expected) in [
        ("False", "(10,),'shape':(2,)", &[2][..]),
        ("False", "(190,),'shape':(2,)", &[2]),
        ("False", "(1, 0,),'shape':(2, 3)", &[2, 3]),
        ("False", "(1, 60,),'shape':(2, 3)", &[2, 3]),
        ("True", "(3, 10,),'shape': (3, 2)", &[3, 2]),
    ] {
        let text = format!("{{'descr': '|u1', 'fortran_order': {order}, 'shape': {shapes}}}");
        fs::write(&path, file(1, &text, 64, &[7; 6])).unwrap();
        let header = Header::read_from(&mut fs::File::open(&path).unwrap()).unwrap();
        assert_eq!(header.shape(), expected);
        let Some(mut numpy) = numpy() else { continue };
        let loaded = numpy.ask(json!({"ask": "loads", "path": path}));
        assert_eq!(loaded["shape"], json!(expected), "{shapes}");
    }
}

#[test]
fn a_file_without_growth_room_is_refused_before_it_is_touched() {
    // 54 characters and a line end after ten bytes: no space to spare.
    let text = "{'descr':'<f8','fortran_order':False,'shape':(9,)}    ";
    let bytes = file(1, text, 1, &[0; 72]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("full.npy");
    fs::write(&path, &bytes).unwrap();
    let error = Appender::<f64>::open(&path).unwrap_err();
    assert_eq!(error.max_rows(), Some(9), "{error}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn rows_beyond_the_growth_room_are_refused_and_the_others_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("narrow.npy");
    let text = "{'descr': '<i2', 'fortran_order': False, 'shape': (98,), } ";
    fs::write(&path, file(1, text, 1, &[0; 196])).unwrap();
    let options = AppendOptions::new().accept_little_room(true);
    let mut appender = options.open::<i16>(&path).unwrap();
    assert_eq!(appender.max_rows(), 999);
    appender.append_slice(&[1; 900]).unwrap();
    appender.append(&2).unwrap();
    let error = appender.append(&3).unwrap_err();
    assert_eq!(error.max_rows(), Some(999), "{error}");
    assert!(appender.append_slice(&[4; 10]).is_err());
    assert_eq!(appender.rows(), 999);
    appender.close().unwrap();
    let read = npyrec::read::<i16>(&path).unwrap();
    assert_eq!((read.len(), read[998]), (999, 2));
}

#[test]
fn any_header_is_written_as_numpy_writes_it() {
    let Some(mut numpy) = numpy() else { return };
    let dtypes = [
        "<f8",
        "|b1",
        ">M8[25us]",
        "<U3",
        "|V0",
        "[]",
        "[('a', '<i4')]",
        "[('é', '|u1')]",
        "[('日', '|u1')]",
        "[(('title', 'a'), '<i4', (2, 3)), ('', '|V7'), ('b', [('c', '>c16')])]",
    ];
    let shapes: [&[u64]; 9] = [
        &[],
        &[0],
        &[3],
        &[10_000_000],
        &[0, 4],
        &[7, 1, 2],
        &[1 << 40],
        &[5, 0, 123_456_789],
        &[1; 64],
    ];
    for dtype in dtypes {
        let dtype: DType = dtype.parse().unwrap();
        for shape in shapes {
            for order in [Order::C, Order::Fortran] {
                let ours = Header::new(dtype.clone(), order, shape).unwrap();
                let code = format!(
                    "from numpy.lib import _format_impl as impl\n\
                     out = io.BytesIO()\n\
                     impl._write_array_header(out, {ours}, None)\n\
                     answer = list(out.getvalue())"
                );
                let theirs = numpy.ask(json!({"ask": "python", "code": code}));
                assert_eq!(json!(ours.to_bytes()), theirs, "{ours}");
            }
        }
    }
}

/// The very bytes, for a change of them to be seen in review.
#[test]
fn the_bytes_of_a_header() {
    use crate::records::{AlignedMixed, Level1, Meters, Tick, Titled, Unicode};
    let headers = [
        Header::for_record::<Meters>(0),
        Header::for_record::<[[f32; 2]; 3]>(7),
        Header::for_record::<Tick>(12_345),
        Header::for_record::<Titled>(1),
        Header::for_record::<Unicode>(1),
        Header::for_record::<AlignedMixed>(1),
        Header::for_record::<Level1>(u64::MAX),
        Header::new("<f8".parse().unwrap(), Order::Fortran, &[2, 30, 5]).unwrap(),
        Header::new("<f8".parse().unwrap(), Order::C, &[]).unwrap(),
    ];
    let bytes = headers.map(|header| header.to_bytes().escape_ascii().to_string());
    insta::assert_snapshot!(bytes.join("\n"));
}

#[test]
fn headers_of_few_and_of_many_rows_have_the_same_length() {
    let len = |rows| Header::for_record::<(u8, f64)>(rows).to_bytes().len();
    assert_eq!(len(3), len(10_000_000));
    assert_eq!(len(0), len(u64::MAX));
}

#[test]
fn the_version_is_the_oldest_that_holds_the_text() {
    let version = |name: &str| {
        let dtype: DType = npyrec::literal::to_string(&vec![(name, "<f8")])
            .unwrap()
            .parse()
            .unwrap();
        let header = Header::new(dtype, Order::C, &[1]).unwrap();
        let read = Header::read_from(&mut &header.to_bytes()[..]).unwrap();
        assert_eq!(read, header);
        (header.version(), header.to_bytes()[10])
    };
    assert_eq!(version("price"), (Version::V1_0, b'{'));
    assert_eq!(version("é"), (Version::V1_0, b'{'));
    assert_eq!(version("日").0, Version::V3_0);
    assert_eq!(version(&"long".repeat(20_000)).0, Version::V2_0);
}

#[test]
fn a_latin1_name_is_one_byte_and_read_back_from_numpys_own_file() {
    let bytes = Header::new("[('é', '<f4')]".parse().unwrap(), Order::C, &[0])
        .unwrap()
        .to_bytes();
    assert!(bytes.windows(3).any(|w| w == [b'\'', 0xe9, b'\'']));
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("latin1.npy");
    numpy.python(
        &path,
        "np.save(path, np.array([(1.5,)], [('é', 'f4')])); answer = 0",
    );
    let reader = Reader::<Latin1>::open(&path).unwrap();
    assert_eq!(reader.header().version(), Version::V1_0);
    assert_eq!(
        reader.collect::<npyrec::Result<Vec<_>>>().unwrap(),
        [Latin1 { é: 1.5 }]
    );
}

#[test]
fn bytes_behind_the_rows_are_ignored_by_a_reader() {
    let mut bytes = Header::for_record::<u16>(2).to_bytes();
    bytes.extend([1, 0, 2, 0, 3, 0, 4]);
    let rows: Vec<u16> = Reader::<u16>::new(&bytes[..])
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows, [1, 2]);
}

#[test]
fn objects_are_recognised_and_refused() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("objects.npy");
    for dtype in ["object", "[('a', '<i4'), ('b', [('c', 'O')])]"] {
        numpy.python(
            &path,
            &format!("np.save(path, np.zeros(2, {dtype}), allow_pickle=True); answer = 0"),
        );
        let header = Header::read_from(&mut fs::File::open(&path).unwrap()).unwrap();
        assert!(header.dtype().has_objects());
        let error = npyrec::read::<f64>(&path).unwrap_err();
        assert!(
            error.to_string().contains("pickled Python objects"),
            "{error}"
        );
        let error = Appender::<f64>::open(&path).unwrap_err();
        assert!(
            error.to_string().contains("pickled Python objects"),
            "{error}"
        );
    }
}

#[test]
fn trailing_nuls_are_padding_in_bytes_and_data_in_voids() {
    let bytes = Bytes::from(*b"ab\0\0");
    assert_eq!(bytes.as_bytes(), b"ab");
    assert_eq!(Bytes::<4>::new(b"ab"), Some(bytes));
    assert_eq!(Bytes::<4>::new(b"ab\0"), None);
    assert_eq!(Void(*b"ab\0\0").0, *b"ab\0\0");
}

#[test]
fn a_long_double_is_sixteen_bytes_and_no_half() {
    let dtype: DType = "<f16".parse().unwrap();
    assert_eq!(dtype.itemsize(), 16);
    let mut bytes = Header::new(dtype, Order::C, &[1]).unwrap().to_bytes();
    bytes.extend([0; 16]);
    let error = Reader::<npyrec::half::f16>::new(&bytes[..]).unwrap_err();
    insta::assert_snapshot!(error, @r"
    the dtype of the file is not that of the record:
      file has <f16, record has <f2
      to convert, use `ReadOptions::casting(Casting::SameKind)`
    ");
}

/// `bfloat16` of `ml_dtypes` is `<V2`, which NumPy itself writes as `|V2`: both are read.
#[test]
fn bfloat16_is_a_void_of_two_bytes() {
    use npyrec::half::bf16;
    for descr in ["'<V2'", "'|V2'"] {
        let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (1,), }}");
        let bytes = file(1, &text, 64, &[0x80, 0x3f]);
        let rows: Vec<bf16> = Reader::<bf16>::new(&bytes[..])
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(rows, [bf16::ONE]);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_header_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Header::read_from(&mut &bytes[..]);
    }

    #[test]
    fn any_mutation_of_a_header_is_a_header_or_refused(
        which in 0..WILD.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = file(1, WILD[which].1, 64, &[]);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = Header::read_from(&mut &bytes[..]);
        let _ = Header::read_from(&mut &bytes[..cut.index(bytes.len())]);
    }
}
