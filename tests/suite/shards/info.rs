//! `info`: true for every dtype that NumPy has, and read from any pickle that Dask writes.

use std::{
    fs::{self, File},
    path::Path,
};

use npyrec::{AppendOptions, DType, ErrorKind, Header, Order, Recovery, Shards, Value};

use super::{assert_listed, listed, names};
use crate::numpy::numpy;

/// Dtypes of each kind: byte orders, texts, times, padding, titles, nested.
pub const DTYPES: [&str; 31] = [
    "<f8",
    ">f8",
    "<f2",
    "<f4",
    "|b1",
    "|u1",
    "|i1",
    "<u2",
    ">i4",
    "<i8",
    ">u8",
    "<c8",
    ">c16",
    "<f16",
    "|S8",
    "|S0",
    "<U5",
    ">U5",
    "|V7",
    "<M8[ns]",
    "<M8[25us]",
    ">M8[D]",
    "<m8[s]",
    "<m8",
    "[('a', '<f8'), ('b', '>i4')]",
    "[('a', '<f8', (2, 3)), ('b', '|S3', (1,))]",
    "[('a', '|u1'), ('', '|V7'), ('b', '<f8')]",
    "[('', '|V3'), ('a', '|u1'), ('', '|V4')]",
    "[(('A title', 'a'), '<f8'), ('b', '<i4')]",
    "[('a', [('x', '|u1'), ('', '|V3'), (('t', 'y'), '<f4')], (2,)), ('b', '<M8[ms]')]",
    "[('é', '<f8'), ('日', [('z', '<U2')])]",
];

/// Two elements: one of zeros, and one with a 1 in each fourth byte, which is a value of each dtype here.
pub fn elements_of(dtype: &DType) -> [Value; 2] {
    let header = Header::new(dtype.clone(), Order::C, &[1])
        .unwrap()
        .to_bytes();
    let element = |ones: &dyn Fn(usize) -> bool| {
        let bytes = (0..dtype.itemsize()).map(|at| u8::from(ones(at)));
        let file: Vec<u8> = header.iter().copied().chain(bytes).collect();
        npyrec::Reader::<Value>::new(&file[..])
            .unwrap()
            .next()
            .unwrap()
    };
    let zero = element(&|_| false).unwrap();
    let one = element(&|at| at % 4 == 0).or_else(|_| element(&|at| at % 4 == 3));
    [zero, one.unwrap()]
}

/// Rows of both elements, such that no order of shards but their own gives these rows.
pub fn rows_of(dtype: &DType) -> Vec<Value> {
    let elements = elements_of(dtype);
    [0, 1, 0, 0, 0, 1, 1, 1]
        .map(|nth: usize| elements[nth].clone())
        .to_vec()
}

#[test]
fn it_lists_shards_of_each_dtype_with_nothing_but_numpys_own() {
    for text in DTYPES {
        let dtype: DType = text.parse().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let options = AppendOptions::new().rows_per_shard(2);
        let rows = rows_of(&dtype);
        let mut log = options.open_dir_with_dtype(dir.path(), &dtype).unwrap();
        log.extend(&rows[..5]).unwrap();
        assert_listed(dir.path(), &[2, 2]);
        log.close().unwrap();
        assert_listed(dir.path(), &[2, 2, 1]);

        let mut log = options
            .open_array_dir_with_dtype(dir.path().join("arrays"), &dtype, &[2, 1])
            .unwrap();
        log.append_rows(&rows[..6]).unwrap();
        log.close().unwrap();
        assert_listed(&dir.path().join("arrays"), &[2, 1]);
    }
}

#[test]
fn a_directory_that_dask_wrote_goes_on() {
    let Some(mut numpy) = numpy() else { return };
    for protocol in [2, 3, 4, 5] {
        let dir = tempfile::tempdir().unwrap();
        let code = format!(
            "import pickle\n\
             dtype = np.dtype({{'names': ['a', 'b', 't'], 'formats': ['>f4', ('<i2', (3,)), 'M8[ns]'], \
                               'offsets': [0, 4, 16], 'itemsize': 24}})\n\
             for n, rows in enumerate([3, 2]): np.save(f'{{path}}/{{n}}.npy', np.zeros(rows, dtype))\n\
             info = {{'chunks': ((3, 2),), 'dtype': dtype, 'axis': 0}}\n\
             pickle.dump(info, open(f'{{path}}/info', 'wb'), {protocol})\n\
             answer = 0"
        );
        numpy.python(dir.path(), &code);
        let dtype: DType = "[('a', '>f4'), ('b', '<i2', (3,)), ('', '|V6'), ('t', '<M8[ns]')]"
            .parse()
            .unwrap();
        let log = AppendOptions::new()
            .open_dir_with_dtype(dir.path(), &dtype)
            .unwrap();
        assert_eq!((log.rows(), log.shards()), (5, 2));
        drop(log);
        drop(numpy);
        assert_eq!(listed(dir.path()).unwrap(), [3, 2]);
        numpy = crate::numpy::numpy().unwrap();
    }
}

/// Shards of three rows, which an appender closed.
fn numbers(dir: &Path, rows: u64) {
    let options = AppendOptions::new().rows_per_shard(3);
    let mut log = options.open_dir::<u64>(dir).unwrap();
    log.extend(0..rows).unwrap();
    log.close().unwrap();
}

