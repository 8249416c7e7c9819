//! Records that borrow their texts.

use std::{fs, io::Cursor, path::Path};

use npyrec::{Appender, BackgroundOptions, EncodeAs, NpyRecord, npz, stream};

use crate::numpy::numpy;

#[derive(NpyRecord)]
struct Line<'a> {
    #[npy(dtype = "U8")]
    host: &'a str,
    status: u16,
}

/// A record with these fields that owns its text.
#[derive(NpyRecord, Debug, PartialEq)]
struct Owned {
    #[npy(dtype = "U8")]
    host: String,
    status: u16,
}

/// The bytes that `np.save` writes for lines of these hosts, whose statuses are 0, 1, ….
fn saved(dir: &Path, hosts: &[&str]) -> Option<Vec<u8>> {
    let mut numpy = numpy()?;
    let path = dir.join("expected.npy");
    let code = format!(
        "rows = list(zip({hosts:?}, range({})))\n\
         np.save(path, np.array(rows, dtype=[('host', '<U8'), ('status', '<u2')]))\n\
         answer = None",
        hosts.len()
    );
    numpy.python(&path, &code);
    Some(fs::read(&path).unwrap())
}

#[test]
fn texts_that_live_for_one_iteration_are_appended() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lines.npy");
    let mut log = Appender::<Line>::create(&path).unwrap();
    for (status, host) in (0..).zip(["näh", "fern"]) {
        let host = host.to_owned();
        let line = Line {
            host: &host,
            status,
        };
        log.append(&line).unwrap();
        log.append(&Box::new(line)).unwrap();
    }
    log.append(&Line {
        host: "literal",
        status: 2,
    })
    .unwrap();
    log.close().unwrap();
    let rows = npyrec::read::<Owned>(&path).unwrap();
    let rows: Vec<_> = rows.iter().map(|row| (&*row.host, row.status)).collect();
    assert_eq!(
        rows,
        [
            ("näh", 0),
            ("näh", 0),
            ("fern", 1),
            ("fern", 1),
            ("literal", 2)
        ]
    );
}

/// A log that a program keeps for longer than any text.
struct Program {
    log: Appender<Line<'static>>,
}

impl Program {
    fn seen(&mut self, host: &str, status: u16) -> npyrec::Result<()> {
        self.log.append(&Line { host, status })
    }
}

fn save<R: NpyRecord>(log: &mut Appender<R>, record: &R) -> npyrec::Result<()> {
    log.append(record)
}

fn save_as<R: NpyRecord>(log: &mut Appender<R>, record: &impl EncodeAs<R>) -> npyrec::Result<()> {
    log.append(record)
}

#[test]
fn an_appender_of_static_lines_takes_lines_of_any_lifetime() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lines.npy");
    let log = Appender::<Line<'static>>::create(&path).unwrap();
    let mut program = Program { log };
    program.seen(&"a".repeat(2), 0).unwrap();
    let host = "b".repeat(8);
    let line = Line {
        host: &host,
        status: 1,
    };
    save_as(&mut program.log, &line).unwrap();
    save(
        &mut program.log,
        &Line {
            host: "",
            status: 2,
        },
    )
    .unwrap();
    let long = program.seen(&"c".repeat(9), 3).unwrap_err();
    assert!(
        long.to_string()
            .ends_with("field `host`: \"ccccccccc\" is 9 characters long, the dtype holds 8"),
        "{long}"
    );
    program.log.close().unwrap();
    if let Some(expected) = saved(dir.path(), &["aa", "bbbbbbbb", ""]) {
        assert_eq!(fs::read(&path).unwrap(), expected);
    }
}

