//! Checks of the fields of a struct that the derive calls when the struct is compiled.

use super::{layout::Layout, values::FieldLayout};

/// The most bytes of an element, as NumPy counts them in a C `int`.
const LARGEST: usize = 0x7fff_ffff;

impl<T> Layout<T> {
    /// Returns a name or title that another field has, and that the fields of the flattened field of this
    /// index have, too. Of two flattened fields, the second one shares it.
    pub const fn shared_name(&self, index: usize) -> Option<&'static str> {
        match field_at(self.fields, index) {
            Some(field) if field.dtype.is_flattened() => shared(field.fields, self.fields, index),
            _ => None,
        }
    }

    /// Returns true if the name of the field of this index is also the path of a field within another field,
    /// such as `a.b`.
    pub const fn is_path(&self, index: usize) -> bool {
        match field_at(self.fields, index) {
            Some(field) => leads_to_field(self.fields, field.dtype.name().as_bytes(), index),
            None => false,
        }
    }

    /// Returns the index of the first field with which the record is larger than NumPy allows.
    pub const fn too_large_from(&self) -> Option<usize> {
        let (mut end, mut index) = (0_usize, 0);
        let mut rest = self.fields;
        while let [field, others @ ..] = rest {
            end = self.next_offset(end, field).saturating_add(field.itemsize);
            if end > LARGEST {
                return Some(index);
            }
            index += 1;
            rest = others;
        }
        // The padding after the last field counts as well.
        match self.itemsize() > LARGEST {
            true => Some(index.saturating_sub(1)),
            false => None,
        }
    }
}

const fn field_at(fields: &'static [FieldLayout], index: usize) -> Option<&'static FieldLayout> {
    match fields.split_at_checked(index) {
        Some((_, [field, ..])) => Some(field),
        _ => None,
    }
}

/// Returns the first name or title of `inner` that a field of `outer` has, which is not the field `own`.
const fn shared(
    inner: &'static [FieldLayout],
    outer: &[FieldLayout],
    own: usize,
) -> Option<&'static str> {
    let mut rest = inner;
    while let [field, others @ ..] = rest {
        let dtype = &field.dtype;
        if has(outer, dtype.name(), own) {
            return Some(dtype.name());
        }
        if has(outer, dtype.title(), own) {
            return Some(dtype.title());
        }
        if let Some(name) = shared(field.flattened(), outer, own) {
            return Some(name);
        }
        rest = others;
    }
    None
}

/// Returns true if a field has the name or title. Flattened fields from the index `own` on are not searched,
/// and an empty name is never found.
const fn has(fields: &[FieldLayout], name: &str, own: usize) -> bool {
    let mut rest = fields;
    let mut index = 0;
    while let [field, others @ ..] = rest {
        let dtype = &field.dtype;
        let is_same = is_equal(dtype.name().as_bytes(), name.as_bytes());
        if !name.is_empty() && (is_same || is_equal(dtype.title().as_bytes(), name.as_bytes())) {
            return true;
        }
        if index < own && has(field.flattened(), name, usize::MAX) {
            return true;
        }
        rest = others;
        index += 1;
    }
    false
}

impl FieldLayout {
    /// Returns the fields in place of the field, if it is flattened.
    const fn flattened(&self) -> &'static [FieldLayout] {
        match self.dtype.is_flattened() {
            true => self.fields,
            false => &[],
        }
    }
}

/// Returns true if a path such as `a.b` leads to a field within a field, other than the field `own`.
const fn leads_to_field(fields: &[FieldLayout], path: &[u8], own: usize) -> bool {
    let mut rest = fields;
    let mut index = 0;
    while let [field, others @ ..] = rest {
        let is_found = match after(path, field.dtype.name().as_bytes()) {
            _ if index == own => false,
            _ if field.dtype.is_flattened() => leads_to_field(field.fields, path, usize::MAX),
            Some([]) => true,
            Some([b'.', path @ ..]) => leads_to_field(field.fields, path, usize::MAX),
            _ => false,
        };
        if is_found {
            return true;
        }
        rest = others;
        index += 1;
    }
    false
}

/// Returns the rest of a text after its start.
const fn after<'a>(text: &'a [u8], start: &[u8]) -> Option<&'a [u8]> {
    match text.split_at_checked(start.len()) {
        Some((begin, rest)) if is_equal(begin, start) => Some(rest),
        _ => None,
    }
}

const fn is_equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let (mut left, mut right) = (left, right);
    while let ([a, rest_of_left @ ..], [b, rest_of_right @ ..]) = (left, right) {
        if *a != *b {
            return false;
        }
        (left, right) = (rest_of_left, rest_of_right);
    }
    true
}

/// A message about a name, made when a struct is compiled.
#[derive(Debug)]
pub struct NameMessage {
    bytes: [u8; 512],
    len: usize,
}

impl NameMessage {
    /// Returns the message that a name is shared with another field.
    pub const fn shared(name: Option<&str>) -> Self {
        let name = match name {
            Some(name) => name,
            None => "",
        };
        let message = NameMessage {
            bytes: [0; 512],
            len: 0,
        };
        message
            .add("the flattened struct has a field of the name or title `")
            .add(name)
            .add("`, as another field has, and NumPy finds fields by both; rename one of them")
    }

    const fn add(mut self, text: &str) -> Self {
        let mut rest = text.as_bytes();
        let (_, mut places) = self.bytes.split_at_mut(self.len);
        while let ([byte, others @ ..], [place, other_places @ ..]) = (rest, places) {
            *place = *byte;
            self.len += 1;
            rest = others;
            places = other_places;
        }
        self
    }

    /// Returns the text. A very long name is cut.
    pub const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.len);
        match str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => {
                "the flattened struct has a field of the name of another field; rename one of them"
            }
        }
    }
}
