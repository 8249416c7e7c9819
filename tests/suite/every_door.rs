//! A record at each door of the library, and in NumPy.

use std::{fmt::Debug, fs};

use npyrec::{Appender, NpyFile, NpyRecord, ReadOptions};
use serde_json::{Value, json};

use crate::numpy::numpy;

/// Appends a record, and reads it at each door. NumPy finds the same bytes and `expected`, and the row has the
/// text `shown`.
pub fn through_every_door<R: NpyRecord + PartialEq + Debug>(
    record: &R,
    expected: Value,
    shown: &str,
) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("record.npy");
    let mut log = Appender::<R>::create(&path).unwrap();
    log.append(record).unwrap();
    log.append(record).unwrap();
    log.close().unwrap();
    let read: Vec<R> = npyrec::read(&path).unwrap();
    assert_eq!(read.iter().collect::<Vec<_>>(), [record; 2]);
    #[allow(unsafe_code)]
    // SAFETY: nothing changes the file.
    let mapped = unsafe { ReadOptions::new().map::<R>(&path) }.unwrap();
    assert_eq!(&mapped.get(1).unwrap().unwrap(), record);
    let row = NpyFile::open(&path).unwrap().row(1).unwrap();
    assert_eq!(row.to_string(), shown);
    if let Some(mut numpy) = numpy() {
        assert_eq!(fs::read(&path).unwrap(), numpy.resave(&path));
        numpy.ask(json!({"ask": "values", "path": path, "rows": [expected, expected]}));
    }
}
