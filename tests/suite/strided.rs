//! Every nth row of a file.

use std::{
    fs::{self, File},
    num::NonZero,
};

use npyrec::{ErrorKind, NpyFile, Value};
use serde_json::json;

use crate::numpy::numpy;

#[test]
fn rows_of_a_range_with_a_step_are_those_of_numpy() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    let ranges = [
        (0, 1000, 1),
        (1, 10, 3),
        (0, 1000, 7),
        (5, 6, 2),
        (9, 9, 4),
        (3, 999, 500),
        (0, 1000, 1 << 62),
    ];
    // Rows of 12 bytes, and of 12,000, between which nothing is read.
    for width in [3_usize, 3000] {
        for order in ["C", "F"] {
            let code = format!(
                "a = np.array(np.arange(1000 * {width}, dtype='<i4').reshape(1000, {width}), order='{order}')
np.save(path, a)
answer = [a[i:j:k, 1].tolist() for i, j, k in
    {ranges:?}]"
            );
            let expected = numpy.python(&path, &code);
            let file = NpyFile::open(&path).unwrap();
            for ((start, end, step), expected) in
                ranges.into_iter().zip(expected.as_array().unwrap())
            {
                let step = NonZero::new(step).unwrap();
                let rows = match width {
                    3 => {
                        let rows = file.read_strided::<[i32; 3]>(start..end, step).unwrap();
                        rows.iter().map(|row| row[1]).collect::<Vec<_>>()
                    }
                    _ => {
                        let rows = file.read_strided::<[i32; 3000]>(start..end, step).unwrap();
                        rows.iter().map(|row| row[1]).collect()
                    }
                };
                assert_eq!(
                    json!(rows),
                    *expected,
                    "{width} {order} {start} {end} {step}"
                );
                if width == 3 {
                    let values = file.read_strided::<Value>(start..end, step).unwrap();
                    assert_eq!(values.len(), rows.len());
                    let middle = values
                        .iter()
                        .map(|row| row.as_array().unwrap().values()[1].as_i64());
                    let expected = rows.iter().map(|&n| Some(n.into()));
                    assert!(middle.eq(expected));
                }
            }
        }
    }
    let file = NpyFile::open(&path).unwrap();
    let step = NonZero::new(20).unwrap();
    for rows in [990..1001, 1000..1001, 0..u64::MAX] {
        let error = file.read_strided::<[i32; 3000]>(rows, step).unwrap_err();
        let place = (error.kind(), error.row(), error.found_rows());
        assert_eq!(place, (ErrorKind::Shape, Some(1000), Some(1000)), "{error}");
    }
    let error = file.row(u64::MAX).unwrap_err();
    assert_eq!(
        (error.kind(), error.row()),
        (ErrorKind::Shape, Some(u64::MAX)),
        "{error}"
    );
}

/// A row is read even if later rows are missing.
#[test]
fn only_the_rows_that_are_asked_for_need_be_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut.npy");
    npyrec::write(&path, &[1_u32, 2, 3, 4, 5, 6]).unwrap();
    let len = fs::metadata(&path).unwrap().len();
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(len - 7)
        .unwrap();
    let file = NpyFile::open(&path).unwrap();
    let step = NonZero::new(3).unwrap();
    assert_eq!(file.read_strided::<u32>(0..6, step).unwrap(), [1, 4]);
    let error = file.read_strided::<u32>(1..6, step).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Truncated, "{error}");
    let rows = (error.expected_rows(), error.found_rows());
    assert_eq!(rows, (Some(6), Some(4)));
}

/// The bytes that this thread has read by system calls; what it reads to know that included.
#[cfg(target_os = "linux")]
fn bytes_read() -> Option<u64> {
    let counts = fs::read_to_string("/proc/thread-self/io").ok()?;
    let count = counts
        .lines()
        .find_map(|line| line.strip_prefix("rchar: "))?;
    count.parse().ok()
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_between_the_rows_is_read_only_where_it_is_little() {
    let Some(_) = bytes_read() else {
        return crate::python::skipped("how much is read, which this system does not tell");
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    npyrec::write(&path, &vec![[1_u8; 1000]; 5000]).unwrap();
    let file = NpyFile::open(&path).unwrap();
    for (step, most) in [(1, 5_000_000), (2, 5_000_000), (6, 834_000), (1000, 5_000)] {
        let before = bytes_read().unwrap();
        let step = NonZero::new(step).unwrap();
        let rows = file.read_strided::<[u8; 1000]>(0..5000, step).unwrap();
        let read = bytes_read().unwrap() - before;
        assert!(rows.iter().all(|row| *row == [1; 1000]));
        assert!(read < most + 1000, "{read} bytes for a step of {step}");
    }
}
