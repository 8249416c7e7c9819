//! What is read of the corpus, with and without a type, is what NumPy reads.

use std::{fs, path::Path};

use npyrec::{
    AppendOptions, Appender, Casting, ErrorKind, NpyFile, Order, ReadOptions, Reader, Value,
};
use serde_json::{Value as Json, json};

use crate::{
    corpus::{Entry, corpus, fixtures},
    numpy::shares_long_double,
    python::skipped,
    typed_values::element,
};

/// A value as `corpus.py` writes it.
fn json(value: &Value) -> Json {
    let float = |value: f64| {
        let text = match value {
            value if value.is_nan() => "nan".to_owned(),
            value => format!("{value:?}"),
        };
        json!({ "f": text })
    };
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    match value {
        Value::Bool(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::Uint(value) => json!(value),
        Value::Float16(value) | Value::BFloat16(value) | Value::Float32(value) => {
            float(f64::from(*value))
        }
        Value::Float64(value) | Value::LongDouble(value) => float(*value),
        Value::Complex64(re, im) => json!([float(f64::from(*re)), float(f64::from(*im))]),
        Value::Complex128(re, im) | Value::CLongDouble(re, im) => json!([float(*re), float(*im)]),
        Value::Datetime(ticks, _) | Value::Timedelta(ticks, _) => json!(ticks),
        Value::Bytes(bytes) | Value::Void(bytes) => json!(hex(bytes)),
        Value::Str(text) => json!(text),
        Value::Record(record) => record
            .iter()
            .map(|(name, value)| json!([name, json(value)]))
            .collect(),
        Value::Array(array) => nested(array.shape(), &mut array.values().iter().map(json)),
        other => panic!("{other:?}"),
    }
}

fn nested(shape: &[usize], values: &mut dyn Iterator<Item = Json>) -> Json {
    match shape {
        [] => values.next().unwrap(),
        [len, inner @ ..] => (0..*len).map(|_| nested(inner, values)).collect(),
    }
}

/// `{"f": "1e+16"}` as Rust writes it, and all else as it is.
fn normal(value: &Json) -> Json {
    match value {
        Json::Array(values) => values.iter().map(normal).collect(),
        Json::Object(object) if object.contains_key("f") => {
            let value: f64 = object["f"].as_str().unwrap().parse().unwrap();
            json(&Value::Float64(value))
        }
        other => other.clone(),
    }
}

/// Takes the axes of an array apart.
fn flatten(axes: usize, value: Json, out: &mut Vec<Json>) {
    match value {
        Json::Array(values) if axes > 0 => {
            values
                .into_iter()
                .for_each(|value| flatten(axes - 1, value, out));
        }
        value => out.push(value),
    }
}

/// Returns true if NumPy and this program read the same numbers from a file.
fn is_comparable(entry: &Entry) -> bool {
    let has_long_double = ["<f16", ">f16", "<c32", ">c32"]
        .iter()
        .any(|name| entry.descr.contains(name));
    !has_long_double || shares_long_double()
}

pub fn has_surrogates(entry: &Entry) -> bool {
    entry
        .values
        .iter()
        .any(|value| value.to_string().contains("{\"u\":"))
}

/// The elements of a file in C order, read without a type.
pub fn elements(path: &Path) -> Vec<Json> {
    let file = NpyFile::open(path).unwrap();
    let axes = file.shape().len().saturating_sub(1);
    let mut elements = Vec::new();
    for row in file.rows() {
        let row = row.unwrap_or_else(|e| panic!("{e}"));
        flatten(axes, json(&row), &mut elements);
    }
    elements
}

pub fn assert_same(entry: &Entry, found: &[Json]) {
    let expected: Vec<Json> = entry.values.iter().map(normal).collect();
    assert_eq!(found.len(), expected.len(), "{:?}", entry.path);
    for (nth, (found, expected)) in found.iter().zip(&expected).enumerate() {
        assert_eq!(found, expected, "{:?}, element {nth}", entry.path);
    }
}

fn check_untyped(entry: &Entry) {
    let file = match NpyFile::open(&entry.path) {
        Err(error) if entry.refused => {
            assert!(
                error.to_string().contains("pickled Python objects"),
                "{error}"
            );
            return;
        }
        file => file.unwrap(),
    };
    assert!(!entry.refused, "{:?}", entry.path);
    assert_eq!(
        (file.shape(), file.header().order()),
        (&*entry.shape, entry.order)
    );
    assert_eq!(file.len(), entry.shape.first().copied().unwrap_or(1));
    if has_surrogates(entry) {
        let error = file.rows().find_map(Result::err).unwrap();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
        return;
    }
    if is_comparable(entry) {
        assert_same(entry, &elements(&entry.path));
    }
    // Row by row, and some at once, they are the same.
    let rows: Vec<Value> = file.rows().map(Result::unwrap).collect();
    let same = |a: &Value, b: &Value| json(a) == json(b);
    for (nth, row) in rows.iter().enumerate() {
        assert!(
            same(&file.row(nth as u64).unwrap(), row),
            "{:?}",
            entry.path
        );
        assert!(same(&file.rows().nth(nth).unwrap().unwrap(), row));
    }
    let start = file.len() / 2;
    let half = file.read_range::<Value>(start..file.len()).unwrap();
    assert!(
        half.iter()
            .zip(&rows[start as usize..])
            .all(|(a, b)| same(a, b))
    );
    assert_eq!(half.len() as u64, file.len() - start);
    let error = file.row(file.len()).unwrap_err();
    assert_eq!(
        (error.kind(), error.row()),
        (ErrorKind::Shape, Some(file.len()))
    );
}

#[test]
fn without_a_type_every_file_gives_the_values_that_numpy_gives() {
    let Some(entries) = corpus() else { return };
    assert!(entries.len() > 800);
    let is_numpys = |entry: &&Entry| entry.path.to_string_lossy().contains("numpys-");
    if entries.iter().filter(is_numpys).count() == 0 {
        skipped("the files of NumPy's own tests, as NumPy was installed without them");
    }
    entries.iter().for_each(check_untyped);
}

#[test]
fn files_that_no_numpy_of_today_writes_are_read_as_well() {
    assert!(fixtures().len() > 5);
    fixtures().iter().for_each(check_untyped);
}

/// Values that were read are written again: the file holds the same ones.
#[test]
fn values_are_written_as_they_were_read() {
    let Some(entries) = corpus() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("written.npy");
    let mut checked = 0;
    // The axes of a dtype that is a subarray are axes of the array, and not of its elements.
    let is_written = |entry: &&Entry| {
        !entry.refused
            && !has_surrogates(entry)
            && is_comparable(entry)
            && !entry.descr.starts_with('(')
    };
    for entry in entries.iter().filter(is_written) {
        let file = NpyFile::open(&entry.path).unwrap();
        let mut appender = Appender::create_with_dtype(&path, file.dtype()).unwrap();
        let axes = file.shape().len().saturating_sub(1);
        for row in file.rows() {
            match row.unwrap() {
                Value::Array(array) if axes > 0 => {
                    // Without the axes of the array, elements are values one after another.
                    let (_, inner) = array.shape().split_at(axes);
                    let len = inner.iter().product::<usize>();
                    let mut values = array.values().iter().cloned();
                    let elements = array.shape()[..axes].iter().product::<usize>();
                    for _ in 0..elements {
                        let part: Vec<Value> = values.by_ref().take(len).collect();
                        appender.append(&element(inner, part)).unwrap();
                    }
                }
                value => appender.append(&value).unwrap(),
            }
        }
        appender.close().unwrap();
        assert_same(entry, &elements(&path));
        checked += 1;
    }
    assert!(checked > 800, "{checked}");
}

/// `np.load(path, mmap_mode="r")` gives [[0, 2], [1, 3]].
#[test]
fn a_single_subarray_in_fortran_order_is_a_row_of_all_its_axes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fortran.npy");
    let text = "{'descr': ('|u1', (2, 2)), 'fortran_order': True, 'shape': ()}";
    fs::write(&path, crate::format::file(1, text, 64, &[0, 1, 2, 3])).unwrap();
    let file = NpyFile::open(&path).unwrap();
    let rows = file.read_range::<[[u8; 2]; 2]>(0..1).unwrap();
    assert_eq!(rows, [[[0, 2], [1, 3]]]);
    let options = ReadOptions::new().in_c_order(true);
    assert_eq!(options.read::<[[u8; 2]; 2]>(&path).unwrap(), rows);
}

