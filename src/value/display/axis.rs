use crate::value::Value;

/// How many entries there are at most if all are written.
const THRESHOLD: usize = 1000;

/// How many entries of an axis are written at each end if not all are.
const EDGE: usize = 3;

/// Which entries of an array are written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shown {
    All,
    /// Those at the ends of each axis.
    Ends,
}

impl Shown {
    pub(super) fn of(len: usize) -> Self {
        match len > THRESHOLD {
            true => Shown::Ends,
            false => Shown::All,
        }
    }

    /// What is written along an axis of so many parts, with `None` for those that are not.
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
