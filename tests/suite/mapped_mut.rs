//! Files that are changed in place, and those that are made of zeros for that.

use std::{fs, num::NonZero, path::Path};

use npyrec::{
    Appender, DType, ErrorKind, Header, LayoutMismatch, MappedMut, NpyFile, NpyRecord, Order,
};
use serde_json::json;

use crate::{
    mapped::{HAS_SLICES, map},
    numpy::numpy,
};

#[allow(unsafe_code)]
pub fn map_mut<R: NpyRecord>(path: &Path) -> npyrec::Result<MappedMut<R>> {
    // SAFETY: nobody else has any of the files while they are mapped.
    unsafe { MappedMut::open(path) }
}

/// Maps the single elements of an array.
#[allow(unsafe_code)]
pub fn map_mut_flat<T: NpyRecord>(path: &Path) -> npyrec::Result<MappedMut<T>> {
    // SAFETY: nobody else has any of the files while they are mapped.
    unsafe { npyrec::ReadOptions::new().flat(true).map_mut(path) }
}

pub fn is_locked<T: std::fmt::Debug>(result: npyrec::Result<T>) -> bool {
    result.unwrap_err().kind() == ErrorKind::Locked
}

#[test]
fn a_file_that_is_appended_to_or_changed_in_place_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npy");
    let zeros = Header::for_record::<u64>(3);
    let mut log = Appender::<u64>::create(&path).unwrap();
    log.append(&7).unwrap();
    log.commit().unwrap();
    assert!(is_locked(npyrec::create_zeroed(&path, &zeros)));
    assert!(is_locked(map_mut::<u64>(&path)));
    log.close().unwrap();
    let mapped = map_mut::<u64>(&path).unwrap();
    assert!(is_locked(Appender::<u64>::open(&path)));
    assert!(is_locked(map_mut::<u64>(&path)));
    assert_eq!(
        npyrec::read::<u64>(&path).unwrap(),
        [7],
        "readers are not kept out"
    );
    drop(mapped);
    Appender::<u64>::open(&path).unwrap();
}

#[test]
fn what_is_changed_in_place_numpy_reads() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("changed.npy");
    for order in ["C", "F"] {
        let make =
            format!("np.save(path, np.zeros((4, 3), '<i4', order='{order}')); answer = None");
        numpy.python(&path, &make);
        let before = fs::metadata(&path).unwrap().len();
        let mut mapped = map_mut_flat::<i32>(&path).unwrap();
        assert_eq!((mapped.len(), mapped.shape()), (12, &[4, 3][..]));
        mapped.set(0, &-1).unwrap();
        match mapped.as_mut_slice() {
            Some(numbers) => numbers[1] = -2,
            None => mapped.set(1, &-2).unwrap(),
        }
        assert_eq!(mapped.as_mut_slice().is_some(), HAS_SLICES);
        mapped.set(11, &7).unwrap();
        assert_eq!(mapped.get(1).transpose().unwrap(), Some(-2));
        mapped.flush().unwrap();
        drop(mapped);
        let answer = numpy.python(&path, "answer = np.load(path).tolist()");
        let expected = match order {
            "C" => json!([[-1, -2, 0], [0, 0, 0], [0, 0, 0], [0, 0, 7]]),
            _ => json!([[-1, 0, 0], [-2, 0, 0], [0, 0, 0], [0, 0, 7]]),
        };
        assert_eq!(answer, expected);
        assert_eq!(fs::metadata(&path).unwrap().len(), before);
        assert_eq!(numpy.resave(&path), fs::read(&path).unwrap());
    }
}

