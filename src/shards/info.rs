use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use super::{
    names::INFO,
    pickle::Pickle,
    unpickle::{Item, unpickle},
};
use crate::{
    dtype::{DType, Field},
    error::{Cause, Error, Result},
    header::Header,
    storage::{Content, Lock, Options, sync_folder_of, write_whole},
};

/// The reason of an error that a list is not read whole.
pub(crate) const TOO_LARGE: &str = "it is much larger than a list of the shards that are there";

/// The first bytes of each list that this crate writes. Python has an operation between them.
const OWN_START: &[u8] = b"\x80\x02}(";

/// The list of sealed shards of a directory, as it was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Info {
    /// The rows of each shard.
    pub(crate) rows: Vec<u64>,
    /// The kind and size of the dtype, as Python writes them: `f8`, or `V24` for fields.
    kind: Option<String>,
    /// The bytes of the file.
    pub(crate) bytes: Vec<u8>,
}

impl Info {
    /// Reads the list of a directory of a number of shards like `header`. Returns `None` if the directory has no
    /// list.
    ///
    /// # Errors
    ///
    /// If reading fails, or the file is not a list of shards along the first axis. Also if it has many more bytes
    /// than such a list ([`TOO_LARGE`]).
    pub(crate) fn read(dir: &Path, shards: u64, header: &Header) -> Result<Option<Self>> {
        let path = dir.join(INFO);
        let max_len = max_len(shards, header);
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| {
            let mut file = file.take(max_len.saturating_add(1));
            file.read_to_end(&mut bytes)
        });
        let info = match read {
            Ok(len) if len as u64 > max_len => Err(TOO_LARGE),
            Ok(_) => Info::parse(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("read the list of shards", error).at_path(&path)),
        };
        info.map(Some)
            .map_err(|reason| Error::new(Cause::Info(reason)).at_path(&path))
    }

    /// Returns the list in the bytes of a file, or the reason why it is not one.
    pub(crate) fn parse(bytes: Vec<u8>) -> Result<Self, &'static str> {
        let (rows, kind) = entries_of(&bytes)?;
        Ok(Info { rows, kind, bytes })
    }

    /// Returns false if the list has another dtype than a header. The kind and the size are compared, and the whole dtype
    /// and the row shape if this crate wrote the list.
    pub(crate) fn has_dtype_of(&self, header: &Header) -> bool {
        if self.bytes.starts_with(OWN_START) {
            return self.bytes == info_of(header, &self.rows);
        }
        let kind = self.kind.as_deref();
        kind.is_none_or(|kind| *kind == *kind_of(header.base_dtype()))
    }

    /// Replaces the list of a directory.
    pub(crate) fn replace(dir: &Path, bytes: &[u8], is_synced: bool) -> Result<()> {
        let path = dir.join(INFO);
        let options = Options {
            is_new: false,
            lock: Lock::Never,
            is_synced,
        };
        let write = |mut file: &File| {
            let written = file.write_all(bytes);
            written.map_err(|e| Error::io("write the list of shards", e))
        };
        let content = Content::new(&[], &write);
        let replace = || {
            write_whole(&path, options, &content)?;
            match is_synced {
                true => sync_folder_of(&path).map_err(|e| Error::io("sync the folder", e)),
                false => Ok(()),
            }
        };
        replace().map_err(|e| e.at_path(&path))
    }
}

/// Returns the most bytes of a list of shards. Python writes some times the bytes of a dtype in a header, and a number
/// in at most 16 bytes.
fn max_len(shards: u64, header: &Header) -> u64 {
    let dtype = 16 * header.to_bytes().len() as u64;
    shards.saturating_mul(16).saturating_add(dtype + (1 << 20))
}

/// Returns the kind and the size of a dtype, as Python writes them.
fn kind_of(dtype: &DType) -> String {
    match dtype {
        DType::Scalar(scalar) => {
            let text = scalar.to_string();
            let kind = text.trim_start_matches(['<', '>', '|', '=']);
            // Without the unit of a time.
            kind.split('[').next().unwrap_or_default().to_owned()
        }
        _ => format!("V{}", dtype.itemsize()),
    }
}

/// Returns the rows of each shard in a list and the kind of its dtype, or the reason why it is not one.
fn entries_of(bytes: &[u8]) -> Result<(Vec<u64>, Option<String>), &'static str> {
    let Some(Item::Dict(entries)) = unpickle(bytes) else {
        return Err("it is not a pickle of a dictionary");
    };
    let entry = |name: &str| {
        let entry = entries.iter().rev().find(|(key, _)| **key == *name);
        entry.map(|(_, value)| value)
    };
    if !matches!(entry("axis"), Some(Item::Number(0))) {
        return Err("its `axis` is not 0");
    }
    let kind = match entry("dtype") {
        Some(Item::Called(name)) => Some(name.to_string()),
        _ => None,
    };
    let rows = match entry("chunks") {
        Some(Item::Tuple(axes, _)) => axes.first(),
        _ => None,
    };
    let Some(Item::Tuple(rows, _)) = rows else {
        return Err("its `chunks` are not tuples");
    };
    let rows = rows.iter().map(|rows| match rows {
        Item::Number(rows) => Some(*rows),
        _ => None,
    });
    let rows: Option<Vec<u64>> = rows.collect();
    rows.filter(|rows| {
        rows.iter()
            .try_fold(0_u64, |sum, n| sum.checked_add(*n))
            .is_some()
    })
    .map(|rows| (rows, kind))
    .ok_or("its `chunks` are not numbers of rows")
}