/// Of a file in Fortran order, records come as they lie there, unless C order is asked for.
#[test]
fn fortran_order_stays_unless_c_order_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fortran.npy");
    let header = npyrec::Header::new("<u2".parse().unwrap(), Order::Fortran, &[2, 3]).unwrap();
    let data: Vec<u8> = (0..6_u16).flat_map(u16::to_le_bytes).collect();
    fs::write(&path, [header.to_bytes(), data].concat()).unwrap();
    let flat = ReadOptions::new().flat(true);
    let reader = flat.open::<u16>(&path).unwrap();
    assert_eq!(
        (reader.shape(), reader.order()),
        (&[2, 3][..], Order::Fortran)
    );
    let values: Vec<u16> = reader.map(Result::unwrap).collect();
    assert_eq!(values, [0, 1, 2, 3, 4, 5]);
    let options = flat.in_c_order(true);
    let reader = options.open::<u16>(&path).unwrap();
    assert_eq!((reader.shape(), reader.order()), (&[2, 3][..], Order::C));
    let values: Vec<u16> = reader.map(Result::unwrap).collect();
    assert_eq!(values, [0, 2, 4, 1, 3, 5]);
    // Its rows are in C order, and are put together from all of the file.
    let rows = npyrec::read::<[u16; 3]>(&path).unwrap();
    assert_eq!(rows, [[0, 2, 4], [1, 3, 5]]);
    let pipe = fs::read(&path).unwrap();
    let error = Reader::<[u16; 3]>::new(&pipe[..]).unwrap_err();
    assert!(
        error.to_string().contains("in Fortran order, so that"),
        "{error}"
    );
    let options = ReadOptions::new().in_c_order(true);
    let reader = options.from_reader::<[u16; 3]>(&pipe[..]).unwrap();
    assert_eq!(reader.read_all().unwrap(), rows);
    let rows = NpyFile::open(&path)
        .unwrap()
        .read_range::<[u16; 3]>(0..2)
        .unwrap();
    assert_eq!(rows, [[0, 2, 4], [1, 3, 5]]);
}

