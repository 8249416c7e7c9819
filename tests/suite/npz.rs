//! Archives of arrays.

use std::{
    fs,
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
    path::Path,
};

use ndarray::{Array, ArrayD, ShapeBuilder, array};
use npyrec::{
    Casting, ErrorKind, LayoutMismatch, Mapped, NpyRecord, Order, ReadOptions, Str, Value,
    npz::{Compression, Reader, Writer},
};
use serde_json::json;

use crate::{
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
        .write_shaped("scalar", &[7_i32], &[], Order::C)
        .unwrap();
    let six = [1_u16, 2, 3, 4, 5, 6];
    archive
        .write_shaped("fortran", &six, &[3, 2], Order::Fortran)
        .unwrap();
    archive
        .write_shaped("empty axes", &[0.0_f32; 0], &[2, 0, 3], Order::C)
        .unwrap();
    archive
        .write_shaped("one axis", &six, &[6, 1], Order::Fortran)
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
    let mut exact = archive.records_exact::<[u64; 2]>("exact", 3).unwrap();
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
            (archive.names(), archive.len()),
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
    assert_eq!(archive.len(), 7);
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
fn an_archive_of_anybody_is_added_to() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("added.npz");
    let Some(mut numpy) = numpy() else { return };
    let write = "import io, zipfile\n\
                 a = np.arange(1000)\n\
                 class Pipe(io.RawIOBase):\n    \
                     def __init__(self, file): self.file = file\n    \
                     def writable(self): return True\n    \
                     def write(self, b): return self.file.write(b)\n";
    for save in [
        "np.savez(path, a=a, b=a[::-1])",
        "np.savez_compressed(path, a=a, b=a[::-1])",
        // With sizes after the data, a comment, and other bytes before the archive.
        "with open(path, 'wb') as file: np.savez(Pipe(file), a=a, b=a[::-1])",
        "np.savez(path, a=a, b=a[::-1])\nwith zipfile.ZipFile(path, 'a') as z: z.comment = b'a comment'",
        "np.savez(path, a=a, b=a[::-1])\nold = open(path, 'rb').read()\nopen(path, 'wb').write(b'#!/bin/sh\\n' + old)",
    ] {
        numpy.python(&path, &format!("{write}{save}\nanswer = 0"));
        let before = whole(&mut Reader::open(&path).unwrap());
        assert_eq!(before.len(), 2);
        let mut archive = Writer::open(&path)
            .unwrap()
            .compression(Compression::Deflated);
        archive.write("c", &ticks(100)).unwrap();
        let error = archive.write("a", &[1_u8]).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("already has a member of this name"),
            "{error}"
        );
        let mut log = archive.records::<u16>("d").unwrap();
        log.extend(0..1000_u16).unwrap();
        log.finish().unwrap();
        archive.finish().unwrap();
        let mut archive = Reader::open(&path).unwrap();
        assert_eq!(archive.names(), ["a", "b", "c", "d"]);
        assert_eq!(whole(&mut archive)[..2], before);
        assert_eq!(archive.read::<Tick>("c").unwrap(), ticks(100));
        // NumPy takes an archive that starts with something else for a pickle.
        let strip = "import zipfile\n\
                     data = open(path, 'rb').read()\n\
                     archive = zipfile.ZipFile(path)\n\
                     assert archive.testzip() is None\n\
                     if not data.startswith(b'PK'):\n    \
                         zipped = [(info, archive.read(info)) for info in archive.infolist()]\n    \
                         with zipfile.ZipFile(path, 'w') as new:\n        \
                             for info, member in zipped: new.writestr(info, member)\n\
                     answer = 0";
        numpy.python(&path, strip);
        let checked = checked_by_numpy(&mut numpy, &path);
        assert_eq!(checked.as_object().unwrap().len(), 4, "{save}");
    }
}

