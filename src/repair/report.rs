use std::path::{Path, PathBuf};

use super::inspection::{Defect, Inspection};
use crate::{
    dtype::DType,
    error::{Cause, Error},
    header::{Header, Order},
    shards::INFO,
};

/// The findings of [`check`](crate::check) in a file or a directory of shards, and what
/// [`recover`](crate::recover) did about them.
///
/// The numbers of rows and bytes of a directory are sums over all its shards.
///
/// `Display` is a summary for people, which ends with what to do; the serde form has a field for each
/// method.
#[derive(Clone, Debug)]
pub struct Report {
    path: PathBuf,
    /// The inspection of the file, or of the last shard.
    pub(super) inspection: Inspection,
    pub(super) recovered_rows: Option<u64>,
    pub(super) directory: Option<Box<Directory>>,
}

/// The findings in the shards of a directory.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    pub(super) shape: Vec<u64>,
    /// The number of shards.
    pub(super) shards: u64,
    pub(super) rows: u64,
    /// `None` if the number of rows in a header cannot be read.
    pub(super) header_rows: Option<u64>,
    pub(super) torn_bytes: u64,
    pub(super) preallocated: u64,
    pub(super) numpy_loads: bool,
    /// The reports of the shards whose header and data do not agree.
    pub(super) unsound: Vec<Report>,
    pub(super) list: List,
}

/// The list of sealed shards.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum List {
    /// It lists all shards, or all but the last.
    #[default]
    True,
    Missing,
    /// It lists other shards, other rows or another dtype, or is not a list.
    Wrong,
}

impl Report {
    pub(crate) fn new(path: &Path, inspection: Inspection, recovered_rows: Option<u64>) -> Self {
        Report {
            path: path.to_owned(),
            inspection,
            recovered_rows,
            directory: None,
        }
    }

    /// Names the file by another path that leads to it.
    pub(crate) fn at_path(mut self, path: &Path) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Returns the report of a directory whose last shard was inspected.
    pub(super) fn of_directory(path: &Path, last: Inspection, directory: Directory) -> Self {
        Report {
            directory: Some(Box::new(directory)),
            ..Report::new(path, last, None)
        }
    }

    fn of_all<T>(&self, directory: impl FnOnce(&Directory) -> T) -> Option<T> {
        self.directory.as_deref().map(directory)
    }

    /// Returns the path of the file or directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the dtype of an element.
    pub fn dtype(&self) -> &DType {
        self.inspection.header.dtype()
    }

    /// Returns the order of the elements.
    pub fn order(&self) -> Order {
        self.inspection.header.order()
    }

    /// Returns the length of each axis in the header. The growth axis is 0 if its length cannot be read.
    pub fn shape(&self) -> &[u64] {
        match &self.directory {
            Some(directory) => &directory.shape,
            None => self.inspection.header.shape(),
        }
    }

    /// Returns the number of shards of a directory, or `None` for a file.
    pub fn shards(&self) -> Option<u64> {
        self.of_all(|directory| directory.shards)
    }

    /// Returns the reports of the shards of a directory whose header and data do not agree.
    pub fn unsound_shards(&self) -> &[Report] {
        match &self.directory {
            Some(directory) => &directory.unsound,
            None => &[],
        }
    }

    /// Returns the number of rows that the header counts, or `None` if the number cannot be read. A single
    /// element of shape `()` is one row.
    pub fn header_rows(&self) -> Option<u64> {
        self.of_all(|directory| directory.header_rows)
            .unwrap_or(self.inspection.counted)
    }

    /// Returns the number of complete rows after the header.
    pub fn rows(&self) -> u64 {
        self.of_all(|directory| directory.rows)
            .unwrap_or_else(|| self.inspection.rows())
    }

    /// Returns the number of bytes after the last complete row.
    pub fn torn_bytes(&self) -> u64 {
        self.of_all(|directory| directory.torn_bytes)
            .unwrap_or_else(|| self.inspection.torn_bytes())
    }

    /// Returns the number of bytes after the rows that an appender has preallocated, with
    /// [`AppendOptions::mapped`](crate::AppendOptions::mapped). Closing the appender cuts them off.
    pub fn preallocated_bytes(&self) -> u64 {
        self.of_all(|directory| directory.preallocated)
            .unwrap_or(self.inspection.preallocated)
    }

    /// Returns the largest number of rows that the header has room for. If it is less than [`u64::MAX`],
    /// [`make_appendable`](crate::make_appendable) gives the header more room. A directory has room for any number.
    pub fn max_rows(&self) -> u64 {
        if self.directory.is_some() {
            return u64::MAX;
        }
        let file = &self.inspection;
        let growing = file.growing();
        growing.map_or(file.counted.unwrap_or_default(), |header| header.max_rows())
    }

