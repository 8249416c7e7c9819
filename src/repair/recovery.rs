/// The treatment of a file whose header and data do not agree.
///
/// The header may count fewer rows than the file has (a program was killed before it committed), or more
/// (a download was cut short, or power was cut). Or its number cannot be read (a writer never filled it in). In
/// each case the number in the header is corrected. The other axes and the dtype stay: a file with any other
/// damage is refused.
///
/// Axes in a spelling that NumPy refuses are rewritten in NumPy's spelling:
/// `(np.int64(2), 3)`, `[2, 3]`, and `2` for `(2,)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recovery {
    /// All complete rows are kept, also rows that the header does not count. A torn row is cut off.
    Adopt,
    /// Only rows that the header counts are kept, or all complete rows if its number cannot be read.
    Discard,
    /// All rows are kept, and a torn row is filled up with zeros. Missing rows are not invented.
    ZeroFill,
    /// The file stays as it is, and an error is returned
    /// ([`ErrorKind::NeedsRecovery`](crate::ErrorKind::NeedsRecovery)).
    Refuse,
}