/// A list that is too long to read is neither taken for none nor replaced, unless that is asked for.
#[test]
fn a_list_of_far_too_many_bytes_is_an_error_until_it_is_recovered() {
    let dir = tempfile::tempdir().unwrap();
    numbers(dir.path(), 8);
    let info = dir.path().join("info");
    // A hole, which takes no space.
    let file = File::options().write(true).open(&info).unwrap();
    file.set_len(1 << 40).unwrap();
    let opened = AppendOptions::new().open_dir::<u64>(dir.path());
    let read = Shards::<u64>::open(dir.path());
    for error in [opened.err(), read.err()] {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::NeedsRecovery);
        assert_eq!(error.path(), Some(&*info));
        assert!(error.to_string().contains("much larger"), "{error}");
    }
    assert_eq!(fs::metadata(&info).unwrap().len(), 1 << 40);
    assert!(!npyrec::check(dir.path()).unwrap().is_sound());
    npyrec::recover(dir.path(), Recovery::Adopt).unwrap();
    assert_listed(dir.path(), &[3, 3, 2]);
    assert_eq!(npyrec::read::<u64>(dir.path()).unwrap().len(), 8);
}

#[test]
fn a_list_that_lost_shards_which_were_read_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    numbers(dir.path(), 10);
    let mut shards = Shards::<u64>::open(dir.path()).unwrap();
    let other = tempfile::tempdir().unwrap();
    numbers(other.path(), 2);
    fs::copy(other.path().join("info"), dir.path().join("info")).unwrap();
    for (left, named) in [(4, 1), (2, 1), (1, 1)] {
        (left..4).for_each(|number| {
            let _ = fs::remove_file(dir.path().join(format!("{number}.npy")));
        });
        let error = shards.refresh().unwrap_err();
        assert_eq!(
            error.path(),
            Some(&*dir.path().join(format!("{named}.npy"))),
            "{error}"
        );
        assert_eq!(shards.len(), 10);
    }
}

#[test]
fn a_directory_that_lists_shards_and_has_none_is_not_started_anew() {
    let dir = tempfile::tempdir().unwrap();
    numbers(dir.path(), 4);
    for number in 0..2 {
        fs::remove_file(dir.path().join(format!("{number}.npy"))).unwrap();
    }
    for recovery in [Recovery::Refuse, Recovery::Adopt] {
        let options = AppendOptions::new().recover(recovery);
        let error = options.open_dir::<u64>(dir.path()).unwrap_err();
        assert_eq!(error.path(), Some(&*dir.path().join("0.npy")));
        assert!(error.to_string().ends_with("`info` lists it"), "{error}");
        assert_eq!(names(dir.path()), ["info"]);
    }
}

#[test]
fn a_list_of_another_dtype_is_not_sound() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    numbers(dir.path(), 4);
    let options = AppendOptions::new().rows_per_shard(3);
    let mut log = options.open_dir::<f64>(other.path()).unwrap();
    log.append_slice(&[0.0; 4]).unwrap();
    log.close().unwrap();
    fs::copy(other.path().join("info"), dir.path().join("info")).unwrap();
    assert!(!npyrec::check(dir.path()).unwrap().is_sound());
    let error = npyrec::recover(dir.path(), Recovery::Refuse).unwrap_err();
    assert!(error.to_string().contains("another dtype"), "{error}");
    npyrec::recover(dir.path(), Recovery::Adopt).unwrap();
    assert!(npyrec::check(dir.path()).unwrap().is_sound());
    assert_listed(dir.path(), &[3, 1]);
}

#[test]
fn a_list_that_dask_wrote_with_another_dtype_is_not_sound() {
    let Some(mut numpy) = numpy() else { return };
    let dir = tempfile::tempdir().unwrap();
    let code = "\
import os, pickle
dtypes = ['f8', '>f4', 'M8[ns]', 'S8', 'U5', '?', 'V7', 'c8', [('a', '<f8'), ('b', '<i2', (3,))]]
for protocol in [2, 3, 4, 5]:
    for n, dtype in enumerate(map(np.dtype, dtypes)):
        for m, other in enumerate(map(np.dtype, dtypes)):
            name = f'{path}/{protocol}-{n}-{m}'
            os.mkdir(name)
            np.save(f'{name}/0.npy', np.zeros(3, dtype))
            info = {'chunks': ((3,),), 'dtype': other, 'axis': 0}
            pickle.dump(info, open(f'{name}/info', 'wb'), protocol)
answer = len(dtypes)
";
    let dtypes = numpy.python(dir.path(), code).as_u64().unwrap();
    for protocol in 2..6 {
        for (n, m) in (0..dtypes).flat_map(|n| (0..dtypes).map(move |m| (n, m))) {
            let dir = dir.path().join(format!("{protocol}-{n}-{m}"));
            let report = npyrec::check(&dir).unwrap();
            assert_eq!(report.is_sound(), n == m, "{}", dir.display());
        }
    }
}

#[test]
fn a_list_that_is_missing_is_said_to_be() {
    let dir = tempfile::tempdir().unwrap();
    numbers(dir.path(), 4);
    fs::remove_file(dir.path().join("info")).unwrap();
    let error = npyrec::recover(dir.path(), Recovery::Refuse).unwrap_err();
    assert!(error.to_string().contains("it is missing"), "{error}");
}
