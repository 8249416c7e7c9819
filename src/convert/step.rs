//! The steps of a conversion, and running them value by value.

use super::{cast::Cast, loss::Loss};
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

/// Runs steps on the bytes of an element, one value after another. [`run_block`](super::block::run_block) does the
/// same for many elements, but does not say which value does not fit.
///
/// # Errors
///
/// Fails if a value does not fit its new type.
pub(super) fn run_one(
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
                    place.copy_from_slice(bytes);
                }
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
                    run_one(steps, from, to, loss)
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
