//! Running the steps of a conversion on a block of elements.

use super::{
    items::{Items, ItemsMut, copy},
    loss::Loss,
    part_loops::Scratch,
    step::{Step, Strided},
};

/// Elements at equal distances.
pub(super) struct Elements<B> {
    pub(super) bytes: B,
    /// The bytes from one element to the next.
    pub(super) stride: usize,
}

/// Runs steps on elements, each step on all of them. Returns false if a value does not fit its new type.
pub(super) fn run_block(
    steps: &[Step],
    from: &Elements<&[u8]>,
    to: &mut Elements<&mut [u8]>,
    count: usize,
    loss: Loss,
    scratch: &mut Scratch<'_>,
) -> bool {
    steps.iter().all(|step| match step {
        Step::Copy {
            from: at,
            to: place,
            len,
        } => {
            let items = from.items(*at, *len, from.stride, count);
            copy(items, to.items(*place, *len, to.stride, count));
            true
        }
        Step::Cast {
            from: at,
            to: place,
            count: in_element,
            cast,
            ..
        } => grid(from, to, (*at, *place), count, *in_element, |from, to| {
            cast.run(from, to, loss, scratch)
        }),
        Step::Repeat {
            from: at,
            to: place,
            count: in_element,
            steps,
            ..
        } => {
            let (from_stride, to_stride) = (from.stride, to.stride);
            // Either element after element, or all first items, then all second items.
            let mut run = |from_at, from_stride, to_at, to_stride, count| {
                let from = Elements {
                    bytes: from.bytes.get(from_at..).unwrap_or_default(),
                    stride: from_stride,
                };
                let mut to = Elements {
                    bytes: to.bytes.get_mut(to_at..).unwrap_or_default(),
                    stride: to_stride,
                };
                run_block(steps, &from, &mut to, count, loss, scratch)
            };
            match *in_element > count {
                true => (0..count).all(|nth| {
                    let from_at = at.offset + nth * from_stride;
                    let to_at = place.offset + nth * to_stride;
                    run(from_at, at.itemsize, to_at, place.itemsize, *in_element)
                }),
                false => (0..*in_element).all(|nth| {
                    let from_at = at.offset + nth * at.itemsize;
                    let to_at = place.offset + nth * place.itemsize;
                    run(from_at, from_stride, to_at, to_stride, count)
                }),
            }
        }
    })
}

/// Calls a function with the items of all elements, of which each has `in_element`: in as few calls as their places
/// allow. Returns false if the function does.
fn grid(
    from: &Elements<&[u8]>,
    to: &mut Elements<&mut [u8]>,
    (at, place): (Strided, Strided),
    count: usize,
    in_element: usize,
    mut run: impl FnMut(Items<'_>, ItemsMut<'_>) -> bool,
) -> bool {
    let (from_stride, to_stride) = (from.stride, to.stride);
    let mut run = |from_at, from_stride, to_at, to_stride, count| {
        let items = from.items(from_at, at.itemsize, from_stride, count);
        run(items, to.items(to_at, place.itemsize, to_stride, count))
    };
    if in_element == 1 {
        run(at.offset, from_stride, place.offset, to_stride, count)
    } else if from_stride == in_element * at.itemsize && to_stride == in_element * place.itemsize {
        let all = count * in_element;
        run(at.offset, at.itemsize, place.offset, place.itemsize, all)
    } else if in_element > count {
        (0..count).all(|nth| {
            let from_at = at.offset + nth * from_stride;
            let to_at = place.offset + nth * to_stride;
            run(from_at, at.itemsize, to_at, place.itemsize, in_element)
        })
    } else {
        (0..in_element).all(|nth| {
            let from_at = at.offset + nth * at.itemsize;
            let to_at = place.offset + nth * place.itemsize;
            run(from_at, from_stride, to_at, to_stride, count)
        })
    }
}

impl<'a> Elements<&'a [u8]> {
    fn items(&self, at: usize, size: usize, stride: usize, count: usize) -> Items<'a> {
        let bytes = self.bytes.get(at..).unwrap_or_default();
        Items::new(bytes, size, stride, count)
    }
}

impl Elements<&mut [u8]> {
    fn items(&mut self, at: usize, size: usize, stride: usize, count: usize) -> ItemsMut<'_> {
        let bytes = self.bytes.get_mut(at..).unwrap_or_default();
        ItemsMut::new(bytes, size, stride, count)
    }
}