/// A number of any type is stored if it fits.
#[test]
fn a_value_is_stored_if_it_is_one_of_the_dtype() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("values.npy");
    let stored = |dtype: &str, value: Value| -> Result<Value, String> {
        let mut appender = Appender::create_with_dtype(&path, &dtype.parse().unwrap()).unwrap();
        appender.append(&value).map_err(|e| {
            let text = e.to_string();
            text.split_once("row 0: ").unwrap().1.to_owned()
        })?;
        appender.close().unwrap();
        Ok(NpyFile::open(&path).unwrap().row(0).unwrap())
    };
    let unit = |text: &str| text.parse().unwrap();
    assert_eq!(stored("<i2", Value::Uint(7)), Ok(Value::Int(7)));
    assert_eq!(stored(">u8", Value::Int(7)), Ok(Value::Uint(7)));
    assert_eq!(stored("<f4", Value::Int(7)), Ok(Value::Float32(7.0)));
    assert_eq!(
        stored("<c8", Value::Float64(0.1)),
        Ok(Value::Complex64(0.1, 0.0))
    );
    assert_eq!(
        stored("S4", Value::Str("ab".into())),
        Ok(Value::Bytes(b"ab".to_vec()))
    );
    assert_eq!(
        stored("M8[ms]", Value::Datetime(5, unit("s"))),
        Ok(Value::Datetime(5000, unit("ms")))
    );
    assert_eq!(
        stored("M8[D]", Value::Datetime(1, unit("Y"))),
        Ok(Value::Datetime(365, unit("D")))
    );
    assert_eq!(
        stored("m8[s]", Value::Timedelta(1, unit(""))),
        Ok(Value::Timedelta(1, unit("s")))
    );
    let mut refused = String::new();
    for (dtype, value) in [
        ("|i1", Value::Int(300)),
        ("<i4", Value::Float64(1.0)),
        ("<f2", Value::Float64(1e6)),
        ("|b1", Value::Int(1)),
        ("S2", Value::Str("abc".into())),
        ("S2", Value::Str("é".into())),
        ("S2", Value::Bytes(b"a\0".to_vec())),
        ("<U2", Value::Str("abc".into())),
        ("|V2", Value::Void(vec![1])),
        ("<M8[D]", Value::Datetime(5, unit("s"))),
        ("<m8[s]", Value::Datetime(5, unit("s"))),
        ("<m8[D]", Value::Timedelta(1, unit("Y"))),
        ("<M8[D]", Value::Datetime(1, unit(""))),
        ("<M8", Value::Datetime(1, unit("D"))),
        ("<M8[as]", Value::Datetime(1, unit("Y"))),
        (
            "[('a', '<i4'), ('b', '<i4')]",
            Value::Record([("a", Value::Int(1))].into_iter().collect()),
        ),
        (
            "[('a', '<i4')]",
            Value::Record(
                [("a", Value::Int(1)), ("c", Value::Int(1))]
                    .into_iter()
                    .collect(),
            ),
        ),
        (
            "[('a', '<u4')]",
            Value::Record([("a", Value::Int(-1))].into_iter().collect()),
        ),
        ("('<i4', (2,))", Value::Int(1)),
    ] {
        let error = stored(dtype, value).unwrap_err();
        refused.push_str(&format!("{dtype}: {error}\n"));
    }
    insta::assert_snapshot!(refused);
    let objects = Appender::create_with_dtype(&path, &"O".parse().unwrap()).unwrap_err();
    assert_eq!(objects.kind(), ErrorKind::DType, "{objects}");
}

