/// What becomes of a file whose header and data do not agree.
///
/// Its header may count fewer rows than are there (a program was killed before it committed), more
/// (a download was cut short, or power was cut), or a number that cannot be read (a writer never filled
/// it in). In each case the number in the header is made the true one. The other axes and the dtype stay:
/// a file in which anything else is wrong is refused.
///
/// Axes that NumPy refuses for how they are spelled are read as the numbers that they say, and spelled as NumPy
/// does: `(np.int64(2), 3)`, `[2, 3]`, and `2` for `(2,)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recovery {
    /// All whole rows are kept, those that the header does not count as well. A torn one is cut off.
    Adopt,
    /// Only rows that the header counts are kept; all that are whole, if its number cannot be read.
    Discard,
    /// All rows are kept, and a torn one is filled up with zeros. Rows of which nothing is there are not
    /// made up.
    ZeroFill,
    /// It is an error ([`ErrorKind::NeedsRecovery`](crate::ErrorKind::NeedsRecovery)), and the file is
    /// left as it is.
    Refuse,
}
