//! Directories of shards: written, sealed, listed, read and followed as one array.

pub mod dask;
mod follow;
mod info;
pub mod kill;
mod large;
pub mod opening;
mod read;
mod write;

use std::{fs, path::Path};

use npyrec::{Header, NpyRecord};

use crate::numpy::numpy;

/// Python that reads `info` with nothing but `numpy.dtype`, and compares it with the shards that it lists.
pub const CHECK_INFO: &str = "\
import os, pickle
class OnlyDtype(pickle.Unpickler):
    def find_class(self, module, name):
        assert (module, name) == ('numpy', 'dtype'), (module, name)
        return np.dtype
def check_info(path):
    with open(os.path.join(path, 'info'), 'rb') as file:
        info = OnlyDtype(file).load()
        assert not file.read()
    assert sorted(info) == ['axis', 'chunks', 'dtype'] and info['axis'] == 0, info
    arrays = [np.load(os.path.join(path, f'{n}.npy')) for n in range(len(info['chunks'][0]))]
    for array in arrays:
        assert array.dtype == info['dtype'], (array.dtype, info['dtype'])
        assert array.dtype.names is None or array.dtype.fields == info['dtype'].fields
    chunks = tuple(len(array) for array in arrays)
    row_shape = arrays[0].shape[1:] if arrays else tuple(sum(c) for c in info['chunks'][1:])
    assert info['chunks'] == (chunks, *((dim,) for dim in row_shape)), info
    return list(chunks)
";

/// The rows of the shards in `info`, after NumPy compared it with the shards. Without NumPy, `None`.
pub fn listed(dir: &Path) -> Option<Vec<u64>> {
    let answer = numpy()?.python(dir, &format!("{CHECK_INFO}\nanswer = check_info(path)"));
    Some(serde_json::from_value(answer).unwrap())
}

pub fn assert_listed(dir: &Path, rows: &[u64]) {
    if let Some(listed) = listed(dir) {
        assert_eq!(listed, rows);
    }
}

/// The names in a directory, sorted.
pub fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> = entries.map(|e| name(e).into_string().unwrap()).collect();
    names.sort_by_key(|name| (name.len(), name.clone()));
    names
}

/// Asserts that the shards are what `np.save` writes for these rows, one after another.
pub fn assert_shards<R: NpyRecord + PartialEq + std::fmt::Debug>(dir: &Path, shards: &[&[R]]) {
    for (number, rows) in shards.iter().enumerate() {
        let path = dir.join(format!("{number}.npy"));
        assert_eq!(npyrec::read::<R>(&path).unwrap(), *rows, "{number}");
        let bytes = fs::read(&path).unwrap();
        let header = Header::for_record::<R>(rows.len() as u64).to_bytes();
        assert!(bytes.starts_with(&header), "{number}");
        assert_eq!(
            bytes.len(),
            header.len() + rows.len() * R::ITEMSIZE,
            "{number}"
        );
        if let Some(mut numpy) = numpy() {
            assert!(numpy.resave(&path) == bytes, "{number}");
        }
    }
    assert!(!dir.join(format!("{}.npy", shards.len())).exists());
}