#[test]
fn adding_nothing_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("same.npz");
    let mut archive = Writer::create(&path).unwrap();
    write_all(&mut archive);
    archive.finish().unwrap();
    let before = fs::read(&path).unwrap();
    Writer::open(&path).unwrap().finish().unwrap();
    assert_eq!(fs::read(&path).unwrap(), before);
    let error = Writer::open(dir.path().join("none.npz")).unwrap_err();
    assert_eq!(error.io_error().unwrap().kind(), io::ErrorKind::NotFound);
    fs::write(&path, "no archive").unwrap();
    let error = Writer::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Archive, "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"no archive");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn one_writer_adds_to_an_archive_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("locked.npz");
    Writer::create(&path).unwrap().finish().unwrap();
    let first = Writer::open(&path).unwrap();
    let error = Writer::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
    assert!(Reader::open(&path).unwrap().is_empty());
    first.finish().unwrap();
    Writer::open(&path).unwrap();
    Writer::open(&path).unwrap();
}

#[test]
fn an_archive_that_is_not_finished_leaves_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npz");
    drop(Writer::create(&path).unwrap());
    assert!(!path.exists());
    let mut archive = Writer::create(&path).unwrap();
    archive.write("old", &[1_u8]).unwrap();
    assert!(!path.exists());
    archive.finish().unwrap();
    for open in [Writer::create, Writer::open] {
        let mut archive = open(&path).unwrap();
        archive.write("new", &[2_u8; 100_000]).unwrap();
        assert_eq!(Reader::open(&path).unwrap().names(), ["old"]);
        drop(archive);
        assert_eq!(Reader::open(&path).unwrap().names(), ["old"]);
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    let error = Writer::create(dir.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
}

#[test]
fn an_array_that_lacks_promised_records_is_not_in_the_archive() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("records.npz");
    for compression in COMPRESSIONS {
        let mut archive = Writer::create(&path).unwrap().compression(compression);
        archive.write("before", &ticks(10)).unwrap();
        let mut exact = archive.records_exact::<Tick>("exact", 200_000).unwrap();
        exact.extend(ticks(100_000)).unwrap();
        drop(exact);
        let mut exact = archive.records_exact::<u64>("exact", 3).unwrap();
        exact.append_slice(&[1, 2]).unwrap();
        let error = exact.append_slice(&[3, 4]).unwrap_err();
        assert_eq!(
            (error.kind(), error.expected_rows(), error.found_rows()),
            (ErrorKind::Shape, Some(3), Some(4)),
            "{error}"
        );
        let error = exact.finish().unwrap_err();
        assert_eq!(
            (error.kind(), error.expected_rows(), error.found_rows()),
            (ErrorKind::Shape, Some(3), Some(2)),
            "{error}"
        );
        // The names are free again.
        let mut exact = archive.records_exact::<u64>("exact", 2).unwrap();
        exact.append_slice(&[1, 2]).unwrap();
        exact.append(&3).unwrap_err();
        exact.finish().unwrap();
        archive.write("log", &[1_u8]).unwrap();
        archive.finish().unwrap();
        let len = fs::metadata(&path).unwrap().len();
        assert!(
            len < 2_000,
            "{len} bytes: nothing of what was taken back is left"
        );
        let mut archive = Reader::open(&path).unwrap();
        assert_eq!(archive.names(), ["before", "exact", "log"]);
        assert_eq!(archive.read::<Tick>("before").unwrap(), ticks(10));
        assert_eq!(archive.read::<u64>("exact").unwrap(), [1, 2]);
        let Some(mut numpy) = numpy() else { continue };
        checked_by_numpy(&mut numpy, &path);
    }
}

