use std::{fmt, iter::FusedIterator, ops::Range};

use crate::error::Result;

/// A sequence whose items are found by their index.
pub trait Indexed {
    /// The type of an item.
    type Item;

    /// Returns the item at an index, which is in range.
    #[doc(hidden)]
    fn item(&self, index: usize) -> Result<Self::Item>;
}

/// An iterator of the rows of a [`Mapped`](crate::Mapped) file, or of the values of a
/// [`Column`](crate::Column). Skipping takes no time.
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct Iter<'a, S> {
    items: &'a S,
    indices: Range<usize>,
}

impl<'a, S> Iter<'a, S> {
    pub(super) fn new(items: &'a S, indices: Range<usize>) -> Self {
        Iter { items, indices }
    }
}

impl<S: Indexed> Iterator for Iter<'_, S> {
    type Item = Result<S::Item>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let index = self.indices.next()?;
        Some(self.items.item(index))
    }

    #[inline]
    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        let index = self.indices.nth(n)?;
        Some(self.items.item(index))
    }

    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, mut fold: F) -> B {
        let Iter { items, indices } = self;
        indices.fold(init, |folded, index| fold(folded, items.item(index)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.indices.size_hint()
    }
}

impl<S: Indexed> DoubleEndedIterator for Iter<'_, S> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        let index = self.indices.next_back()?;
        Some(self.items.item(index))
    }

    #[inline]
    fn nth_back(&mut self, n: usize) -> Option<Self::Item> {
        let index = self.indices.nth_back(n)?;
        Some(self.items.item(index))
    }
}

impl<S: Indexed> ExactSizeIterator for Iter<'_, S> {}

impl<S: Indexed> FusedIterator for Iter<'_, S> {}

impl<S> Clone for Iter<'_, S> {
    fn clone(&self) -> Self {
        Iter {
            items: self.items,
            indices: self.indices.clone(),
        }
    }
}

impl<S> fmt::Debug for Iter<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Iter").field(&self.indices).finish()
    }
}
