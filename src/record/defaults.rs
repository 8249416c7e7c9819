use std::ops::Range;

use super::error::EncodeError;

/// The values of the fields marked `#[npy(default)]`, for files that lack these fields.
#[derive(Debug)]
pub struct Defaults {
    /// The bytes of a record that has the defaults.
    bytes: Vec<u8>,
    /// True for each byte that belongs to a default.
    given: Vec<bool>,
    /// The offset of the struct that adds its defaults.
    start: usize,
}

impl Defaults {
    /// Collects the defaults that `add` adds for a record of `itemsize` bytes.
    pub(super) fn of(itemsize: usize, add: impl FnOnce(&mut Self)) -> Self {
        let mut defaults = Defaults {
            bytes: vec![0; itemsize],
            given: vec![false; itemsize],
            start: 0,
        };
        add(&mut defaults);
        defaults
    }

    /// Returns the defaults of a type without fields.
    pub(crate) fn none() -> Self {
        Defaults {
            bytes: Vec::new(),
            given: Vec::new(),
            start: 0,
        }
    }

    /// Adds the default of a field, if it can be encoded.
    pub fn field(
        &mut self,
        offset: usize,
        itemsize: usize,
        encode: impl FnOnce(&mut [u8]) -> Result<(), EncodeError>,
    ) {
        let start = self.start + offset;
        let place = self
            .bytes
            .get_mut(start..)
            .and_then(|b| b.get_mut(..itemsize));
        if place.is_some_and(|place| encode(place).is_ok()) {
            let given = self
                .given
                .get_mut(start..)
                .and_then(|g| g.get_mut(..itemsize));
            given.unwrap_or_default().fill(true);
        }
    }

    /// Adds the defaults that `add` adds for a record at `offset`.
    pub(super) fn within(&mut self, offset: usize, add: impl FnOnce(&mut Self)) {
        let start = self.start;
        self.start += offset;
        add(self);
        self.start = start;
    }

    /// Returns true if all these bytes belong to defaults.
    pub(crate) fn has(&self, range: Range<usize>) -> bool {
        self.given
            .get(range)
            .is_some_and(|given| given.iter().all(|&given| given))
    }

    /// Returns the bytes of a record that has the defaults.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