#[test]
fn records_of_another_layout_are_changed_by_index() {
    #[derive(NpyRecord)]
    struct Stored {
        #[npy(dtype = ">f8")]
        value: f64,
        #[npy(dtype = "S3")]
        name: String,
    }

    #[derive(NpyRecord, Debug, PartialEq)]
    struct Wanted {
        #[npy(dtype = "S3")]
        name: String,
        value: f64,
    }

    #[derive(NpyRecord, Debug)]
    struct Less {
        #[npy(dtype = "S3")]
        _name: String,
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("records.npy");
    let stored = |value| Stored {
        value,
        name: "old".to_owned(),
    };
    npyrec::write(&path, &[stored(1.0), stored(2.0)]).unwrap();
    let mut mapped = map_mut::<Wanted>(&path).unwrap();
    let wanted = |name: &str, value| Wanted {
        name: name.to_owned(),
        value,
    };
    mapped.set(1, &wanted("new", 7.5)).unwrap();
    let error = mapped.set(0, &wanted("too long", 0.0)).unwrap_err();
    assert!((error.kind() == ErrorKind::Encode) && error.row() == Some(0));
    let error = mapped.set(2, &wanted("new", 0.0)).unwrap_err();
    assert_eq!(
        (error.kind(), error.row(), error.found_rows()),
        (ErrorKind::Shape, Some(2), Some(2))
    );
    assert!(mapped.as_mut_slice().is_none() && mapped.get(2).is_none());
    assert!(matches!(
        mapped.layout_mismatch(),
        Some(LayoutMismatch::DType(_))
    ));
    drop(mapped);
    let read = npyrec::read::<Wanted>(&path).unwrap();
    assert_eq!(read, [wanted("old", 1.0), wanted("new", 7.5)]);
    // A record that lacks fields cannot be put in the place of one that has them.
    let error = map_mut::<Less>(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType, "{error}");
    let error = map_mut::<f32>(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType, "{error}");
}

#[test]
fn a_map_never_makes_a_file_longer() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("short.npy");
    let mut bytes = Header::for_record::<u32>(3).to_bytes();
    bytes.extend([1, 0, 0, 0, 2, 0, 0]);
    fs::write(&path, &bytes).unwrap();
    let error = map_mut::<u32>(&path).unwrap_err();
    assert_eq!(
        (error.kind(), error.expected_rows(), error.found_rows()),
        (ErrorKind::Truncated, Some(3), Some(1)),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), bytes);
    // What follows the rows is not theirs.
    bytes.extend([0, 3, 0, 0, 0, 9, 9]);
    fs::write(&path, &bytes).unwrap();
    let mut mapped = map_mut::<u32>(&path).unwrap();
    (0..3).for_each(|row| mapped.set(row, &0).unwrap());
    match mapped.as_mut_slice() {
        Some(numbers) => numbers.fill(u32::MAX),
        None if HAS_SLICES => panic!("there is no slice"),
        None => {}
    }
    drop(mapped);
    assert_eq!(fs::read(&path).unwrap()[bytes.len() - 2..], [9, 9]);
    npyrec::write::<u32>(&path, &[]).unwrap();
    let mut mapped = map_mut::<u32>(&path).unwrap();
    assert!(mapped.is_empty() && mapped.set(0, &1).is_err());
    assert_eq!(
        mapped.as_mut_slice().map(|numbers| numbers.len()),
        HAS_SLICES.then_some(0)
    );
    mapped.flush().unwrap();
}

#[test]
fn zeros_are_those_of_numpy() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let (path, zeros) = (dir.path().join("ours.npy"), dir.path().join("zeros.npy"));
    let record = "[('a', '<u2'), ('b', '>f8', (2,)), (('title', 'c'), 'S3')]";
    let sub = "('<f4', (2, 3))";
    for (dtype, shape) in [
        ("<f8", &[][..]),
        ("|u1", &[7]),
        (">i4", &[0]),
        (record, &[5]),
        (record, &[2, 3]),
        ("<M8[us]", &[2, 3, 4]),
        ("<c16", &[1, 3, 1]),
        ("<U5", &[3, 0, 2]),
        (sub, &[]),
        (sub, &[4]),
        ("('<f4', (1,))", &[4, 2]),
        ("[]", &[2, 3]),
    ] {
        for (order, letter) in [(Order::C, 'C'), (Order::Fortran, 'F')] {
            let tuple: String = shape.iter().map(|dim| format!("{dim},")).collect();
            let literal = if dtype.contains('\'') || dtype == "[]" {
                dtype.to_owned()
            } else {
                format!("'{dtype}'")
            };
            let code = format!(
                "np.save(path, np.zeros(({tuple}), np.dtype({literal}), order='{letter}')); answer = None"
            );
            numpy.python(&zeros, &code);
            let dtype: DType = dtype.parse().unwrap();
            let (base, inner) = dtype.base_and_shape();
            let inner: Vec<u64> = inner.iter().map(|&dim| dim as u64).collect();
            let header = Header::new(base.clone(), order, &[shape, &inner].concat()).unwrap();
            npyrec::create_zeroed(&path, &header).unwrap();
            let (ours, theirs) = (fs::read(&path).unwrap(), fs::read(&zeros).unwrap());
            assert_eq!(ours, theirs, "{dtype} {shape:?} {order:?}");
        }
    }
}