/// Not even when nobody drops it.
#[test]
fn a_forgotten_log_is_not_in_the_archive() {
    let mut archive = Writer::new(Cursor::new(Vec::new()));
    for name in ["a", "b"] {
        let mut exact = archive.records_exact::<u64>(name, 1000).unwrap();
        exact.append(&1).unwrap();
        std::mem::forget(exact);
        archive.write(&format!("behind {name}"), &[2_u8]).unwrap();
    }
    std::mem::forget(archive.records_exact::<u64>("c", 1000).unwrap());
    let mut archive = Reader::new(archive.finish().unwrap()).unwrap();
    assert_eq!(archive.names(), ["behind a", "behind b"]);
    assert_eq!(archive.read::<u8>("behind b").unwrap(), [2]);
}

#[test]
fn readers_and_writers_go_to_other_threads() {
    fn is_send<T: Send>() {}
    is_send::<Reader>();
    is_send::<Writer>();
    is_send::<npyrec::npz::RecordWriter<'_, u8, fs::File>>();
}

/// A text that may be too long for its field.
#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Short(#[npy(dtype = "S2")] String);

#[test]
fn a_record_that_does_not_fit_is_refused_and_the_log_goes_on() {
    let short = |text: &str| Short(text.to_owned());
    let mut archive = Writer::new(Cursor::new(Vec::new()));
    let mut log = archive.records::<Short>("log").unwrap();
    log.append(&short("a")).unwrap();
    let error = log.append(&short("abc")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode, "{error}");
    assert_eq!((error.row(), error.member()), (Some(1), Some("log")));
    log.append(&short("b")).unwrap();
    log.finish().unwrap();
    let error = archive
        .write("all", &[short("a"), short("abc")])
        .unwrap_err();
    assert_eq!((error.row(), error.member()), (Some(1), Some("all")));
    archive.write("all", &[short("c")]).unwrap();
    let mut archive = Reader::new(archive.finish().unwrap()).unwrap();
    assert_eq!(archive.names(), ["log", "all"]);
    assert_eq!(
        archive.read::<Short>("log").unwrap(),
        [short("a"), short("b")]
    );
    assert_eq!(archive.read::<Short>("all").unwrap(), [short("c")]);
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
        archive.records_exact::<u8>(name, 1).unwrap_err();
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

/// A file on a device that gets full.
struct Full {
    file: Cursor<Vec<u8>>,
    room: usize,
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.room.saturating_sub(self.file.position() as usize);
        match bytes.len().min(room) {
            0 if !bytes.is_empty() => Err(io::ErrorKind::StorageFull.into()),
            len => self.file.write(&bytes[..len]),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Full {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// A full disk is an error at every byte, and a finished archive is complete.
#[test]
fn a_full_device_is_told_and_loses_no_other_member() {
    for compression in [Compression::Stored, Compression::Deflated] {
        for room in (0..3_000).step_by(17) {
            let file = Cursor::new(Vec::new());
            let mut archive = Writer::new(Full { file, room }).compression(compression);
            let mut written = Vec::new();
            let numbers: Vec<u64> = (0..100).map(|n| n * n * 0x1234_5678_9abc).collect();
            for name in ["a", "b"] {
                if archive.write(name, &numbers).is_ok() {
                    written.push(name);
                }
                if let Ok(mut log) = archive.records::<u64>(&format!("{name} log"))
                    && log.append_slice(&numbers).is_ok()
                    && log.finish().is_ok()
                {
                    written.push(if name == "a" { "a log" } else { "b log" });
                }
            }
            let Ok(full) = archive.finish() else { continue };
            let mut archive = Reader::new(full.file).unwrap();
            assert_eq!(archive.names(), written);
            for name in written {
                assert_eq!(archive.read::<u64>(name).unwrap(), numbers);
            }
        }
    }
}

/// A file of which one call fails.
struct Flaky {
    file: Cursor<Vec<u8>>,
    left: usize,
}

impl Flaky {
    fn call(&mut self) -> io::Result<&mut Cursor<Vec<u8>>> {
        self.left = self.left.wrapping_sub(1);
        match self.left {
            0 => Err(io::ErrorKind::TimedOut.into()),
            _ => Ok(&mut self.file),
        }
    }
}

impl Write for Flaky {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.call()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Flaky {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.call()?.seek(to)
    }
}

/// After any failed call, a finished archive has exactly the members whose write succeeded.
#[test]
fn a_call_that_fails_is_told_and_harms_no_other_member() {
    let numbers: Vec<u64> = (0..1000)
        .map(|n: u64| n.wrapping_mul(n * 0x1234_5678_9abc))
        .collect();
    for compression in [Compression::Stored, Compression::Deflated] {
        let (mut finished, mut failed) = (0, 0);
        for left in 1.. {
            let file = Cursor::new(Vec::new());
            let mut archive = Writer::new(Flaky { file, left }).compression(compression);
            let mut written = Vec::new();
            for name in ["a", "b", "c"] {
                if archive.write(name, &numbers).is_ok() {
                    written.push(name);
                }
                // One that is taken back.
                if let Ok(mut log) = archive.records_exact::<u64>("log", 2000) {
                    let _ = log.append_slice(&numbers);
                    let _ = log.finish();
                }
            }
            let Ok(flaky) = archive.finish() else {
                failed += 1;
                continue;
            };
            finished += 1;
            let mut archive = Reader::new(flaky.file).unwrap();
            assert_eq!(archive.names(), written, "call {left}");
            for name in written {
                assert_eq!(archive.read::<u64>(name).unwrap(), numbers, "call {left}");
            }
            if flaky.left > 1 << 20 {
                continue;
            }
            break;
        }
        assert!(finished > 5 && failed > 5, "{finished} and {failed}");
    }
}

fn archive(compression: Compression) -> Vec<u8> {
    let mut archive = Writer::new(Cursor::new(Vec::new())).compression(compression);
    archive
        .write("a", &[0x0123_4567_89ab_cdef_u64; 40])
        .unwrap();
    archive.write("b/c", &ticks(3)).unwrap();
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_truncated_archive_is_an_error() {
    for compression in COMPRESSIONS {
        let bytes = archive(compression);
        for len in 0..bytes.len() {
            let error = Reader::new(Cursor::new(&bytes[..len])).unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::Archive | ErrorKind::Io),
                "{error}"
            );
        }
    }
}

#[test]
fn a_flipped_bit_is_an_error_or_changes_nothing() {
    for compression in COMPRESSIONS {
        let bytes = archive(compression);
        let expected = whole(&mut Reader::new(Cursor::new(&bytes)).unwrap());
        let mut errors = 0;
        for at in 0..bytes.len() {
            for bit in [at % 8, 7] {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                let Ok(mut archive) = Reader::new(Cursor::new(&damaged)) else {
                    errors += 1;
                    continue;
                };
                for (name, values) in contents(&mut archive) {
                    match values {
                        // A name may be another one.
                        Ok(values) => assert!(
                            expected.iter().any(|(_, expected)| *expected == values),
                            "{name} is {values} by byte {at}"
                        ),
                        Err(error) => {
                            assert_eq!(error.member(), Some(&*name), "{error}");
                            errors += 1;
                        }
                    }
                }
            }
        }
        assert!(errors > bytes.len(), "only {errors} errors");
    }
}

/// A map has the bytes of the file, and no more.
#[test]
fn a_damaged_archive_is_mapped_within_its_bounds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("damaged.npz");
    let bytes = archive(Compression::Stored);
    let mut mapped = 0;
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        fs::remove_file(&path).unwrap_or_default();
        fs::write(&path, &damaged).unwrap();
        if let Ok(array) = map::<u64>(&path, "a") {
            let sum = array.iter().map(Result::unwrap).fold(0, u64::wrapping_add);
            mapped += usize::from(sum > 0);
        }
    }
    assert!(mapped > bytes.len() / 2, "only {mapped}");
}

/// A member with bytes after its array; they are read for the checksum.
#[test]
fn a_checksum_is_that_of_all_bytes() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for name in ["rest.npy", "none.npy"] {
        zip.start_file(name, options).unwrap();
        let rows = u64::from(name == "rest.npy");
        let header = npyrec::Header::for_record::<u64>(rows).to_bytes();
        zip.write_all(&header).unwrap();
        zip.write_all(&[7; 8][..8 * rows as usize]).unwrap();
        zip.write_all(b"more than the array").unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    let mut archive = Reader::new(Cursor::new(&bytes)).unwrap();
    assert_eq!(
        archive.read::<u64>("rest").unwrap(),
        [0x0707_0707_0707_0707]
    );
    assert_eq!(archive.read::<u64>("none").unwrap(), [0_u64; 0]);
    let mut damaged = bytes.clone();
    for at in 0..bytes.len() - 4 {
        if &bytes[at..at + 4] == b"more" {
            damaged[at..at + 4].copy_from_slice(b"less");
        }
    }
    let mut archive = Reader::new(Cursor::new(&damaged)).unwrap();
    for name in ["rest", "none"] {
        let error = archive.read::<u64>(name).unwrap_err();
        assert!(error.to_string().contains("checksum"), "{error}");
    }
}

#[test]
fn what_cannot_be_read_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("odd.npz");
    let Some(mut numpy) = numpy() else { return };
    let code = "import io, zipfile\n\
                file = io.BytesIO()\n\
                np.save(file, np.arange(10))\n\
                with zipfile.ZipFile(path, 'w', zipfile.ZIP_BZIP2) as archive:\n    \
                    archive.writestr('bzip2.npy', file.getvalue())\n\
                with zipfile.ZipFile(path, 'a') as archive:\n    \
                    archive.writestr('short.npy', file.getvalue()[:-20])\n    \
                    archive.writestr('secret.npy', file.getvalue())\n\
                with open(path, 'rb') as f: data = bytearray(f.read())\n\
                for magic, at in [(b'PK\\x03\\x04', 6), (b'PK\\x01\\x02', 8)]:\n    \
                    data[data.rindex(magic) + at] |= 1\n\
                with open(path, 'wb') as f: f.write(data)\n\
                answer = 0";
    numpy.python(&path, code);
    let mut archive = Reader::open(&path).unwrap();
    let mut texts = Vec::new();
    for name in ["bzip2", "short", "secret", "none"] {
        let error = archive.read::<i64>(name).unwrap_err();
        assert_eq!(error.path(), Some(&*path));
        texts.push(error.to_string().replace(path.to_str().unwrap(), "odd.npz"));
    }
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn stored_members_are_mapped_and_aligned() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mapped.npz");
    let numbers: Vec<u64> = (0..1000).collect();
    let mut archive = Writer::create(&path).unwrap();
    for name in ["a", "ab", "nested/abc", "größe"] {
        archive.write(name, &numbers).unwrap();
        archive
            .write(&format!("{name} bytes"), &[1_u8; 13])
            .unwrap();
    }
    let mut log = archive.records::<u64>("log").unwrap();
    log.append_slice(&numbers).unwrap();
    log.finish().unwrap();
    let fortran = Array::from_shape_fn((3, 2).f(), |(i, j)| (i * 10 + j) as u16);
    archive.write_array("fortran", &fortran).unwrap();
    archive.write("none", &[0_u64; 0]).unwrap();
    archive = archive.compression(Compression::Deflated);
    archive.write("deflated", &numbers).unwrap();
    archive.finish().unwrap();
    for name in ["a", "ab", "nested/abc", "größe", "log"] {
        let mut mapped = map::<u64>(&path, name).unwrap();
        assert_eq!(rows(&mapped), numbers);
        if let Some(slice) = mapped.as_slice() {
            assert_eq!(slice.as_ptr().align_offset(64), 0);
        }
        assert_eq!(mapped.refresh().unwrap(), 0);
        assert_eq!(mapped.get(999).unwrap().unwrap(), 999);
        assert!(mapped.get(1000).is_none());
    }
    let flat = ReadOptions::new().flat(true);
    #[allow(unsafe_code)]
    // SAFETY: the archive is left alone while it is mapped.
    let mapped = unsafe {
        Reader::open(&path)
            .unwrap()
            .by_name("fortran")
            .and_then(|array| array.with(flat).map::<u16>())
    }
    .unwrap();
    match HAS_SLICES {
        true => assert_eq!(mapped.view().unwrap(), fortran.into_dyn()),
        false => assert!(fortran.t().iter().copied().eq(rows(&mapped))),
    }
    assert!(map::<u64>(&path, "none").unwrap().is_empty());
    let error = map::<u64>(&path, "deflated").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("only an uncompressed member can be mapped"),
        "{error}"
    );
    let error = map::<u32>(&path, "a").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType, "{error}");
    assert_eq!(error.member(), Some("a"));
    // A new archive in its place leaves the old one mapped.
    let mapped = map::<u64>(&path, "a").unwrap();
    let replaced = Writer::create(&path).unwrap().finish();
    // Windows may refuse it, and then keeps the old one.
    assert!(replaced.is_ok() || cfg!(windows));
    assert_eq!(rows(&mapped), numbers);
    // A source of another kind.
    let other = dir.path().join("other.npz");
    let mut archive = Writer::create(&other).unwrap();
    archive.write("a", &numbers).unwrap();
    archive.finish().unwrap();
    let file = fs::File::open(&other).unwrap();
    #[allow(unsafe_code)]
    // SAFETY: nothing is mapped.
    let error = unsafe {
        Reader::new(file)
            .unwrap()
            .by_name("a")
            .and_then(|array| array.map::<u64>())
    }
    .unwrap_err();
    assert!(
        error.to_string().contains("not opened by its path"),
        "{error}"
    );
}

