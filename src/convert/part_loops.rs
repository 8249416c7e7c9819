//! Loops that run one after another over a block.

use super::{
    items::{Items, ItemsMut},
    loops::{Loop, copy},
};

/// Memory for the items between two loops.
pub(super) struct Scratch<'a> {
    pub(super) first: &'a mut [u8],
    pub(super) second: &'a mut [u8],
}

/// The largest item between two loops.
pub(super) const LARGEST: usize = 16;

impl Scratch<'_> {
    /// Returns no memory, for conversions by one loop.
    pub(super) fn none() -> Self {
        Scratch {
            first: &mut [],
            second: &mut [],
        }
    }

    /// Returns the number of items for which there is memory.
    fn capacity(&self) -> usize {
        (self.first.len().min(self.second.len()) / LARGEST).max(1)
    }
}

/// Loops that convert the parts of an item, such as the two parts of a complex number.
#[derive(Clone, Debug)]
pub(super) struct PartLoops {
    loops: Box<[Loop]>,
    /// The size of a part that is read.
    from: usize,
    /// The size of a part that is written.
    to: usize,
    /// The number of parts of an item.
    parts: usize,
}

impl PartLoops {
    /// Returns loops over `parts` parts of `size` bytes. Parts without a loop are copied.
    pub(super) fn new(mut loops: Vec<Loop>, size: usize, parts: usize) -> Self {
        if loops.is_empty() {
            loops.push(copy(size));
        }
        PartLoops {
            from: size,
            to: loops.last().map_or(size, |last| last.size),
            loops: loops.into(),
            parts,
        }
    }

    /// Converts items.
    pub(super) fn run(&self, from: Items<'_>, mut to: ItemsMut<'_>, scratch: &mut Scratch<'_>) {
        if from.is_contiguous(self.from * self.parts) && to.is_contiguous(self.to * self.parts) {
            let (from, to) = (from.split(self.from), to.split(self.to));
            self.run_parts(from, to, scratch);
        } else if self.parts <= from.count() {
            for part in 0..self.parts {
                let from = from.part(part * self.from, self.from);
                let to = to.part(part * self.to, self.to);
                self.run_parts(from, to, scratch);
            }
        } else {
            for (to, from) in to.iter_mut().zip(from.iter()) {
                let from = Items::new(from, self.from, self.from, self.parts);
                let to = ItemsMut::new(to, self.to, self.to, self.parts);
                self.run_parts(from, to, scratch);
            }
        }
    }

    fn run_parts(&self, from: Items<'_>, to: ItemsMut<'_>, scratch: &mut Scratch<'_>) {
        let (first, middle, last) = match &*self.loops {
            [] => return,
            [only] => return (only.run)(from, to),
            [first, middle @ .., last] => (first, middle, last),
        };
        let capacity = scratch.capacity();
        let Scratch {
            first: a,
            second: b,
        } = scratch;
        for (from, to) in from.blocks(capacity).zip(to.blocks(capacity)) {
            let count = from.count();
            (first.run)(from, ItemsMut::new(a, first.size, first.size, count));
            let mut size = first.size;
            for next in middle {
                let from = Items::new(a, size, size, count);
                (next.run)(from, ItemsMut::new(b, next.size, next.size, count));
                std::mem::swap(a, b);
                size = next.size;
            }
            (last.run)(Items::new(a, size, size, count), to);
        }
    }

    /// Returns true if a function is true of all converted parts, a block at a time.
    pub(super) fn all(
        &self,
        from: Items<'_>,
        scratch: &mut Scratch<'_>,
        is_true: impl Fn(&[u8]) -> bool,
    ) -> bool {
        const AT_ONCE: usize = 64;
        let mut converted = [0; AT_ONCE * LARGEST];
        (0..self.parts).all(|part| {
            let mut blocks = from.part(part * self.from, self.from).blocks(AT_ONCE);
            blocks.all(|from| {
                let count = from.count();
                let place = ItemsMut::new(&mut converted, self.to, self.to, count);
                self.run_parts(from, place, scratch);
                is_true(converted.get(..count * self.to).unwrap_or_default())
            })
        })
    }
}
