//! Archives of arrays.

mod adding;
mod damage;
mod failures;
mod lacking;
mod large;
mod map;

use std::{
    fs,
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
    path::Path,
};

use ndarray::{Array, ArrayD, ShapeBuilder, array};
use npyrec::{
    Casting, ErrorKind, Header, LayoutMismatch, Mapped, NpyRecord, Order, ReadOptions, Str, Value,
    npz::{Compression, Reader, Writer},
};
use serde_json::json;

use crate::{
    headers::header_of,
    mapped::{HAS_SLICES, rows},
    numpy::{Numpy, numpy},
};

const COMPRESSIONS: [Compression; 3] = [
    Compression::Stored,
    Compression::Deflated,
    Compression::Level(9),
];

#[derive(NpyRecord, Clone, Copy, Debug, PartialEq)]
struct Tick {
    time: i64,
    price: f32,
    name: Str<3>,
}

fn tick(row: i64) -> Tick {
    Tick {
        time: row,
        price: row as f32 / 2.0,
        name: Str::new("aé").unwrap(),
    }
}

fn ticks(rows: i64) -> Vec<Tick> {
    (0..rows).map(tick).collect()
}

#[allow(unsafe_code)]
fn map<R: NpyRecord>(path: &Path, name: &str) -> npyrec::Result<Mapped<R>> {
    let mut archive = Reader::open(path)?;
    // SAFETY: each archive is left alone while it is mapped.
    unsafe { archive.by_name(name).and_then(|array| array.map()) }
}

/// An archive with an array of each way of writing one.
fn write_all<W: Write + Seek>(archive: &mut Writer<W>) {
    archive.write("floats", &[1.5_f64, -2.5, 0.0]).unwrap();
    archive.write("none", &[0_u16; 0]).unwrap();
    archive.write("nested/deep/ticks", &ticks(5)).unwrap();
    archive.write("größe", &[[1_u8, 2], [3, 4]]).unwrap();
    archive
        .write_with("scalar", &header_of::<i32>(&[], Order::C), &[7_i32])
        .unwrap();
    let six = [1_u16, 2, 3, 4, 5, 6];
    archive
        .write_with("fortran", &header_of::<u16>(&[3, 2], Order::Fortran), &six)
        .unwrap();
    archive
        .write_with(
            "empty axes",
            &header_of::<f32>(&[2, 0, 3], Order::C),
            &[0.0_f32; 0],
        )
        .unwrap();
    archive
        .write_with("one axis", &header_of::<u16>(&[6, 1], Order::Fortran), &six)
        .unwrap();
    archive
        .write_array(
            "array",
            &Array::from_shape_fn((4, 3), |(i, j)| (i * j) as u32),
        )
        .unwrap();
    archive
        .write_array("transposed", &Array::<u8, _>::ones((4, 3).f()))
        .unwrap();
    let mut log = archive.records::<Tick>("log").unwrap();
    log.append(&tick(0)).unwrap();
    log.append_slice(&ticks(9)[1..4]).unwrap();
    log.extend(ticks(9).drain(4..)).unwrap();
    assert_eq!(log.rows(), 9);
    log.finish().unwrap();
    let mut exact = archive
        .records_with::<[u64; 2]>("exact", &Header::for_record::<[u64; 2]>(3))
        .unwrap();
    exact.append_slice(&[[1, 2], [3, 4]]).unwrap();
    exact.append(&[5, 6]).unwrap();
    exact.finish().unwrap();
}

const NAMES: [&str; 12] = [
    "floats",
    "none",
    "nested/deep/ticks",
    "größe",
    "scalar",
    "fortran",
    "empty axes",
    "one axis",
    "array",
    "transposed",
    "log",
    "exact",
];

