//! What errors advise, at each door at which they arise: it can be followed there.

use std::{fs, io::Cursor, path::Path};

use npyrec::{
    AppendOptions, Appender, ArrayAppender, Error, Follow, Header, Mapped, MappedMut, NpyFile,
    NpyRecord, Order, ReadOptions, Reader, Recovery, Value, npz, stream,
};

use crate::format::file;
#[cfg(target_os = "linux")]
use crate::{
    process::{command, strace},
    survive::disturbed,
};

#[derive(NpyRecord)]
struct Tick {
    a: f64,
    b: i32,
}

/// The texts of what several doors say of one file, without the name of its folder.
struct Texts<'a> {
    dir: &'a Path,
    texts: Vec<String>,
}

impl<'a> Texts<'a> {
    fn of(dir: &'a Path) -> Self {
        let texts = Vec::new();
        Texts { dir, texts }
    }

    fn add<T>(&mut self, door: &str, opened: Result<T, Error>) {
        let Err(error) = opened else {
            panic!("{door} takes it");
        };
        let folder = format!("{}{}", self.dir.display(), std::path::MAIN_SEPARATOR);
        let text = error.to_string().replace(&folder, "");
        self.texts.push(format!("{door}: {text}"));
    }

    fn joined(self) -> String {
        self.texts.join("\n")
    }
}

fn header(descr: &str, order: Order, shape: &[u64]) -> Vec<u8> {
    let header = Header::new(descr.parse().unwrap(), order, shape);
    header.unwrap().to_bytes()
}

fn values_of(path: &Path) -> Result<Reader<Value, fs::File>, Error> {
    Reader::<Value>::new(fs::File::open(path).unwrap())
}

/// Maps a file that nobody else writes.
#[allow(unsafe_code)]
fn map<R: NpyRecord>(path: &Path) -> Result<Mapped<R>, Error> {
    // SAFETY: nobody else knows of the file.
    unsafe { Mapped::open(path) }
}

#[allow(unsafe_code)]
fn map_mut<R: NpyRecord>(path: &Path) -> Result<MappedMut<R>, Error> {
    // SAFETY: nobody else knows of the file.
    unsafe { MappedMut::open(path) }
}

#[test]
fn of_a_single_element_with_other_bytes_nothing_is_advised_that_does_not_work() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("scalar.npy");
    let mut texts = Texts::of(dir.path());
    for len in [48, 4] {
        let bytes = [header("<f8", Order::C, &[]), vec![0; len]].concat();
        fs::write(&path, &bytes).unwrap();
        let report = npyrec::check(&path).unwrap();
        assert_eq!(report.rows(), u64::from(len > 8));
        texts
            .texts
            .push(format!("check: {}", report.advice().unwrap()));
        texts.add("recover", npyrec::recover(&path, Recovery::Adopt));
        texts.add("make_appendable", npyrec::make_appendable(&path));
        texts.add("open", Appender::<f64>::open(&path));
        texts.add("array", ArrayAppender::<f64>::open(&path));
        if len == 4 {
            texts.add("read", npyrec::read::<f64>(&path));
            texts.add("map", map::<f64>(&path));
            texts.add(
                "value",
                values_of(&path).and_then(|mut r| r.next().unwrap()),
            );
            texts.add("row", NpyFile::open(&path).and_then(|file| file.row(0)));
        }
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    insta::assert_snapshot!(texts.joined(), @r#"
    check: nothing: NumPy reads the single element, and ignores the bytes after it
    recover: scalar.npy: the array is a single element of shape (), which has no rows to read or append to; `recover` corrects a number of rows, and there is none in the shape ()
    make_appendable: scalar.npy: the array is a single element of shape (), which has no rows to read or append to
    open: scalar.npy: the array is a single element of shape (), which has no rows to read or append to
    array: scalar.npy: the array is a single element of shape (), which has no rows to read or append to
    check: nothing: the single element is not whole, and there are no rows to recover
    recover: scalar.npy: the array is a single element of shape (), which has no rows to read or append to; `recover` corrects a number of rows, and there is none in the shape ()
    make_appendable: scalar.npy: the array is a single element of shape (), which has no rows to read or append to
    open: scalar.npy: the array is a single element of shape (), which has no rows to read or append to
    array: scalar.npy: the array is a single element of shape (), which has no rows to read or append to
    read: scalar.npy: the file ends after 0 of the 1 rows that its header counts
    map: scalar.npy: the file ends after 0 of the 1 rows that its header counts
    value: the source ends after 0 of the 1 rows that its header counts
    row: scalar.npy: the file ends after 0 of the 1 rows that its header counts
    "#);
}

#[test]
fn rows_of_no_bytes_with_data_after_them_are_explained() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("grouped.npy");
    let text = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,000, 3), }";
    fs::write(&path, file(1, text, 64, &[0; 24])).unwrap();
    let report = npyrec::check(&path).unwrap();
    let mut texts = Texts::of(dir.path());
    texts
        .texts
        .push(format!("check: {}", report.advice().unwrap()));
    texts.add("recover", npyrec::recover(&path, Recovery::Adopt));
    texts.add("array", ArrayAppender::<f64>::open(&path));
    insta::assert_snapshot!(texts.joined(), @r#"
    check: correct the shape in the header by hand: its rows have no bytes, but bytes follow it (`1,000` in a shape is read as two axes)
    recover: grouped.npy: byte 128: 24 bytes follow the header, but an array of shape (1, 0, 3) has no bytes; correct the shape in the header (`1,000` is read as two axes)
    array: grouped.npy: byte 128: 24 bytes follow the header, but an array of shape (1, 0, 3) has no bytes; correct the shape in the header (`1,000` is read as two axes)
    "#);
}

