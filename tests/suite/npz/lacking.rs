//! Archives and arrays that are not finished, or lack records.

use super::*;

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
        let mut exact = archive
            .records_with::<Tick>("exact", &Header::for_record::<Tick>(200_000))
            .unwrap();
        exact.extend(ticks(100_000)).unwrap();
        drop(exact);
        let mut exact = archive
            .records_with::<u64>("exact", &Header::for_record::<u64>(3))
            .unwrap();
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
        let mut exact = archive
            .records_with::<u64>("exact", &Header::for_record::<u64>(2))
            .unwrap();
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
        let mut exact = archive
            .records_with::<u64>(name, &Header::for_record::<u64>(1000))
            .unwrap();
        exact.append(&1).unwrap();
        std::mem::forget(exact);
        archive.write(&format!("behind {name}"), &[2_u8]).unwrap();
    }
    std::mem::forget(
        archive
            .records_with::<u64>("c", &Header::for_record::<u64>(1000))
            .unwrap(),
    );
    let mut archive = Reader::new(archive.finish().unwrap()).unwrap();
    assert_eq!(archive.names(), ["behind a", "behind b"]);
    assert_eq!(archive.read::<u8>("behind b").unwrap(), [2]);
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
