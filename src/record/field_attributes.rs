use std::{collections::HashMap, mem, ops::Range};

use super::error::EncodeError;
use crate::dtype::join;

/// The attributes of the fields of a record: defaults for files that lack a field, other names of a field in a
/// file, and what people should know about it.
#[derive(Debug)]
pub struct FieldAttributes {
    /// The bytes of a record that has the defaults.
    bytes: Vec<u8>,
    /// The source of each byte.
    sources: Vec<ByteSource>,
    /// The errors of the defaults that cannot be stored.
    failures: Vec<EncodeError>,
    /// The texts about each field, by its path.
    texts: HashMap<String, FieldTexts>,
    /// The offset of the struct that adds its attributes.
    start: usize,
    /// The path of that struct, empty for the record itself.
    path: String,
}

/// The source of a byte, for a file that lacks its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ByteSource {
    /// The field has no default.
    Nothing,
    Default,
    /// The default cannot be stored, for the error of this index.
    Failure(u8),
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
            sources: vec![ByteSource::Nothing; itemsize],
            failures: Vec::new(),
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
            sources: Vec::new(),
            failures: Vec::new(),
            texts: HashMap::new(),
            start: 0,
            path: String::new(),
        }
    }

    /// Adds the default of a field. If it cannot be encoded, keeps the error for a file that lacks the field.
    pub fn default(
        &mut self,
        offset: usize,
        itemsize: usize,
        encode: impl FnOnce(&mut [u8]) -> Result<(), EncodeError>,
    ) {
        let start = self.start + offset;
        let place = self.bytes.get_mut(start..);
        let Some(place) = place.and_then(|bytes| bytes.get_mut(..itemsize)) else {
            return; // Only the texts are collected.
        };
        let source = match encode(place) {
            Ok(()) => ByteSource::Default,
            Err(error) => self.failure(error),
        };
        let sources = self.sources.get_mut(start..);
        let sources = sources.and_then(|sources| sources.get_mut(..itemsize));
        sources.unwrap_or_default().fill(source);
    }

    /// Keeps an error once. The items of an array all have the same one.
    fn failure(&mut self, error: EncodeError) -> ByteSource {
        let error = error.in_field(&self.path);
        let known = self.failures.iter().position(|known| *known == error);
        let index = known.unwrap_or_else(|| {
            self.failures.push(error);
            self.failures.len() - 1
        });
        ByteSource::Failure(u8::try_from(index).unwrap_or(u8::MAX))
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
        let sources = self.sources.get(range);
        sources.is_some_and(|sources| sources.iter().all(|&source| source == ByteSource::Default))
    }

    /// Returns the error of a default that cannot be stored, if these bytes belong to one.
    pub(crate) fn failed_default(&self, range: Range<usize>) -> Option<&EncodeError> {
        let mut sources = self.sources.get(range)?.iter();
        let index = sources.find_map(|&source| match source {
            ByteSource::Failure(index) => Some(index),
            ByteSource::Nothing | ByteSource::Default => None,
        });
        self.failures.get(usize::from(index?))
    }

    /// Returns the bytes of a record that has the defaults.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
