//! Files of another dtype than the record.

use npyrec::{AppendOptions, Appender, Casting, ErrorKind, NpyRecord, ReadOptions, Reader};

/// The record of a file that is read as a [`Wanted`].
#[derive(NpyRecord, Clone, Debug, PartialEq)]
#[npy(align)]
struct Foreign {
    unknown: [u8; 3],
    #[npy(dtype = ">f8")]
    price: f64,
    levels: [ForeignLevel; 2],
    #[npy(dtype = ">U3")]
    venue: String,
    id: u8,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct ForeignLevel {
    #[npy(dtype = ">i2")]
    size: i16,
    more: u8,
    #[npy(dtype = ">f4")]
    price: f32,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct Wanted {
    #[npy(dtype = "U3")]
    venue: String,
    id: u8,
    levels: [WantedLevel; 2],
    price: f64,
}

#[derive(NpyRecord, Clone, Debug, PartialEq)]
struct WantedLevel {
    price: f32,
    size: i16,
}

fn foreign(id: u8) -> (Foreign, Wanted) {
    let level = |nth: u8| (f32::from(id) + f32::from(nth) * 0.5, -i16::from(id) * 300);
    let foreign = Foreign {
        unknown: [7; 3],
        price: f64::from(id) * 1.5,
        levels: [0, 1].map(|nth| {
            let (price, size) = level(nth);
            ForeignLevel {
                size,
                more: 1,
                price,
            }
        }),
        venue: "éX".to_owned(),
        id,
    };
    let wanted = Wanted {
        venue: "éX".to_owned(),
        id,
        levels: [0, 1].map(|nth| {
            let (price, size) = level(nth);
            WantedLevel { price, size }
        }),
        price: f64::from(id) * 1.5,
    };
    (foreign, wanted)
}

/// Fields are found by name wherever they are, in any order of bytes; others are passed over.
#[test]
fn a_file_of_the_same_fields_is_read_however_they_lie() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("foreign.npy");
    let (file, wanted): (Vec<Foreign>, Vec<Wanted>) = (0..100).map(foreign).unzip();
    npyrec::write(&path, &file).unwrap();
    assert_eq!(npyrec::read::<Wanted>(&path).unwrap(), wanted);
    let rows: npyrec::Result<Vec<Wanted>> = Reader::<Wanted>::open(&path).unwrap().collect();
    assert_eq!(rows.unwrap(), wanted);
    assert_eq!(
        crate::mapped::map::<Wanted>(&path)
            .unwrap()
            .get(99)
            .unwrap()
            .unwrap(),
        wanted[99]
    );
    let file = npyrec::NpyFile::open(&path).unwrap();
    assert_eq!(file.read_range::<Wanted>(90..95).unwrap(), wanted[90..95]);
    let mut follow = npyrec::Follow::<Wanted>::open(&path).unwrap();
    assert_eq!(follow.poll().unwrap(), wanted);
    let error = ReadOptions::new()
        .casting(Casting::No)
        .open::<Wanted>(&path)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType, "{error}");
}