#[test]
fn a_member_of_numpys_is_mapped_where_it_lies() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("numpy.npz");
    let Some(mut numpy) = numpy() else { return };
    let mut aligned = 0;
    for len in 1..=8 {
        let name = "x".repeat(len);
        let code = format!("np.savez(path, {name}=np.arange(5.))\nanswer = 0");
        numpy.python(&path, &code);
        let mapped = map::<f64>(&path, &name).unwrap();
        let values: Vec<f64> = mapped.iter().map(Result::unwrap).collect();
        assert_eq!(values, [0.0, 1.0, 2.0, 3.0, 4.0]);
        match mapped.as_slice() {
            Some(_) => aligned += 1,
            None if !HAS_SLICES => {
                assert_eq!(mapped.layout_mismatch(), Some(LayoutMismatch::Record));
            }
            None => assert!(matches!(
                mapped.layout_mismatch(),
                Some(LayoutMismatch::Alignment { alignment, .. }) if alignment == align_of::<f64>()
            )),
        }
    }
    assert_eq!(aligned, usize::from(HAS_SLICES) * 8 / align_of::<f64>());
}

/// The header of an array that is longer than its member.
#[test]
fn a_map_ends_with_its_member() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long.npz");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("a.npy", options).unwrap();
    zip.write_all(&npyrec::Header::for_record::<u8>(30).to_bytes())
        .unwrap();
    zip.write_all(&[1; 20]).unwrap();
    zip.start_file("b.npy", options).unwrap();
    zip.finish().unwrap();
    let error = map::<u8>(&path, "a").unwrap_err();
    assert_eq!(
        (error.kind(), error.expected_rows(), error.found_rows()),
        (ErrorKind::Truncated, Some(30), Some(20)),
        "{error}"
    );
    assert!(map::<u8>(&path, "b").is_err());
}

