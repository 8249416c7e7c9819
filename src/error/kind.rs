use std::io;

use crate::{
    dtype::Difference,
    header::{HeaderError, Order},
    record::{DecodeError, EncodeError},
};

/// The case of an [`Error`](crate::Error).
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system refused.
    Io(io::Error),
    /// The file does not start with a header that NumPy would accept, or there is no header for the
    /// dtype of the record.
    Header(HeaderError),
    /// The dtype of the file is not that of the record.
    DType(Vec<Difference>),
    /// The elements of the file are pickled Python objects.
    Objects,
    /// The file holds a single element of shape `()`, which has no rows.
    NoRows,
    /// The file holds an array of several axes in Fortran order, whose records are not one after
    /// another; this is its shape.
    FortranOrder(Vec<u64>),
    /// An array has other axes than the rows that it is to be appended to.
    Shape {
        /// The axes that it must have; the growth axis, which may be of any length, is `None`.
        expected: Vec<Option<u64>>,
        /// The axes that it has.
        found: Vec<u64>,
    },
    /// The file holds an array in another order.
    Order {
        /// What was asked for.
        expected: Order,
        /// That of the file.
        found: Order,
    },
    /// Elements are to be appended that are not a whole number of rows.
    PartialRow {
        /// The number of elements.
        elements: usize,
        /// The number of elements of a row.
        row_len: u64,
    },
    /// The records of the file have no field of that name.
    NoField {
        /// The name that was asked for.
        name: String,
        /// The names that there are.
        has: Vec<String>,
    },
    /// There is no such row.
    NoRow {
        /// The row that was asked for.
        row: u64,
        /// The number of rows.
        rows: u64,
    },
    /// A hand-written record says one itemsize, and its dtype has another.
    Itemsize {
        /// [`NpyRecord::ITEMSIZE`](crate::NpyRecord::ITEMSIZE).
        record: usize,
        /// That of [`NpyRecord::dtype`](crate::NpyRecord::dtype).
        dtype: usize,
    },
    /// A value has no place in the dtype of its field.
    Encode(EncodeError),
    /// Bytes of the file are no value of the record's type.
    Decode(DecodeError),
    /// The file ends before the rows that its header counts.
    Truncated {
        /// The rows that the header counts.
        expected: u64,
        /// The whole rows that are there.
        found: u64,
    },
    /// Header and data do not agree, and it was asked that this be an error; or another program appended
    /// to a file that an appender had open.
    NeedsRecovery {
        /// The rows that the header counts; `None` if its number cannot be read.
        counted: Option<u64>,
        /// The whole rows that are there.
        found: u64,
        /// The bytes behind them.
        torn_bytes: u64,
    },
    /// Another appender has the file open.
    Locked,
    /// Rows could not be synced to the device before. The system may have dropped them without saying
    /// so again, so the appender writes nothing more; opening the file anew shows what is there.
    SyncLost,
    /// Another array follows the one to append to, as after several `np.save` on one open file.
    AnotherArray {
        /// The byte at which it starts.
        offset: u64,
    },
    /// The header has no room for a larger number of rows; or, when a file is opened to append to it, for
    /// fewer than 10⁹ rows.
    NoGrowthRoom {
        /// The largest number that fits.
        max_rows: u64,
    },
    /// The file was removed, renamed or replaced while it was open. Of a file that is followed, all rows
    /// were read. A file that is appended to has no name left; what was appended is lost with it.
    Removed,
    /// The file was cut while it was open, to less than what was read of it or written to it.
    CutShort {
        /// The rows that were read or written.
        expected: u64,
        /// The whole rows that are left of them.
        found: u64,
    },
    /// The header of a mapped file is not that of the file as it was opened: it has another dtype or
    /// shape, or counts fewer rows.
    HeaderChanged,
    /// The array has another number of axes than that which was asked for.
    Axes {
        /// The number of axes that was asked for.
        expected: usize,
        /// The shape of the array.
        shape: Vec<u64>,
    },
    /// There is no array of `ndarray` of this shape: its axes, those of no length aside, make more
    /// elements than an address can name.
    ArrayTooLarge(Vec<u64>),
    /// An array is read whole, and so many of its records were read before.
    AlreadyRead(u64),
    /// Code of a record panicked on the thread of a background logger, with this message: its encoding or
    /// its destructor.
    Panicked(String),
    /// The guard of a background logger was closed or dropped, so that no more records are taken.
    Closed,
    /// There is no such array, among several one after another.
    NoArray {
        /// The array that was asked for, counted from 0.
        array: u64,
        /// The number of arrays.
        arrays: u64,
    },
    /// Arrays that are to become one do not fit together.
    ArrayDiffers {
        /// The dtype and the shape that go on with the arrays before it.
        expected: String,
        /// The dtype and the shape that it has.
        found: String,
    },
    /// Records are not as many as their header counts, which was written before them.
    RowsPromised {
        /// The rows that the header counts.
        promised: u64,
        /// The rows that there are, or would be.
        rows: u64,
    },
    /// A shape is not one of as many elements.
    Elements {
        /// The shape.
        shape: Vec<u64>,
        /// The number of elements.
        elements: u64,
    },
    /// Records that are arrays themselves are not one after another in Fortran order.
    FortranRecords,
    /// An array was not written whole, so nothing can follow it.
    Unfinished,
    /// The rows would be more, or take more bytes, than 2^63 - 1; or more memory than an address can name.
    TooManyRows(u64),
    /// The file is no zip archive, or one that is damaged, encrypted or compressed by a method that
    /// NumPy does not use; this says which.
    Archive(String),
    /// The archive has no member of that name.
    NoMember {
        /// The name that was asked for.
        name: String,
        /// The names that there are.
        has: Vec<String>,
    },
    /// The archive has a member of that name already.
    MemberExists,
    /// A member cannot have that name; this says why.
    MemberName(&'static str),
    /// The member is compressed, and only one that is stored as it is can be mapped.
    NotStored,
}
