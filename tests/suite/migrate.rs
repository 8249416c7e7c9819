//! A file of an older record, rewritten as the record of today.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
};

use npyrec::{Appender, Casting, ErrorKind, Migration, NpyRecord, ReadOptions};
use serde_json::json;

use crate::numpy::numpy;

#[derive(NpyRecord, Clone)]
struct OldPosition {
    y: f32,
    x: f32,
}

#[derive(NpyRecord, Clone)]
struct Old {
    venue: u8,
    price: f32,
    #[npy(dtype = ">i4")]
    size: i32,
    at: [OldPosition; 2],
}

#[derive(NpyRecord, Debug, PartialEq)]
struct Position {
    x: f64,
    y: f32,
    #[npy(default)]
    z: f32,
}

#[derive(NpyRecord, Debug, PartialEq)]
struct New {
    price: f64,
    venue: u8,
    #[npy(default, dtype = "S4")]
    side: String,
    at: [Position; 2],
}

fn old(count: u8) -> Vec<Old> {
    let position = |n: u8| OldPosition {
        x: f32::from(n),
        y: -1.0,
    };
    let row = |n: u8| Old {
        venue: n,
        price: f32::from(n) / 2.0,
        size: 7,
        at: [position(n), position(n.wrapping_add(1))],
    };
    (0..count).map(row).collect()
}

fn migrate(path: &Path) -> npyrec::Result<Migration> {
    ReadOptions::new()
        .casting(Casting::Safe)
        .migrate::<New>(path)
}

#[test]
fn a_file_is_rewritten_as_another_record() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    npyrec::write(&path, &old(200)).unwrap();
    let read = ReadOptions::new().casting(Casting::Safe);
    let before = read.read::<New>(&path).unwrap();
    let migration = migrate(&path).unwrap();
    insta::assert_snapshot!(migration, @r"
    200 rows rewritten
      side: added
      at.z: added
      size: removed
      price: converted from <f4 to <f8
      at.x: converted from <f4 to <f8
      fields in another order
    ");
    assert_eq!(migration.rows(), 200);
    assert_eq!(migration.added(), ["side", "at.z"]);
    assert_eq!(migration.removed(), ["size"]);
    let cast = migration.cast().map(|(name, ..)| name);
    assert_eq!(cast.collect::<Vec<_>>(), ["price", "at.x"]);
    assert!(migration.is_reordered() && migration.is_rewritten());
    assert_eq!(npyrec::read::<New>(&path).unwrap(), before);
    assert_eq!(before[199].price, 99.5);

    let bytes = fs::read(&path).unwrap();
    let again = migrate(&path).unwrap();
    assert_eq!(again.to_string(), "200 rows, which have this dtype already");
    assert!(!again.is_rewritten());
    assert_eq!(fs::read(&path).unwrap(), bytes);

    let mut log = Appender::<New>::open(&path).unwrap();
    log.append(&before[0]).unwrap();
    log.close().unwrap();
    let Some(mut numpy) = numpy() else { return };
    assert_eq!(fs::read(&path).unwrap(), numpy.resave(&path));
    let code = "a = np.load(path)\n\
                answer = [len(a), float(a['price'][199]), a['at']['x'][199].tolist()]";
    assert_eq!(
        numpy.python(&path, code),
        json!([201, 99.5, [199.0, 200.0]])
    );
}

#[test]
fn the_error_of_open_names_migrate_and_the_error_of_reading_names_default() {
    #[derive(NpyRecord, Debug)]
    struct Newer {
        price: f32,
        side: u8,
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    npyrec::write(&path, &old(3)).unwrap();
    let bytes = fs::read(&path).unwrap();
    let end = |error: npyrec::Error| {
        assert_eq!(error.kind(), ErrorKind::DType);
        error.to_string().lines().last().unwrap().to_owned()
    };
    assert_eq!(
        end(Appender::<Newer>::open(&path).unwrap_err()),
        "  to rewrite the file as this record, use `npyrec::migrate`"
    );
    for error in [
        npyrec::read::<Newer>(&path).unwrap_err(),
        npyrec::migrate::<Newer>(&path).unwrap_err(),
    ] {
        assert_eq!(
            end(error),
            "  to read a file without a field, mark it `#[npy(default)]`"
        );
    }
    let error = npyrec::migrate::<New>(&path).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("to convert, use `ReadOptions::casting(Casting::Safe)`"),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_value_that_does_not_fit_leaves_the_file_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("names.npy");
    let names =
        [&b"one"[..], b"two", b"m\xfcde"].map(|name| npyrec::Bytes::<5>::new(name).unwrap());
    npyrec::write(&path, &names).unwrap();
    let bytes = fs::read(&path).unwrap();
    let options = ReadOptions::new().casting(Casting::Safe);
    let error = options.migrate::<npyrec::Str<5>>(&path).unwrap_err();
    assert_eq!((error.kind(), error.row()), (ErrorKind::Decode, Some(2)));
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn rows_that_no_header_counts_are_kept_and_a_torn_row_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    npyrec::write(&path, &old(2)).unwrap();
    let mut row = vec![0; Old::ITEMSIZE];
    old(10)[9].encode(&mut row).unwrap();
    let mut file = File::options().append(true).open(&path).unwrap();
    file.write_all(&[&*row, &row[..5]].concat()).unwrap();
    assert_eq!(migrate(&path).unwrap().rows(), 3);
    let rows = npyrec::read::<New>(&path).unwrap();
    let venues: Vec<_> = rows.iter().map(|row| row.venue).collect();
    assert_eq!(venues, [0, 1, 9]);

    file.set_len(10).unwrap();
    npyrec::write(&path, &old(2)).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(file.metadata().unwrap().len() - 1).unwrap();
    assert_eq!(migrate(&path).unwrap_err().kind(), ErrorKind::Truncated);
}

#[test]
fn a_file_that_an_appender_has_open_is_not_rewritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    let mut log = Appender::<Old>::create(&path).unwrap();
    log.append_slice(&old(2)).unwrap();
    assert_eq!(migrate(&path).unwrap_err().kind(), ErrorKind::Locked);
    log.close().unwrap();
    assert_eq!(migrate(&path).unwrap().rows(), 2);
}

