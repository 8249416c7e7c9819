use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::{
    inspection::Defect,
    report::{List, Report},
};
use crate::{
    header::Order,
    literal::{self, Tuple},
};

/// The most shards that a summary shows.
const MOST_SHARDS: usize = 10;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, defect) = (self.rows(), self.inspection.defect());
        let defect = defect.filter(|_| self.directory.is_none());
        write!(f, "{}\n  rows   {rows}", self.path().display())?;
        let is_after = matches!(defect, Some(Defect::SingleElement | Defect::DataOfNoBytes));
        if let Some(shards) = self.shards() {
            write!(
                f,
                " in {shards} shard{}",
                if shards == 1 { "" } else { "s" }
            )?;
        }
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
        if let Some(directory) = &self.directory {
            f.write_str(match directory.list {
                List::True => "\n  info   lists the shards",
                List::Missing => "\n  info   is missing",
                List::Wrong => "\n  info   does not list the shards and their rows",
            })?;
            let (shown, others) = directory
                .unsound
                .split_at(directory.unsound.len().min(MOST_SHARDS));
            for shard in shown {
                let counted = shard.header_rows();
                let counted =
                    counted.map_or("none that can be read".to_owned(), |rows| rows.to_string());
                let (path, found) = (shard.path().display(), shard.rows());
                write!(
                    f,
                    "\n  shard  {path}: {found} rows, the header counts {counted}"
                )?;
            }
            if !others.is_empty() {
                write!(f, "\n  shard  and {} others", others.len())?;
            }
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
        let mut report =
            serializer.serialize_struct("Report", 14 + usize::from(self.directory.is_some()))?;
        report.serialize_field("path", self.path())?;
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
        if let Some(shards) = self.shards() {
            report.serialize_field("shards", &shards)?;
        }
        report.end()
    }
}
