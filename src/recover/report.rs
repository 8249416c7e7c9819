use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::found::Found;
use crate::{
    dtype::DType,
    header::{DamagedRows, Header, Order},
    literal::{self, Tuple},
};

/// What [`check`](crate::check) found in a file, and what [`recover`](crate::recover) did about it.
///
/// `Display` is a summary for people, which ends with what to do; the serde form has a field for each
/// method.
#[derive(Clone, Debug)]
pub struct Report {
    path: PathBuf,
    header: Header,
    header_rows: Option<u64>,
    rows: u64,
    torn_bytes: u64,
    preallocated_bytes: u64,
    max_rows: u64,
    is_interrupted: bool,
    another_array: Option<u64>,
    trouble: Option<Trouble>,
    numpy_loads: bool,
    recovered_rows: Option<u64>,
}

/// More than a wrong number of rows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    /// NumPy does not read the text of the shape.
    Spelled,
    /// The header counts more rows than an array can have.
    TooMany,
    /// A single element that is not whole, or is followed by other bytes.
    SingleElement,
    /// Bytes after a header whose rows have none.
    DataOfNoBytes,
    /// The header's length is not that of its text.
    Length,
}

impl Trouble {
    fn of(found: &Found) -> Option<Self> {
        let is_single = found.header.rows().is_none();
        Some(match found.damage {
            _ if found.agrees() => return None,
            _ if is_single => Trouble::SingleElement,
            _ if found.has_data_of_no_bytes() => Trouble::DataOfNoBytes,
            _ if found.line_end.is_some() => Trouble::Length,
            Some(DamagedRows::Spelled(_)) => Trouble::Spelled,
            Some(DamagedRows::TooMany) => Trouble::TooMany,
            _ => return None,
        })
    }
}

impl Report {
    pub(crate) fn new(path: &Path, found: &Found) -> Self {
        let growing = found.growing();
        let data_len = found.data_len().saturating_add(found.preallocated);
        Report {
            path: path.to_owned(),
            header: found.header.clone(),
            header_rows: found.counted,
            rows: found.rows(),
            torn_bytes: found.torn_bytes(),
            preallocated_bytes: found.preallocated,
            max_rows: growing.map_or(found.counted.unwrap_or_default(), |g| g.max_rows()),
            is_interrupted: found.inserted > 0,
            another_array: found.another_array,
            numpy_loads: found.inserted == 0 && Header::numpy_loads(&found.bytes, data_len),
            trouble: Trouble::of(found),
            recovered_rows: None,
        }
    }