/// The values of all arrays of an archive, or why they cannot be read.
fn contents<S: Read + Seek>(archive: &mut Reader<S>) -> Vec<(String, npyrec::Result<String>)> {
    let names = archive.names().into_iter();
    let read = |name: &str| {
        let values = archive.by_name(name)?.rows::<Value>()?;
        let mut text = values.header().to_string();
        for value in values {
            text += &value?.to_string();
        }
        Ok(text)
    };
    let mut read = read;
    names.map(|name| (name.clone(), read(&name))).collect()
}

fn whole<S: Read + Seek>(archive: &mut Reader<S>) -> Vec<(String, String)> {
    let contents = contents(archive).into_iter();
    contents
        .map(|(name, values)| (name, values.unwrap()))
        .collect()
}

/// Returns each member as NumPy reads it, and checks that its bytes equal the output of `np.save`.
fn checked_by_numpy(numpy: &mut Numpy, path: &Path) -> serde_json::Value {
    let code = "import io, zipfile\n\
                archive, loaded, answer = zipfile.ZipFile(path), np.load(path), {}\n\
                assert archive.testzip() is None\n\
                for name, info in zip(loaded.files, archive.infolist(), strict=True):\n    \
                    saved = io.BytesIO()\n    \
                    np.save(saved, loaded[name])\n    \
                    assert info.filename == name + '.npy'\n    \
                    assert saved.getvalue() == archive.read(info), name\n    \
                    answer[name] = repr(loaded[name].tolist())";
    numpy.python(path, code)
}

#[test]
fn numpy_and_zipfile_read_what_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("all.npz");
    for compression in COMPRESSIONS {
        let mut archive = Writer::create(&path).unwrap().compression(compression);
        write_all(&mut archive);
        archive.finish().unwrap();
        assert_eq!(Reader::open(&path).unwrap().names(), NAMES);
        let Some(mut numpy) = numpy() else { return };
        let ticks = |rows: i64| {
            let ticks = (0..rows).map(|row| format!("({row}, {:?}, 'aé')", row as f32 / 2.0));
            format!("[{}]", ticks.collect::<Vec<_>>().join(", "))
        };
        assert_eq!(
            checked_by_numpy(&mut numpy, &path),
            json!({
                "floats": "[1.5, -2.5, 0.0]",
                "none": "[]",
                "nested/deep/ticks": ticks(5),
                "größe": "[[1, 2], [3, 4]]",
                "scalar": "7",
                "fortran": "[[1, 4], [2, 5], [3, 6]]",
                "empty axes": "[[], []]",
                "one axis": "[[1], [2], [3], [4], [5], [6]]",
                "array": "[[0, 0, 0], [0, 1, 2], [0, 2, 4], [0, 3, 6]]",
                "transposed": "[[1, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 1]]",
                "log": ticks(9),
                "exact": "[[1, 2], [3, 4], [5, 6]]",
            })
        );
        let is_stored = compression == Compression::Stored;
        let code = "import zipfile\n\
                    infos = zipfile.ZipFile(path).infolist()\n\
                    answer = [sorted({i.compress_type for i in infos}), sorted({i.create_system for i in infos}),\n\
                              sorted({i.date_time for i in infos}), sum(i.flag_bits & 8 for i in infos)]";
        assert_eq!(
            numpy.python(&path, code),
            json!([
                [if is_stored { 0 } else { 8 }],
                [3],
                [[1980, 1, 1, 0, 0, 0]],
                0
            ])
        );
    }
}