#[test]
fn rows_of_arrays_are_rewritten_in_c_order_only() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    let expected = "np.save(path + '.expected', np.arange(60000, dtype='<f8').reshape(-1, 3))";
    let code = format!(
        "np.save(path, np.arange(60000, dtype='>i2').reshape(-1, 3))\n{expected}\nanswer = None"
    );
    numpy.python(&path, &code.replace("'>i2'", "'>u2'"));
    let options = ReadOptions::new().casting(Casting::Safe);
    let migration = options.migrate::<[f64; 3]>(&path).unwrap();
    assert_eq!(
        migration.to_string(),
        "20000 rows rewritten\n  converted from >u2 to <f8"
    );
    assert_eq!(
        fs::read(&path).unwrap(),
        fs::read(dir.path().join("rows.npy.expected.npy")).unwrap()
    );
    numpy.python(
        &path,
        "np.save(path, np.ones((4, 3), order='F'))\nanswer = None",
    );
    let error = npyrec::migrate::<[f64; 3]>(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
}

/// The rows are converted as bytes, so that they need not be decoded.
#[test]
fn a_file_is_rewritten_as_a_record_that_borrows() {
    #[derive(NpyRecord)]
    struct Line<'a> {
        #[npy(dtype = "U4")]
        host: &'a str,
        #[npy(default)]
        status: u16,
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lines.npy");
    npyrec::write(&path, &[npyrec::Str::<4>::new("near").unwrap()]).unwrap();
    assert!(npyrec::migrate::<Line>(&path).is_err());
    #[derive(NpyRecord)]
    struct Host {
        host: npyrec::Str<4>,
    }
    let host = npyrec::Str::new("near").unwrap();
    npyrec::write(&path, &[Host { host }]).unwrap();
    npyrec::migrate::<Line<'static>>(&path).unwrap();
    let mut log = Appender::<Line>::open(&path).unwrap();
    log.append(&Line {
        host: "far",
        status: 404,
    })
    .unwrap();
    log.close().unwrap();
    let file = npyrec::NpyFile::open(&path).unwrap();
    let rows = [0, 1].map(|row| file.row(row).unwrap().to_string());
    assert_eq!(rows, ["('near', 0)", "('far', 404)"]);
}

#[test]
fn a_field_is_found_by_its_alias_and_renamed() {
    #[derive(NpyRecord)]
    struct Inner {
        #[npy(alias = "y")]
        x: f32,
    }

    #[derive(NpyRecord)]
    struct Renamed {
        #[npy(alias = "cost", alias = "price")]
        paid: f32,
        venue: u8,
        at: [Inner; 2],
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    npyrec::write(&path, &old(2)).unwrap();
    let migration = npyrec::migrate::<Renamed>(&path).unwrap();
    // `x` is found by its name, so that its alias names no field.
    insta::assert_snapshot!(migration, @"
    2 rows rewritten
      at.y: removed
      size: removed
      paid: was price
      fields in another order
    ");
    let renamed = [("price".to_owned(), "paid".to_owned())];
    assert_eq!(migration.renamed(), renamed);
    let file = npyrec::NpyFile::open(&path).unwrap();
    let row = file.row(1).unwrap().to_string();
    assert_eq!(row, "(0.5, 1, [(1.0,), (2.0,)])");
}

/// The only copy of a value is never cut to the low bytes of an integer.
#[test]
fn a_number_that_would_lose_its_value_leaves_the_file_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("counts.npy");
    npyrec::write(&path, &[1_i64, 5_000_000_000]).unwrap();
    let before = fs::read(&path).unwrap();
    let options = ReadOptions::new().casting(Casting::SameKind);
    let error = options.migrate::<i32>(&path).unwrap_err();
    assert_eq!(error.row(), Some(1), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
    npyrec::write(&path, &[1_i64, -5]).unwrap();
    options.migrate::<i32>(&path).unwrap();
    assert_eq!(npyrec::read::<i32>(&path).unwrap(), [1, -5]);
}

/// An alias takes no field of the file that another field has by name, in a flattened struct as well.
#[test]
fn a_field_goes_to_its_name_before_an_alias() {
    #[derive(NpyRecord, Debug, PartialEq)]
    struct Inner {
        #[npy(default)]
        x: f32,
    }
    #[derive(NpyRecord, Debug, PartialEq)]
    struct Outer {
        #[npy(default, alias = "x")]
        a: f32,
        #[npy(flatten)]
        inner: Inner,
    }
    #[derive(NpyRecord)]
    struct File {
        x: f32,
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file.npy");
    npyrec::write(&path, &[File { x: 1.5 }]).unwrap();
    let expected = [Outer {
        a: 0.0,
        inner: Inner { x: 1.5 },
    }];
    assert_eq!(npyrec::read::<Outer>(&path).unwrap(), expected);
    let migration = npyrec::migrate::<Outer>(&path).unwrap();
    assert_eq!(
        (migration.added(), migration.renamed().len()),
        (&["a".to_owned()][..], 0)
    );
    assert_eq!(npyrec::read::<Outer>(&path).unwrap(), expected);
}
