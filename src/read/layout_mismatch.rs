use std::fmt;

use crate::{
    dtype::{DType, Difference},
    error::ErrorKind,
    record::NpyRecord,
};

/// Why [`Mapped::as_slice`](crate::Mapped::as_slice) gives none. `Display` says it, and what to change.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum LayoutMismatch {
    /// The dtype of the file is not that of the record: it is converted.
    DType(Vec<Difference>),
    /// The record's layout in memory is not that in the file (padding, another order of fields, a field
    /// stored as another type, any number of several bytes on a big-endian machine), or not every bit
    /// pattern is a valid record (`bool`, `char`, an enum).
    Record,
    /// The rows do not start at a multiple of the alignment of the record.
    Alignment {
        /// The byte of the file at which they start.
        offset: u64,
        /// The alignment in bytes.
        alignment: usize,
    },
    /// `ndarray` has no array of this shape, as [`ErrorKind::ArrayTooLarge`] has it.
    Shape(Vec<u64>),
}

impl LayoutMismatch {
    /// Why elements of a dtype, the first at a byte of a file, are not records in place.
    pub(super) fn of<R: NpyRecord>(dtype: &DType, offset: u64) -> Self {
        let differences = Difference::between(dtype, &R::dtype());
        if !differences.is_empty() {
            return LayoutMismatch::DType(differences);
        }
        match R::LAYOUT.is_plain() && R::ITEMSIZE > 0 {
            true => LayoutMismatch::Alignment {
                offset,
                alignment: align_of::<R>(),
            },
            false => LayoutMismatch::Record,
        }
    }
}

impl fmt::Display for LayoutMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LayoutMismatch::DType(differences) => ErrorKind::DType(differences.clone()).fmt(f),
            LayoutMismatch::Record => f.write_str(match cfg!(target_endian = "little") {
                true => {
                    "the memory of the record is not its form in the file; it would be with \
                     `#[repr(C)]`, no padding, and only numbers as they are stored (a `bool` can be \
                     read as `u8`)"
                }
                false => {
                    "the memory of the record is not its form in the file, which is little-endian; on \
                     this big-endian machine it would be with single bytes alone (a `bool` can be read \
                     as `u8`); read the records one by one"
                }
            }),
            LayoutMismatch::Alignment { offset, alignment } => write!(
                f,
                "the rows start at byte {offset}, which is no multiple of the record's alignment of \
                 {alignment} bytes"
            ),
            LayoutMismatch::Shape(shape) => ErrorKind::ArrayTooLarge(shape.clone()).fmt(f),
        }
    }
}

impl std::error::Error for LayoutMismatch {}