/// Returns the list of shards of the dtype and row shape of a header, as Dask reads it.
///
/// Without a shard, Dask refuses the list: it has no array without chunks.
pub(crate) fn info_of(header: &Header, rows: &[u64]) -> Vec<u8> {
    let mut pickle = Pickle::new();
    pickle.dict(|pickle| {
        pickle.text("chunks");
        pickle.tuple(|pickle| {
            pickle.tuple(|pickle| rows.iter().for_each(|rows| pickle.number(*rows)));
            let shape = header.array_shape();
            for len in shape.axes().iter().skip(1) {
                pickle.tuple(|pickle| pickle.number(*len));
            }
        });
        pickle.text("dtype");
        pickle.numpy_dtype();
        put_dtype(pickle, header.base_dtype());
        pickle.call();
        pickle.text("axis");
        pickle.number(0);
    });
    pickle.finish()
}

/// Writes an argument of `numpy.dtype`. A struct with padding or a title is a dictionary, as `numpy.dtype` takes
/// entries without a name for fields.
fn put_dtype(pickle: &mut Pickle, dtype: &DType) {
    match dtype {
        DType::Scalar(scalar) => pickle.text(&scalar.to_string()),
        DType::Subarray(_) => {
            let (base, shape) = dtype.base_and_shape();
            pickle.tuple(|pickle| {
                put_dtype(pickle, base);
                put_shape(pickle, &shape);
            });
        }
        DType::Struct(_) => {
            let (fields, itemsize) = (dtype.fields(), dtype.itemsize());
            match is_plain(fields, itemsize) {
                true => pickle.list(|pickle| fields.iter().for_each(|f| put_field(pickle, f))),
                false => put_placed(pickle, fields, itemsize),
            }
        }
    }
}

fn put_shape(pickle: &mut Pickle, shape: &[usize]) {
    pickle.tuple(|pickle| shape.iter().for_each(|dim| pickle.number(*dim as u64)));
}

fn put_field(pickle: &mut Pickle, field: &Field) {
    let (base, shape) = field.dtype().base_and_shape();
    pickle.tuple(|pickle| {
        pickle.text(field.name());
        put_dtype(pickle, base);
        if !shape.is_empty() {
            put_shape(pickle, &shape);
        }
    });
}

/// Returns true if the fields have no titles, and stand one after another.
fn is_plain(fields: &[Field], itemsize: usize) -> bool {
    let mut end = 0;
    let is_next = |field: &Field| {
        let is_next = field.offset() == end && field.title().is_none();
        end = field.offset() + field.dtype().itemsize();
        is_next
    };
    fields.iter().all(is_next) && end == itemsize && !fields.is_empty()
}

fn put_placed(pickle: &mut Pickle, fields: &[Field], itemsize: usize) {
    pickle.dict(|pickle| {
        pickle.text("names");
        pickle.list(|pickle| fields.iter().for_each(|field| pickle.text(field.name())));
        pickle.text("formats");
        pickle.list(|pickle| fields.iter().for_each(|f| put_dtype(pickle, f.dtype())));
        pickle.text("offsets");
        pickle.list(|pickle| {
            let offsets = fields.iter().map(|field| field.offset() as u64);
            offsets.for_each(|offset| pickle.number(offset));
        });
        if fields.iter().any(|field| field.title().is_some()) {
            pickle.text("titles");
            pickle.list(|pickle| {
                fields.iter().for_each(|field| match field.title() {
                    Some(title) => pickle.text(title),
                    None => pickle.none(),
                });
            });
        }
        pickle.text("itemsize");
        pickle.number(itemsize as u64);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::Order;

    fn header(dtype: &str, shape: &[u64]) -> Header {
        Header::new(dtype.parse().unwrap(), Order::C, shape).unwrap()
    }

    #[test]
    fn the_bytes_of_a_list() {
        let bytes = info_of(&header("<f8", &[0, 2]), &[3, 300]);
        let expected = b"\x80\x02}(X\x06\0\0\0chunks((K\x03M\x2c\x01t(K\x02ttX\x05\0\0\0dtype\
                         cnumpy\ndtype\nX\x03\0\0\0<f8\x85RX\x04\0\0\0axisK\0u.";
        assert_eq!(bytes, expected);
    }

    #[test]
    fn what_is_written_is_read() {
        let rows = [
            0,
            255,
            256,
            65_535,
            65_536,
            1 << 31,
            1 << 40,
            i64::MAX.unsigned_abs(),
        ];
        for dtype in [
            "<f8",
            "[('a', '<f4', (2,)), ('b', [('c', 'S3')])]",
            "[('', 'V3'), ('x', 'u1')]",
        ] {
            for rows in [&rows[..], &[]] {
                let bytes = info_of(&header(dtype, &[0, 3]), rows);
                assert_eq!(Info::parse(bytes.clone()).unwrap().rows, rows);
                for len in 0..bytes.len() {
                    assert!(entries_of(&bytes[..len]).is_err());
                }
            }
        }
    }
}
