use std::fmt;

use crate::dtype::Difference;

/// Why the rows of a file are no slice of records.
///
/// Its text says it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum LayoutMismatch {
    /// The dtype of the file is not that of the record: it is converted.
    DType(Vec<Difference>),
    /// The memory of the record is not its form in the file, or not all bytes are one: it has padding,
    /// fields in another order or stored as another type, or a `bool`, a `char`, an enum.
    Record,
    /// The rows do not start at a multiple of the alignment of the record.
    Alignment {
        /// The byte of the file at which they start.
        offset: u64,
        /// The alignment in bytes.
        alignment: usize,
    },
}

impl fmt::Display for LayoutMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LayoutMismatch::DType(differences) => {
                f.write_str("the dtype of the file is not that of the record:")?;
                differences
                    .iter()
                    .try_for_each(|difference| write!(f, "\n  {difference}"))
            }
            LayoutMismatch::Record => f.write_str(
                "the memory of the record is not its form in the file; it would be with \
                 `#[repr(C)]`, no padding, and only numbers as they are stored",
            ),
            LayoutMismatch::Alignment { offset, alignment } => write!(
                f,
                "the rows start at byte {offset}, which is no multiple of the record's alignment of \
                 {alignment} bytes"
            ),
        }
    }
}
