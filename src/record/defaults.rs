use std::ops::Range;

use super::{error::EncodeError, npy_record::NpyRecord};

/// What the fields marked `#[npy(default)]` are where a file lacks them.
#[derive(Debug)]
pub struct Defaults {
    /// The bytes of a record, with the defaults in their places.
    bytes: Vec<u8>,
    /// Which of them belong to a default.
    given: Vec<bool>,
    /// Where the struct starts that is asked for its defaults.
    start: usize,
}

impl Defaults {
    pub(crate) fn of<R: NpyRecord>() -> Self {
        let mut defaults = Defaults {
            bytes: vec![0; R::ITEMSIZE],
            given: vec![false; R::ITEMSIZE],
            start: 0,
        };
        R::defaults(&mut defaults);
        defaults
    }

    /// Notes the default of a field; it has none if its default cannot be encoded.
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

    /// Asks a record that starts at `offset` for its defaults.
    pub(super) fn within<T: NpyRecord>(&mut self, offset: usize) {
        let start = self.start;
        self.start += offset;
        T::defaults(self);
        self.start = start;
    }

    /// Whether all these bytes belong to defaults.
    pub(crate) fn has(&self, range: Range<usize>) -> bool {
        self.given
            .get(range)
            .is_some_and(|given| given.iter().all(|&given| given))
    }

    /// The bytes of a record, with the defaults in their places.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