#[test]
fn what_is_written_is_read_back() {
    for compression in COMPRESSIONS {
        let mut archive = Writer::new(Cursor::new(Vec::new())).compression(compression);
        write_all(&mut archive);
        let mut archive = Reader::new(archive.finish().unwrap()).unwrap();
        assert_eq!(
            (archive.names(), archive.names().len()),
            (NAMES.map(str::to_owned).to_vec(), 12)
        );
        assert_eq!(archive.read::<f64>("floats").unwrap(), [1.5, -2.5, 0.0]);
        assert_eq!(archive.read::<u16>("none").unwrap(), [0_u16; 0]);
        assert_eq!(archive.read::<Tick>("log").unwrap(), ticks(9));
        assert_eq!(archive.read::<Tick>("log.npy").unwrap(), ticks(9));
        assert_eq!(archive.read::<[u8; 2]>("größe").unwrap(), [[1, 2], [3, 4]]);
        assert_eq!(
            archive.by_name("fortran").unwrap().header().order(),
            Order::Fortran
        );
        let in_c_order = ReadOptions::new().in_c_order(true);
        let fortran = archive
            .by_name("fortran")
            .and_then(|array| array.with(in_c_order.flat(true)).rows::<u16>())
            .unwrap();
        assert_eq!(fortran.read_all().unwrap(), [1, 4, 2, 5, 3, 6]);
        let array: ArrayD<u16> = archive.by_name("fortran").unwrap().read_array().unwrap();
        assert_eq!(array, array![[1, 4], [2, 5], [3, 6]].into_dyn());
        assert_eq!(
            archive
                .by_name("scalar")
                .and_then(|array| array.read_array::<i32>())
                .unwrap()
                .ndim(),
            0
        );
        let mut exact = archive
            .by_name("exact")
            .and_then(|array| array.rows::<[u64; 2]>())
            .unwrap();
        assert_eq!(
            (exact.remaining(), exact.nth(1).unwrap().unwrap()),
            (3, [3, 4])
        );
        drop(exact);
        let cast = ReadOptions::new().casting(Casting::No).flat(true);
        let error = archive
            .by_name("array")
            .and_then(|array| array.with(cast).rows::<f64>())
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DType, "{error}");
        let cast = archive
            .by_name("array")
            .and_then(|array| array.with(cast.casting(Casting::Safe)).rows::<f64>());
        assert_eq!(cast.unwrap().nth(4).unwrap().unwrap(), 1.0);
        let ticks: Vec<_> = archive
            .by_name("log")
            .and_then(|array| array.rows::<Value>())
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(
            (ticks.len(), ticks[3].to_string()),
            (9, "(3, 1.5, 'aé')".to_owned())
        );
    }
}

