use std::{
    collections::HashSet,
    hash::{BuildHasher, Hash},
};

use foldhash::{fast, quality};

/// The number of distinct values, up to a limit.
#[derive(Debug, Default)]
pub(super) struct Distinct {
    /// The hashes of the values; none once there are too many.
    hashes: HashSet<u64, fast::FixedState>,
    is_over: bool,
}

/// A hasher of good quality, as only hashes are compared.
const HASHER: quality::FixedState = quality::FixedState::with_seed(0);

/// The largest number of distinct values that is counted.
pub(super) const MOST: usize = 10_000;

impl Distinct {
    pub(super) fn add(&mut self, value: impl Hash) {
        if self.is_over {
            return;
        }
        self.hashes.insert(HASHER.hash_one(value));
        if self.hashes.len() > MOST {
            self.is_over = true;
            self.hashes = HashSet::default();
        }
    }

    /// Returns the number of distinct values, if they are not too many.
    pub(super) fn count(&self) -> Option<usize> {
        (!self.is_over).then_some(self.hashes.len())
    }
}
