//! The steps of a conversion, and running them.

use super::cast::{Cast, Loss, swap};
use crate::record::EncodeError;

/// A part of a conversion. `path` is the field that it is about, and `shape` the axes of its elements.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Copies bytes.
    Copy { from: usize, to: usize, len: usize },
    /// Casts `count` scalars.
    Cast {
        path: Box<str>,
        from: Strided,
        to: Strided,
        count: usize,
        shape: Box<[usize]>,
        cast: Cast,
    },
    /// Runs steps for each of `count` elements.
    Repeat {
        path: Box<str>,
        from: Strided,
        to: Strided,
        count: usize,
        shape: Box<[usize]>,
        steps: Vec<Step>,
    },
}

/// Elements one after another: the offset of the first, and the size of each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strided {
    pub(super) offset: usize,
    pub(super) itemsize: usize,
}

/// Copies bytes. The bytes of a number are copied at once, without a call.
#[inline]
fn copy(from: &[u8], to: &mut [u8]) {
    fn sized<const N: usize>(from: &[u8], to: &mut [u8]) -> Option<()> {
        *to.first_chunk_mut::<N>()? = *from.first_chunk::<N>()?;
        Some(())
    }
    let copied = match to.len() {
        1 => sized::<1>(from, to),
        2 => sized::<2>(from, to),
        4 => sized::<4>(from, to),
        8 => sized::<8>(from, to),
        16 => sized::<16>(from, to),
        _ => None,
    };
    if copied.is_none() {
        to.copy_from_slice(from);
    }
}

/// Runs steps on the bytes of an element.
///
/// # Errors
///
/// Fails if a value does not fit its new type.
pub(super) fn run(
    steps: &[Step],
    from: &[u8],
    to: &mut [u8],
    loss: Loss,
) -> Result<(), EncodeError> {
    for step in steps {
        match step {
            Step::Copy {
                from: at,
                to: place,
                len,
            } => {
                let place = to.get_mut(*place..*place + *len);
                if let (Some(place), Some(bytes)) = (place, from.get(*at..*at + *len)) {
                    copy(bytes, place);
                }
            }
            Step::Cast {
                from: at,
                to: place,
                count,
                cast: Cast::Swap(word),
                ..
            } => {
                swap(*word, at.all(from, *count), place.all_mut(to, *count));
            }
            Step::Cast {
                path,
                from: at,
                to: place,
                count,
                shape,
                cast,
            } => {
                for index in 0..*count {
                    let (from, to) = (at.nth(from, index), place.nth_mut(to, index));
                    cast.apply(from, to, loss)
                        .map_err(|e| e.in_array(index, shape).in_field(path))?;
                }
            }
            Step::Repeat {
                path,
                from: at,
                to: place,
                count,
                shape,
                steps,
            } => {
                for index in 0..*count {
                    let (from, to) = (at.nth(from, index), place.nth_mut(to, index));
                    run(steps, from, to, loss)
                        .map_err(|e| e.in_array(index, shape).in_field(path))?;
                }
            }
        }
    }
    Ok(())
}

impl Strided {
    /// Returns the bytes of the first `count` elements.
    fn all(self, bytes: &[u8], count: usize) -> &[u8] {
        let bytes = bytes.get(self.offset..self.offset + count * self.itemsize);
        bytes.unwrap_or_default()
    }

    fn all_mut(self, bytes: &mut [u8], count: usize) -> &mut [u8] {
        let bytes = bytes.get_mut(self.offset..self.offset + count * self.itemsize);
        bytes.unwrap_or_default()
    }

    /// Returns the bytes of an element.
    fn nth(self, bytes: &[u8], nth: usize) -> &[u8] {
        let offset = self.offset + nth * self.itemsize;
        Strided { offset, ..self }.all(bytes, 1)
    }

    fn nth_mut(self, bytes: &mut [u8], nth: usize) -> &mut [u8] {
        let offset = self.offset + nth * self.itemsize;
        Strided { offset, ..self }.all_mut(bytes, 1)
    }
}
