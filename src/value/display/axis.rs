use crate::value::Value;

/// The largest number of entries that are all written.
const THRESHOLD: usize = 1000;

/// The number of entries that are written at each end of a shortened axis.
const EDGE: usize = 3;

/// The entries of an array that are written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shown {
    All,
    /// The entries at the ends of each axis.
    Ends,
}

impl Shown {
    pub(super) fn of(len: usize) -> Self {
        match len > THRESHOLD {
            true => Shown::Ends,
            false => Shown::All,
        }
    }

    /// Returns the written parts of an axis, with one `None` for all parts left out.
    pub(super) fn along(
        self,
        len: usize,
        values: &[Value],
    ) -> impl Iterator<Item = Option<&[Value]>> + use<'_> {
        let left_out = match self {
            Shown::Ends if len > 2 * EDGE => EDGE..len - EDGE,
            _ => 0..0,
        };
        let part_len = values.len() / len.max(1);
        let parts = values.chunks(part_len.max(1)).enumerate();
        parts.filter_map(move |(index, part)| match left_out.contains(&index) {
            false => Some(Some(part)),
            true => (index == left_out.start).then_some(None),
        })
    }
}
