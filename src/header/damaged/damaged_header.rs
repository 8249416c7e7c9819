use crate::header::Header;

/// A header that NumPy refuses because of the text of its shape. All axes except the number of rows are
/// legible.
#[derive(Debug)]
pub(crate) struct Damaged {
    /// The header. It has 0 rows if their number is not legible.
    pub(crate) header: Header,
    pub(crate) rows: DamagedRows,
}

/// The number of rows in a [`Damaged`] header.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum DamagedRows {
    /// A placeholder, or a part of a number.
    Illegible,
    /// A number, in a shape that NumPy does not read: `(np.int64(2), 3)`, `[2, 3]` or `2`.
    Spelled(u64),
    /// A number of rows that is too large for an array.
    TooMany,
    /// A number in the text of a rewrite that was interrupted. The file has at least these rows.
    Torn(u64),
    /// A torn number without the bracket after the shape. Axes may be lost too, unless the data has exactly
    /// `digits` rows. If `is_whole` is false, the number of rows may have more digits after `digits`.
    TornInShape { digits: u64, is_whole: bool },
}
