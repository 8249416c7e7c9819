use std::{fs, path::Path};

use npyrec::{
    Appender, ErrorKind,
    stream::{Index, Reader, Writer, cut_torn},
};

use super::{all_sorts, starts};
use crate::numpy::numpy;

#[test]
fn a_file_is_continued_and_created() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("arrays.npy");
    let mut arrays = Writer::open(&path).unwrap();
    assert!(fs::read(&path).unwrap().is_empty());
    arrays.write(&[1_u8, 2]).unwrap();
    arrays.write::<f32>(&[]).unwrap();
    arrays.sync().unwrap();
    drop(arrays);
    let mut arrays = Writer::open(&path).unwrap();
    let mut records = arrays.records(3).unwrap();
    records.append_slice(&[1.5_f64, 2.5, 3.5]).unwrap();
    records.finish().unwrap();
    drop(arrays);
    let mut index = Index::build(&path).unwrap();
    assert_eq!(index.len(), 3);
    assert_eq!(
        index.array(2).unwrap().read::<f64>().unwrap(),
        [1.5, 2.5, 3.5]
    );

    let Some(mut numpy) = numpy() else { return };
    let code = "with open(path, 'ab') as file: np.save(file, np.arange(3, dtype='<i2'))\n\
                with open(path, 'rb') as file: answer = [len(np.load(file)) for _ in range(4)]";
    assert_eq!(numpy.python(&path, code), serde_json::json!([2, 0, 3, 3]));
    let mut arrays = Writer::open(&path).unwrap();
    let error = arrays
        .write_with(&npyrec::Header::for_record::<u64>(2), &[9_u64])
        .unwrap_err();
    assert_eq!(
        (error.array(), error.path()),
        (Some(4), Some(path.as_path()))
    );
    assert_eq!(
        error.array_offset(),
        Some(fs::metadata(&path).unwrap().len())
    );
    arrays.write(&[9_u64]).unwrap();
    let code = "with open(path, 'rb') as file: answer = [np.load(file).tolist() for _ in range(5)]";
    assert_eq!(
        numpy.python(&path, code),
        serde_json::json!([[1, 2], [], [1.5, 2.5, 3.5], [0, 1, 2], [9]])
    );
}

#[test]
fn a_file_has_one_appender_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("arrays.npy");
    let arrays = Writer::open(&path).unwrap();
    let is_locked = |error: npyrec::Error| error.kind() == ErrorKind::Locked;
    assert!(is_locked(Writer::open(&path).unwrap_err()));
    assert!(is_locked(cut_torn(&path).unwrap_err()));
    assert!(is_locked(Appender::<u8>::open(&path).unwrap_err()));
    drop(arrays);
    let _appender = Appender::<u8>::open(&path).unwrap();
    assert!(is_locked(Writer::open(&path).unwrap_err()));
}

#[test]
fn a_torn_array_is_refused_until_it_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("arrays.npy");
    let all = all_sorts();
    let starts = starts(&all);
    for end in 0..all.len() {
        fs::write(&path, &all[..end]).unwrap();
        if starts.contains(&end) {
            assert_eq!(cut_torn(&path).unwrap(), None);
            Writer::open(&path).unwrap();
            continue;
        }
        let error = Writer::open(&path).unwrap_err();
        let start = *starts.iter().rfind(|&&start| start < end).unwrap();
        assert_eq!(error.array_offset(), Some(start as u64));
        assert!(
            error
                .to_string()
                .ends_with("; `npyrec::stream::cut_torn` takes it off"),
            "{error}"
        );
        assert_eq!(error.path(), Some(path.as_path()));
        assert_eq!(fs::read(&path).unwrap(), all[..end]);
        assert_eq!(cut_torn(&path).unwrap(), Some(start as u64));
        assert_eq!(fs::read(&path).unwrap(), all[..start]);
        Writer::open(&path).unwrap();
    }
}

#[test]
fn what_is_no_array_is_neither_continued_nor_cut() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("arrays.npy");
    let refused = |path: &Path, bytes: &[u8]| {
        fs::write(path, bytes).unwrap();
        let error = Writer::open(path).unwrap_err();
        let text = error.to_string();
        assert!(!text.contains("cut_torn"), "{text}");
        assert_eq!(cut_torn(path).unwrap_err().to_string(), text);
        assert_eq!(fs::read(path).unwrap(), bytes);
    };
    refused(&path, b"time,price\n");
    refused(&path, &[all_sorts(), vec![0; 7]].concat());
    let missing = dir.path().join("missing.npy");
    let error = cut_torn(&missing).unwrap_err();
    assert!(
        error.to_string().contains("cannot open the file"),
        "{error}"
    );
    assert!(!missing.exists());
}

#[test]
fn an_array_that_was_given_up_gives_way_to_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("arrays.npy");
    let mut arrays = Writer::open(&path).unwrap();
    arrays.write(&[1_u8]).unwrap();
    let before = fs::read(&path).unwrap();
    let mut records = arrays.records::<u64>(100_000).unwrap();
    records.append_slice(&vec![1; 50_000]).unwrap();
    drop(records);
    assert!(fs::read(&path).unwrap().len() > before.len());
    arrays.write(&[2_u8]).unwrap();
    drop(arrays);
    let bytes = fs::read(&path).unwrap();
    assert_eq!(bytes.len(), 2 * before.len());
    assert!(bytes.starts_with(&before));
    let mut arrays = Reader::open(&path).unwrap();
    assert_eq!(
        arrays.next_array().unwrap().unwrap().read::<u8>().unwrap(),
        [1]
    );
    assert_eq!(
        arrays.next_array().unwrap().unwrap().read::<u8>().unwrap(),
        [2]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_no_file_is_not_appended_to() {
    let error = Writer::open("/dev/null").unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("/dev/null: cannot append to it"),
        "{error}"
    );
}