#[test]
fn each_writer_takes_lines() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let hosts = ["n".repeat(3), "m".repeat(4)];
    let lines = [
        Line {
            host: &hosts[0],
            status: 0,
        },
        Line {
            host: &hosts[1],
            status: 1,
        },
    ];
    npyrec::write(path("written.npy"), &lines).unwrap();
    let file = fs::read(path("written.npy")).unwrap();

    let mut log = Appender::<Line>::create(path("slice.npy")).unwrap();
    log.append_slice(&lines).unwrap();
    log.close().unwrap();
    assert_eq!(fs::read(path("slice.npy")).unwrap(), file);

    let mut log = Appender::<Line>::create(path("extended.npy")).unwrap();
    let owned = hosts.iter().zip(0..);
    log.extend(owned.map(|(host, status)| Line { host, status }))
        .unwrap();
    log.close().unwrap();
    assert_eq!(fs::read(path("extended.npy")).unwrap(), file);

    let mut arrays = stream::Writer::new(Vec::new());
    arrays.write(&lines).unwrap();
    let mut records = arrays.records::<Line>(2).unwrap();
    records.extend(&lines).unwrap();
    records.finish().unwrap();
    assert_eq!(arrays.into_inner(), [&*file, &file].concat());

    let mut records = stream::RecordWriter::<Line, _>::new(Vec::new(), 2).unwrap();
    records.append(&lines[0]).unwrap();
    records.append(&lines[1]).unwrap();
    assert_eq!(records.finish().unwrap(), file);

    let mut archive = npz::Writer::new(Cursor::new(Vec::new()));
    archive.write("all", &lines).unwrap();
    let mut records = archive.records::<Line>("one_by_one").unwrap();
    records.append(&lines[0]).unwrap();
    records.append(&lines[1]).unwrap();
    records.finish().unwrap();
    let archive = archive.finish().unwrap();
    let mut archive = npz::Reader::new(archive).unwrap();
    let expected = npyrec::read::<Owned>(path("written.npy")).unwrap();
    for name in ["all", "one_by_one"] {
        assert_eq!(archive.read::<Owned>(name).unwrap(), expected, "{name}");
    }
    if let Some(expected) = saved(dir.path(), &["nnn", "mmmm"]) {
        assert_eq!(file, expected);
    }
}

/// Records for a thread outlive the call, so that their texts are static.
#[test]
fn a_thread_appends_lines_of_static_texts() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lines.npy");
    let log = Appender::<Line>::create(&path).unwrap();
    let (log, guard) = log.into_background(BackgroundOptions::new());
    for (host, status) in [("near", 0), ("far", 1)] {
        log.log(Line { host, status }).unwrap();
    }
    guard.close().unwrap();
    if let Some(expected) = saved(dir.path(), &["near", "far"]) {
        assert_eq!(fs::read(&path).unwrap(), expected);
    }
}

#[derive(NpyRecord)]
struct Named<'a, T> {
    #[npy(dtype = "S2")]
    name: &'a str,
    value: T,
}

/// Several lifetimes, bounds that name them, types and numbers.
#[derive(NpyRecord)]
struct Nested<'a, 'b: 'a, T: Into<f64>, const N: usize>
where
    T: Copy + 'b,
{
    line: Line<'a>,
    both: [Line<'b>; 2],
    #[npy(dtype = ">U2")]
    tags: [&'a str; N],
    named: Named<'b, T>,
    #[npy(skip)]
    note: Option<&'b T>,
}

#[test]
fn a_struct_of_several_lifetimes_and_types_is_stored_as_itself() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("nested.npy");
    let mut log = Appender::<Nested<f32, 3>>::create(&path).unwrap();
    for status in 0..2 {
        let (host, tag) = (format!("host {status}"), format!("t{status}"));
        let line = |status| Line {
            host: &host,
            status,
        };
        log.append(&Nested {
            line: line(status),
            both: [line(7), line(8)],
            tags: [&tag, "", "xy"],
            named: Named {
                name: &tag,
                value: 0.5,
            },
            note: None,
        })
        .unwrap();
    }
    log.close().unwrap();
    let rows = npyrec::NpyFile::open(&path).unwrap();
    assert_eq!(
        serde_json::to_string(&rows.row(1).unwrap()).unwrap(),
        r#"{"line":{"host":"host 1","status":1},"both":[{"host":"host 1","status":7},{"host":"host 1","status":8}],"tags":["t1","","xy"],"named":{"name":"t1","value":0.5}}"#
    );
    if let Some(mut numpy) = numpy() {
        assert_eq!(fs::read(&path).unwrap(), numpy.resave(&path));
    }
}

/// A bound of the user's that names a lifetime in a trait.
#[derive(NpyRecord)]
struct Parsed<'a, T: From<&'a str> + NpyRecord> {
    #[npy(dtype = "S2")]
    text: &'a str,
    value: T,
}

#[derive(NpyRecord)]
struct Length(u8);

impl From<&str> for Length {
    fn from(text: &str) -> Self {
        Length(text.len() as u8)
    }
}

#[test]
fn a_struct_whose_trait_bounds_name_a_lifetime_is_appended_with_that_lifetime() {
    let texts = ["a".to_owned(), "bb".to_owned()];
    let mut log = stream::RecordWriter::<Parsed<Length>, _>::new(Vec::new(), 2).unwrap();
    for text in &texts {
        log.append(&Parsed {
            text,
            value: Length::from(&**text),
        })
        .unwrap();
    }
    let bytes = log.finish().unwrap();
    assert!(bytes.ends_with(b"a\0\x01bb\x02"));
}