#[test]
fn the_bytes_depend_on_nothing_else() {
    let bytes = || {
        let mut archive = Writer::new(Cursor::new(Vec::new()));
        write_all(&mut archive);
        archive.finish().unwrap().into_inner()
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn what_numpy_writes_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("numpy.npz");
    for save in ["savez", "savez_compressed"] {
        let Some(mut numpy) = numpy() else { return };
        let code = format!(
            "arrays = {{'a/b': np.arange(6.).reshape(2, 3), 'f': np.asfortranarray([[1, 2], [3, 4]]), 'é': np.array('x'),\n\
             'none': np.zeros((0, 3), '>i2'), 'ticks': np.array([(1, .5, 'a')], [('time', '<i8'), ('price', '<f4'), ('name', '<U3')]),\n\
             'many': np.arange(100_000), 'objects': np.array([None, 1], object)}}\n\
             np.{save}(path, **arrays)\n\
             answer = list(np.load(path).files)"
        );
        let names = numpy.python(&path, &code);
        let mut archive = Reader::open(&path).unwrap();
        assert_eq!(json!(archive.names()), names);
        assert_eq!(
            archive
                .by_name("a/b")
                .and_then(|array| array.read_array::<f64>())
                .unwrap(),
            array![[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]].into_dyn()
        );
        assert_eq!(
            archive
                .by_name("f")
                .and_then(|array| array.read_array::<i64>())
                .unwrap(),
            array![[1, 2], [3, 4]].into_dyn()
        );
        assert_eq!(archive.read::<Str<1>>("é").unwrap()[0].to_string(), "x");
        assert_eq!(archive.by_name("none").unwrap().header().shape(), [0, 3]);
        let expected = Tick {
            time: 1,
            price: 0.5,
            name: Str::new("a").unwrap(),
        };
        assert_eq!(archive.read::<Tick>("ticks").unwrap(), [expected]);
        let many: Vec<_> = (0..100_000).collect();
        assert_eq!(archive.read::<i64>("many").unwrap(), many);
        let mut some = vec![0; 70_000];
        let mut reader = archive
            .by_name("many")
            .and_then(|array| array.rows::<i64>())
            .unwrap();
        assert_eq!(reader.read_into(&mut some).unwrap(), 70_000);
        assert_eq!(some, many[..70_000]);
        assert_eq!(reader.read_all().unwrap(), many[70_000..]);
        for error in [
            archive.read::<u8>("objects").unwrap_err(),
            archive
                .by_name("objects")
                .and_then(|array| array.rows::<Value>())
                .unwrap_err(),
        ] {
            assert!(
                error.to_string().contains("pickled Python objects"),
                "{error}"
            );
            assert_eq!(
                (error.member(), error.path()),
                (Some("objects"), Some(&*path))
            );
        }
    }
}

#[test]
fn names_are_found_as_numpy_finds_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("names.npz");
    let Some(mut numpy) = numpy() else { return };
    let code = "import io, warnings, zipfile\n\
                warnings.simplefilter('ignore')\n\
                def npy(n):\n    \
                    file = io.BytesIO()\n    \
                    np.save(file, np.array([n]))\n    \
                    return file.getvalue()\n\
                with zipfile.ZipFile(path, 'w') as archive:\n    \
                    for n, name in enumerate(['bare', 'both', 'both.npy', 'twice.npy', 'x.npy.npy', 'folder/in.npy', 'twice.npy']):\n        \
                        archive.writestr(name, npy(n))\n    \
                    archive.writestr('text', b'hello')\n\
                loaded = np.load(path)\n\
                keys = ['bare', 'both', 'both.npy', 'twice', 'twice.npy', 'x.npy', 'x.npy.npy', 'folder/in']\n\
                answer = [[key, loaded[key].tolist()] for key in keys]";
    let expected = numpy.python(&path, code);
    let mut archive = Reader::open(&path).unwrap();
    assert_eq!(archive.names().len(), 7);
    for pair in expected.as_array().unwrap() {
        let name = pair[0].as_str().unwrap();
        assert_eq!(json!(archive.read::<i64>(name).unwrap()), pair[1], "{name}");
    }
    let error = archive.read::<i64>("text").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Header, "{error}");
    let error = archive.read::<i64>("x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Archive);
    let text = error.to_string();
    let (_, names) = text
        .split_once("there is no member `x`; there is ")
        .unwrap();
    assert_eq!(names.split(", ").count(), 7, "{text}");
}

#[test]
fn readers_and_writers_go_to_other_threads() {
    fn is_send<T: Send>() {}
    is_send::<Reader>();
    is_send::<Writer>();
    is_send::<npyrec::npz::RecordWriter<'_, u8, fs::File>>();
}

#[test]
fn a_member_has_a_name_that_everybody_can_handle() {
    let mut archive = Writer::new(Cursor::new(Vec::new()));
    let long = "x".repeat(40_000);
    for name in [
        "", "/a", "a/", "a//b", "..", "a/../b", "./a", "a\\b", "c:/a", "a\0b", &long,
    ] {
        let error = archive.write(name, &[1_u8]).unwrap_err();
        assert!(
            error.to_string().contains("a member cannot have this name"),
            "{error}"
        );
        archive.records::<u8>(name).unwrap_err();
        archive
            .records_with::<u8>(name, &Header::for_record::<u8>(1))
            .unwrap_err();
    }
    for name in ["a", "a b", "a.b/…", "..a", "日本"] {
        archive.write(name, &[1_u8]).unwrap();
    }
    for name in ["a", "a.npy", "日本"] {
        let error = archive.write(name, &[1_u8]).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("already has a member of this name"),
            "{error}"
        );
    }
    let archive = Reader::new(archive.finish().unwrap()).unwrap();
    assert_eq!(archive.names(), ["a", "a b", "a.b/…", "..a", "日本"]);
}
