/// The kind of an [`Error`](crate::Error): one for each thing that a program may do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system, or a source or sink of the caller, reported an error.
    /// [`Error::io_error`](crate::Error::io_error) returns it.
    Io,
    /// The file has no header that NumPy would accept, or another header than is required: a second array
    /// follows the first, or the header changed while the file was open. Or a dtype has no header.
    Header,
    /// The dtype of the file is not the dtype of the record. [`Error::differences`](crate::Error::differences)
    /// lists the differences. Also for pickled Python objects, for a column that does not exist, and for a
    /// hand-written record that contradicts itself.
    DType,
    /// The shape of the array, its order, or a number of rows or elements is not the required one, or an
    /// index is out of range.
    Shape,
    /// A value cannot be stored in the dtype of its field.
    Encode,
    /// Bytes of the file are not a value of the record's type.
    Decode,
    /// The file ends before the rows that its header counts.
    Truncated,
    /// Header and data do not agree, and [`recover`](crate::recover()) was not asked to mend that. Also if
    /// another program appended to a file that an appender had open, and if the shards of a directory do not
    /// agree with its list.
    NeedsRecovery,
    /// Another appender or writable map has the file open.
    Locked,
    /// Rows could not be synced to the device. The system may have dropped them, so the appender writes
    /// nothing more. Open the file again to see the rows that are there.
    SyncLost,
    /// The header has no room for a larger number of rows; or, when a file is opened to append to it, for
    /// fewer than 10⁹ rows. [`make_appendable`](crate::make_appendable) gives it room.
    NoGrowthRoom,
    /// The file was removed, renamed or replaced while it was open. A reader that follows a file has
    /// returned all its rows. Rows that are appended to such a file are lost with it.
    Removed,
    /// The file was cut while it was open, to less than was read from it or written to it.
    CutShort,
    /// The file is not a zip archive that NumPy reads, or it has no member of a name, or a member cannot
    /// be written or mapped.
    Archive,
    /// A background logger accepts no more records: its guard was closed or dropped, or the code of a
    /// record panicked on its thread.
    Closed,
}