    pub(crate) fn recovered(self, rows: u64) -> Self {
        Report {
            recovered_rows: Some(rows),
            ..self
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What an element is.
    pub fn dtype(&self) -> &DType {
        self.header.dtype()
    }

    /// The order of the elements.
    pub fn order(&self) -> Order {
        self.header.order()
    }

    /// The length of each axis in the header; the growth axis is 0 if its length cannot be read.
    pub fn shape(&self) -> &[u64] {
        self.header.shape()
    }

    /// The rows that the header counts; `None` if the number cannot be read. A single element of shape
    /// `()` is one row.
    pub fn header_rows(&self) -> Option<u64> {
        self.header_rows
    }

    /// The whole rows that were found behind the header.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The bytes that were found behind the last whole row.
    pub fn torn_bytes(&self) -> u64 {
        self.torn_bytes
    }

    /// The bytes behind the rows that an appender has taken for rows to come, with
    /// [`AppendOptions::mapped`](crate::AppendOptions::mapped). It cuts them off when it is closed.
    pub fn preallocated_bytes(&self) -> u64 {
        self.preallocated_bytes
    }

    /// The largest number of rows that the header has room for. A file that it is less than
    /// [`u64::MAX`] for is given room by [`make_appendable`](crate::make_appendable).
    pub fn max_rows(&self) -> u64 {
        self.max_rows
    }

    /// The byte at which another array starts, as after several `np.save` on one open file.
    pub fn another_array(&self) -> Option<u64> {
        self.another_array
    }

    /// Returns true if `np.load(path)` of NumPy alone reads the file as it was found: without a map, without
    /// pickles, and with its usual limit on the length of a header. NumPy ignores data that the header
    /// does not count.
    ///
    /// False for the types of the Python package `ml_dtypes` by name, such as `'bfloat16'`, which NumPy
    /// reads only after that package was imported.
    pub fn numpy_loads(&self) -> bool {
        self.numpy_loads
    }

    /// Whether the header counted just the rows that were there, and nothing was behind them.
    pub fn is_sound(&self) -> bool {
        let is_counted = self.header_rows == Some(self.rows) && self.torn_bytes == 0;
        let is_whole = self.preallocated_bytes == 0 && !self.is_interrupted;
        is_counted && is_whole && self.trouble.is_none()
    }

    /// The rows of the file after [`recover`](crate::recover) made header and data agree; `None` if it
    /// had nothing to do.
    pub fn recovered_rows(&self) -> Option<u64> {
        self.recovered_rows
    }

    /// What to do about it, in a sentence for people, if there is something.
    pub fn advice(&self) -> Option<&'static str> {
        Some(match (self.header_rows, self.another_array) {
            _ if self.recovered_rows.is_some() => return None,
            _ if self.is_interrupted => {
                "`make_appendable` was stopped: call it again, or `recover`"
            }
            (_, Some(_)) => "read the arrays one after another with `np.load` on one open file",
            _ if self.trouble == Some(Trouble::SingleElement) => match self.rows {
                0 => "nothing: the single element is not whole, and there are no rows to recover",
                _ => "nothing: NumPy reads the single element, and ignores the bytes after it",
            },
            _ if self.trouble == Some(Trouble::DataOfNoBytes) => {
                "correct the shape in the header by hand: its rows have no bytes, but bytes follow it \
                 (`1,000` in a shape is read as two axes)"
            }
            _ if self.trouble == Some(Trouble::Length) => {
                "correct the length of the header, at byte 8, by hand: it is not that of the text, and the \
                 data are shifted"
            }
            (Some(header), None) if header < self.rows => {
                "`recover` with `Recovery::Adopt` keeps the rows that the header does not count, \
                 `Recovery::Discard` cuts them off"
            }
            (Some(header), None) if header == self.rows && self.torn_bytes == 0 => {
                match self.preallocated_bytes {
                    0 if self.trouble == Some(Trouble::Spelled) => {
                        "NumPy does not read the shape as it is spelled; to open the file for appending, or \
                         `recover`, spells it as NumPy does"
                    }
                    0 => return None,
                    _ => {
                        "an appender has the file open, or was killed; to open it for appending, or \
                         `recover`, cuts off what is preallocated"
                    }
                }
            }
            _ if self.torn_bytes == 0 => {
                "`recover` with `Recovery::Adopt` makes the header count the rows that are there"
            }
            _ => {
                "`recover` with `Recovery::Adopt` makes the header count the whole rows and cuts the \
                 rest off, `Recovery::ZeroFill` fills the torn row with zeros"
            }
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  rows   {}", self.path.display(), self.rows)?;
        let is_behind = matches!(
            self.trouble,
            Some(Trouble::SingleElement | Trouble::DataOfNoBytes)
        );
        match self.torn_bytes {
            0 => {}
            1 if is_behind => f.write_str(" and a byte after them")?,
            bytes if is_behind => write!(f, " and {bytes} bytes after them")?,
            1 => f.write_str(" and a byte of a torn one")?,
            bytes => write!(f, " and {bytes} bytes of a torn one")?,
        }
        match self.header_rows {
            Some(rows) if rows == self.rows => f.write_str(", as the header counts them")?,
            Some(rows) => write!(f, ", the header counts {rows}")?,
            None if self.trouble == Some(Trouble::TooMany) => {
                f.write_str(", the header counts more than an array can have")?;
            }
            None => f.write_str(", their number in the header cannot be read")?,
        }
        let order = match self.order() {
            Order::C => "C",
            Order::Fortran => "Fortran",
        };
        let shape = literal::to_string(&Tuple(self.shape())).unwrap_or_default();
        write!(
            f,
            "\n  dtype  {}\n  shape  {shape}, {order} order",
            self.dtype()
        )?;
        match self.max_rows {
            u64::MAX => f.write_str("\n  room   for any number of rows")?,
            rows => write!(
                f,
                "\n  room   for {rows} rows; `make_appendable` makes more"
            )?,
        }
        let loads = match self.numpy_loads {
            true => "loads",
            false => "does not load",
        };
        write!(f, "\n  NumPy  {loads} it as it was found")?;
        if self.preallocated_bytes > 0 {
            let bytes = self.preallocated_bytes;
            write!(f, "\n  note   {bytes} bytes behind them are preallocated")?;
        }
        if let Some(offset) = self.another_array {
            write!(f, "\n  note   another array starts at byte {offset}")?;
        }
        if let Some(rows) = self.recovered_rows {
            write!(f, "\n  done   header and data agree on {rows} rows")?;
        }
        match self.advice() {
            Some(advice) => write!(f, "\n  to do  {advice}"),
            None => Ok(()),
        }
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut report = serializer.serialize_struct("Report", 14)?;
        report.serialize_field("path", &self.path)?;
        report.serialize_field("dtype", self.dtype())?;
        report.serialize_field("fortran_order", &(self.order() == Order::Fortran))?;
        report.serialize_field("shape", self.shape())?;
        report.serialize_field("header_rows", &self.header_rows)?;
        report.serialize_field("rows", &self.rows)?;
        report.serialize_field("torn_bytes", &self.torn_bytes)?;
        report.serialize_field("preallocated_bytes", &self.preallocated_bytes)?;
        report.serialize_field("max_rows", &self.max_rows)?;
        report.serialize_field("another_array", &self.another_array)?;
        report.serialize_field("numpy_loads", &self.numpy_loads)?;
        report.serialize_field("is_sound", &self.is_sound())?;
        report.serialize_field("recovered_rows", &self.recovered_rows)?;
        report.serialize_field("advice", &self.advice())?;
        report.end()
    }
}
