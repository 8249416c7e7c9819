use std::{iter::FusedIterator, ops::Range};

/// What is had by its index, one after another; passing over some takes no time.
pub(super) struct ByIndex<F> {
    indices: Range<usize>,
    get: F,
}

impl<T, F: Fn(usize) -> T> ByIndex<F> {
    pub(super) fn new(indices: Range<usize>, get: F) -> Self {
        ByIndex { indices, get }
    }
}

impl<T, F: Fn(usize) -> T> Iterator for ByIndex<F> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        let index = self.indices.next()?;
        Some((self.get)(index))
    }

    #[inline]
    fn nth(&mut self, n: usize) -> Option<T> {
        self.indices.nth(n).map(&self.get)
    }

    #[inline]
    fn fold<B, G: FnMut(B, T) -> B>(self, init: B, mut fold: G) -> B {
        let ByIndex { indices, get } = self;
        indices.fold(init, |folded, index| fold(folded, get(index)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.indices.size_hint()
    }
}

impl<T, F: Fn(usize) -> T> DoubleEndedIterator for ByIndex<F> {
    #[inline]
    fn next_back(&mut self) -> Option<T> {
        self.indices.next_back().map(&self.get)
    }

    #[inline]
    fn nth_back(&mut self, n: usize) -> Option<T> {
        self.indices.nth_back(n).map(&self.get)
    }
}

impl<T, F: Fn(usize) -> T> ExactSizeIterator for ByIndex<F> {}

impl<T, F: Fn(usize) -> T> FusedIterator for ByIndex<F> {}
