use std::{collections::HashMap, mem, ops::Range};

use super::error::EncodeError;
use crate::dtype::join;

/// What a record's type says about its fields besides their dtypes: defaults for files that lack them, and
/// the other names that they may have in a file.
#[derive(Debug)]
pub struct FieldAttributes {
    /// The bytes of a record that has the defaults.
    bytes: Vec<u8>,
    /// True for each byte that belongs to a default.
    given: Vec<bool>,
    /// The other names of fields, by the path of the field.
    aliases: HashMap<String, Vec<String>>,
    /// The offset of the struct that adds its attributes.
    start: usize,
    /// The path of that struct, empty for the record itself.
    path: String,
}

impl FieldAttributes {
    /// Collects the attributes that `add` adds for a record of `itemsize` bytes.
    pub(super) fn of(itemsize: usize, add: impl FnOnce(&mut Self)) -> Self {
        let mut attributes = FieldAttributes {
            bytes: vec![0; itemsize],
            given: vec![false; itemsize],
            aliases: HashMap::new(),
            start: 0,
            path: String::new(),
        };
        add(&mut attributes);
        attributes
    }

    /// Returns the attributes of a type without fields.
    pub(crate) fn none() -> Self {
        FieldAttributes {
            bytes: Vec::new(),
            given: Vec::new(),
            aliases: HashMap::new(),
            start: 0,
            path: String::new(),
        }
    }

    /// Adds the default of a field, if it can be encoded.
    pub fn default(
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

    /// Adds the attributes that `add` adds for a record at `offset`.
    pub(super) fn within(&mut self, offset: usize, add: impl FnOnce(&mut Self)) {
        let start = self.start;
        self.start += offset;
        add(self);
        self.start = start;
    }

    /// Adds the attributes that `add` adds for the fields of a field.
    pub fn in_field(&mut self, name: &str, add: impl FnOnce(&mut Self)) {
        let within = join(&self.path, name);
        let path = mem::replace(&mut self.path, within);
        add(self);
        self.path = path;
    }

    /// Adds another name that a field may have in a file.
    pub fn alias(&mut self, name: &str, alias: &str) {
        let aliases = self.aliases.entry(join(&self.path, name)).or_default();
        if !aliases.iter().any(|known| known == alias) {
            aliases.push(alias.to_owned());
        }
    }

    /// Returns the other names that the field at `path` may have in a file.
    pub(crate) fn aliases(&self, path: &str) -> &[String] {
        self.aliases.get(path).map_or(&[], Vec::as_slice)
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