/// The error lists all differences, and the casting that would convert them.
#[test]
fn every_field_at_fault_is_told() {
    #[derive(NpyRecord, Debug)]
    #[allow(dead_code)]
    struct Other {
        price: f32,
        id: bool,
        levels: [OtherLevel; 2],
        venue: i32,
        missing: u8,
    }
    #[derive(NpyRecord, Debug)]
    #[allow(dead_code)]
    struct OtherLevel {
        size: i64,
        price: [f32; 2],
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("foreign.npy");
    npyrec::write(&path, &[foreign(1).0]).unwrap();
    let error = npyrec::read::<Other>(&path).unwrap_err();
    let text = error
        .to_string()
        .replace(path.to_str().unwrap(), "foreign.npy");
    insta::assert_snapshot!(text, @r"
    foreign.npy: the dtype of the file is not that of the record:
      price: file has >f8, record has <f4 (`Casting::SameKind` converts it)
      id: file has |u1, record has |b1
      levels.size: file has >i2, record has <i8 (`Casting::Safe` converts it)
      levels.price: file has >f4, record has ('<f4', (2,))
      venue: file has >U3, record has <i4
      missing: not in the file, record has |u1
      to read a file without a field, mark it `#[npy(default)]`
    ");
}

/// The error of a value that cannot be cast has its field and row. The rows around it are read.
#[test]
fn a_value_that_cannot_be_cast_is_told() {
    #[derive(NpyRecord, Debug)]
    struct Bytes {
        names: [npyrec::Bytes<2>; 2],
    }
    #[derive(NpyRecord, Debug)]
    struct Texts {
        names: [npyrec::Str<2>; 2],
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bytes.npy");
    let bytes = |text: &[u8]| npyrec::Bytes::new(text).unwrap();
    let row = |second: &[u8]| Bytes {
        names: [bytes(b"a"), bytes(second)],
    };
    npyrec::write(&path, &[row(b"b"), row(b"\xff"), row(b"c")]).unwrap();
    let options = ReadOptions::new().casting(Casting::Safe);
    let rows: Vec<_> = options.open::<Texts>(&path).unwrap().collect();
    assert_eq!(rows[0].as_ref().unwrap().names[1].to_string(), "b");
    let error = rows[1].as_ref().unwrap_err().to_string();
    assert!(
        error.ends_with(
            "row 1: field `names[1]`: \\xff\\x00 is not ASCII, as bytes that become a text have to be"
        ),
        "{error}"
    );
    assert_eq!(rows[2].as_ref().unwrap().names[1].to_string(), "c");
}

/// Records are appended to a file of the same fields however they lie, if that is asked for.
#[test]
fn a_file_of_the_same_fields_is_continued_however_they_lie() {
    #[derive(NpyRecord, Clone, Debug, PartialEq)]
    #[npy(align)]
    struct File {
        #[npy(dtype = ">i4")]
        id: i32,
        #[npy(dtype = ">f8")]
        price: f64,
        level: ForeignLevel,
    }
    #[derive(NpyRecord, Clone)]
    struct Record {
        level: Level,
        price: f64,
        id: i32,
    }
    #[derive(NpyRecord, Clone)]
    struct Level {
        price: f32,
        size: i16,
        more: u8,
    }
    let file = |id: i32| File {
        id,
        price: f64::from(id) + 0.5,
        level: ForeignLevel {
            size: 3,
            more: 1,
            price: 2.5,
        },
    };
    let record = |id: i32| Record {
        id,
        price: f64::from(id) + 0.5,
        level: Level {
            size: 3,
            more: 1,
            price: 2.5,
        },
    };
    let dir = tempfile::tempdir().unwrap();
    let (path, other) = (dir.path().join("file.npy"), dir.path().join("other.npy"));
    npyrec::write(&path, &[file(0)]).unwrap();
    let error = Appender::<Record>::open(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::DType), "{error}");
    let options = AppendOptions::new()
        .casting(Casting::Equiv)
        .buffer_capacity(100);
    let mut appender = options.open::<Record>(&path).unwrap();
    (1..20)
        .try_for_each(|id| appender.append(&record(id)))
        .unwrap();
    appender
        .append_slice(&(20..30).map(record).collect::<Vec<_>>())
        .unwrap();
    assert_eq!(appender.rows(), 30);
    appender.commit().unwrap();
    assert_eq!(npyrec::read::<File>(&path).unwrap().len(), 30);
    appender.extend((30..40).map(record)).unwrap();
    appender.close().unwrap();
    npyrec::write(&other, &(0..40).map(file).collect::<Vec<_>>()).unwrap();
    assert_eq!(
        std::fs::read(&path).unwrap(),
        std::fs::read(&other).unwrap()
    );
}

/// A value that does not fit the file's dtype is an error, and is not cut.
#[test]
fn nothing_is_cut_when_records_are_converted() {
    #[derive(NpyRecord)]
    struct File {
        id: i16,
        name: npyrec::Bytes<2>,
        value: f32,
        time: npyrec::Datetime64<npyrec::unit::Second>,
    }
    #[derive(NpyRecord)]
    struct Record {
        time: npyrec::Datetime64<npyrec::unit::Millisecond>,
        id: i64,
        name: npyrec::Bytes<4>,
        value: f64,
    }
    let record = |id, name: &str, value, time| Record {
        time: npyrec::Datetime64::new(time),
        id,
        name: npyrec::Bytes::new(name.as_bytes()).unwrap(),
        value,
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file.npy");
    npyrec::write::<File>(&path, &[]).unwrap();
    let options = AppendOptions::new().casting(Casting::SameKind);
    let mut appender = options.open::<Record>(&path).unwrap();
    let mut refused = |record: Record| {
        let error = appender.append(&record).unwrap_err().to_string();
        error.split_once("row 0: ").unwrap().1.to_owned()
    };
    let texts = [
        refused(record(40_000, "ab", 0.1, 5000)),
        refused(record(4, "abc", 0.1, 5000)),
        refused(record(4, "ab", 1e300, 5000)),
        refused(record(4, "ab", 0.1, 5001)),
    ];
    insta::assert_snapshot!(texts.join("\n"), @r"
    field `id`: 40000 is out of range
    field `name`: abc is longer than 2 bytes
    field `value`: 1e300 is out of range
    field `time`: 5001 [ms] is no multiple of [s]
    ");
    appender.append(&record(4, "ab", 0.1, 5000)).unwrap();
    appender.close().unwrap();
    let rows = npyrec::read::<File>(&path).unwrap();
    assert_eq!(
        (rows.len(), rows[0].id, rows[0].value, rows[0].time.ticks()),
        (1, 4, 0.1, 5)
    );
    assert_eq!(rows[0].name, npyrec::Bytes::new(b"ab").unwrap());
}

/// A file is continued with all its fields and no other.
#[test]
fn no_field_is_lost_or_made_up_when_records_are_converted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file.npy");
    npyrec::write::<(u8, u16)>(&path, &[]).unwrap();
    let casting = |record: fn(&std::path::Path) -> npyrec::Error| record(&path).to_string();
    let few = casting(|path| {
        AppendOptions::new()
            .casting(Casting::SameKind)
            .open::<(u8,)>(path)
            .unwrap_err()
    });
    assert!(
        few.contains("f1: file has <u2, not in the record\n"),
        "{few}"
    );
    let many = casting(|path| {
        AppendOptions::new()
            .casting(Casting::SameKind)
            .open::<(u8, u16, u8)>(path)
            .unwrap_err()
    });
    assert!(
        many.contains("f2: not in the file, record has |u1\n"),
        "{many}"
    );
}

/// The error shows a text that is too long as a text, in each kind of storage.
#[test]
fn a_text_that_is_too_long_is_shown_as_text() {
    fn refused<R: NpyRecord, F: NpyRecord>(record: &R) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file.npy");
        npyrec::write::<F>(&path, &[]).unwrap();
        let options = AppendOptions::new().casting(Casting::SameKind);
        let error = options
            .open::<R>(&path)
            .unwrap()
            .append(record)
            .unwrap_err();
        error
            .to_string()
            .split_once("row 0: ")
            .unwrap()
            .1
            .to_owned()
    }
    #[derive(NpyRecord)]
    #[allow(dead_code)]
    struct BigEndian {
        #[npy(dtype = ">U2")]
        text: String,
    }
    #[derive(NpyRecord)]
    struct Native {
        text: npyrec::Str<4>,
    }
    let text = npyrec::Str::new("éab").unwrap();
    let texts = [
        refused::<_, npyrec::Str<2>>(&text as &npyrec::Str<4>),
        refused::<_, BigEndian>(&Native { text }),
        refused::<_, npyrec::Void<2>>(&npyrec::Void([1, 2, 3])),
        refused::<_, npyrec::Bytes<2>>(&npyrec::Bytes::<3>::from(*b"abc")),
        refused::<_, npyrec::Str<2>>(&npyrec::Bytes::<3>::from(*b"abc")),
    ];
    insta::assert_snapshot!(texts.join("\n"), @r"
    éab is longer than 2 characters
    field `text`: éab is longer than 2 characters
    \x01\x02\x03 is longer than 2 bytes
    abc is longer than 2 bytes
    abc is longer than 2 characters
    ");
}

/// A bfloat16 is a number, and no number is taken for its bytes.
#[test]
fn no_number_becomes_the_bytes_of_a_bfloat16() {
    use npyrec::half::{bf16, f16};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("numbers.npy");
    npyrec::write(&path, &[f16::ONE]).unwrap();
    let error = ReadOptions::new()
        .casting(Casting::Safe)
        .read::<bf16>(&path)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("file has <f2, record has <V2\n  to convert, use `ReadOptions::casting(Casting::SameKind)`"),
        "{error}"
    );
    let same_kind = ReadOptions::new().casting(Casting::SameKind);
    assert_eq!(same_kind.read::<bf16>(&path).unwrap(), [bf16::ONE]);
    npyrec::write(&path, &[bf16::ONE]).unwrap();
    let options = AppendOptions::new().casting(Casting::Safe);
    let mut appender = options.open::<u8>(&path).unwrap();
    appender.append(&200).unwrap();
    appender.close().unwrap();
    let expected = [1.0, 200.0].map(bf16::from_f32);
    assert_eq!(npyrec::read::<bf16>(&path).unwrap(), expected);
}