/// A file in which zeros are holes.
struct Sparse(fs::File);

impl Write for Sparse {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        static ZEROS: [u8; 1 << 16] = [0; 1 << 16];
        let is_hole = bytes
            .chunks(ZEROS.len())
            .all(|part| part == &ZEROS[..part.len()]);
        match is_hole {
            true => self
                .0
                .seek_relative(bytes.len() as i64)
                .map(|()| bytes.len()),
            false => self.0.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_member_may_be_over_4_gib() {
    if !crate::process::is_full() {
        return;
    }
    const ROWS: u64 = (1 << 32) / 8 + 1_000;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.npz");
    let mut archive = Writer::new(Sparse(fs::File::create(&path).unwrap()));
    let zeros = vec![0_u64; 1 << 20];
    let mut log = archive.records_exact::<u64>("zeros", ROWS).unwrap();
    while log.rows() < ROWS - 1 {
        let rows = (ROWS - 1 - log.rows()).min(1 << 20) as usize;
        log.append_slice(&zeros[..rows]).unwrap();
    }
    log.append(&7).unwrap();
    log.finish().unwrap();
    archive.write("behind", &[1_u16, 2]).unwrap();
    archive.finish().unwrap();
    let mut archive = Reader::open(&path).unwrap();
    assert_eq!(archive.read::<u16>("behind").unwrap(), [1, 2]);
    let mut reader = archive
        .by_name("zeros")
        .and_then(|array| array.rows::<u64>())
        .unwrap();
    let (mut block, mut rows) = (vec![1_u64; 1 << 20], 0);
    while reader.remaining() > 0 {
        let read = reader.read_into(&mut block).unwrap();
        let last = u64::from(rows + read as u64 == ROWS) * 7;
        assert_eq!(block[read - 1], last);
        assert!(block[..read - 1] == zeros[..read - 1]);
        rows += read as u64;
    }
    assert_eq!(rows, ROWS);
    let mapped = map::<u64>(&path, "zeros").unwrap();
    assert_eq!(mapped.as_slice().is_some(), HAS_SLICES);
    assert_eq!(mapped.iter().next_back().unwrap().unwrap(), 7);
    let Some(mut numpy) = numpy() else { return };
    let code = "import zipfile\n\
                archive = zipfile.ZipFile(path)\n\
                info, behind = archive.infolist()\n\
                with archive.open(info) as member:\n    \
                    version = np.lib.format.read_magic(member)\n    \
                    shape, _, dtype = np.lib.format.read_array_header_1_0(member)\n\
                answer = [info.file_size, info.compress_size, list(shape), dtype.str, np.load(path)['behind'].tolist(),\n\
                          archive.testzip()]";
    let len = 8 * ROWS + 128;
    assert_eq!(
        numpy.python(&path, code),
        json!([len, len, [ROWS], "<u8", [1, 2], null])
    );
}

#[test]
fn an_archive_may_be_over_4_gib() {
    if !crate::process::is_full() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sparse.npz");
    let mut file = fs::File::create(&path).unwrap();
    file.seek(SeekFrom::Start(5 << 30)).unwrap();
    let mut archive = Writer::new(file);
    archive.write("far", &[1_u64, 2, 3]).unwrap();
    archive.write("farther", &[4_u64]).unwrap();
    archive.finish().unwrap();
    let mut archive = Reader::open(&path).unwrap();
    assert_eq!(archive.read::<u64>("far").unwrap(), [1, 2, 3]);
    let mapped = map::<u64>(&path, "farther").unwrap();
    assert_eq!(rows(&mapped), [4]);
    let Some(mut numpy) = numpy() else { return };
    let code = "import zipfile, io\n\
                archive = zipfile.ZipFile(path)\n\
                answer = [np.load(io.BytesIO(archive.read(name))).tolist() for name in archive.namelist()]";
    assert_eq!(numpy.python(&path, code), json!([[1, 2, 3], [4]]));
}
