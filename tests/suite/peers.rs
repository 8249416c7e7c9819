//! Other implementations, as second oracles.

use std::path::Path;

use npyrec::{Appender, Casting, NpyRecord};
use npyz::WriterBuilder;

#[derive(
    NpyRecord,
    npyz::Serialize,
    npyz::Deserialize,
    npyz::AutoSerialize,
    Clone,
    Copy,
    Debug,
    PartialEq,
)]
struct Event {
    time: i64,
    energy: f32,
    position: [f64; 3],
    channel: u16,
}

/// Opens a file whose numbers are in the order of this machine, as the others write them.
fn open<R: NpyRecord>(path: &Path) -> Appender<R> {
    let casting = match cfg!(target_endian = "little") {
        true => Casting::No,
        false => Casting::Equiv,
    };
    npyrec::AppendOptions::new()
        .casting(casting)
        .open(path)
        .unwrap()
}

fn events() -> Vec<Event> {
    let event = |i: u16| Event {
        time: i64::from(i) * 1_000,
        energy: f32::from(i) / 3.0,
        position: [f64::from(i), -1.0, f64::INFINITY],
        channel: i,
    };
    (0..500).map(event).collect()
}

#[test]
fn npyz_reads_what_was_appended() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.npy");
    let mut appender = Appender::<Event>::create(&path).unwrap();
    appender.extend(events()).unwrap();
    appender.close().unwrap();
    let file = npyz::NpyFile::new(std::fs::File::open(&path).unwrap()).unwrap();
    assert_eq!(file.into_vec::<Event>().unwrap(), events());
}

#[test]
fn what_npyz_wrote_is_read_and_continued() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.npy");
    let file = std::fs::File::create(&path).unwrap();
    let mut writer = npyz::WriteOptions::new()
        .default_dtype()
        .writer(file)
        .begin_1d()
        .unwrap();
    writer.extend(events()).unwrap();
    writer.finish().unwrap();
    assert_eq!(npyrec::read::<Event>(&path).unwrap(), events());
    let mut appender = open::<Event>(&path);
    appender.append_slice(&events()).unwrap();
    appender.close().unwrap();
    assert_eq!(npyrec::read::<Event>(&path).unwrap(), events().repeat(2));
}

/// A killed writer of npyz leaves a shape of asterisks, which the error names.
#[test]
fn what_npyz_did_not_finish_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.npy");
    let file = std::fs::File::create(&path).unwrap();
    let mut writer = npyz::WriteOptions::new()
        .default_dtype()
        .writer(file)
        .begin_1d()
        .unwrap();
    writer.push(&events()[0]).unwrap();
    std::mem::forget(writer);
    let error = npyrec::read::<Event>(&path).unwrap_err().to_string();
    assert!(error.ends_with("expected a literal, found `*`"), "{error}");
}

#[test]
fn ndarray_npy_reads_what_was_appended() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    npyrec::write(&path, &[[1.0_f64, 2.0, 3.0], [4.0, 5.0, 6.0]]).unwrap();
    let array: ndarray::Array2<f64> = ndarray_npy::read_npy(&path).unwrap();
    assert_eq!(array, ndarray::array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
}

#[test]
fn what_ndarray_npy_wrote_is_read_and_continued() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    ndarray_npy::write_npy(&path, &ndarray::array![[1_i32, 2], [3, 4]]).unwrap();
    let mut appender = open::<[i32; 2]>(&path);
    appender.append(&[5, 6]).unwrap();
    appender.close().unwrap();
    assert_eq!(
        npyrec::read::<[i32; 2]>(&path).unwrap(),
        [[1, 2], [3, 4], [5, 6]]
    );
}
