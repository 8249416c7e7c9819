//! The dictionary, and the bytes around it.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeStruct,
};

use super::{
    model::{Header, Order},
    version::{MAGIC, Version},
};
use crate::literal::{self, Node, Tuple};

/// Headers end at a multiple of this, so that mapped data is aligned.
const ALIGNMENT: usize = 64;

/// The room that `np.save` leaves for the growth axis, in digits.
const GROWTH_DIGITS: usize = 21;

impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut dict = serializer.serialize_struct("Header", 3)?;
        match &self.named_descr {
            Some(descr) => dict.serialize_field("descr", descr)?,
            None => dict.serialize_field("descr", &self.dtype)?,
        }
        dict.serialize_field("fortran_order", &(self.order == Order::Fortran))?;
        dict.serialize_field("shape", &Tuple(&self.shape))?;
        dict.end()
    }
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Node::deserialize(deserializer)?;
        let mut header = Header::from_node(&node).map_err(D::Error::custom)?;
        header.version = version_of(&header);
        Ok(header)
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dict = literal::to_string(self).map_err(|_| fmt::Error)?;
        let items = dict.strip_suffix('}').unwrap_or(&dict);
        write!(f, "{items}, }}")
    }
}

impl Header {
    /// The bytes that `np.save` writes before the data: a multiple of 64, and of the same length for
    /// any number of rows.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_bytes_and_end().0
    }

    /// The bytes, and the end of the dictionary in them.
    pub(super) fn to_bytes_and_end(&self) -> (Vec<u8>, usize) {
        let text = self.to_string();
        let room = self.growth_room();
        let version = version_for(&text, room);
        let (prefix_len, len) = lengths(version, &text, room);
        to_bytes_in(version, &text, prefix_len + len)
    }

    /// The bytes padded to so many in all, which any version can say; `None` if `np.save` would need more.
    pub(crate) fn to_bytes_of_len(&self, len: usize) -> Option<Vec<u8>> {
        let text = self.to_string();
        let room = self.growth_room();
        let version = version_for(&text, room);
        let (prefix_len, needed) = lengths(version, &text, room);
        let fits = (prefix_len + needed..=usize::from(u16::MAX)).contains(&len);
        fits.then(|| to_bytes_in(version, &text, len).0)
    }

    /// The spaces that fill the digits of the growth axis up to the longest number.
    fn growth_room(&self) -> usize {
        let digits = self.rows().map(|rows| rows.to_string().len());
        digits.map_or(0, |digits| GROWTH_DIGITS.saturating_sub(digits))
    }
}

/// The bytes of a header of `len` bytes, and the end of the dictionary in them. The length fits the
/// version and the text.
fn to_bytes_in(version: Version, text: &str, len: usize) -> (Vec<u8>, usize) {
    let mut bytes = Vec::with_capacity(len);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&version.bytes());
    let text_len = (len - version.text_start()).to_le_bytes();
    bytes.extend(text_len.into_iter().take(version.length_bytes()));
    encode(version, text, &mut bytes);
    let end = bytes.len();
    bytes.resize(len - 1, b' ');
    bytes.push(b'\n');
    (bytes, end)
}

/// The version that `np.save` chooses.
pub(super) fn version_of(header: &Header) -> Version {
    version_for(&header.to_string(), header.growth_room())
}

fn version_for(text: &str, room: usize) -> Version {
    if !text.is_ascii() && text.chars().any(|c| u32::from(c) > 0xff) {
        return Version::V3_0;
    }
    let (_, len) = lengths(Version::V1_0, text, room);
    match u16::try_from(len) {
        Ok(_) => Version::V1_0,
        Err(_) => Version::V2_0,
    }
}

/// The length of what stands before the text, and of the text with its padding and line end.
fn lengths(version: Version, text: &str, room: usize) -> (usize, usize) {
    let prefix_len = version.text_start();
    let text_len = match version.is_latin1() {
        true => text.chars().count(),
        false => text.len(),
    };
    let unpadded = text_len + room + 1;
    let padding = ALIGNMENT - (prefix_len + unpadded) % ALIGNMENT;
    (prefix_len, unpadded + padding)
}

/// Appends `text` in the encoding of `version`.
pub(super) fn encode(version: Version, text: &str, out: &mut Vec<u8>) {
    match version.is_latin1() {
        true if !text.is_ascii() => {
            out.extend(text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')));
        }
        _ => out.extend_from_slice(text.as_bytes()),
    }
}
