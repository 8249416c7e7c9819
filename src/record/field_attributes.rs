use std::{collections::HashMap, mem, ops::Range};

use super::error::EncodeError;
use crate::dtype::join;

/// The attributes of the fields of a record: defaults for files that lack a field, other names of a field in a
/// file, and what people should know about it.
#[derive(Debug)]
pub struct FieldAttributes {
    /// The bytes of a record that has the defaults.
    bytes: Vec<u8>,
    /// True for each byte that belongs to a default.
    given: Vec<bool>,
    /// The texts about each field, by its path.
    texts: HashMap<String, FieldTexts>,
    /// The offset of the struct that adds its attributes.
    start: usize,
    /// The path of that struct, empty for the record itself.
    path: String,
}

#[derive(Debug, Default)]
pub(super) struct FieldTexts {
    aliases: Vec<String>,
    pub(super) unit: String,
    pub(super) description: String,
    pub(super) variants: Vec<(String, i128)>,
}

impl FieldAttributes {
    /// Collects the attributes that `add` adds for a record of `itemsize` bytes.
    pub(super) fn of(itemsize: usize, add: impl FnOnce(&mut Self)) -> Self {
        let mut attributes = FieldAttributes {
            bytes: vec![0; itemsize],
            given: vec![false; itemsize],
            texts: HashMap::new(),
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
            texts: HashMap::new(),
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

    /// Changes the bytes of the default of a field.
    pub(super) fn change_default(
        &mut self,
        offset: usize,
        itemsize: usize,
        change: impl FnOnce(&mut [u8]),
    ) {
        let field = self.bytes.get_mut(self.start + offset..);
        change(
            field
                .and_then(|b| b.get_mut(..itemsize))
                .unwrap_or_default(),
        );
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
        let within = self.path_of(name);
        let path = mem::replace(&mut self.path, within);
        add(self);
        self.path = path;
    }

    /// Adds another name that a field may have in a file.
    pub fn alias(&mut self, name: &str, alias: &str) {
        let path = self.path_of(name);
        let aliases = &mut self.texts.entry(path).or_default().aliases;
        if !aliases.iter().any(|known| known == alias) {
            aliases.push(alias.to_owned());
        }
    }

    /// Sets the unit and the description of a field, if they are not empty.
    pub fn describe(&mut self, name: &str, unit: &str, description: &str) {
        let path = self.path_of(name);
        let texts = self.texts.entry(path).or_default();
        for (text, given) in [
            (&mut texts.unit, unit),
            (&mut texts.description, description),
        ] {
            if !given.is_empty() {
                given.clone_into(text);
            }
        }
    }

    /// Sets the variants of the enum that adds its attributes.
    pub fn variants(&mut self, variants: &[(&str, i128)]) {
        let path = self.path_of("");
        let variants = variants.iter();
        let variants = variants.map(|&(name, number)| (name.to_owned(), number));
        self.texts.entry(path).or_default().variants = variants.collect();
    }

    /// Returns the path of a field. A wrapped field has no name, and the path of its wrapper.
    fn path_of(&self, name: &str) -> String {
        match name {
            "" => self.path.clone(),
            name => join(&self.path, name),
        }
    }

    /// Returns the other names that the field at `path` may have in a file.
    pub(crate) fn aliases(&self, path: &str) -> &[String] {
        self.texts(path).map_or(&[], |texts| &texts.aliases)
    }

    /// Returns the texts about the field at `path`.
    pub(super) fn texts(&self, path: &str) -> Option<&FieldTexts> {
        self.texts.get(path)
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
