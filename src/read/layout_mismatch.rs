use std::fmt;

use crate::{
    dtype::{DType, Difference},
    error::Cause,
    record::Element,
};

/// The reason why [`Mapped::as_slice`](crate::Mapped::as_slice) returns `None`. `Display` names it, and what to
/// change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LayoutMismatch {
    /// The dtypes of the file and the record differ, so that rows are converted.
    DType(Vec<Difference>),
    /// The record has another layout in memory than in the file (padding, another order of fields, a field
    /// stored as another type, a number of several bytes on a big-endian machine), or not every bit pattern is
    /// a valid record (`bool`, `char`, an enum).
    Record,
    /// The rows do not start at a multiple of the record's alignment.
    Alignment {
        /// The byte of the file at which the rows start.
        offset: u64,
        /// The alignment in bytes.
        alignment: usize,
    },
    /// `ndarray` has no array of this shape: it has more elements than an address can name.
    Shape(Vec<u64>),
}

impl LayoutMismatch {
    /// Returns the reason why elements of a dtype, the first at a byte of a file, are not an `E` in place.
    pub(super) fn of<E: Element>(dtype: &DType, offset: u64) -> Self {
        let record = E::fixed_dtype();
        let differences = record.map(|record| Difference::between(dtype, &record));
        if let Some(differences) = differences.filter(|differences| !differences.is_empty()) {
            return LayoutMismatch::DType(differences);
        }
        match E::MEMORY.is_plain() && dtype.itemsize() > 0 {
            true => LayoutMismatch::Alignment {
                offset,
                alignment: align_of::<E>(),
            },
            false => LayoutMismatch::Record,
        }
    }
}

impl fmt::Display for LayoutMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LayoutMismatch::DType(differences) => Cause::DType(differences.clone()).fmt(f),
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
            LayoutMismatch::Shape(shape) => Cause::ArrayTooLarge(shape.clone()).fmt(f),
        }
    }
}

impl std::error::Error for LayoutMismatch {}
