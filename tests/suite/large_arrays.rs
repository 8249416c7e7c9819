//! Arrays that many threads append to, or whose numbers need more than 32 bits.

use crate::numpy::{has_numpy, numpy};
use npyrec::{AppendOptions, ArrayAppender, Durability, ErrorKind, Header, Order};
use serde_json::json;
use std::{fs, path::Path, thread};

/// Threads share an appender with a mutex; a second appender of the file is refused meanwhile.
#[test]
fn many_threads_append_to_one_file() {
    const THREADS: u32 = 8;
    const APPENDS: u32 = 50;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("threads.npy");
    let shared = AppendOptions::new()
        .buffer_capacity(1_000)
        .create_array::<u32>(&path, &[2])
        .map(std::sync::Mutex::new)
        .unwrap();
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (shared, path) = (&shared, &path);
            scope.spawn(move || {
                for nth in 0..APPENDS {
                    let rows = [number, nth, number, nth + 1_000];
                    shared.lock().unwrap().append_rows(&rows).unwrap();
                    let error = ArrayAppender::<u32>::open(path).unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::Locked);
                }
            });
        }
    });
    shared.into_inner().unwrap().close().unwrap();
    let Some(mut numpy) = numpy() else { return };
    let code = "\
a = np.load(path)
assert (a[::2, 0] == a[1::2, 0]).all() and (a[::2, 1] + 1000 == a[1::2, 1]).all()
answer = [a.shape, [a[a[:, 0] == n][::2, 1].tolist() == list(range(50)) for n in range(8)]]";
    let expected = json!([[THREADS * APPENDS * 2, 2], vec![true; THREADS as usize]]);
    assert_eq!(numpy.python(&path, code), expected);
}

/// A file of zeros that take no room, where the file system leaves them out.
fn sparse(path: &Path, header: &Header) {
    fs::write(path, header.to_bytes()).unwrap();
    let file = fs::File::options().write(true).open(path).unwrap();
    let len = header.to_bytes().len() as u64 + header.data_len().unwrap();
    file.set_len(len).unwrap();
}

#[test]
fn more_elements_than_31_bits_number_are_continued() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.npy");
    for (order, shape) in [
        (Order::C, [1 << 20, 1 << 12]),
        (Order::Fortran, [1 << 12, 1 << 20]),
    ] {
        let header = Header::new("|u1".parse().unwrap(), order, &shape).unwrap();
        sparse(&path, &header);
        let mut array = ArrayAppender::<u8>::open(&path).unwrap();
        assert_eq!(array.rows(), 1 << 20);
        array.append_rows(&[7; 1 << 12]).unwrap();
        array.close().unwrap();
        let Some(mut numpy) = numpy() else { return };
        let code = "\
a = np.load(path, mmap_mode='r')
last = a[:, -1] if a.flags.f_contiguous else a[-1]
answer = [max(a.shape), int(last.sum())]";
        assert_eq!(numpy.python(&path, code), json!([(1 << 20) + 1, 7 << 12]));
    }
}

/// A sparse file of 2^33 rows of one byte: nothing overflows, and only the wanted rows are read.
#[test]
#[allow(unsafe_code)]
fn a_file_of_more_than_32_bits_of_rows_is_appended_to_and_mapped() {
    const ROWS: u64 = 1 << 33;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.npy");
    sparse(&path, &Header::for_record::<u8>(ROWS));
    let mut rows = AppendOptions::new()
        .durability(Durability::Cached)
        .open::<u8>(&path)
        .unwrap();
    assert_eq!(rows.rows(), ROWS);
    rows.append(&200).unwrap();
    rows.append_slice(&[201; 100_000]).unwrap();
    rows.commit().unwrap();
    rows.close().unwrap();
    // SAFETY: the file is in a folder of the test's own, and nothing changes it.
    let mapped = unsafe { npyrec::Mapped::<u8>::open(&path) };
    match usize::try_from(ROWS) {
        Ok(last) => {
            let mapped = mapped.unwrap();
            assert_eq!(mapped.len(), last + 100_001);
            assert_eq!(mapped.get(last).unwrap().unwrap(), 200);
            assert_eq!(
                mapped.as_slice().unwrap()[last - 1..last + 2],
                [0, 200, 201]
            );
        }
        Err(_) => assert!(mapped.is_err(), "the address space is too small"),
    }
    let file = npyrec::NpyFile::open(&path).unwrap();
    assert_eq!(file.row(ROWS).unwrap().to_string(), "200");
    if has_numpy() {
        let code = "a = np.load(path, mmap_mode='r')\nanswer = [len(a), int(a[-100001])]";
        let answer = numpy().unwrap().python(&path, code);
        assert_eq!(answer, json!([ROWS + 100_001, 200]));
    }
}
