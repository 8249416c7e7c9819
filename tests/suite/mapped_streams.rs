//! Files of several arrays, the last one of which is, or was, appended to through a map.

use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

use npyrec::{AppendOptions, Appender, ErrorKind, Follow, stream};

/// A mapped log of the rows 1, 2, 3, and rows after them that were not committed.
fn log(path: &Path) -> Appender<u32> {
    let options = AppendOptions::new().mapped(true).buffer_capacity(0);
    let mut log = options.create::<u32>(path).unwrap();
    log.extend([1, 2, 3]).unwrap();
    log.commit().unwrap();
    log.extend([4, 5]).unwrap();
    log
}

/// Returns a copy of the file as a killed program leaves it, after the bytes `before`.
fn killed(dir: &Path, before: &[u8]) -> PathBuf {
    let path = dir.join("live.npy");
    let log = log(&path);
    let copy = dir.join("killed.npy");
    fs::write(&copy, [before, &fs::read(&path).unwrap()].concat()).unwrap();
    drop(log);
    assert!(fs::metadata(&copy).unwrap().len() >= 1 << 16);
    copy
}

/// The bytes of an array that comes first.
fn first() -> Vec<u8> {
    let mut writer = stream::Writer::new(Vec::new());
    writer.write(&[0.5_f64]).unwrap();
    writer.into_inner()
}

#[test]
fn the_room_of_a_mapped_log_is_no_array() {
    let dir = tempfile::tempdir().unwrap();
    for before in [Vec::new(), first()] {
        let path = killed(dir.path(), &before);
        let number = usize::from(!before.is_empty());
        let mut index = stream::Index::build(&path).unwrap();
        assert_eq!(index.len(), number + 1);
        assert_eq!(
            index.array(number).unwrap().read::<u32>().unwrap(),
            [1, 2, 3]
        );
        let mut arrays = stream::Reader::open(&path).unwrap();
        let mut last = Vec::new();
        while let Some(array) = arrays.next_array() {
            let array = array.unwrap();
            if array.number() == Some(number as u64) {
                last = array.read::<u32>().unwrap();
            }
        }
        assert_eq!(last, [1, 2, 3]);
        let bytes = Cursor::new(fs::read(&path).unwrap());
        assert_eq!(stream::Index::build_from(bytes).unwrap().len(), number + 1);
    }
}

#[test]
fn a_live_mapped_log_is_read_as_a_stream_and_concatenated() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("live.npy");
    let mut log = log(&path);
    assert_eq!(stream::Index::build(&path).unwrap().len(), 1);
    let whole = dir.path().join("whole.npy");
    assert_eq!(stream::concatenate(&path, &whole).unwrap(), 3);
    assert_eq!(npyrec::read::<u32>(&whole).unwrap(), [1, 2, 3]);
    let mut follow = Follow::<u32>::open(&path).unwrap();
    assert_eq!(follow.poll().unwrap(), [1, 2, 3]);
    assert!(matches!(
        stream::Writer::open(&path).unwrap_err().kind(),
        ErrorKind::Locked
    ));
    assert!(matches!(
        stream::cut_torn(&path).unwrap_err().kind(),
        ErrorKind::Locked
    ));
    log.commit().unwrap();
    assert_eq!(follow.poll().unwrap(), [4, 5]);
    assert_eq!(stream::concatenate(&path, &whole).unwrap(), 5);
}

#[test]
fn an_array_is_appended_in_the_place_of_the_room_of_a_killed_log() {
    let dir = tempfile::tempdir().unwrap();
    for before in [Vec::new(), first()] {
        let path = killed(dir.path(), &before);
        let number = usize::from(!before.is_empty());
        stream::Writer::open(&path)
            .unwrap()
            .write(&[7_u8, 8])
            .unwrap();
        let mut index = stream::Index::build(&path).unwrap();
        assert_eq!(index.len(), number + 2);
        assert_eq!(
            index.array(number).unwrap().read::<u32>().unwrap(),
            [1, 2, 3]
        );
        assert_eq!(
            index.array(number + 1).unwrap().read::<u8>().unwrap(),
            [7, 8]
        );
        let len = before.len() + 128 + 12 + 128 + 2;
        assert_eq!(fs::metadata(&path).unwrap().len(), len as u64);
    }
}

#[test]
fn a_killed_log_is_not_torn_and_loses_its_room() {
    let dir = tempfile::tempdir().unwrap();
    let path = killed(dir.path(), &first());
    assert_eq!(stream::cut_torn(&path).unwrap(), None);
    let len = first().len() + 128 + 12;
    assert_eq!(fs::metadata(&path).unwrap().len(), len as u64);
    assert_eq!(stream::cut_torn(&path).unwrap(), None);
}

/// The mark is at the end, which a pipe shows too late.
#[test]
fn a_source_that_cannot_seek_gives_no_row_of_the_room() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("live.npy");
    let mut log = log(&path);
    log.commit().unwrap();
    let bytes = fs::read(&path).unwrap();
    let mut arrays = stream::Reader::new(&bytes[..]);
    let array = arrays.next_array().unwrap().unwrap();
    assert_eq!(array.read::<u32>().unwrap(), [1, 2, 3, 4, 5]);
    let error = arrays.next_array().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Header);
    assert!(
        error
            .to_string()
            .ends_with("read it from a source that can seek"),
        "{error}"
    );
    assert!(arrays.next_array().is_none());
}

/// Zeros without a mark are not room.
#[test]
fn what_follows_an_array_without_the_mark_is_still_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("zeros.npy");
    fs::write(&path, [first(), vec![0; 4096]].concat()).unwrap();
    let error = stream::Index::build(&path).unwrap_err();
    assert_eq!((error.array(), error.array_offset()), (Some(1), Some(136)));
    assert!(stream::Writer::open(&path).is_err());
    assert!(stream::cut_torn(&path).is_err());
    assert_eq!(fs::metadata(&path).unwrap().len(), 136 + 4096);
}
