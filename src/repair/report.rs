use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::inspection::{Defect, Inspection};
use crate::{
    dtype::DType,
    header::{Header, Order},
    literal::{self, Tuple},
};

/// The findings of [`check`](crate::check) in a file, and what [`recover`](crate::recover) did about them.
///
/// `Display` is a summary for people, which ends with what to do; the serde form has a field for each
/// method.
#[derive(Clone, Debug)]
pub struct Report {
    path: PathBuf,
    inspection: Inspection,
    recovered_rows: Option<u64>,
}

impl Report {
    pub(crate) fn new(path: &Path, inspection: Inspection, recovered_rows: Option<u64>) -> Self {
        Report {
            path: path.to_owned(),
            inspection,
            recovered_rows,
        }
    }

    /// Returns the path of the file.
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
        self.inspection.header.shape()
    }

    /// Returns the number of rows that the header counts, or `None` if the number cannot be read. A single
    /// element of shape `()` is one row.
    pub fn header_rows(&self) -> Option<u64> {
        self.inspection.counted
    }

    /// Returns the number of complete rows after the header.
    pub fn rows(&self) -> u64 {
        self.inspection.rows()
    }

    /// Returns the number of bytes after the last complete row.
    pub fn torn_bytes(&self) -> u64 {
        self.inspection.torn_bytes()
    }

    /// Returns the number of bytes after the rows that an appender has preallocated, with
    /// [`AppendOptions::mapped`](crate::AppendOptions::mapped). Closing the appender cuts them off.
    pub fn preallocated_bytes(&self) -> u64 {
        self.inspection.preallocated
    }

    /// Returns the largest number of rows that the header has room for. If it is less than [`u64::MAX`],
    /// [`make_appendable`](crate::make_appendable) gives the header more room.
    pub fn max_rows(&self) -> u64 {
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
    /// does not count.
    ///
    /// False for the types of the Python package `ml_dtypes` by name, such as `'bfloat16'`, which NumPy
    /// reads only after that package was imported.
    pub fn numpy_loads(&self) -> bool {
        let file = &self.inspection;
        let data_len = file.data_len().saturating_add(file.preallocated);
        file.inserted == 0 && Header::numpy_loads(&file.bytes, data_len)
    }

    /// Returns true if the header counted the rows in the file, and nothing followed them.
    pub fn is_sound(&self) -> bool {
        self.inspection.is_sound()
    }

    /// Returns the number of rows after [`recover`](crate::recover) made header and data agree, or `None` if
    /// they agreed before.
    pub fn recovered_rows(&self) -> Option<u64> {
        self.recovered_rows
    }

    /// Returns advice in a sentence for people, if there is something to do.
    pub fn advice(&self) -> Option<&'static str> {
        let (rows, torn_bytes) = (self.rows(), self.torn_bytes());
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

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, defect) = (self.rows(), self.inspection.defect());
        write!(f, "{}\n  rows   {rows}", self.path.display())?;
        let is_after = matches!(defect, Some(Defect::SingleElement | Defect::DataOfNoBytes));
        match self.torn_bytes() {
            0 => {}
            1 if is_after => f.write_str(" and a byte after them")?,
            bytes if is_after => write!(f, " and {bytes} bytes after them")?,
            1 => f.write_str(" and a byte of a torn one")?,
            bytes => write!(f, " and {bytes} bytes of a torn one")?,
        }
        match self.header_rows() {
            Some(counted) if counted == rows => f.write_str(", as the header counts them")?,
            Some(counted) => write!(f, ", the header counts {counted}")?,
            None if defect == Some(Defect::TooMany) => {
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
        match self.max_rows() {
            u64::MAX => f.write_str("\n  room   for any number of rows")?,
            rows => write!(
                f,
                "\n  room   for {rows} rows; `make_appendable` makes more"
            )?,
        }
        let loads = match self.numpy_loads() {
            true => "loads",
            false => "does not load",
        };
        write!(f, "\n  NumPy  {loads} it as it was found")?;
        let bytes = self.preallocated_bytes();
        if bytes > 0 {
            write!(f, "\n  note   {bytes} bytes behind them are preallocated")?;
        }
        if let Some(offset) = self.another_array() {
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
        report.serialize_field("header_rows", &self.header_rows())?;
        report.serialize_field("rows", &self.rows())?;
        report.serialize_field("torn_bytes", &self.torn_bytes())?;
        report.serialize_field("preallocated_bytes", &self.preallocated_bytes())?;
        report.serialize_field("max_rows", &self.max_rows())?;
        report.serialize_field("another_array", &self.another_array())?;
        report.serialize_field("numpy_loads", &self.numpy_loads())?;
        report.serialize_field("is_sound", &self.is_sound())?;
        report.serialize_field("recovered_rows", &self.recovered_rows)?;
        report.serialize_field("advice", &self.advice())?;
        report.end()
    }
}
