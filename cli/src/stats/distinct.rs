use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

/// The number of distinct values, up to a limit.
#[derive(Debug, Default)]
pub(super) struct Distinct {
    /// The hashes of the values; none once there are too many.
    hashes: HashSet<u64>,
    is_over: bool,
}

/// The largest number of distinct values that is counted.
pub(super) const MOST: usize = 10_000;

impl Distinct {
    pub(super) fn add(&mut self, value: impl Hash) {
        if self.is_over {
            return;
        }
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        self.hashes.insert(hasher.finish());
        if self.hashes.len() > MOST {
            self.is_over = true;
            self.hashes = HashSet::new();
        }
    }

    /// Returns the number of distinct values, if they are not too many.
    pub(super) fn count(&self) -> Option<usize> {
        (!self.is_over).then_some(self.hashes.len())
    }
}
