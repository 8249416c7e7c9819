use std::io;

use super::kind::ErrorKind;
use crate::{
    dtype::Difference,
    header::{HeaderError, Order},
    record::{DecodeError, EncodeError},
};

/// The cause of an [`Error`](crate::Error), with what it carries.
#[derive(Debug)]
// Some causes are made by optional features only.
#[cfg_attr(
    not(all(
        feature = "background",
        feature = "mmap",
        feature = "ndarray",
        feature = "npz"
    )),
    allow(dead_code)
)]
pub(crate) enum Cause {
    /// The operating system, or a source or sink, reported an error.
    Io(io::Error),
    /// NumPy would not accept the header of the file, or the dtype of the record has no header.
    Header(HeaderError),
    /// The header of a mapped file changed while the file was open.
    HeaderChanged,
    /// Another array follows the array to append to, as after several `np.save` on one open file.
    AnotherArray {
        /// The byte at which the other array starts.
        offset: u64,
    },
    /// The dtype of the file differs from the dtype of the record.
    DType(Vec<Difference>),
    /// The values of this field are pickled Python objects. The field is empty if the elements are.
    Objects(String),
    /// The records of the file have no field of this name.
    NoField { name: String, has: Vec<String> },
    /// A hand-written record has one itemsize, and its dtype has another.
    Itemsize { record: usize, dtype: usize },
    /// The file holds a single element of shape `()`, which has no rows.
    NoRows,
    /// The file holds an array of this shape in Fortran order, whose records are not contiguous.
    FortranOrder(Vec<u64>),
    /// An array has other axes than the rows of the file.
    Shape {
        /// The required axes. The growth axis, which may have any length, is `None`.
        expected: Vec<Option<u64>>,
        found: Vec<u64>,
    },
    /// The file holds an array in another order than the requested one.
    Order { expected: Order, found: Order },
    /// The number of elements to append is not a multiple of the length of a row.
    PartialRow { elements: usize, row_len: u64 },
    /// The row is out of range.
    NoRow { row: u64, rows: u64 },
    /// The array has another number of axes than the requested one.
    Axes { expected: usize, shape: Vec<u64> },
    /// An array of this shape has too many elements for `ndarray`, axes of length 0 aside.
    ArrayTooLarge(Vec<u64>),
    /// The rows or their bytes are more than 2^63 - 1, or more than memory can address.
    TooManyRows(u64),
    /// This number of records was read before an array is read whole.
    AlreadyRead(u64),
    /// The array is out of range, among several in a stream.
    NoArray { array: u64, arrays: u64 },
    /// An array does not match the arrays before it in dtype and shape, which are written as text.
    ArrayDiffers { expected: String, found: String },
    /// The header was written before the records, and counts another number of rows.
    RowsPromised {
        /// The number of rows that the header counts.
        promised: u64,
        /// The number of rows after the call that failed.
        rows: u64,
    },
    /// The number of elements does not match the shape.
    Elements { shape: Vec<u64>, elements: u64 },
    /// Records that are arrays are not contiguous in Fortran order.
    FortranRecords,
    /// An array was not written whole, so no array can follow it.
    Unfinished,
    /// A value cannot be stored in the dtype of its field.
    Encode(EncodeError),
    /// Bytes of the file are not a value of the record's type.
    Decode(DecodeError),
    /// The file has fewer complete rows than its header counts.
    Truncated { expected: u64, found: u64 },
    /// Header and data do not agree, and [`Recovery::Refuse`](crate::Recovery::Refuse) was chosen. Or another
    /// program appended to a file that an appender had open.
    NeedsRecovery {
        /// The number of rows that the header counts. `None` if it cannot be read.
        counted: Option<u64>,
        /// The number of complete rows.
        found: u64,
        /// The number of bytes after the complete rows.
        torn_bytes: u64,
    },
    /// The file is not a list of shards, for this reason.
    Info(&'static str),
    /// The list of shards does not agree with this shard.
    Listed {
        /// The number of rows that the list has, or `None` if it does not list the shard.
        listed: Option<u64>,
        /// The number of rows in the shard.
        found: u64,
    },
    /// Another appender or writable map has the file open.
    Locked,
    /// Rows could not be synced to the device before. The system may have dropped them without another
    /// error, so the appender writes nothing more.
    SyncLost,
    /// The header has no room for more rows than `max_rows`.
    NoGrowthRoom { max_rows: u64 },
    /// The file was removed, renamed or replaced while it was open.
    Removed,
    /// The file was cut while it was open.
    CutShort {
        /// The number of rows that were read or written.
        expected: u64,
        /// The number of complete rows that are left of them.
        found: u64,
    },
    /// The file is not a zip archive that NumPy reads, for this reason.
    Archive(String),
    /// The archive has no member of this name.
    NoMember { name: String, has: Vec<String> },
    /// The archive already has a member of this name.
    MemberExists,
    /// A member cannot have its name, for this reason.
    MemberName(&'static str),
    /// The member is compressed, so it cannot be mapped.
    NotStored,
    /// The code of a record panicked with this message on the thread of a background logger.
    Panicked(String),
    /// The guard of a background logger was closed or dropped.
    Closed,
}

impl Cause {
    /// Returns the kind that the cause belongs to.
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Cause::Io(_) => ErrorKind::Io,
            Cause::Header(_) | Cause::HeaderChanged | Cause::AnotherArray { .. } => {
                ErrorKind::Header
            }
            Cause::DType(_)
            | Cause::Objects(_)
            | Cause::NoField { .. }
            | Cause::Itemsize { .. } => ErrorKind::DType,
            Cause::NoRows
            | Cause::FortranOrder(_)
            | Cause::Shape { .. }
            | Cause::Order { .. }
            | Cause::PartialRow { .. }
            | Cause::NoRow { .. }
            | Cause::Axes { .. }
            | Cause::ArrayTooLarge(_)
            | Cause::TooManyRows(_)
            | Cause::AlreadyRead(_)
            | Cause::NoArray { .. }
            | Cause::ArrayDiffers { .. }
            | Cause::RowsPromised { .. }
            | Cause::Elements { .. }
            | Cause::FortranRecords
            | Cause::Unfinished => ErrorKind::Shape,
            Cause::Encode(_) => ErrorKind::Encode,
            Cause::Decode(_) => ErrorKind::Decode,
            Cause::Truncated { .. } => ErrorKind::Truncated,
            Cause::NeedsRecovery { .. } | Cause::Info(_) | Cause::Listed { .. } => {
                ErrorKind::NeedsRecovery
            }
            Cause::Locked => ErrorKind::Locked,
            Cause::SyncLost => ErrorKind::SyncLost,
            Cause::NoGrowthRoom { .. } => ErrorKind::NoGrowthRoom,
            Cause::Removed => ErrorKind::Removed,
            Cause::CutShort { .. } => ErrorKind::CutShort,
            Cause::Archive(_)
            | Cause::NoMember { .. }
            | Cause::MemberExists
            | Cause::MemberName(_)
            | Cause::NotStored => ErrorKind::Archive,
            Cause::Panicked(_) | Cause::Closed => ErrorKind::Closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use io::ErrorKind::{
        Interrupted, NotFound, OutOfMemory, PermissionDenied, StorageFull, TimedOut, WouldBlock,
    };

    use super::*;
    use crate::error::Error;

    #[test]
    fn causes_that_go_away_are_retryable() {
        for kind in [Interrupted, OutOfMemory, StorageFull, TimedOut, WouldBlock] {
            let error = Error::io("write rows", kind.into());
            assert!(error.is_retryable(), "{kind}");
            let error = error.with_final_end("nothing more is written");
            assert!(!error.is_retryable(), "{kind}");
        }
        assert!(Error::new(Cause::Locked).is_retryable());
        for kind in [NotFound, PermissionDenied] {
            assert!(!Error::io("open the file", kind.into()).is_retryable());
        }
        #[cfg(unix)]
        {
            let error = |code| Error::from(io::Error::from_raw_os_error(code));
            assert!(error(24).is_retryable()); // EMFILE
            assert!(!error(5).is_retryable()); // EIO
        }
    }

    #[test]
    fn errors_that_only_faults_and_panics_make_have_a_kind() {
        for (cause, kind) in [
            (Cause::SyncLost, ErrorKind::SyncLost),
            (Cause::Panicked("at the disco".into()), ErrorKind::Closed),
        ] {
            let error = Error::new(cause);
            assert_eq!((error.kind(), error.is_retryable()), (kind, false));
        }
    }

    #[test]
    fn a_clone_says_the_same() {
        let error = Error::io("write rows", StorageFull.into()).going_on(7);
        let clone = error.clone().repeated(true);
        assert_eq!(clone.to_string(), error.to_string());
        assert_eq!((clone.is_repeat(), error.is_repeat()), (true, false));
        assert_eq!(clone.io_error().map(io::Error::kind), Some(StorageFull));
    }
}