#[test]
fn zeros_that_no_file_holds_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("zeros.npy");
    let create = |dtype: &str, shape: &[u64]| {
        let create = || {
            let header = Header::new(dtype.parse()?, Order::C, shape)?;
            npyrec::create_zeroed(&path, &header)
        };
        create().unwrap_err()
    };
    let error = create("[('a', '<i4'), ('b', '|O')]", &[2]);
    assert!(
        error.to_string().contains("pickled Python objects"),
        "{error}"
    );
    for shape in [&[1 << 60, 1 << 60][..], &[1 << 60], &[u64::MAX], &[1; 65]] {
        let error = create("<f8", shape);
        assert_eq!(error.kind(), ErrorKind::Header, "{error}");
    }
    // With its header it is too long.
    let error = create("|u1", &[i64::MAX as u64]);
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    assert!(crate::recover::names(dir.path()).is_empty());
}

#[cfg(target_pointer_width = "32")]
#[test]
fn a_file_larger_than_the_address_space_is_not_mapped() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sparse.npy");
    npyrec::create_zeroed(&path, &Header::for_record::<u8>(1 << 33)).unwrap();
    let error = map_mut::<u8>(&path).unwrap_err();
    assert_eq!(error.path(), Some(&*path), "{error}");
    let file = NpyFile::open(&path).unwrap();
    let last = file.read_range::<u8>((1 << 33) - 2..1 << 33).unwrap();
    assert_eq!(last, [0, 0]);
}

#[test]
fn a_file_of_8_gib_of_zeros_is_filled_by_index() {
    let Some(rows) = 1_usize.checked_shl(33) else {
        return; // The address space is too small for a map of it.
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sparse.npy");
    if let Err(error) = npyrec::create_zeroed(&path, &Header::for_record::<u8>(rows as u64)) {
        // The file system has no file of this size.
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        return crate::python::skipped("a sparse file of 8 GiB");
    }
    let mut mapped = map_mut::<u8>(&path).unwrap();
    assert_eq!(mapped.len(), rows);
    mapped.set(rows - 1, &9).unwrap();
    mapped.as_mut_slice().unwrap()[rows / 2] = 5;
    mapped.flush().unwrap();
    drop(mapped);
    assert_eq!(fs::metadata(&path).unwrap().len(), 128 + rows as u64);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let blocks = fs::metadata(&path).unwrap().blocks();
        assert!(blocks < 1 << 14, "{blocks} blocks of 512 bytes");
    }
    // Only the wanted rows are read.
    let file = NpyFile::open(&path).unwrap();
    let last = file.read_range::<u8>(rows as u64 - 2..rows as u64).unwrap();
    assert_eq!(last, [0, 9]);
    let step = NonZero::new(rows as u64 / 8).unwrap();
    let every = file.read_strided::<u8>(0..rows as u64, step).unwrap();
    assert_eq!(every, [0, 0, 0, 0, 5, 0, 0, 0]);
    let mapped = map::<u8>(&path).unwrap();
    let every = mapped.range(..).step_by(rows / 8).map(Result::unwrap);
    assert_eq!(every.collect::<Vec<_>>(), [0, 0, 0, 0, 5, 0, 0, 0]);
}