/// A file that exists is continued by values that are converted to its dtype.
#[test]
fn values_continue_a_file_of_another_dtype_if_that_is_allowed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("values.npy");
    let (file, values) = (
        "[('b', '>i2'), ('a', '<f4')]",
        "[('a', '<f8'), ('b', '<i4')]",
    );
    Appender::create_with_dtype(&path, &file.parse().unwrap())
        .unwrap()
        .close()
        .unwrap();
    let dtype = values.parse().unwrap();
    assert!(Appender::open_with_dtype(&path, &dtype).is_err());
    let options = AppendOptions::new().casting(Casting::SameKind);
    let mut appender = options.open_with_dtype(&path, &dtype).unwrap();
    let record = |a, b| {
        Value::Record(
            [("a", Value::Float64(a)), ("b", Value::Int(b))]
                .into_iter()
                .collect(),
        )
    };
    appender.append(&record(1.5, -2)).unwrap();
    let error = appender.append(&record(1.5, 40_000)).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("row 1: field `b`: 40000 is out of range"),
        "{error}"
    );
    appender.append(&record(2.5, 7)).unwrap();
    appender.close().unwrap();
    let rows = NpyFile::open(&path)
        .unwrap()
        .read_range::<Value>(0..2)
        .unwrap();
    let texts: Vec<String> = rows.iter().map(Value::to_string).collect();
    assert_eq!(texts, ["(-2, 1.5)", "(7, 2.5)"]);
}
