//! Logs that are created, in the place of others or not.

use crate::system::replaces_open_files;
use npyrec::{AppendOptions, Appender, ArrayAppender, ErrorKind, Header, NpyRecord, Result};
use std::{fs, path::Path};

#[test]
fn open_starts_an_empty_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("empty.npy");
    fs::write(&path, []).unwrap();
    Appender::<u32>::open(&path).unwrap().close().unwrap();
    assert_eq!(
        fs::read(&path).unwrap(),
        Header::for_record::<u32>(0).to_bytes()
    );
}

/// The rows that an appender starts with, after it was opened one way.
type Open = fn(&Path) -> Result<u64>;

/// Ways to open an appender, each with its text.
macro_rules! doors {
    ($($open:expr),* $(,)?) => {
        [$((stringify!($open), (|path| Ok($open(path)?.rows())) as Open)),*]
    };
}

/// Asserts how many rows each appender starts with where no file is, and where one has `old` as its three rows. Where
/// it is an error, nothing changed.
fn check<R: NpyRecord + Copy>(
    doors: &[(&str, Open)],
    old: R,
    absent: Option<u64>,
    there: Option<u64>,
) {
    for (name, open) in doors {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.npy");
        assert_eq!(open(&path).ok(), absent, "{name} where no file is");
        assert_eq!(path.exists(), absent.is_some(), "{name}");
        npyrec::write(&path, &[old; 3]).unwrap();
        let before = fs::read(&path).unwrap();
        assert_eq!(open(&path).ok(), there, "{name} where a file is");
        if there != Some(0) {
            assert_eq!(fs::read(&path).unwrap(), before, "{name}");
        }
    }
}

#[test]
fn each_way_to_open_a_log_does_what_its_name_says() {
    let creating = doors![
        Appender::<u32>::create,
        |p| Appender::create_with_dtype(p, &u32::dtype()),
        |p| AppendOptions::new().create::<u32>(p),
        |p| AppendOptions::new().create_with_dtype(p, &u32::dtype()),
        |p| ArrayAppender::<u32>::create(p, &[2]),
        |p| ArrayAppender::create_with_dtype(p, &u32::dtype(), &[2]),
        |p| AppendOptions::new().create_array::<u32>(p, &[2]),
        |p| AppendOptions::new().create_array_with_dtype(p, &u32::dtype(), &[2]),
    ];
    let creating_new = doors![
        Appender::<u32>::create_new,
        |p| AppendOptions::new().create_new::<u32>(p),
        |p| AppendOptions::new().create_new_with_dtype(p, &u32::dtype()),
        |p| ArrayAppender::<u32>::create_new(p, &[2]),
        |p| AppendOptions::new().create_new_array::<u32>(p, &[2]),
    ];
    let opening = doors![
        Appender::<u32>::open,
        |p| Appender::open_with_dtype(p, &u32::dtype()),
        |p| AppendOptions::new().open::<u32>(p),
        |p| AppendOptions::new().open_with_dtype(p, &u32::dtype()),
    ];
    let opening_an_array = doors![|p| ArrayAppender::<u32>::open_or_create(p, &[2]), |p| {
        AppendOptions::new().open_or_create_array::<u32>(p, &[2])
    },];
    let opening_what_is_there = doors![
        ArrayAppender::<u32>::open,
        |p| ArrayAppender::open_with_dtype(p, &u32::dtype()),
        |p| AppendOptions::new().open_array::<u32>(p),
        |p| AppendOptions::new().open_array_with_dtype(p, &u32::dtype()),
    ];
    check(&creating, 1_u32, Some(0), Some(0));
    check(&creating_new, 1_u32, Some(0), None);
    check(&opening, 1_u32, Some(0), Some(3));
    check(&opening_an_array, [1_u32, 2], Some(0), Some(3));
    check(&opening_what_is_there, [1_u32, 2], None, Some(3));
}

/// A reader of the old file keeps it, complete.
#[test]
fn create_puts_a_new_file_in_the_place_of_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("again.npy");
    npyrec::write(&path, &[1_u32, 2]).unwrap();
    let old = npyrec::Reader::<u32>::open(&path).unwrap();
    if !replaces_open_files() {
        let error = Appender::<u64>::create(&path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io), "{error}");
        assert_eq!(old.map(Result::unwrap).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(npyrec::read::<u32>(&path).unwrap(), [1, 2]);
        assert_eq!(crate::recover::names(dir.path()), ["again.npy"]);
        return;
    }
    let mut new = Appender::<u64>::create(&path).unwrap();
    new.append(&3).unwrap();
    new.close().unwrap();
    assert_eq!(old.map(Result::unwrap).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(npyrec::read::<u64>(&path).unwrap(), [3]);
    assert_eq!(crate::recover::names(dir.path()), ["again.npy"]);
    // An empty file has nothing to lose, and its creator may have it open, except on Windows.
    if cfg!(windows) {
        return;
    }
    let file = tempfile::NamedTempFile::new_in(dir.path()).unwrap();
    npyrec::write(file.path(), &[4_u8]).unwrap();
    assert_eq!(file.as_file().metadata().unwrap().len(), 129);
}

#[cfg(unix)]
#[test]
fn create_keeps_permissions_follows_links_and_leaves_devices_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = tempfile::tempdir().unwrap();
    let (path, link) = (dir.path().join("file.npy"), dir.path().join("link.npy"));
    symlink(&path, &link).unwrap();
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    fs::write(dir.path().join("plain"), []).unwrap();
    let usual = fs::metadata(dir.path().join("plain"))
        .unwrap()
        .permissions()
        .mode()
        & 0o777;
    npyrec::write(&link, &[1_u8]).unwrap();
    assert_eq!(mode(), usual, "through a link to nothing");
    fs::remove_file(&path).unwrap();
    npyrec::write(&path, &[1_u8]).unwrap();
    assert_eq!(mode(), usual);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
    npyrec::write(&link, &[2_u8]).unwrap();
    assert_eq!(mode(), 0o604);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(npyrec::read::<u8>(&path).unwrap(), [2]);
    npyrec::write("/dev/null", &[3_u8; 100]).unwrap();
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn create_in_a_folder_that_is_not_there_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("no/such/file.npy");
    for error in [
        Appender::<u8>::create(&path).unwrap_err(),
        Appender::<u8>::create_new(&path).unwrap_err(),
        Appender::<u8>::open(&path).unwrap_err(),
    ] {
        assert!(
            (error.io_error().unwrap().kind() == std::io::ErrorKind::NotFound),
            "{error}"
        );
    }
}