/// `recover` mends a file of one array; errors of other sources do not advise it.
#[test]
fn recover_is_advised_for_files_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("short.npy");
    let short = [header("<f8", Order::C, &[3]), vec![0; 20]].concat();
    fs::write(&path, &short).unwrap();
    let mut texts = Texts::of(dir.path());
    texts.add("read", npyrec::read::<f64>(&path));
    texts.add("map", map::<f64>(&path));
    texts.add("row", NpyFile::open(&path).and_then(|file| file.row(2)));
    texts.add("open", Appender::<f64>::open(&path));
    texts.add("array", npyrec::read_array::<f64>(&path));
    texts.add("socket", Reader::<f64>::new(&short[..]).unwrap().read_all());
    texts.add(
        "values of a socket",
        Reader::<Value>::new(&short[..]).unwrap().nth(2).unwrap(),
    );
    texts.add("index", stream::Index::build(&path));
    let mut arrays = stream::Reader::new(&short[..]);
    let array = arrays.next_array().unwrap().unwrap();
    texts.add("stream of a socket", array.read::<f64>());
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive
        .start_file("a.npy", zip::write::SimpleFileOptions::default())
        .unwrap();
    std::io::Write::write_all(&mut archive, &short).unwrap();
    let archive = archive.finish().unwrap().into_inner();
    fs::write(dir.path().join("short.npz"), archive).unwrap();
    let mut archive = npz::Reader::open(dir.path().join("short.npz")).unwrap();
    texts.add("member", archive.read::<f64>("a"));
    insta::assert_snapshot!(texts.joined(), @r#"
    read: short.npy: the file ends after 2 of the 3 rows that its header counts; `npyrec::check` says whether `npyrec::recover` can make them agree
    map: short.npy: the file ends after 2 of the 3 rows that its header counts; `npyrec::check` says whether `npyrec::recover` can make them agree
    row: short.npy: the file ends after 2 of the 3 rows that its header counts; `npyrec::check` says whether `npyrec::recover` can make them agree
    open: short.npy: the file ends after 2 of the 3 rows that its header counts; `npyrec::check` says whether `npyrec::recover` can make them agree
    array: short.npy: the file ends after 2 of the 3 rows that its header counts; `npyrec::check` says whether `npyrec::recover` can make them agree
    socket: the source ends after 2 of the 3 rows that its header counts
    values of a socket: the source ends after 2 of the 3 rows that its header counts
    index: short.npy: array 0, at byte 0: the file ends after 2 of the 3 rows that the header of the array counts
    stream of a socket: array 0, at byte 0: the source ends after 2 of the 3 rows that the header of the array counts
    member: short.npz: member `a`: the member ends after 2 of the 3 rows that its header counts
    "#);
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_is_named_as_one() {
    use std::os::fd::AsRawFd;

    let dir = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    let read = format!("/proc/self/fd/{}", reader.as_raw_fd());
    let write = format!("/proc/self/fd/{}", writer.as_raw_fd());
    let mut texts = Texts::of(dir.path());
    texts.add("create", Appender::<u8>::create(&write));
    texts.add("open", Appender::<u8>::open(&write));
    texts.add("array", ArrayAppender::<u8>::open(&write));
    texts.add("stream", stream::Writer::open(&write));
    texts.add("recover", npyrec::recover(&write, Recovery::Adopt));
    texts.add("check", npyrec::check(&read));
    let joined = texts
        .joined()
        .replace(&write, "pipe")
        .replace(&read, "pipe");
    insta::assert_snapshot!(joined, @r#"
    create: pipe: cannot append to what is no regular file: Illegal seek (os error 29); a pipe, socket or terminal cannot seek: read it with `Reader::new`, write it with `stream::Writer`
    open: pipe: cannot read the header: Illegal seek (os error 29); a pipe, socket or terminal cannot seek: read it with `Reader::new`, write it with `stream::Writer`
    array: pipe: cannot read the file's length: Illegal seek (os error 29); a pipe, socket or terminal cannot seek: read it with `Reader::new`, write it with `stream::Writer`
    stream: pipe: cannot append to it: the arrays in a pipe, a socket or a device cannot be counted; `stream::Writer::new` writes to one
    recover: pipe: cannot read the file's length: Illegal seek (os error 29); a pipe, socket or terminal cannot seek: read it with `Reader::new`, write it with `stream::Writer`
    check: pipe: cannot read the file's length: Illegal seek (os error 29); a pipe, socket or terminal cannot seek: read it with `Reader::new`, write it with `stream::Writer`
    "#);
    // What the text names.
    stream::Writer::new(writer).write(&[1_u8, 2]).unwrap();
    let values = Reader::<u8>::new(reader).unwrap().read_all();
    assert_eq!(values.unwrap(), [1, 2]);
}

/// The advice for a file system without locks.
#[cfg(target_os = "linux")]
#[test]
fn where_there_are_no_locks_the_advice_can_be_followed() {
    if !strace() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("locks.npy");
    npyrec::write(&path, &[1_u8, 2]).unwrap();
    let child = command("lack locks", &path, "");
    let (is_done, injected) = disturbed(&child, &[("flock", "error=ENOLCK")]);
    assert!(is_done && injected.len() > 5, "{injected:?}");
    let texts = fs::read_to_string(dir.path().join("texts")).unwrap();
    insta::assert_snapshot!(texts, @r#"
    open: locks.npy: cannot lock the file: No locks available (os error 37); on a file system without locks, use `AppendOptions::lock(false)`
    create: new.npy: cannot lock the file: No locks available (os error 37); on a file system without locks, use `AppendOptions::lock(false)`
    create_new: new.npy: cannot lock the file: No locks available (os error 37); on a file system without locks, use `AppendOptions::lock(false)`
    new array: new.npy: cannot lock the file: No locks available (os error 37); on a file system without locks, use `AppendOptions::lock(false)`
    array: locks.npy: cannot lock the file: No locks available (os error 37); on a file system without locks, use `AppendOptions::lock(false)`
    values: locks.npy: cannot lock the file: No locks available (os error 37); on a file system without locks, use `AppendOptions::lock(false)`
    stream: locks.npy: cannot lock the file: No locks available (os error 37); on a file system without locks, use `stream::Writer::new` with the file opened by `File::options().append(true)`
    "#);
}

/// Opens files on a file system without locks, and follows the advice of the errors.
#[cfg(target_os = "linux")]
pub fn lack_locks(path: &Path) {
    let dir = path.parent().unwrap();
    let new = &dir.join("new.npy");
    let mut texts = Texts::of(dir);
    texts.add("open", Appender::<u8>::open(path));
    texts.add("create", Appender::<u8>::create(new));
    texts.add("create_new", Appender::<u8>::create_new(new));
    texts.add("new array", ArrayAppender::<u8>::create(new, &[2]));
    assert!(!new.exists(), "an empty file was left");
    texts.add("array", ArrayAppender::<u8>::open(path));
    texts.add("values", Appender::open_with_dtype(path, &u8::dtype()));
    texts.add("stream", stream::Writer::open(path));
    fs::write(dir.join("texts"), texts.joined()).unwrap();

    let log = AppendOptions::new().lock(false).create_new::<u8>(new);
    log.unwrap().close().unwrap();
    let mut log = AppendOptions::new().lock(false).open::<u8>(path).unwrap();
    log.append(&3_u8).unwrap();
    log.close().unwrap();
    let file = fs::File::options().append(true).open(path).unwrap();
    stream::Writer::new(file).write(&[4_u8]).unwrap();
    assert_eq!(stream::Index::build(path).unwrap().len(), 2);
    // These do without a lock.
    let whole = fs::read(path).unwrap();
    fs::write(path, &whole[..whole.len() - 1]).unwrap();
    assert!(stream::cut_torn(path).unwrap().is_some());
    assert_eq!(npyrec::read::<u8>(path).unwrap(), [1, 2, 3]);
    npyrec::recover(path, Recovery::Adopt).unwrap();
    npyrec::make_appendable(path).unwrap();
    npyrec::write(path, &[5_u8]).unwrap();
    // What the harness would still do might be what is disturbed.
    std::process::exit(0);
}

#[test]
fn a_missing_folder_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = &dir.path().join("no/file.npy");
    let mut texts = Texts::of(dir.path());
    texts.add("create", Appender::<u8>::create(path));
    texts.add("create_new", Appender::<u8>::create_new(path));
    texts.add("open", Appender::<u8>::open(path));
    texts.add("array", ArrayAppender::<u8>::create(path, &[2]));
    texts.add("open array", ArrayAppender::<u8>::open(path));
    texts.add(
        "values",
        Appender::create_with_dtype(path, &"<f8".parse().unwrap()),
    );
    texts.add("write", npyrec::write(path, &[1_u8]));
    texts.add(
        "zeros",
        npyrec::create_zeroed(path, &Header::for_record::<f64>(2)),
    );
    texts.add(
        "write_array",
        npyrec::write_array(path, &ndarray::arr1(&[1_u8])),
    );
    texts.add("stream", stream::Writer::open(path));
    texts.add("archive", npz::Writer::create(path));
    texts.add("append archive", npz::Writer::open(path));
    texts.add("read", npyrec::read::<u8>(path));
    texts.add("map", map::<u8>(path));
    texts.add("follow", Follow::<u8>::open(path));
    texts.add("file", NpyFile::open(path));
    texts.add("check", npyrec::check(path));
    texts.add("recover", npyrec::recover(path, Recovery::Adopt));
    for text in &texts.texts {
        assert!(text.contains("no/file.npy: "), "{text}");
        let end = "; its folder does not exist, and is not created";
        assert!(text.ends_with(end), "{text}");
    }
    // Where only the file is missing, nothing is said of a folder.
    let error = npyrec::read::<u8>(dir.path().join("file.npy")).unwrap_err();
    assert!(!error.to_string().contains("folder"), "{error}");
}

/// The least casting that works is named, at each door that has one, and works there.
#[test]
fn the_casting_that_would_do_is_named() {
    use npyrec::Casting;
    let dir = tempfile::tempdir().unwrap();
    let path = &dir.path().join("cast.npy");
    let hint = |opened: Option<Error>| opened.map(|error| error.to_string()).unwrap_or_default();
    let names = |error: &str, option: &str, casting: Option<Casting>| {
        let expected = casting.map(|casting| {
            format!("\n  to convert, use `{option}::casting(Casting::{casting:?})`")
        });
        match expected {
            // Once, and not again at each field.
            Some(expected) => error.ends_with(&expected) && error.matches("Casting::").count() == 1,
            None => !error.is_empty() && !error.contains("Casting::"),
        }
    };
    // What the file holds, and the castings with which an `f64` is appended to it and read of it.
    let cases = [
        (">f8", Some(Casting::Equiv), None),
        ("<f4", Some(Casting::SameKind), Some(Casting::Safe)),
        ("<i8", None, Some(Casting::Safe)),
        ("<f16", Some(Casting::Safe), Some(Casting::SameKind)),
        ("<M8[s]", None, None),
    ];
    for (descr, appends, reads) in cases {
        let itemsize = descr.parse::<npyrec::DType>().unwrap().itemsize();
        let bytes = [header(descr, Order::C, &[2]), vec![0; 2 * itemsize]].concat();
        fs::write(path, &bytes).unwrap();
        let appended = [
            Appender::<f64>::open(path).err(),
            ArrayAppender::<f64>::open(path).err(),
            Appender::open_with_dtype(path, &"<f8".parse().unwrap()).err(),
        ];
        for error in appended.map(hint) {
            assert!(names(&error, "AppendOptions", appends), "{descr}: {error}");
        }
        if let Some(least) = appends {
            let options = AppendOptions::new().casting(least);
            options.open::<f64>(path).unwrap().close().unwrap();
        }
        // Other byte orders are read as they are.
        if descr == ">f8" {
            npyrec::read::<f64>(path).unwrap();
            continue;
        }
        let mut archive = npz::Writer::new(Cursor::new(Vec::new()));
        archive.write("other", &[1_u8]).unwrap();
        let mut arrays = stream::Reader::new(&bytes[..]);
        let read = [
            npyrec::read::<f64>(path).err(),
            Reader::<f64>::open(path).err(),
            Reader::<f64>::new(&bytes[..]).err(),
            Follow::<f64>::open(path).err(),
            map::<f64>(path).err(),
            npyrec::read_array::<f64>(path).err(),
            NpyFile::open(path).unwrap().read_range::<f64>(0..1).err(),
            arrays.next_array().unwrap().unwrap().read::<f64>().err(),
        ];
        for error in read.map(hint) {
            assert!(names(&error, "ReadOptions", reads), "{descr}: {error}");
        }
        if let Some(least) = reads {
            let options = ReadOptions::new().casting(least);
            assert_eq!(options.read::<f64>(path).unwrap(), [0.0, 0.0]);
        }
        // What is changed is read and written.
        let changes = reads.and_then(|reads| appends.map(|appends| reads.max(appends)));
        let error = hint(map_mut::<f64>(path).err());
        assert!(names(&error, "ReadOptions", changes), "{descr}: {error}");
        if let Some(least) = changes {
            let options = ReadOptions::new().casting(least);
            #[allow(unsafe_code)]
            // SAFETY: nobody else knows of the file.
            let mut mapped = unsafe { options.map_mut::<f64>(path) }.unwrap();
            mapped.set(1, &1.5).unwrap();
            assert_eq!(mapped.get(1).transpose().unwrap(), Some(1.5));
        }
    }
    // Of several fields, what all need.
    npyrec::write(path, &[(1_i32, 2.0_f32)]).unwrap();
    let fields = header("[('b', '<i2'), ('a', '<f4')]", Order::C, &[0]);
    fs::write(path, fields).unwrap();
    let mut texts = Texts::of(dir.path());
    texts.add("append", Appender::<Tick>::open(path));
    texts.add("read", npyrec::read::<Tick>(path));
    insta::assert_snapshot!(texts.joined(), @r#"
    append: cast.npy: the dtype of the file is not that of the record:
      a: file has <f4, record has <f8
      b: file has <i2, record has <i4
      to rewrite the file as this record, use `npyrec::migrate`
      to convert, use `AppendOptions::casting(Casting::SameKind)`
    read: cast.npy: the dtype of the file is not that of the record:
      a: file has <f4, record has <f8
      b: file has <i2, record has <i4
      to convert, use `ReadOptions::casting(Casting::Safe)`
    "#);
}

#[test]
fn the_field_that_holds_objects_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = &dir.path().join("objects.npy");
    let mut texts = Texts::of(dir.path());
    for descr in [
        "'|O'",
        "[('id', '<i8'), ('name', '|O')]",
        "[('id', '<i8'), ('quote', [('bid', '<f8'), ('notes', '|O', (2,))], (3,))]",
    ] {
        let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (2,), }}");
        let bytes = file(1, &text, 64, &[0; 200]);
        fs::write(path, &bytes).unwrap();
        let values: npyrec::DType = descr.trim_matches('\'').parse().unwrap();
        let new = dir.path().join("new.npy");
        let zeros = Header::new(values.clone(), Order::C, &[2]).unwrap();
        let mut arrays = stream::Reader::new(&bytes[..]);
        let doors = [
            ("read", npyrec::read::<Tick>(path).err()),
            ("open", Appender::<Tick>::open(path).err()),
            ("array", ArrayAppender::<Tick>::open(path).err()),
            ("values", values_of(path).err()),
            ("check", npyrec::check(path).err()),
            ("recover", npyrec::recover(path, Recovery::Adopt).err()),
            ("make_appendable", npyrec::make_appendable(path).err()),
            ("follow", Follow::<Tick>::open(path).err()),
            ("map", map::<Tick>(path).err()),
            ("file", NpyFile::open(path).err()),
            (
                "new values",
                Appender::create_with_dtype(&new, &values).err(),
            ),
            ("zeros", npyrec::create_zeroed(&new, &zeros).err()),
            ("stream", arrays.next_array().unwrap().err()),
        ];
        let texts_of = doors.map(|(door, error)| {
            let text = error.expect(door).to_string();
            let (_, text) = text.split_once(".npy: ").unwrap_or(("", &text));
            let text = text
                .split_once("at byte 0: ")
                .map_or(text, |(_, text)| text);
            (door, text.to_owned())
        });
        for (door, text) in &texts_of {
            assert_eq!(*text, texts_of[0].1, "{door}");
        }
        texts.texts.push(texts_of[0].1.clone());
    }
    insta::assert_snapshot!(texts.joined(), @r#"
    the elements are pickled Python objects, which only Python can read; save them there with a dtype of numbers, text or times
    field `name`: its values are pickled Python objects, which only Python can read; save the field there with a dtype of numbers, text or times, or leave it out
    field `quote.notes`: its values are pickled Python objects, which only Python can read; save the field there with a dtype of numbers, text or times, or leave it out
    "#);
}
