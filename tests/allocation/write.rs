//! Appenders and writers of whole files.

use std::time::Duration;

use npyrec::{AppendOptions, Appender, ArrayAppender, NpyFile, NpyRecord, Order};

use crate::{calls, peak};

/// The record has 5 bytes, and a name for which the number of rows lies across two lines of the header.
#[test]
fn appending_allocates_nothing_after_the_start() {
    #[derive(NpyRecord, Clone, Copy)]
    struct Row {
        flag: u8,
        #[npy(rename = "a name that is long enough for it.")]
        value: f32,
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    let row = Row {
        flag: 1,
        value: 2.0,
    };
    let options = AppendOptions::new().buffer_capacity(10_000);
    for commit_every in [0, 1, 7, 5_000] {
        for interval in [None, Some(Duration::from_millis(1))] {
            let options = options.commit_every(commit_every);
            let options = interval.map_or(options, |interval| options.commit_interval(interval));
            let mut appender = options.create(&path).unwrap();
            let made = calls(|| {
                for nth in 0..1_000 {
                    appender.append(&row).unwrap();
                    appender.append_slice(&[row; 100]).unwrap();
                    if nth % 10 == 0 {
                        appender.append_slice(&[row; 2_500]).unwrap();
                        appender.commit().unwrap();
                    }
                }
            });
            assert_eq!(made, 0, "{commit_every}, {interval:?}");
        }
    }
    let mut frames = ArrayAppender::<f32>::create(&path, &[3, 5]).unwrap();
    let made = calls(|| {
        for _ in 0..10_000 {
            frames.append_rows(&[0.0; 30]).unwrap();
        }
        frames.commit().unwrap();
    });
    assert_eq!(made, 0);
}

/// The texts live for one iteration, and are encoded where they are.
#[test]
fn appending_records_that_borrow_allocates_nothing() {
    #[derive(NpyRecord)]
    struct Line<'a> {
        #[npy(dtype = "U8")]
        host: &'a str,
        #[npy(dtype = "S8")]
        path: &'a str,
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lines.npy");
    let mut log = Appender::<Line<'static>>::create(&path).unwrap();
    let text = "näher/index".to_owned();
    let made = calls(|| {
        for _ in 0..10_000 {
            let (host, path) = text.split_once('/').unwrap();
            log.append(&Line { host, path }).unwrap();
        }
    });
    assert_eq!(made, 0);
}

/// Rows are converted a block at a time.
#[test]
fn a_file_is_rewritten_in_little_memory() {
    #[derive(NpyRecord)]
    struct Old {
        value: u64,
    }

    #[derive(NpyRecord)]
    struct New {
        #[npy(default)]
        flag: bool,
        value: u64,
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.npy");
    let mut log = Appender::<Old>::create(&path).unwrap();
    log.extend((0..1_000_000).map(|value| Old { value }))
        .unwrap();
    log.close().unwrap();
    let memory = peak(|| assert_eq!(npyrec::migrate::<New>(&path).unwrap().rows(), 1_000_000));
    assert!(memory < 1 << 20, "{memory}");
    let last = NpyFile::open(&path).unwrap().row(999_999).unwrap();
    assert_eq!(last.to_string(), "(False, 999999)");
}

/// A map is made anew for each extension, and not for each row.
#[cfg(feature = "mmap")]
#[test]
fn appending_through_a_map_allocates_nothing_but_for_extensions() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    let options = AppendOptions::new().mapped(true);
    let mut appender = options.commit_every(1).create::<(u8, f32)>(&path).unwrap();
    appender.append(&(1, 2.0)).unwrap();
    let made = calls(|| {
        for _ in 0..150_000 {
            appender.append(&(1, 2.0)).unwrap();
        }
    });
    assert_eq!(made, 0);
}

#[cfg(feature = "ndarray")]
#[test]
fn arrays_are_written_without_a_copy_or_block_by_block() {
    let numbers = ndarray::Array2::<f64>::zeros((1_000, 1_000));
    let flags = ndarray::Array2::<(bool, f64)>::from_elem((1_000, 1_000), (true, 0.0));
    let took = peak(|| npyrec::write_array_to(std::io::sink(), &numbers).unwrap());
    assert!(took < 2_000, "{took} in C order");
    let took = peak(|| npyrec::write_array_to(std::io::sink(), &numbers.t()).unwrap());
    assert!(took < 2_000, "{took} in Fortran order");
    let strided = numbers.slice(ndarray::s![..;2, ..;-1]);
    let took = peak(|| npyrec::write_array_to(std::io::sink(), &strided).unwrap());
    assert!(took < 140_000, "{took} with a stride");
    let took = peak(|| npyrec::write_array_to(std::io::sink(), &flags).unwrap());
    assert!(took < 140_000, "{took} encoded");
}

#[cfg(feature = "ndarray")]
#[test]
fn arrays_are_appended_without_a_copy() {
    let dir = tempfile::tempdir().unwrap();
    let numbers = ndarray::Array2::<f64>::zeros((1_000, 1_000));
    for (order, view) in [(Order::C, numbers.view()), (Order::Fortran, numbers.t())] {
        let options = npyrec::AppendOptions::new().order(order);
        let mut array = options.create_array::<f64>(dir.path().join("array.npy"), &[1_000]);
        let array = array.as_mut().unwrap();
        let took = peak(|| array.append_array(view).unwrap());
        assert!(took < 2_000, "{took} in {order:?} order");
        assert_eq!(array.rows(), 1_000);
    }
}