    /// Returns the byte at which another array starts, as after several `np.save` on one open file.
    pub fn another_array(&self) -> Option<u64> {
        self.inspection.another_array
    }

    /// Returns true if `np.load(path)` of NumPy alone reads the file as it was found: without a map, without
    /// pickles, and with its usual limit on the length of a header. NumPy ignores data that the header
    /// does not count. For a directory, true if it reads each shard.
    ///
    /// False for the types of the Python package `ml_dtypes` by name, such as `'bfloat16'`, which NumPy
    /// reads only after that package was imported.
    pub fn numpy_loads(&self) -> bool {
        if let Some(loads) = self.of_all(|directory| directory.numpy_loads) {
            return loads;
        }
        let file = &self.inspection;
        let data_len = file.data_len().saturating_add(file.preallocated);
        file.inserted == 0 && Header::numpy_loads(&file.bytes, data_len)
    }

    /// Returns true if the header counted the rows in the file, and nothing followed them.
    ///
    /// For a directory, true if this holds for each shard, and `info` has the rows of all shards, or of all but the
    /// last, and their dtype: of the dtype that Python wrote, the kind and the size are compared.
    pub fn is_sound(&self) -> bool {
        let of_all = self.of_all(|all| all.unsound.is_empty() && all.list == List::True);
        of_all.unwrap_or_else(|| self.inspection.is_sound())
    }

    /// Returns the number of rows after [`recover`](crate::recover) made header and data agree, or `None` if
    /// they agreed before.
    pub fn recovered_rows(&self) -> Option<u64> {
        self.recovered_rows
    }

    /// Returns the error that nothing was mended, because the recovery refuses it.
    pub(super) fn refused(&self) -> Error {
        match self.unsound_shards().first() {
            Some(shard) => shard.inspection.needs_recovery().at_path(shard.path()),
            None => {
                let reason = match self.of_all(|directory| directory.list) {
                    Some(List::Missing) => "it is missing",
                    _ => {
                        "it has other shards, other numbers of rows or another dtype than are there"
                    }
                };
                Error::new(Cause::Info(reason)).at_path(&self.path.join(INFO))
            }
        }
    }

    /// Returns advice in a sentence for people, if there is something to do.
    pub fn advice(&self) -> Option<&'static str> {
        let (rows, torn_bytes) = (self.rows(), self.torn_bytes());
        if let Some(list) = self.of_all(|directory| directory.list) {
            return match list {
                _ if self.recovered_rows.is_some() || self.is_sound() => None,
                List::True => Some(
                    "`recover` with `Recovery::Adopt` makes the header of each shard count its whole rows",
                ),
                List::Missing | List::Wrong => {
                    Some("`recover` mends each shard, and lists all of them in `info`")
                }
            };
        }
        Some(match (self.header_rows(), self.inspection.defect()) {
            _ if self.recovered_rows.is_some() || self.is_sound() => return None,
            _ if self.inspection.inserted > 0 => {
                "`make_appendable` was stopped: call it again, or `recover`"
            }
            _ if self.another_array().is_some() => {
                "read the arrays one after another with `np.load` on one open file"
            }
            (_, Some(Defect::SingleElement)) if rows == 0 => {
                "nothing: the single element is not whole, and there are no rows to recover"
            }
            (_, Some(Defect::SingleElement)) => {
                "nothing: NumPy reads the single element, and ignores the bytes after it"
            }
            (_, Some(Defect::DataOfNoBytes)) => {
                "correct the shape in the header by hand: its rows have no bytes, but bytes follow it \
                 (`1,000` in a shape is read as two axes)"
            }
            (_, Some(Defect::LineEnd(_))) => {
                "correct the length of the header, at byte 8, by hand: it is not that of the text, and the \
                 data are shifted"
            }
            (Some(header), _) if header < rows => {
                "`recover` with `Recovery::Adopt` keeps the rows that the header does not count, \
                 `Recovery::Discard` cuts them off"
            }
            (Some(header), _) if header == rows && self.preallocated_bytes() > 0 => {
                "an appender has the file open, or was killed; to open it for appending, or \
                 `recover`, cuts off what is preallocated"
            }
            (Some(header), Some(Defect::Spelled)) if header == rows && torn_bytes == 0 => {
                "NumPy does not read the shape as it is spelled; to open the file for appending, or \
                 `recover`, spells it as NumPy does"
            }
            _ if torn_bytes == 0 => {
                "`recover` with `Recovery::Adopt` makes the header count the rows that are there"
            }
            _ => {
                "`recover` with `Recovery::Adopt` makes the header count the whole rows and cuts the \
                 rest off, `Recovery::ZeroFill` fills the torn row with zeros"
            }
        })
    }
}
